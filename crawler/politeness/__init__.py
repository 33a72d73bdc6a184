"""Respect what a host allows, and how often: robots.txt, pace, opt-out signals."""
