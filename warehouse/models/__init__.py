"""The models: one SELECT a file, each making the table of its name."""
