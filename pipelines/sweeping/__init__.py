"""Housekeeping: which files of a home and its inbox no step needs any longer, and their removal."""
