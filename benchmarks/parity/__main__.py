"""Our scores beside those of the reference scorers, on the same predictions.

`python benchmarks/parity [NAME ...]`; a name that it does not know lists all. The reference
scorers are installed into environments of their own (.dev/parity-*); data is taken from
AISBENCH_SHARED (default: ../shared). Predictions are made by a seed, of right answers and of
mistakes as models make them, in varied phrasing; ifeval, bbh and the modules outputs_* are real
outputs with their authors' verdicts or figures, programs has some of them; prompts, sets and the
modules sets_* compare what models are asked, word for word; answers counts what is read rightly of
answers of all kinds (corpus/), by ours and by other tools' rules.
Prints the agreement, and every disagreement with its cause; ends with exit code 1 if one is not
explained, or if another tool reads more rightly.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from pathlib import Path

from answers import answers
from calls import bfcl
from choices import choices, likelihoods, prompts
from mathematics import math500
from programs import humaneval, programs
from published import bbh, ifeval
from reading import drop
from sets import sets

FIRST: dict[str, Callable[[], bool]] = {
    "humaneval": humaneval,
    "programs": programs,
    "math500": math500,
    "choices": choices,
    "likelihoods": likelihoods,
    "prompts": prompts,
    "sets": sets,
    "drop": drop,
    "bfcl": bfcl,
    "ifeval": ifeval,
    "bbh": bbh,
    "answers": answers,
}


def comparisons() -> dict[str, Callable[[], bool]]:
    """All, by name: those above, and those of the modules beside this file that have an ``ALL``,
    which compare prompts (``sets_*``) and figures of real outputs (``outputs_*``)."""
    found = dict(FIRST)
    for pattern in ("sets_*.py", "outputs_*.py"):
        for file in sorted(Path(__file__).parent.glob(pattern)):
            found |= importlib.import_module(file.stem).ALL
    return found


def main() -> int:
    known = comparisons()
    names = sys.argv[1:] or list(known)
    unknown = [name for name in names if name not in known]
    if unknown:
        sys.exit(f"{', '.join(unknown)}: choose of {', '.join(known)}")
    return 0 if {known[name]() for name in names} == {True} else 1


if __name__ == "__main__":
    sys.exit(main())
