"""In an environment with lm-eval: JSON lines of {"task", "shots", "test", "dev"} in (a task's
name there, and the rows of its splits; "orders": the options of each row as they are to be
shuffled); for each row of each [[context, continuation], ...] out, of what is generated
[[context, ""]].
"""

import json
import os
import random
import sys
import tempfile
from pathlib import Path

HOME = tempfile.TemporaryDirectory()
os.environ |= {"HF_HUB_OFFLINE": "1", "HF_HOME": HOME.name}


class NoMetric:
    """Stands in for the package evaluate, which tasks of code ask for their metric when they are
    loaded: no metric is computed here."""

    @staticmethod
    def load(name):
        return NoMetric

    @staticmethod
    def compute(**given):
        return ({},)


sys.modules.setdefault("evaluate", NoMetric)

from datasets import Dataset  # noqa: E402 - the home is set before it is read
from lm_eval.tasks import TaskManager  # noqa: E402


def shuffle_as(orders):
    """Makes ``random.shuffle`` give the order among ``orders`` that has the same items."""
    known = {tuple(sorted(order)): order for order in orders}

    def shuffle(items):
        items[:] = known[tuple(sorted(items))]

    random.shuffle = shuffle


def changes(asked, number, own):
    """What is different from the task's own file: where rows are, and which examples are shown."""
    files = {}
    for split in ("test", "dev"):
        if asked[split]:
            path = Path(HOME.name, f"{number}-{split}.jsonl")
            path.write_text("".join(json.dumps(row) + "\n" for row in asked[split]))
            files[split] = str(path)
    # All splits alike: what is null in every row of one may be text in another.
    features = Dataset.from_list(asked["test"] + asked["dev"]).features
    found = {
        "dataset_path": "json",
        "dataset_name": None,
        "dataset_kwargs": {"data_files": files, "features": features},
        "training_split": None,
        "validation_split": None,
        "test_split": "test",
    }
    if "dev" not in files:
        found["fewshot_split"] = None
    else:
        # Drawn at random there; the first ones are the same for both.
        found["fewshot_split"] = "dev"
        if (own.get("fewshot_config") or {}).get("sampler") != "first_n":
            found["fewshot_config"] = {"sampler": "first_n"}
    return found


def pairs(loaded, doc, shots):
    context = loaded.fewshot_context(doc, num_fewshot=shots)
    requests = loaded.construct_requests(doc, context)
    if loaded.OUTPUT_TYPE == "generate_until":
        return [[requests.args[0], ""]]
    if loaded.OUTPUT_TYPE == "loglikelihood":
        return [list(requests.args)]
    return [list(request.args) for request in requests if request.args[0]]


manager = TaskManager()
for number, line in enumerate(sys.stdin):
    asked = json.loads(line)
    if "orders" in asked:
        shuffle_as(asked["orders"])
    # Its public calls take a task as it is; this one is theirs, with other files.
    entry = manager.task_index[asked["task"]]
    loaded = manager._factory.build(
        entry, overrides=changes(asked, number, entry.cfg), registry=manager.task_index
    )
    for doc in loaded.eval_docs:
        print(json.dumps({"prompts": pairs(loaded, doc, asked["shots"])}))
