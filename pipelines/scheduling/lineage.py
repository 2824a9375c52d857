"""The assets of the Dags as OpenLineage datasets, and what this package tells Airflow to find that out."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

SCHEME = "yimatong"
"""The scheme of the assets, and the namespace of the datasets."""


def provider_info() -> dict[str, Any]:
    """Return what Airflow asks of packages with the entry point `apache_airflow_provider`."""
    return {
        "package-name": "yimatong",
        "name": "Yimatong 一码通",
        "description": "From a city's delivery to a published KPI 从地市交付到公布指标",
        "asset-uris": [
            {
                "schemes": [SCHEME],
                "handler": None,
                "to_openlineage_converter": f"{__name__}.dataset_of",
            }
        ],
    }


def dataset_of(asset: Any, _context: Any) -> Any:
    """Return an asset as an OpenLineage dataset, such as accepted/emr: its place alone."""
    from openlineage.client.event_v2 import Dataset

    place = urlsplit(asset.uri)
    return Dataset(namespace=SCHEME, name=f"{place.netloc}{place.path}".rstrip("/"))
