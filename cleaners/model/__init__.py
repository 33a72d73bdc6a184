"""Score segments with two learned models, the first pass and the block model: boosted trees as arrays."""
