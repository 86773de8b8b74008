"""In an environment with math-verify: JSON lines of {"target", "text"} in, verdicts out, as its
README says to use it."""

import json
import sys

from math_verify import parse, verify

for line in sys.stdin:
    row = json.loads(line)
    target = parse(f"${row['target']}$")
    answer = parse(row["text"])
    print(json.dumps({"right": bool(verify(target, answer)), "why": repr(answer)[:200]}))
