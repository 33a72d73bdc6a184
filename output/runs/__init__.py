"""Identify a run, log it in runs.jsonl, and lock its folder."""
