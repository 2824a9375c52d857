"""The mutation test of the row checks: a check that is off, loosened or over-strict fails some case."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from contracts.feeds import FEEDS
from contracts.schema import Feed
from quality.checks import all_checks

from .killing import Killed, kill
from .mutants import mutants
from .quality_page import PAGE, page


def surviving(killed: Sequence[Killed]) -> list[tuple[str, str, str]]:
    return [(k.mutant.kind, k.mutant.check.id, k.mutant.change) for k in killed if not k.by and not k.same_because]


def test_every_mutant_fails_some_case_or_is_the_same_as_its_check() -> None:
    killed = list(kill())
    checks = {check.id for feed in FEEDS.values() for check in all_checks(feed)}
    assert {k.mutant.check.id for k in killed if k.mutant.kind == "off" and k.by} == checks
    assert surviving(killed) == []
    assert [k.mutant.check.id for k in killed if k.by and k.same_because] == []
    assert PAGE.read_text(encoding="utf-8") == page(killed), "run `make mutants`"


@pytest.mark.parametrize("feed", FEEDS.values(), ids=FEEDS)
def test_every_check_has_mutants_that_loosen_it_and_mutants_that_tighten_it(feed: Feed) -> None:
    kinds: dict[str, set[str]] = {}
    for mutant in mutants(feed):
        kinds.setdefault(mutant.check.id, set()).add(mutant.kind)
    for check, of_check in kinds.items():
        assert of_check >= {"off", "severity", "spelling", "tightened"}, check
        assert of_check & {"loosened", "null"} or check.endswith((".sex", ".birth")), check
