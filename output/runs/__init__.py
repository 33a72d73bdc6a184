"""One run among others: its id and line in runs.jsonl, and the lock that keeps it alone."""
