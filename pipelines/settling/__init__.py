"""Settling: which of all accepted rows of a key counts now."""
