"""Training the model of linkage on a home: who is who by valid numbers, kin by households."""

from __future__ import annotations

from pathlib import Path

from contracts.feeds import FEEDS
from lake.files import put
from lake.home import Home
from linkage.evidence.model import Model
from linkage.evidence.train import train
from linkage.register import REGISTER
from pipelines import live
from pipelines.link_error import latest_day
from pipelines.linked import open_linked


def train_model(home: Home, out: Path | None) -> Model:
    """Train a model on a home's live records and write it to `out`, or else make it the home's own.

    The next run links everything anew under it. Raises PlainFault where nothing was linked yet.
    """
    with open_linked(home, "train") as linked:
        rows = live.identity_rows(home, FEEDS[REGISTER], live.settled_batches(linked.deliveries, REGISTER))
        linked.connection.execute(f"""
            CREATE OR REPLACE TEMP VIEW household AS
            SELECT row_id, CASE WHEN household_no IS NOT NULL THEN hash(household_no) END AS household_key
            FROM {rows} WHERE row_id IN (SELECT row_id FROM live_row)
        """)
        until = latest_day(linked.deliveries).isoformat()
        model = train(linked.connection, {"trained on": "a home", "records until": until})
        with put(out or home.model) as partial:
            model.save(partial)
        return model
