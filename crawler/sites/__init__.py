"""Load and check site profiles: one TOML file per site in `data/`."""
