"""In an environment with lm-eval[math]: JSON lines of {"answer", "references"} in, each reference
a list of spans; for each {"em", "f1"} out, by its task drop (the authors' drop_eval.py)."""

import json
import sys

from lm_eval.tasks.drop.utils import process_results

for line in sys.stdin:
    row = json.loads(line)
    golds = [tuple(spans) for spans in row["references"]]
    found = process_results({"answers": golds}, [row["answer"]])
    print(json.dumps({"em": float(found["em"]), "f1": float(found["f1"])}))
