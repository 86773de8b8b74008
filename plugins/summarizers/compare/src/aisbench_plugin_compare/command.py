"""``aisbench compare``."""

from __future__ import annotations

import argparse


def main(argv: list[str]) -> int:
    """Compare runs; returns the exit code."""
    argparse.ArgumentParser(prog="aisbench compare").parse_args(argv)
    return 0
