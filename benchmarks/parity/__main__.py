"""Our scores beside those of the reference scorers, on the same predictions.

`python benchmarks/parity [NAME ...]`, of humaneval, programs, math500, choices, likelihoods,
prompts, sets, drop, bfcl, ifeval, bbh, answers. The reference scorers are installed into
environments of their own (.dev/parity-*); data is taken from AISBENCH_SHARED (default: ../shared).
Predictions are made by a seed, of right answers and of mistakes as models make them, in varied
phrasing; ifeval and bbh are real outputs with their authors' verdicts, programs has some of them;
prompts and sets compare what models are asked, word for word; answers counts what is read rightly
of answers of all kinds (corpus/), by ours and by other tools' rules.
Prints the agreement, and every disagreement with its cause; ends with exit code 1 if one is not
explained, or if another tool reads more rightly.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

from answers import answers
from calls import bfcl
from choices import choices, likelihoods, prompts
from mathematics import math500
from programs import humaneval, programs
from published import bbh, ifeval
from reading import drop
from sets import sets

ALL: dict[str, Callable[[], bool]] = {
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


def main() -> int:
    names = sys.argv[1:] or list(ALL)
    unknown = [name for name in names if name not in ALL]
    if unknown:
        sys.exit(f"{', '.join(unknown)}: choose of {', '.join(ALL)}")
    return 0 if {ALL[name]() for name in names} == {True} else 1


if __name__ == "__main__":
    sys.exit(main())
