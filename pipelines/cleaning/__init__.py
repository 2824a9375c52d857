"""Cleaning: rows typed, checked and split at the door into identity and content."""
