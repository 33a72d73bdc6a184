"""What crawls did, for a person who looks: one HTML file that needs nothing else."""
