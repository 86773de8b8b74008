"""Loads: when requests are sent, by which processes, and what is recorded of them."""
