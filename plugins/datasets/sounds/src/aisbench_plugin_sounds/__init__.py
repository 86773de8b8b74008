"""VocalSound, sounds of people to be named, for aisbench."""

__version__ = "0.1.0"
