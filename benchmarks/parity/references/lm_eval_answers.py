"""In an environment with lm-eval[math]: JSON lines of {"set", "options", "answer", "targets"} in;
for each {rule: {"extracted", "right"}} out, by the filters and scorers of its own tasks.

``extracted`` is None where the filter falls back; ``right``, of each target, is given where the
task has a scorer of its own (math, exact).
"""

import json
import re
import string
import sys

from lm_eval.api.metrics import exact_match_hf_evaluate
from lm_eval.filters.extraction import MultiChoiceRegexFilter, RegexFilter
from lm_eval.models.utils import postprocess_generated_text
from lm_eval.tasks.hendrycks_math import utils as hendrycks
from lm_eval.tasks.minerva_math import utils as minerva
from math_verify import parse, verify

FALLBACK = "[invalid]"
LETTER = "(\\([A-Z]\\))"
LOOSE = {"ignore_case": True, "ignore_punctuation": True}
CHOICE = {
    "mmlu_flan_cot flexible-extract": MultiChoiceRegexFilter(LETTER, group_select=-1, **LOOSE),
    "mmlu_flan_n_shot flexible-extract": MultiChoiceRegexFilter(LETTER, **LOOSE),
    "mmlu_flan_cot strict-match": RegexFilter(
        "((?<=The answer is )(.*)(?=.)|(?<=answer is )(.*)(?=.)|"
        "(?<=The answer: )(.*)(?=.)|(?<=The final answer: )(.*)(?=.))"
    ),
    "mmlu_pro custom-extract": RegexFilter(r"answer is \(?([ABCDEFGHIJ])\)?"),
}
NUMERIC = {
    "gsm8k flexible-extract": RegexFilter("(-?[$0-9.,]{2,})|(-?[0-9]+)", group_select=-1),
    "gsm8k strict-match": RegexFilter(r"#### (\-?[0-9\.\,]+)"),
    "gsm8k_cot strict-match": RegexFilter(r"The answer is (\-?[0-9\.\,]+)."),
    "mgsm_direct_zh strict-match": RegexFilter(r"答案是 (\-?[0-9\.\,]+)。"),
}
EXACT = {
    "bbh exact_match": {
        "ignore_case": True,
        "regexes_to_ignore": ["\\.$", ",", "\\\\", "\n", '"'],
    },
    "triviaqa exact_match": LOOSE,
}


def letter(found):
    """Of "(B)", "B", "B. Mars": the letter that it begins with, as its task compares it."""
    got = re.fullmatch(r"\(?([A-Z])(?:[).:,\s].*)?", found.strip(string.whitespace + "*"), re.S)
    return got.group(1) if got else None if found == FALLBACK else found


def choice(rows, texts):
    docs = [{"choices": row["options"], "question": row["question"]} for row in rows]
    found = [{} for _ in rows]
    for name, rule in CHOICE.items():
        # All at once: for each call of its own it walks through the whole of Unicode.
        for one, (got,) in zip(found, rule.apply([[text] for text in texts], docs), strict=True):
            one[name] = {"extracted": letter(got)}
    return found


def numeric(row, text):
    found = {}
    for name, rule in NUMERIC.items():
        (got,) = rule.apply([[text]], [{}])[0]
        # What gsm8k's metric takes away before it compares.
        got = re.sub(r",|\$|(?s:.*)#### |\.$", "", got)
        found[name] = {"extracted": None if got == FALLBACK else got}
    return found


def mathematics(row, text):
    raw = minerva.get_unnormalized_answer(text)
    stated = minerva.normalize_final_answer(raw)
    read = parse(text)
    places = [place for place, sign in enumerate(text) if sign == "$"]
    dollars = text[places[0] + 1 : places[-1]] if len(places) > 1 else text
    targets = row["targets"]
    return {
        "minerva_math exact_match": {
            "extracted": None if raw == "[invalidanswer]" else stated,
            "right": [
                minerva.is_equiv(stated, minerva.normalize_final_answer(one)) for one in targets
            ],
        },
        "minerva_math math_verify": {
            "extracted": str(read) if read else None,
            "right": [bool(verify(parse(f"$\\boxed{{{one}}}$"), read)) for one in targets],
        },
        "hendrycks_math": {
            "extracted": dollars or None,
            "right": [bool(hendrycks.is_equiv(dollars, one)) for one in targets],
        },
    }


def exact(row, text):
    text = text.strip()
    return {
        name: {
            "extracted": text or None,
            "right": [
                bool(exact_match_hf_evaluate([text], [one], **rule)["exact_match"])
                for one in row["targets"]
            ],
        }
        for name, rule in EXACT.items()
    }


SETS = {"numeric": numeric, "math": mathematics, "exact": exact}
rows = [json.loads(line) for line in sys.stdin]
texts = [postprocess_generated_text(row["answer"], None, "</think>") for row in rows]
letters = [place for place, row in enumerate(rows) if row["set"] == "choice"]
found = dict(
    zip(
        letters,
        choice([rows[place] for place in letters], [texts[place] for place in letters]),
        strict=True,
    )
)
for place, (row, text) in enumerate(zip(rows, texts, strict=True)):
    print(json.dumps(found[place] if place in found else SETS[row["set"]](row, text)))
