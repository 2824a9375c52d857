"""The state of a home for people and monitors: deliveries, row conservation, last publication, disk use."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from lake.faults import without_values
from lake.home import Home
from lake.ledger import JUDGED, Delivery, Ledger
from pipelines.sweeping.kinds import disk_use


def status_of(home: Home) -> dict[str, Any]:
    """Return the home's state as the structure of `status --json`."""
    with without_values():
        disk = disk_use(home)
        ledger = Ledger(home.ledger_url)
        try:
            deliveries = ledger.deliveries()
            return {
                "deliveries": [_entry(delivery) for delivery in deliveries if delivery.state in JUDGED],
                "conservation": conservation_of(deliveries, ledger),
                "published": _published(home, ledger),
                "vault": {"sealed": home.keyring.is_sealing, "secret_beside": home.keyring.is_beside_its_secret},
                "disk": disk,
            }
        finally:
            ledger.close()


def status_text(state: dict[str, Any]) -> str:
    """Return the state as lines for people; refused and held deliveries by name, the others counted."""
    by_state: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for delivery in state["deliveries"]:
        by_state[delivery["state"]].append(delivery)
    lines = ["交付 deliveries"]
    lines += [f"  {name:10} {len(by_state[name])}" for name in JUDGED if by_state[name]]
    for delivery in by_state["rejected"] + by_state["held"]:
        place = "/".join([delivery["city"], delivery["feed"], delivery["period"], f"{delivery['sequence']:03d}"])
        lines.append(f"  ! {place}  {delivery['state']}  {delivery['reason']}")
    totals = {name: sum(d["rows"][name] for d in state["deliveries"]) for name in _ROWS}
    lines.append("行数 rows")
    lines += [f"  {name:12} {rows:>14,}" for name, rows in totals.items()]
    conservation = state["conservation"]
    lines.append("行数守恒 conservation  " + ("成立 holds" if conservation["ok"] else "不成立 BROKEN"))
    lines += [f"  ! {broken}" for broken in conservation["broken"]]
    published = state["published"]
    if published["run_id"]:
        lines.append(f"发布 published  {published['at']}  截至 as of {published['as_of']}  {published['path']}")
    else:
        lines.append("发布 published  尚无 nothing yet")
    lines += [f"! {warning}" for warning in vault_warnings(**state["vault"])]
    lines.append("占用 disk use, MB")
    lines += [f"  {kind:14} {room / 1e6:>12,.1f}" for kind, room in state["disk"].items() if room]
    return "\n".join(lines)


def vault_warnings(sealed: bool, secret_beside: bool) -> list[str]:
    """Return what is unsafe about how a home is kept."""
    told = []
    if not sealed:
        told.append("保管库未封存 the vault is not sealed: this home was made under YIMATONG_VAULT=off")
    if secret_beside:
        told.append("主密钥与数据同处 the master secret lies beside the data: move it, and set YIMATONG_SECRET_FILE")
    return told


_ROWS = ("delivered", "accepted", "quarantined", "duplicates")


def _entry(delivery: Delivery) -> dict[str, Any]:
    return {
        "city": delivery.city,
        "feed": delivery.feed,
        "period": delivery.period,
        "sequence": delivery.sequence,
        "state": delivery.state,
        "reason": delivery.reason,
        "rows": {name: getattr(delivery, name) for name in _ROWS},
    }


def conservation_of(deliveries: list[Delivery], ledger: Ledger) -> dict[str, Any]:
    """Return whether rows are conserved as the ledger counts them, `ok`, and where not, `broken`."""
    broken = [
        f"{d.folder}: {d.delivered} ≠ {d.accepted} + {d.quarantined} + {d.duplicates}"
        for d in deliveries
        if d.state in JUDGED and d.delivered != d.accepted + d.quarantined + d.duplicates
    ]
    accepted: dict[tuple[str, str], int] = defaultdict(int)
    anew = {(delivery.feed, delivery.city) for delivery in deliveries if delivery.settled == 0}
    for delivery in deliveries:
        if delivery.settled is not None:
            accepted[delivery.feed, delivery.city] += delivery.accepted
    for (feed, city), version in sorted(ledger.live_versions().items()):
        total = version.live + version.superseded + version.deleted
        now = version.accepted if (feed, city) in anew else accepted[feed, city]  # those rows join in the next run
        if not now == version.accepted == total:
            broken.append(
                f"{city}/{feed}: {accepted[feed, city]} ≠ {version.live} + {version.superseded} + {version.deleted}"
            )
    return {"ok": not broken, "broken": broken}


def _published(home: Home, ledger: Ledger) -> dict[str, str]:
    build = ledger.last_build()
    if build is None:
        return {"run_id": "", "at": "", "as_of": "", "path": ""}
    at = build.built_at.isoformat(timespec="seconds")
    return {"run_id": build.run_id, "at": at, "as_of": build.as_of, "path": str(home.warehouse)}
