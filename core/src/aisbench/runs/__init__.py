"""A run as a library: what the command line does, without the command line."""
