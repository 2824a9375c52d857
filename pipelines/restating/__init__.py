"""Restating: exports as they were or would have been at an earlier time, and what changed between two."""
