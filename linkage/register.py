"""The register of residents: the spine that records are linked to."""

REGISTER = "population"
"""The feed that is the register: who is in it is known to the authority."""
LISTS = (REGISTER, "insurance")
"""Feeds that list a person once a city: two numbers of one list are two persons, or one listed twice."""
