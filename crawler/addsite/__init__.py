"""Draft the profile of a site from its own pages, and name what a person has to check."""
