"""The 71 data set families of AISBench, and which data sets of ours they are.

``python -m tools.families`` counts them, and ends with exit code 1 where a family is missing.
The names are the folders of ais_bench/benchmark/configs/datasets at 29c363e (20 August 2026) of
https://github.com/AISBench/benchmark.
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
    "docvqa": ("docvqa",),
    "gedit": ("gedit",),
    "geometry3k": ("geometry3k",),
    "infovqa": ("infovqa",),
    "mathvision": ("mathvision",),
    "mmmu": ("mmmu",),
    "mmmu_pro": ("mmmu-pro", "mmmu-pro-vision"),
    "mmstar": ("mmstar",),
    "ocrbench_v2": ("ocrbench-v2",),
    "omnidocbench": ("omnidocbench",),
    "realworldqa": ("realworldqa",),
    "refcoco": ("refcoco",),
    "refcoco_plus": ("refcoco-plus",),
    "refcocog": ("refcocog",),
    "textvqa": ("textvqa",),
    "videobench": ("videobench",),
    "videomme": ("videomme",),
    "vocalsound": ("vocalsound",),
}
"""Families of pictures, films and sounds; an empty tuple: not here yet."""


FAMILIES: Mapping[str, tuple[str, ...]] = {**TEXTS, **SIGHT_AND_SOUND}


def missing(names: frozenset[str]) -> list[str]:
    """The families of whose data sets ``names`` lack one, and those of which we know none."""
    return [family for family, ours in FAMILIES.items() if not ours or not names.issuperset(ours)]


def main() -> int:
    names = frozenset(one.offer.name for one in discover().of_kind("dataset"))
    lacking = missing(names)
    for what, families in (
        ("texts and workloads", TEXTS),
        ("pictures, films and sounds", SIGHT_AND_SOUND),
    ):
        there = sum(family not in lacking for family in families)
        print(f"{there} of AISBench's {len(families)} families of {what} are here")
    for family in lacking:
        print(f"  missing: {family} ({', '.join(FAMILIES[family]) or 'no set of ours'})")
    there = len(FAMILIES) - len(lacking)
    print(f"{there} of {len(FAMILIES)} families in all; {len(names)} data sets")
    return 1 if lacking else 0


if __name__ == "__main__":
    sys.exit(main())
