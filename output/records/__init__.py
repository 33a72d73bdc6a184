"""Define the records that leave Winnow, and the values they are made of."""
