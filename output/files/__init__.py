"""The files of DATA_DIR: written so that a crash loses nothing, and finished when their run ends."""
