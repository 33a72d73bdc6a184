"""Which article repeats which: MinHash signatures, their index, the finder."""
