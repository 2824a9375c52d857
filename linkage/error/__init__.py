"""Stated error: how often linkage is wrong, estimated without labels, from valid numbers that are held out."""
