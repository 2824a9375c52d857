"""The export files: the figures as others receive them."""
