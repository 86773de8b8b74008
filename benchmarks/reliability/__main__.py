"""How runs stand attacks: counted, with a seed, against 127.0.0.1 alone.

`python benchmarks/reliability [PART ...] [--seeds 3,4,5] [--quick]`. Each part makes its attacks
from the seeds and tells what was tried, how often, and how often anything
died, was lost, or leaked. Ends with exit code 1 if any did. `--quick` tries about a tenth.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence

from tally import Row, show


def parts() -> dict[str, Callable[[Sequence[int], bool], list[Row]]]:
    import answers
    import kills
    import programs
    import suites

    return {
        "answers": answers.run,
        "kills": kills.run,
        "programs": programs.run,
        "suites": suites.run,
    }


def main() -> int:
    known = parts()
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("part", nargs="*", choices=[*known, []], help=", ".join(known))
    parser.add_argument("--seeds", default="11,12,13", help="a list, joined by commas")
    parser.add_argument("--quick", action="store_true", help="about a tenth of the attacks")
    chosen = parser.parse_args()
    seeds = [int(seed) for seed in chosen.seeds.split(",")]
    rows: list[Row] = []
    for name in chosen.part or known:
        rows += known[name](seeds, chosen.quick)
    show(rows)
    return 1 if any(row.bad for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
