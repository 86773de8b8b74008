"""Measuring the client itself, against a server whose truth is known."""
