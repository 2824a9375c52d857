"""Whether: the row checks, and what they find."""
