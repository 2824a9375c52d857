"""`make airflow`: the Dags at work on a simulated province whose deliveries come month after month."""

from __future__ import annotations

import fcntl
import math
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from types import FrameType

import click

from lake.faults import PlainFault
from lake.home import Home
from lake.ledger import Build, Ledger
from pipelines.progress import Progress
from pipelines.scheduling import months
from pipelines.scheduling.look import Look
from pipelines.scheduling.standalone import Airflow, is_free
from pipelines.simulate import simulate
from pipelines.simulate.arrival import arrive, months_of

_LOOKS_EVERY = 2.0
_UNJUDGED = ("found", "landed", "cleaned")
_FAILED = 3
_ONE_SIGNAL = 1.0

WELCOME = """
已就绪 ready after {seconds:.0f} s      {url}
用户 user  admin      密码 password  {password}      (仅限本机 reachable from this machine alone)

  1  Dags                            一码通 接收 intake · 医疗卫生机构 先行, 再看其运行 goes first: look at its run
  2  Assets › yimatong_published     数据如何推动流程 how data moves the journey
  3  Browse › Required Actions       导出待批 an export waits: 最新一次 the newest build › Approve
                                     {exports}
  4  Dags › 一码通 补录 backfill     Trigger › 期 period 2018-10 › Trigger: 重做一期 does a month again

仓库 warehouse  {warehouse}
日志 log        {log}
Ctrl-C 停止全部 stops all of it; 再次运行则接续, make clean 后从头开始 run again to go on, after make clean afresh
"""


def published(home: Home, look: Look, month: str) -> Build | None:
    """Return the last build where it stands on all that came to the inbox, up to a month (YYYY-MM); None before."""
    if look.waiting() or not (home.root / "ledger.sqlite").exists():
        return None
    with closing(Ledger(home.ledger_url)) as ledger:
        last = ledger.last_build()
        if last is None or last.as_of[:7] < month or ledger.deliveries(*_UNJUDGED):
            return None
        waiting = any(each.settled is None for each in ledger.deliveries("accepted"))
        return last if months.all_built(ledger) and not waiting else None


@click.command()
@click.option("--folder", type=click.Path(path_type=Path, file_okay=False), default="airflow-home", show_default=True)
@click.option("--port", type=click.IntRange(1024, 65535), default=8080, show_default=True)
@click.option("--residents", type=click.IntRange(min=100), default=3_000, show_default=True)
@click.option("--months", type=click.IntRange(1, 60), default=6, show_default=True)
@click.option("--pause", type=click.FloatRange(min=0), default=60.0, show_default=True, help="秒 seconds, a month")
def main(folder: Path, port: int, residents: int, months: int, pause: float) -> None:
    """按时运行的试用: 合成省份逐月到达, Airflow 接收、关联、发布 The Dags, with a simulated province month by month."""
    folder = folder.absolute()
    interrupt = interrupter()
    signal.signal(signal.SIGTERM, interrupt)
    signal.signal(signal.SIGINT, interrupt)  # a shell's background job ignores it otherwise
    progress = Progress()
    try:
        with _alone(folder):
            if not is_free(port):
                raise PlainFault(f"端口已被占用 port {port} is taken: make airflow PORT=…")
            _Trial(folder, Airflow(folder, port), progress).run(residents, months, pause)
    except KeyboardInterrupt:
        progress.say("已停止 stopped")
    except PlainFault as fault:
        progress.say(f"失败 failed · {fault}")
        sys.exit(_FAILED)


class _Trial:
    """A trial in a folder, from its province to the last month."""

    def __init__(self, folder: Path, airflow: Airflow, progress: Progress) -> None:
        self._province = folder / "province"
        self._inbox = folder / "inbox"
        self._home = Home(folder / "home")
        self._exports = folder / "exports"
        self._airflow = airflow
        self._say = progress.say
        self._began = time.monotonic()
        self._welcomed = False

    def run(self, residents: int, months: int, pause: float) -> None:
        """Let month after month come as soon as the former is published and the pause over; then wait for the end."""
        with ThreadPoolExecutor(1) as aside:
            database = aside.submit(self._airflow.prepare)
            self._simulate(residents, months)
            database.result()
        look = Look(self._inbox, self._home.root)
        to_come = months_of(self._province / "inbox")
        try:
            for month in to_come:
                came, since = arrive(self._province / "inbox", self._inbox, month), time.monotonic()
                self._say(f"{month}  到达 arrived  {came} 份交付 deliveries")
                if month == to_come[0]:  # which is there at the first look at the inbox, half a minute before the next
                    self._airflow.start()
                while (build := published(self._home, look, month)) is None:
                    self._wait()
                number, seconds = build.build_no, time.monotonic() - since
                told = f"第 {number} 次 build {number}, 截至 as of {build.as_of}"
                self._say(f"{month}  已发布 published  {told}  {seconds:.0f} s")
                while came and month != to_come[-1] and time.monotonic() - since < pause:
                    self._wait()
            self._say("各月均已到达 every month has come; Ctrl-C 停止 stops")
            while True:
                self._wait()
        finally:
            self._say("正在停止 stopping: 先等进行中的任务 waits for tasks at work; 再按则立即 again: at once")
            self._airflow.stop()

    def _simulate(self, residents: int, months: int) -> None:
        """Make the province where there is none; one that was cut off is made anew."""
        unfinished = self._province.with_suffix(".unfinished")
        if not self._province.exists():
            shutil.rmtree(unfinished, ignore_errors=True)
            made = simulate(residents, months, 1, unfinished)
            unfinished.rename(self._province)
            self._say(f"模拟 simulate  {made.deliveries:,} 份交付 deliveries, {months} 个月 months")

    def _wait(self) -> None:
        """Wait a little; welcome once all answers. PlainFault where a process of Airflow has ended."""
        if ended := self._airflow.ended():
            raise PlainFault(f"{', '.join(ended)} 已中断 has ended; 日志 log {self._airflow.log}")
        if not self._welcomed and self._airflow.answers():
            self._welcomed = True
            self._say(
                WELCOME.format(
                    seconds=time.monotonic() - self._began, url=self._airflow.url, password=self._airflow.password(),
                    exports=self._exports, warehouse=self._home.warehouse, log=self._airflow.log,
                )
            )  # fmt: skip
        time.sleep(_LOOKS_EVERY)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep the folder for one trial; PlainFault where another is at work in it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / "lock").open("ab") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise PlainFault(f"已在运行 already at work: {folder}") from None
        yield


def interrupter() -> Callable[[int, FrameType | None], None]:
    """Return a handler of signals that raises KeyboardInterrupt, once for signals that come within a second.

    `make` passes on a signal that the whole group was sent already.
    """
    last = -math.inf

    def interrupt(number: int, frame: FrameType | None) -> None:
        nonlocal last
        before, last = last, time.monotonic()
        if last - before > _ONE_SIGNAL:
            raise KeyboardInterrupt

    return interrupt


if __name__ == "__main__":
    main()
