"""Watching: whether a home is well, for a monitor that asks often."""
