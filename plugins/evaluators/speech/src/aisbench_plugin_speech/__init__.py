"""Transcripts of sounds, scored, for aisbench."""

__version__ = "0.1.0"
