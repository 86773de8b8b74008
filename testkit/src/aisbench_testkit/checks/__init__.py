"""Checks without pytest. Each returns problems as sentences that a plugin's author can act on."""
