"""In an environment with AISBench: NeedleBench V2's prompts as its files have them, as one line of
JSON: task -> language -> text, with names in braces.

They stand inside functions that import much: they are read out of the source as text.
"""

import importlib.util
import json
import re
import sys
from pathlib import Path

spec = importlib.util.find_spec("ais_bench")
root = Path(next(iter(spec.submodule_search_locations)))
folder = root / "benchmark" / "datasets" / "needlebench_v2"
found = {}
for task, name in (("single", "origin"), ("retrieval", "parallel"), ("reasoning", "multi")):
    source = (folder / f"{name}.py").read_text(encoding="utf-8")
    texts = re.findall(r"prompt = f'''(.*?)'''", source, re.DOTALL)
    # Chinese and English, each with the question at the end and at the start.
    found[task] = {"zh": texts[0], "en": texts[2]}
source = (folder / "atc.py").read_text(encoding="utf-8")
for task, name in (
    ("eldest", "shuffled_story_with_prompt"), ("ancestor", "nth_ancestor_prompt"),
    ("descendant", "nth_descendant_prompt"), ("distance", "relationship_distance_prompt"),
):  # fmt: skip
    found[task] = {
        language: re.search(rf'{name}_{end} = """(.*?)"""', source, re.DOTALL).group(1)
        for language, end in (("zh", "zh_CN"), ("en", "en"))
    }
sys.stdin.read()
plain = {
    task: {
        language: text.replace("\\\\", "\\").replace("{{", "{").replace("}}", "}")
        for language, text in texts.items()
    }
    for task, texts in found.items()
}
print(json.dumps(plain))
