"""Ready-made groups of data sets: one TOML file each, which a suite names."""
