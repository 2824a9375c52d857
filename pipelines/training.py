"""Training the model of linkage on a home: who is who by valid numbers, kin by households."""

from __future__ import annotations

import uuid
from pathlib import Path

from lake.engine import connect
from lake.faults import PlainFault, without_values
from lake.home import Home, clear, put
from lake.ledger import Ledger
from linkage.evidence.model import Model
from linkage.evidence.train import train
from pipelines import live
from pipelines.link_error import latest_day
from pipelines.linking import REGISTER_FEED, define_presented


def train_model(home: Home, out: Path | None) -> Model:
    """Train a model on a home's live records and write it to `out`, or else make it the home's own.

    The next run links everything anew under it. Raises PlainFault where nothing was linked yet.
    """
    scratch = home.scratch(f"train-{uuid.uuid4().hex}")
    with without_values():
        ledger = Ledger(home.ledger_url)
        try:
            versions = ledger.link_versions()
            if not versions:
                raise PlainFault("尚未关联; 请先运行 yimatong run · nothing linked yet; run `yimatong run` first")
            now = ledger.link_inputs(versions[-1].version)
            deliveries = ledger.deliveries("accepted")
            with connect(scratch) as connection:
                live.define_deliveries(connection, deliveries)
                define_presented(connection, home, deliveries)
                connection.execute(f"""
                    CREATE OR REPLACE TEMP VIEW live_row AS
                    SELECT row_id FROM {live.indexes(home, now)} WHERE live
                """)
                rows = live.identity_rows(home, REGISTER_FEED, live.settled_batches(deliveries, REGISTER_FEED.name))
                connection.execute(f"""
                    CREATE OR REPLACE TEMP VIEW household AS
                    SELECT row_id, CASE WHEN household_no IS NOT NULL THEN hash(household_no) END AS household_key
                    FROM {rows} WHERE row_id IN (SELECT row_id FROM live_row)
                """)
                model = train(connection, {"trained on": "a home", "records until": latest_day(deliveries).isoformat()})
            with put(out or home.model) as partial:
                model.save(partial)
            return model
        finally:
            ledger.close()
            clear(scratch)
