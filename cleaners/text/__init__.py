"""What can be told of a text alone: its length, language, dates, normal forms."""
