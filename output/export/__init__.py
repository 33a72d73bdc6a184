"""Export articles to other formats: conditions, targets, formats."""
