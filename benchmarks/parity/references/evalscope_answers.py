"""In an environment with evalscope: JSON lines of {"set", "options", "answer", "targets"} in; for
each {rule: {"extracted", "right"}} out, by the extractors and metrics of its own benchmarks.
"""

import json
import sys
from types import SimpleNamespace

answers = sys.stdout
sys.stdout = sys.stderr

from evalscope.filters.extraction import RemoveUntilFilter  # noqa: E402
from evalscope.metrics.math import parser  # noqa: E402
from evalscope.metrics.nlp.metrics import ExactMatch  # noqa: E402
from evalscope.utils.multi_choices import parse_answers, parse_answers_zh  # noqa: E402

# Each call of its own forks a process, for its deadline alone: one process is enough here.
parser.isolation_available = lambda: False
THINKING = RemoveUntilFilter("</think>")


def choice(row, text):
    state = SimpleNamespace(choices=row["options"], output=SimpleNamespace(completion=text))
    found = {}
    for name, rule in (("parse_answers", parse_answers), ("parse_answers_zh", parse_answers_zh)):
        found[name] = {"extracted": "".join(sorted(rule(state, completion=text))) or None}
    return found


def equal(text, target):
    try:
        return parser.compare_answers(text, target, validate_reference=False).matched
    except Exception:  # noqa: BLE001 - there the sample is left out
        return False


def numeric(row, text):
    found = parser.extract_answer(text)
    return {
        "gsm8k (extract_answer, numeric)": {
            "extracted": found or None,
            "right": [equal(found, one) for one in row["targets"]],
        }
    }


def mathematics(row, text):
    found = parser.extract_answer(text)
    return {
        "math_500 (extract_answer, math_acc)": {
            "extracted": found or None,
            "right": [equal(found, one) for one in row["targets"]],
        }
    }


def exact(row, text):
    text = text.strip()
    right = [bool(ExactMatch().apply([text], [one])[0]) for one in row["targets"]]
    return {"exact_match": {"extracted": text or None, "right": right}}


SETS = {"choice": choice, "numeric": numeric, "math": mathematics, "exact": exact}
for line in sys.stdin:
    row = json.loads(line)
    (said,) = THINKING.apply([row["answer"]])
    print(json.dumps(SETS[row["set"]](row, said)), file=answers)
