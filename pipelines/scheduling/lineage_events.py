"""OpenLineage's events before they leave: which run, which job, which datasets, and nothing that a person typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from openlineage.client.transport.transform import EventTransformer

if TYPE_CHECKING:
    from openlineage.client.client import Event

OF_RUN = frozenset({"parent", "nominalTime", "processing_engine"})
OF_JOB = frozenset({"jobType", "documentation"})
"""The facets that stay. Airflow's own hold who started a run, its conf, its note and the text of exceptions."""


class PlainEvents(EventTransformer):
    """Leaves out the facets that aren't named here; the class that the transport `transform` asks for."""

    def transform(self, event: Event) -> Event:
        """Return the event with the facets that stay."""
        for described, stay in ((getattr(event, "run", None), OF_RUN), (getattr(event, "job", None), OF_JOB)):
            if described is not None:
                described.facets = {name: facet for name, facet in described.facets.items() if name in stay}
        return event
