"""Work on plain text: measure it, normalize it, find its language, parse its dates."""
