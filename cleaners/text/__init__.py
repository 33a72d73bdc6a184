"""Measure and read a text by itself: its length, language, dates, normal forms."""
