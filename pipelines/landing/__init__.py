"""Landing: a delivery verified and kept as it came, all text, with file and line of every row."""
