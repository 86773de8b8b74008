"""In an environment with ais-bench-benchmark: JSON lines of {"task", "config", "rows"} in (the
fields of its reader for each row); for each row {"texts"} out, whose mean log-probabilities are
compared there. A configuration is read without what it imports, most of which is not installed.
"""

import ast
import json
import sys
from importlib.util import find_spec
from pathlib import Path

HOME = Path(find_spec("ais_bench").submodule_search_locations[0], "benchmark/configs/datasets")


def configuration(file):
    tree = ast.parse(file.read_text(encoding="utf-8"))
    imports = [one for one in tree.body if isinstance(one, ast.ImportFrom)]
    names = {name.name: object for one in imports for name in one.names}
    tree.body = [one for one in tree.body if one not in imports]
    exec(compile(tree, str(file), "exec"), names)
    return names


def text(template, fields):
    """Rounds joined by a line break, as for a model without a template of its own."""
    if isinstance(template, str):
        parts = [template]
    else:
        parts = [turn["prompt"] for turn in template["round"]]
    return "\n".join(parts).format(**fields)


for line in sys.stdin:
    asked = json.loads(line)
    found = configuration(HOME / f"FewCLUE_{asked['task']}" / f"{asked['config']}.py")
    templates = found[f"{asked['task']}_infer_cfg"]["prompt_template"]["template"].values()
    for row in asked["rows"]:
        print(json.dumps({"texts": [text(one, row) for one in templates]}))
