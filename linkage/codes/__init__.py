"""Health codes: which person bears which, as the registry and the keys stand."""
