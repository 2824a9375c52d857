"""What things are: feeds, code sets, national standards. Frozen, without I/O; all else is derived from here."""
