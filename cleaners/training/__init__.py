"""Train the models from recorded pages with gold texts, and write models and cards. Needs the extra `train`."""
