"""From TOML and flags to checked settings, with errors that say where."""
