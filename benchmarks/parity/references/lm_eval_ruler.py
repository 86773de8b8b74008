"""In an environment with lm-eval: JSON lines of {"said", "wanted"} in; for each what its RULER
gives it (``string_match_all`` behind ``postprocess_pred``) out, and at the end its templates.

Functions and constants are taken out of its files, which import much that is not needed here.
"""

import ast
import importlib.util
import json
import re
import sys
from pathlib import Path

FOLDER = Path(importlib.util.find_spec("lm_eval").origin).parent / "tasks" / "ruler"


def parts(name, wanted):
    """The functions and constants of one file."""
    tree = ast.parse((FOLDER / name).read_text(encoding="utf-8"))
    body = [
        node
        for node in tree.body
        if (isinstance(node, ast.FunctionDef) and node.name in wanted)
        or (isinstance(node, ast.Assign) and node.targets[0].id in wanted)
    ]
    found = {"re": re}
    exec(compile(ast.Module(body, []), name, "exec"), found)  # lm-eval's own code
    return found


common = parts("common_utils.py", {"postprocess_pred", "string_match_all"})
for line in sys.stdin:
    row = json.loads(line)
    said = common["postprocess_pred"]([row["said"]])
    print(json.dumps({"score": common["string_match_all"](said, [row["wanted"]])}))
templates = {"niah": parts("niah_utils.py", {"TEMPLATE"})["TEMPLATE"]}
for name in ("vt", "cwe", "fwe", "qa"):
    config = parts(f"{name}_utils.py", {"CONFIG"})["CONFIG"]
    config = config.get("variable_tracking", config)
    templates[name] = config["template"]
    templates[f"{name} answer"] = config["answer_prefix"].strip()
print(json.dumps({"templates": templates}))
