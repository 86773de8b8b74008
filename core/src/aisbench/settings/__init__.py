"""What a suite may say: fields of settings, and their strict conversion from TOML."""
