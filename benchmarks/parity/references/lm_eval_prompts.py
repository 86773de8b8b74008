"""In an environment with lm-eval: JSON lines of {"task", "shots", "test", "dev"} in (a task's
name there, and the rows of its splits); for each row of each [[context, continuation], ...] out.
"""

import json
import os
import sys
import tempfile
from pathlib import Path

HOME = tempfile.TemporaryDirectory()
os.environ |= {"HF_HUB_OFFLINE": "1", "HF_HOME": HOME.name}

from lm_eval.tasks import TaskManager  # noqa: E402 - the home is set before it is read

manager = TaskManager()
for line in sys.stdin:
    asked = json.loads(line)
    files = {}
    for split in ("test", "dev"):
        if asked[split]:
            path = Path(HOME.name, f"{asked['task']}-{split}.jsonl")
            path.write_text("".join(json.dumps(row) + "\n" for row in asked[split]))
            files[split] = str(path)
    changes = {
        "dataset_path": "json",
        "dataset_name": None,
        "dataset_kwargs": {"data_files": files},
        "training_split": None,
        "validation_split": None,
        "test_split": "test",
    }
    if "dev" not in files:
        changes["fewshot_split"] = None
    # Its public calls take a task as it is; this one is theirs, with other files.
    entry = manager.task_index[asked["task"]]
    loaded = manager._factory.build(entry, overrides=changes, registry=manager.task_index)
    for doc in loaded.eval_docs:
        context = loaded.fewshot_context(doc, num_fewshot=asked["shots"])
        pairs = [request.args for request in loaded.construct_requests(doc, context)]
        print(json.dumps({"prompts": [[context, said] for context, said in pairs if context]}))
