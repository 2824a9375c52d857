"""The quality page: what came from each city, when, how much, how complete, what was found; one file, no values.

It lies among the pipelines and not in the room of quality, as it says again what receipts and status say.
"""
