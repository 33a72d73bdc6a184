"""Write bytes durably, and compress them."""
