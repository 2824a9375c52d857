"""A synthetic province: people in households, institutions, the reform's course, and what the cities deliver of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path

from pipelines.simulate.booking import booking
from pipelines.simulate.capabilities import platform_function, smart_service
from pipelines.simulate.clock import months as months_from
from pipelines.simulate.code_use import code_activation, code_usage
from pipelines.simulate.deliveries import Delivery, Live, as_late_as_it_is, write_delivery
from pipelines.simulate.ehr import ehr
from pipelines.simulate.encounters import emr
from pipelines.simulate.geography import cities
from pipelines.simulate.insurance import insurance
from pipelines.simulate.noise import NOISE, Noise
from pipelines.simulate.operations import institution, platform_connection
from pipelines.simulate.province import Province, draw_province
from pipelines.simulate.register import population
from pipelines.simulate.telemedicine import telemedicine
from pipelines.simulate.truth import TruthWriter

FEED_WRITERS: dict[str, Callable[[Province], Iterator[Delivery | Live]]] = {
    "population": population,
    "ehr": ehr,
    "institution": institution,
    "platform_connection": platform_connection,
    "platform_function": platform_function,
    "smart_service": smart_service,
    "code_usage": code_usage,
    "code_activation": code_activation,
    "booking": booking,
    "telemedicine": telemedicine,
    "emr": emr,
    "insurance": insurance,
}
"""The feeds that are delivered. The population comes first: with it is known who is registered; settlements are of the
encounters of the EMR feed."""

_WRITING_THREADS, _WAITING = 2, 8


@dataclass(frozen=True, slots=True)
class SimulationSummary:
    """What was made: persons (residents, births, visitors), deliveries, their rows and bytes, live rows by feed."""

    residents: int
    births: int
    visitors: int
    institutions: int
    deliveries: int
    rows: dict[str, int]
    bytes: int
    live_rows: dict[str, int]


def simulate(
    residents: int,
    months: int,
    seed: int,
    out: Path,
    start: str = "2018-10",
    progress: Callable[[str], None] | None = None,
    noise: Noise = NOISE,
) -> SimulationSummary:
    """Write a province's deliveries to `out/inbox` and the truth behind them to `out/truth`.

    The same arguments give the same bytes. ValueError where there are fewer residents than cities, no month, a
    negative seed or a start that isn't YYYY-MM.
    """
    province = drawn(residents, months, seed, start, noise)
    say = progress or (lambda line: None)
    say(f"  {province.people.count:,} 人 persons, {len(province.institutions.city):,} 机构 institutions")
    rows = dict.fromkeys(FEED_WRITERS, 0)
    size = count = 0
    with (
        TruthWriter(out / "truth", province.people, province.registered) as truth,
        ThreadPoolExecutor(_WRITING_THREADS) as pool,
        ThreadPoolExecutor(1) as recorder,
    ):
        waiting: set[Future[int]] = set()
        for feed, writer in FEED_WRITERS.items():
            for made in writer(province):
                if isinstance(made, Live):
                    waiting.add(recorder.submit(truth.add, made))
                else:
                    count += 1
                    rows[feed] += len(made.rows)
                    style = province.style_of(made.city)
                    made = as_late_as_it_is(seed, made, province.calendar[-1])
                    waiting.add(pool.submit(write_delivery, seed, made, style, out / "inbox"))
                if len(waiting) >= _WAITING:
                    done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                    size += sum(future.result() for future in done)
            say(f"  {feed} {rows[feed]:,} 行 rows")
        size += sum(future.result() for future in waiting)
    people = province.people
    return SimulationSummary(
        residents, people.births, people.count - residents - people.births, len(province.institutions.city),
        count, rows, size, {name: number for name, number in truth.rows.items() if name in FEED_WRITERS},
    )  # fmt: skip


def drawn(residents: int, months: int, seed: int, start: str, noise: Noise = NOISE) -> Province:
    """Return the province of these arguments. Raises what `simulate` does."""
    if residents < len(cities()) or months < 1 or seed < 0:
        raise ValueError(f"at least {len(cities())} residents, one month and a seed that is not negative")
    return draw_province(seed, residents, months_from(start, months), noise)


__all__ = ["FEED_WRITERS", "SimulationSummary", "drawn", "simulate"]
