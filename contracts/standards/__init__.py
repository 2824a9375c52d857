"""National standards as pure functions; contracts/sql has the same rules for sets."""
