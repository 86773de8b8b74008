"""What all tests of the repository have in common."""

from __future__ import annotations

from hypothesis import settings

pytest_plugins = ["tools.parts"]

# How long an example takes says more of the other processes than of the code. A test that is
# about time measures it itself, and is marked alone.
settings.register_profile("aisbench", deadline=None)
settings.load_profile("aisbench")
