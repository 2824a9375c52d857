"""A home without its secret tells nothing of a person: every byte of every file is searched for thousands of values.

And what is published of it tells nobody apart to whom the whole register is at hand.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from benchmarks.reidentify import attack
from lake.engine import connect, located
from lake.faults import PlainFault
from lake.home import Home
from lake.vault import open_to_read
from pipelines import journey
from pipelines.crosswalk import write_crosswalk
from pipelines.simulate import simulate
from warehouse.published.coarsen import K

from .searching import Searched, said_by
from .small_inbox import QUIET, yimatong

pytestmark = pytest.mark.e2e

TOLD = "registered, sex_code, birth_year, birth_years, residence_division, residency_type, death_year, city_code"
NOTHING = "coalesce(sex_code, birth_year::VARCHAR, residence_division, residency_type, death_year::VARCHAR, city_code)"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with a province, its home with codes issued, its exports, and what a killed run has spilled."""
    folder = tmp_path_factory.mktemp("closed")
    simulate(2000, 2, 23, folder / "province")
    home = Home(folder / "home")
    journey.run(home, folder / "province" / "inbox", None, QUIET)
    assert yimatong("code", "issue", "--home", home.root).status == 0
    write_crosswalk(home, folder / "crosswalk.parquet")
    assert yimatong("export", "--home", home.root, "--out", folder / "exports").status == 0
    with pytest.MonkeyPatch.context() as small:
        small.setenv("YIMATONG_MEMORY", "40MB")
        with connect(home.scratch("killed")) as engine:
            identity = ", ".join(located(path) for path in (home.root / "vault/identity/population").iterdir())
            rows = f"SELECT i, t.* FROM read_parquet([{identity}]) AS t, range(300) AS r (i)"
            engine.execute(f"CREATE TEMP TABLE spilled AS {rows}")
            shutil.copytree(home.scratch("killed"), home.scratch("left"))
    return folder


@pytest.fixture(scope="module")
def planted(place: Path) -> Searched:
    """Give the names, numbers, telephones and addresses that the cities delivered, whoever's they are."""
    values: set[str] = set()
    for feed in ("population", "ehr", "emr", "insurance"):
        table = pq.read_table(place / "province" / "truth" / f"{feed}.parquet")
        for name in {"name", "id_no", "phone", "address", "mother_id_no"} & set(table.column_names):
            values |= {value for value in table[name].to_pylist() if value}
    return Searched(values)


def test_a_home_without_its_secret_tells_nothing_of_a_person(place: Path, planted: Searched) -> None:
    assert len(planted.forms) > 10_000
    searched = [path for root in ("home", "exports") for path in (place / root).rglob("*") if path.is_file()]
    told = {}
    for path in searched:
        hits = planted.found_in(str(path).encode())
        hits += [hit for octets in said_by(path) for hit in planted.found_in(octets)]
        if hits:
            told[str(path.relative_to(place))] = len(hits)
    assert told == {}
    kinds = {path.relative_to(place).parts[2] for path in searched if "vault" in path.relative_to(place).parts}
    assert kinds >= {"landing", "identity", "keys", "live", "links", "codes", "presentations"}
    assert any("left" in path.parts for path in searched)


def test_the_search_finds_what_is_there(place: Path, planted: Searched) -> None:
    (path, *_) = sorted((place / "home/vault/identity/population").iterdir())
    with open_to_read(path) as file:
        opened = repr(pq.read_table(file).to_pylist()).encode()
    assert len(planted.found_in(opened)) > 50
    some = sorted(planted.forms)[:: len(planted.forms) // 50]
    assert {*planted.found_in(b"x".join(some))} >= {*some}


def test_the_vault_opens_with_its_secret_alone(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = next((place / "home/vault/identity/population").iterdir())
    monkeypatch.setenv("YIMATONG_SECRET", "ab" * 32)
    with pytest.raises(PlainFault, match="not the one"):
        Home(place / "home").keyring.key("vault")
    with pytest.raises(pa.ArrowInvalid):
        pq.read_table(path)


def test_the_register_at_hand_tells_no_published_person_apart(place: Path, tmp_path: Path) -> None:
    with connect(tmp_path) as connection:
        warehouse, truth = Home(place / "home").warehouse, place / "province" / "truth"
        reached = attack(connection, warehouse, truth, place / "crosswalk.parquet")
        assert (reached.singled_out, reached.persons > 1500) == (0, True)

        def one(query: str) -> object:
            return connection.execute(query).fetchall()[0][0]

        rows = f"SELECT {TOLD}, count(*) AS n FROM published.dim_person WHERE coarsening < 6 GROUP BY ALL"
        assert int(str(one(f"SELECT min(n) FROM ({rows})"))) >= K
        assert one(f"SELECT count(*) FROM published.dim_person WHERE coarsening = 6 AND {NOTHING} IS NOT NULL") == 0
        assert one("SELECT count(*) FROM published.indicator_value WHERE suppressed AND numerator IS NOT NULL") == 0
        assert one(f"SELECT count(*) FROM published.diagnosis_month WHERE persons < {K}") == 0
        level_5 = "column_name IN ('diagnosis_code', 'diagnosis_name') AND database_name = 'published'"
        assert one(f"SELECT count(*) FROM duckdb_columns() WHERE {level_5}") == 0
        reported = "SELECT min(smallest_cell) FROM published.person_disclosure WHERE coarsening < 6"
        assert int(str(one(reported))) >= K
