"""Settings of suites: their fields, and the strict conversion from TOML."""
