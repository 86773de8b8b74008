"""In an environment with lm-eval's file of LongBench's metrics and what it imports (rouge, jieba,
fuzzywuzzy): JSON lines of {"metric", "answer", "reference", "classes"} in; for each {"value"} out.

Also of InfiniteBench {"task", "doc"}: {"prompt"} out, as lm-eval's functions put it.
"""

import importlib.util
import json
import logging
import sys
import warnings
from importlib.util import find_spec
from pathlib import Path

HOME = Path(find_spec("lm_eval").submodule_search_locations[0]) / "tasks"
PROMPTS = {
    "code_run": "doc_to_text_code_run",
    "code_debug": "doc_to_text_code_debug",
    "longbook_choice_eng": "doc_to_text_longbook_choice",
    "longdialogue_qa_eng": "doc_to_text_longdialogue",
    "math_find": "doc_to_text_math_find",
}


def load(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main():
    warnings.simplefilter("ignore")
    metrics = load(HOME / "longbench" / "metrics.py")
    metrics.jieba.setLogLevel(logging.WARNING)
    # Its recursion through long sentences would end at a thousand words, and count 0.
    sys.setrecursionlimit(20_000)
    prompts = load(HOME / "infinitebench" / "utils.py")
    for line in sys.stdin:
        row = json.loads(line)
        if "task" in row:
            print(json.dumps({"prompt": getattr(prompts, PROMPTS[row["task"]])(row["doc"])}))
            continue
        score = getattr(metrics, row["metric"])
        value = score(row["answer"], row["reference"], all_classes=row["classes"])
        print(json.dumps({"value": float(value)}))


main()
