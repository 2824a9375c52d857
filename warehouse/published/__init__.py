"""What analysts get of the warehouse: models that stand in place of internal tables, or beside them."""
