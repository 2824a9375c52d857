"""What was known at a time: the last published state of the home all of whose deliveries were extracted by then."""

from __future__ import annotations

from datetime import datetime, timedelta

from lake.faults import PlainFault
from lake.home import Home
from lake.ledger import Ledger
from lake.states import State, published, state_of
from pipelines.linking import registry_folders

NOTHING_YET = "尚未发布; 请先运行 yimatong run · nothing published yet; run `yimatong run` first"


def state_at(home: Home, ledger: Ledger, known_at: datetime) -> State:
    """Return what was known at a time; PlainFault, with the earliest time that there is, where nothing was yet."""
    all_published = published(ledger)
    then = [each for each in all_published if each.extent.known_at <= known_at]
    if then:
        return state_of(ledger, then[-1])
    if not all_published:
        raise PlainFault(NOTHING_YET)
    raise PlainFault(f"当时尚无所知 nothing was known by then; {_earliest(home, ledger)}")


def lies_there(home: Home, ledger: Ledger, state: State) -> bool:
    """Say whether the home still has all that a state can be made of again."""
    indexes = [home.live(feed, city, version) for (feed, city), version in state.inputs.items()]
    folders = registry_folders(ledger, home, state.build.link_version)
    return all(path.exists() for path in (*indexes, *folders))


def require(home: Home, ledger: Ledger, state: State) -> None:
    """Raise PlainFault, with the earliest time that there is, where a state was swept."""
    if not lies_there(home, ledger, state):
        swept = "当时的状态已按保留规则清理 the state of that time was swept (docs/retention.md)"
        raise PlainFault(f"{swept}; {_earliest(home, ledger)}")


def _earliest(home: Home, ledger: Ledger) -> str:
    """Return the earliest time of which something is known still, as the option takes it."""
    last = {each.extent.known_at: each for each in published(ledger)}
    at = next((at for at in sorted(last) if lies_there(home, ledger, state_of(ledger, last[at]))), None)
    if at is None:
        return "最早 the earliest: -"
    whole = (at + timedelta(microseconds=999_999)).replace(microsecond=0)  # the option knows no fractions
    return f"最早 the earliest: {whole.isoformat()}"
