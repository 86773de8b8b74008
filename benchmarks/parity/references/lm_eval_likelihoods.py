"""In an environment with lm-eval: JSON lines of {"question", "choices", "gold", "given", "alone"}
in (log-likelihoods of each choice behind its question, and of each alone), its metrics out.

The task is one of its own kind, read from a file by its own loader; the model is a table.
"""

import json
import os
import sys
import tempfile

os.environ |= {"HF_HUB_OFFLINE": "1", "HF_HOME": tempfile.mkdtemp()}

from lm_eval.api.task import ConfigurableTask

METRICS = ("acc", "acc_norm", "acc_bytes", "acc_mutual_info")

rows = [json.loads(line) for line in sys.stdin]
with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as file:
    file.writelines(json.dumps(row) + "\n" for row in rows)
    file.flush()
    task = ConfigurableTask(
        config={
            "task": "table",
            "dataset_path": "json",
            "dataset_kwargs": {"data_files": {"test": file.name}},
            "test_split": "test",
            "output_type": "multiple_choice",
            "doc_to_text": "{{question}}",
            "doc_to_choice": "choices",
            "doc_to_target": "gold",
            "metric_list": [{"metric": name} for name in METRICS],
        }
    )
    for row, doc in zip(rows, task.test_docs(), strict=True):
        given = dict(zip(row["choices"], row["given"], strict=True))
        alone = dict(zip(row["choices"], row["alone"], strict=True))
        asked = task.construct_requests(doc, row["question"])
        answers = []
        for request in asked:
            context, continuation = request.args
            table = given if context else alone
            answers.append((table[continuation.removeprefix(" ")], False))
        found = task.process_results(doc, answers)
        print(json.dumps({name: float(found[name]) for name in METRICS}))
