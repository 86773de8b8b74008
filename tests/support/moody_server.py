"""The simulator with moods: it refuses to start, or dies under load.

usage: moody_server.py MOOD [FLAGS OF aisbench simulate]

MOOD: "well"; "refuses": ends at once, with lines of output; "dies": ends when its first request
has come.
"""

from __future__ import annotations

import os
import sys
from typing import Any


def main() -> int:
    mood, *flags = sys.argv[1:]
    if mood == "refuses":
        print("loading weights")
        print("CUDA out of memory: tried to allocate 80 GiB")
        return 1
    if mood == "dies":
        from aisbench_plugin_simulator import generation

        async def die(*asked: object) -> Any:
            print("Segmentation fault", flush=True)
            os._exit(9)

        generation._respond = die
    from aisbench_plugin_simulator.command import main as simulate

    return simulate(flags)


if __name__ == "__main__":
    sys.exit(main())
