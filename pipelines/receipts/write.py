"""Receipts in a home: for each judged delivery a JSON file and a page beside it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from lake.files import put
from lake.home import Home
from lake.ledger import JUDGED, Delivery, Ledger
from pipelines.progress import Step
from pipelines.receipts.page import page
from pipelines.receipts.report import reports


def receipt(home: Home, delivery: Delivery, suffix: str) -> Path:
    """Return a delivery's receipt, `.json` or `.html`."""
    folder = home.receipts(delivery.city, delivery.feed, delivery.period)
    return folder / f"{delivery.sequence:03d}-{delivery.digest[:8]}{suffix}"


def unanswered(home: Home, ledger: Ledger) -> list[Delivery]:
    """Return the judged deliveries that lack a receipt or its page, or of which it no longer tells what is so.

    What it tells changes with a decision, or when refused rows were judged again.
    """
    decided = {decision.delivery_no for decision in ledger.decisions()}
    return [
        delivery
        for delivery in ledger.deliveries(*JUDGED)
        if not all(receipt(home, delivery, suffix).exists() for suffix in (".json", ".html"))
        or ((delivery.delivery_no in decided or delivery.requalified) and not _still_so(home, delivery))
    ]


def _still_so(home: Home, delivery: Delivery) -> bool:
    told = json.loads(receipt(home, delivery, ".json").read_text(encoding="utf-8"))
    now = (delivery.state, delivery.reason, delivery.accepted, delivery.quarantined)
    return (told["state"], told["reason"], told["rows"]["accepted"], told["rows"]["quarantined"]) == now


def write_receipts(home: Home, ledger: Ledger, deliveries: Sequence[Delivery], scratch: Path, step: Step) -> None:
    """Write the receipts of judged deliveries; the same delivery gives the same bytes."""
    results = ledger.check_results(min(delivery.delivery_no for delivery in deliveries))
    for delivery, report in reports(home, deliveries, results, scratch):
        texts = {".html": page(report), ".json": json.dumps(report.as_dict(), ensure_ascii=False, indent=1) + "\n"}
        for suffix, text in texts.items():
            with put(receipt(home, delivery, suffix)) as partial:
                partial.write_text(text, encoding="utf-8")
        step.read += delivery.delivered
        step.written += len(report.refused)
        step.advance()
