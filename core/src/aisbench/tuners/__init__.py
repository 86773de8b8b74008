"""Core's ways to search the settings of a server."""
