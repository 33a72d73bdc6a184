"""The learned models: the first pass and the block model, as boosted trees in arrays."""
