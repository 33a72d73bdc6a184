"""Articles in the formats of others: conditions, targets, formats."""
