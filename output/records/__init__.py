"""The record that leaves Winnow, and what its model says of its fields."""
