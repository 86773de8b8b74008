"""Tests, intervals and sizes of differences, on plain arrays."""
