"""The register of residents: the spine that records are linked to."""

REGISTER = "population"
"""The feed that is the register: who is in it is known to the authority."""
