"""Keep the frontier: which URLs are known and which are due, on top of the state that outlives a run."""
