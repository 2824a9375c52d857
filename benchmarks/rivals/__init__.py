"""The competitors that linkage is held against, each on the same records and in a process of its own.

A rival is a module with `find_clusters(records, folder)`. It reads the parquet file that `records` makes, never its
`person_id`, writes a `<setting>.parquet` of record_id → cluster for each of its settings, and returns for each setting
the seconds that its phases took.
"""
