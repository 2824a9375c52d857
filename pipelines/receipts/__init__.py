"""Answers to the cities: what became of each delivery, and why."""
