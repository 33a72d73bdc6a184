"""Site profiles: one TOML file for each site in `data/`, checked when it is read."""
