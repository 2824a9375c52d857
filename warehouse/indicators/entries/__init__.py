"""The entries of the catalogue, by field."""
