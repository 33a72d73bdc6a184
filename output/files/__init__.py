"""Write, finalize, recover and read the files of DATA_DIR, so that a crash loses nothing."""
