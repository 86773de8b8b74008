"""Checks without pytest. Each returns problems as sentences that a plugin's author can act on."""

from __future__ import annotations

from aisbench_testkit.checks.distribution import check_distribution

__all__ = ["check_distribution"]
