"""``python -m aisbench_plugin_simulator`` is ``aisbench simulate``."""

from __future__ import annotations

import sys

from aisbench_plugin_simulator.command import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
