"""Run functions in processes of their own: one that hangs, leaks or crashes costs itself and nothing else."""
