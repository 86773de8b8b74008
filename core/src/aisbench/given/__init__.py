"""Answers that somebody already has, in the place of a model."""
