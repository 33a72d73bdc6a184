"""Turn a fetched page into a written record, in ordered steps: archive, clean, make the record, write."""
