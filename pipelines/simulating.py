"""The commands `yimatong simulate` and `yimatong simulate-city`."""

from __future__ import annotations

import os
from pathlib import Path

import click

from contracts.divisions import CITIES, PROVINCE_CODE
from lake.faults import PlainFault
from pipelines.progress import Progress

_RESIDENTS = click.option(
    "--residents", type=click.IntRange(min=100), default=50_000, show_default=True, help="居民数 residents"
)
_MONTHS = click.option("--months", type=click.IntRange(1, 60), default=6, show_default=True, help="月数 months")
_SEED = click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help="随机种子 seed")


@click.command()
@_RESIDENTS
@_MONTHS
@_SEED
@click.option("--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="DIR/inbox, DIR/truth")
def simulate(residents: int, months: int, seed: int, out: Path) -> None:
    """生成合成省份的交付 Write the deliveries of a synthetic province, with the truth beside them."""
    from pipelines.simulate import simulate as simulate_province

    progress = Progress()
    with progress.step("模拟 simulate") as step:
        summary = simulate_province(residents, months, seed, out, progress=progress.say)
        step.outcome = (
            f"{summary.deliveries:,} 份交付 deliveries, {sum(summary.rows.values()):,} 行 rows, "
            f"{summary.bytes / 1e6:,.0f} MB → {out}"
        )


@click.command("simulate-city")
@_RESIDENTS
@_MONTHS
@_SEED
@click.option("--city", required=True, type=click.Choice([*CITIES, PROVINCE_CODE]), metavar="CODE", help="如 as 440100")
@click.option("--database", required=True, metavar="URL", help="不含密码 without password: postgresql+psycopg://…")
@click.option("--password-env", metavar="NAME", help="存放其密码的环境变量 the variable that holds its password")
@click.option("--reader", metavar="NAME", help="另建只读账号 makes an account that may only read (PostgreSQL)")
@click.option("--reader-password-env", metavar="NAME", help="存放其密码的环境变量 the variable that holds its password")
def simulate_city(
    residents: int,
    months: int,
    seed: int,
    city: str,
    database: str,
    password_env: str | None,
    reader: str | None,
    reader_password_env: str | None,
) -> None:
    """合成地市的平台数据入库, 供拉取 Fill a database with what a synthetic city's platform holds, to be pulled.

    表名即数据类别, 原有同名表被替换 Tables are named as the feeds, and take the place of those of that name.
    """
    from pipelines.simulate.platform import fill, held
    from pipelines.sources.listed import UnusableSources, url_without_password

    if (reader is None) != (reader_password_env is None):
        raise click.UsageError("--reader 与 and --reader-password-env 须同时给出 go together")
    try:
        url = url_without_password("--database", database)
    except UnusableSources as fault:
        raise click.BadParameter(str(fault), param_hint="--database") from None
    if password_env:
        url = url.set(password=_of_environment(password_env))
    account = (reader, _of_environment(reader_password_env)) if reader and reader_password_env else None
    with Progress().step("模拟 simulate") as step:
        counts = fill(url, held(residents, months, seed, city), account)
        step.outcome = (
            f"{CITIES[city].zh if city in CITIES else city}  {len(counts)} 表 tables, {sum(counts.values()):,} 行 rows"
        )


def _of_environment(name: str) -> str:
    """Return the password that a variable holds; PlainFault where it isn't set."""
    if not (password := os.environ.get(name)):
        raise PlainFault(f"环境变量未设置 environment variable is not set: {name}")
    return password
