"""What the warehouse says: models, indicators, exports."""
