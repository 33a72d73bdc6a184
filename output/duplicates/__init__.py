"""Find near-duplicate articles: MinHash signatures, and an index of the newest ones."""
