"""In an environment with bfcl-eval: JSON lines of {category: [accuracy, rows]} in, the
leaderboard's own columns out, in percent, by its own aggregation."""

import csv
import json
import os
import sys
import tempfile
import types
from pathlib import Path

os.environ["BFCL_PROJECT_ROOT"] = tempfile.mkdtemp()
model = types.SimpleNamespace(
    display_name="m", url="u", org="o", license="l", input_price=None, output_price=None
)
table = types.ModuleType("bfcl_eval.constants.model_config")
table.MODEL_CONFIG_MAPPING = {"m": model}  # the real one imports every vendor's client
sys.modules["bfcl_eval.constants.model_config"] = table

from bfcl_eval.eval_checker.eval_runner_helper import generate_leaderboard_csv  # noqa: E402

answers = sys.stdout
sys.stdout = sys.stderr
for line in sys.stdin:
    scores = {
        name: {"accuracy": accuracy, "total_count": count}
        for name, (accuracy, count) in json.loads(line).items()
    }
    with tempfile.TemporaryDirectory() as folder:
        generate_leaderboard_csv({"m": scores}, Path(folder))
        with Path(folder, "data_overall.csv").open() as file:
            (row,) = csv.DictReader(file)
    percents = {name: one[:-1] for name, one in row.items() if one.endswith("%")}
    print(json.dumps({name: float(one) for name, one in percents.items()}), file=answers)
