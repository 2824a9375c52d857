"""The report: one page that the health commission looks at, which opens without a network."""
