"""Fuzz what reads the bytes of outlets and files: targets that say what must hold, their seeds, and what was found."""
