"""Servers that a run starts and ends: [servers]."""
