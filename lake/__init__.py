"""Where things lie: the layout of a home, Parquet datasets, the ledger, the engine."""
