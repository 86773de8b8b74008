"""Conversations of several turns for aisbench: ShareGPT's layout, and MT-Bench's questions."""

__version__ = "0.1.0"
