"""Treat one run as a whole: its options, clock, logs, counts, outcome and summary."""
