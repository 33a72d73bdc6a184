"""A profile for an outlet that has none: what its own pages say, and what they leave to a person."""
