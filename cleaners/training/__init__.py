"""How the block classifier is made: recorded pages with gold in, model and card out. Needs the extra `train`."""
