"""From when on something wants attention; who wants other limits sets them on the metrics."""

from __future__ import annotations

from datetime import timedelta

BUILD_AGE = timedelta(days=35)
"""Deliveries are monthly: after so long without a build something is amiss."""
INBOX_WAIT = timedelta(hours=24)
BEHIND = timedelta(hours=24)
"""So long from intake to publication."""
RUN_TIME = timedelta(hours=6)
PULL_AGE = timedelta(days=8)
"""So long without a try to pull where pulls were made before."""
WATERMARK_AGE = timedelta(days=35)
"""So long without a new row where pulls don't fail, of a feed that keeps coming."""
DISK_LOW, DISK_FULL = 0.10, 0.03
"""The shares of the disk that are free."""
