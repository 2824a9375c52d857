"""The ledger of promises: the targets of the announcement of December 2018, and how far each has come."""
