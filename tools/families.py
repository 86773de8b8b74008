"""The 71 data set families of AISBench, and which data sets of ours they are.

``python -m tools.families`` counts them, and ends with exit code 1 where a family of texts is
missing. The names are the folders of ais_bench/benchmark/configs/datasets at 29c363e (20 August
2026) of https://github.com/AISBench/benchmark.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping

from aisbench.plugins.discovery import discover

TEXTS: Mapping[str, tuple[str, ...]] = {
    "ARC_c": ("arc-challenge",),
    "ARC_e": ("arc-easy",),
    "BFCL": ("bfcl",),
    "FewCLUE_bustm": ("fewclue-bustm",),
    "FewCLUE_chid": ("fewclue-chid",),
    "FewCLUE_cluewsc": ("fewclue-cluewsc",),
    "FewCLUE_csl": ("fewclue-csl",),
    "FewCLUE_eprstmt": ("fewclue-eprstmt",),
    "FewCLUE_tnews": ("fewclue-tnews",),
    "SuperGLUE_BoolQ": ("boolq",),
    "Xsum": ("xsum",),
    "aa_lcr": ("aa-lcr",),
    "agieval": ("agieval-en", "agieval-zh", "agieval-cloze"),
    "aime2024": ("aime-2024",),
    "aime2025": ("aime-2025",),
    "aime2026": ("aime-2026",),
    "bbh": ("bbh",),
    "ceval": ("ceval",),
    "cmmlu": ("cmmlu",),
    "custom": ("custom",),
    "dapo_math": ("dapo-math",),
    "demo": ("gsm8k-demo",),
    "drop": ("drop",),
    "gpqa": ("gpqa",),
    "gsm8k": ("gsm8k",),
    "hellaswag": ("hellaswag",),
    "hle": ("hle",),
    "humaneval": ("humaneval", "humaneval-plus"),
    "humanevalx": ("humaneval-x",),
    "ifbench": ("ifbench",),
    "ifeval": ("ifeval",),
    "lambada": ("lambada",),
    "lcsts": ("lcsts",),
    "leval": ("leval",),
    "livecodebench": ("livecodebench",),
    "longbench": ("longbench",),
    "longbenchv2": ("longbench-v2",),
    "math": ("math", "math500"),
    "mbpp": ("mbpp", "mbpp-sanitized"),
    "mgsm": ("mgsm",),
    "mm_custom": ("custom",),
    "mmlu": ("mmlu",),
    "mmlu_pro": ("mmlu-pro",),
    "mooncake_trace": ("mooncake",),
    "mtbench": ("mtbench", "mtbench-turns"),
    "needlebench_v2": ("needlebench",),
    "piqa": ("piqa",),
    "race": ("race", "race-jsonl"),
    "sharegpt": ("sharegpt",),
    "siqa": ("siqa",),
    "synthetic": ("synthetic",),
    "triviaqa": ("triviaqa-csv", "triviaqa", "triviaqa-unfiltered"),
    "winogrande": ("winogrande",),
}
"""Families of texts and workloads: AISBench's name, and ours."""

SIGHT_AND_SOUND: Mapping[str, tuple[str, ...]] = {
    "docvqa": ("docvqa",), "gedit": ("gedit",), "geometry3k": (), "infovqa": ("infovqa",), "mathvision": (), "mmmu": (),
    "mmmu_pro": (), "mmstar": (), "ocrbench_v2": (), "omnidocbench": (), "realworldqa": (),
    "refcoco": ("refcoco",), "refcoco_plus": ("refcoco-plus",), "refcocog": ("refcocog",), "textvqa": ("textvqa",), "videobench": (),
    "videomme": (), "vocalsound": (),
}  # fmt: skip
"""Families of pictures, films and sounds: none is here yet."""


def missing(names: frozenset[str]) -> list[str]:
    """The families of texts of whose data sets ``names`` lack one."""
    return [family for family, ours in TEXTS.items() if not names.issuperset(ours)]


def main() -> int:
    names = frozenset(one.offer.name for one in discover().of_kind("dataset"))
    lacking = missing(names)
    total = len(TEXTS) + len(SIGHT_AND_SOUND)
    there = len(TEXTS) - len(lacking)
    print(f"{there} of AISBench's {len(TEXTS)} families of texts and workloads are here")
    for family in lacking:
        print(f"  missing: {family} ({', '.join(TEXTS[family])})")
    print(f"{there} of {total} families in all; {len(names)} data sets")
    return 1 if lacking else 0


if __name__ == "__main__":
    sys.exit(main())
