"""What the names of other tools are here, as data."""
