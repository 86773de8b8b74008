"""In an environment with bfcl-eval: JSON lines of {"id", "category", "native", "calls" or "text"}
in, verdicts out, by its own decoding and checkers (``_evaluate_single_*_entry`` of its runner)."""

import json
import os
import sys
import tempfile
import types

os.environ["BFCL_PROJECT_ROOT"] = tempfile.mkdtemp()
table = types.ModuleType("bfcl_eval.constants.model_config")
table.MODEL_CONFIG_MAPPING = {"reference": types.SimpleNamespace(underscore_to_dot=False)}
sys.modules["bfcl_eval.constants.model_config"] = table

from bfcl_eval import utils  # noqa: E402
from bfcl_eval.constants.enums import Language, ReturnFormat  # noqa: E402
from bfcl_eval.eval_checker.ast_eval.ast_checker import ast_checker  # noqa: E402
from bfcl_eval.model_handler.utils import default_decode_ast_prompting  # noqa: E402

LOADED = {}


def load(category):
    if category not in LOADED:
        entries = utils.load_dataset_entry(category, include_language_specific_hint=False)
        answers = []
        if "relevance" not in category:
            answers = [one["ground_truth"] for one in utils.load_ground_truth_entry(category)]
        LOADED[category] = {
            entry["id"]: (entry, answers[place] if answers else None)
            for place, entry in enumerate(entries)
        }
    return LOADED[category]


def judge(row):
    entry, answer = load(row["category"])[row["id"]]
    language = {"simple_java": "java", "simple_javascript": "javascript"}.get(
        row["category"], "python"
    )
    table.MODEL_CONFIG_MAPPING["reference"].underscore_to_dot = row["native"]
    why = "decoded to nothing"
    try:
        if row["native"]:
            calls = [{one["name"]: json.loads(one["arguments"])} for one in row["calls"]]
        else:
            calls = default_decode_ast_prompting(row["text"], ReturnFormat(language))
    except Exception as error:  # noqa: BLE001 - as its runner does
        calls, why = None, f"not decoded: {error}"
    if "relevance" in row["category"]:
        called = calls is not None and not utils.is_empty_output(calls)
        return called != ("irrelevance" in row["category"]), str(calls)
    if calls is None:
        return False, why
    if not utils.is_function_calling_format_output(calls):
        return False, "wrong format"
    found = ast_checker(
        entry["function"], calls, answer, Language(language), row["category"], "reference"
    )
    return found["valid"], str(found.get("error"))[:200]


for line in sys.stdin:
    right, why = judge(json.loads(line))
    print(json.dumps({"right": bool(right), "why": why}))
