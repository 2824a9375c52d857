"""Erasing a person: the values that identify them leave the vault, and a search proves it."""
