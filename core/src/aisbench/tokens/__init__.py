"""Counting tokens, and texts of an exact number of them."""
