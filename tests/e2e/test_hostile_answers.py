"""Nothing that a model writes is run, compiled, imported, opened or sent: not by any evaluator.

Each evaluator, the steps before it and core's own reading get a corpus of hostile answers in a
process of its own whose audit hook allows nothing but scoring (tests/support/audited.py). And
whole runs with such a model leave no trace of what it wrote.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from audited import SANDBOXED
from hostile_answers import answers
from knowing_server import knowing_server
from live import Project

from aisbench.api import EvaluatorOffer
from aisbench.plugins.discovery import discover

SUPPORT = Path(__file__).parents[1] / "support"
OTHERWISE = {
    # It scores by code of its own, which compiles the templates of its tasks as it goes.
    "lm-eval",
    # Vectors, relevance and labels are read, and the name of an edited picture: no words.
    "label", "ranking", "search", "similarity", "judge-edit",
}  # fmt: skip
OURS = [
    one.offer.name
    for one in discover().of_kind(EvaluatorOffer.kind)
    if one.dist.startswith("aisbench-plugin-") and one.offer.name not in OTHERWISE
]


def test_the_corpus_is_large() -> None:
    corpus = answers("/mark")
    assert len({name for name, _ in corpus}) == len(corpus) > 500
    assert sum("/mark" in text for _, text in corpus) > 250


def audited(tmp_path: Path, share: str, *names: str) -> int:
    """How many answers were scored without any event of the hook."""
    mark = tmp_path / "mark"
    done = subprocess.run(
        [sys.executable, SUPPORT / "audited.py", str(mark), share, *names],
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert not mark.exists()
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return int(json.loads(done.stdout)["scored"])


_NEEDS = {"function-calls": "bfcl_eval", "comet": "comet"}


def installed(names: list[str]) -> list[str]:
    return [name for name in names if name not in _NEEDS or importlib.util.find_spec(_NEEDS[name])]


def test_nothing_of_some_answers_is_run(tmp_path: Path) -> None:
    assert audited(tmp_path, "some", "core", "steps", *installed(OURS)) > 1000


@pytest.mark.slow
@pytest.mark.parametrize("name", ["core", "steps", *installed(OURS)])
def test_nothing_of_any_answer_is_run(name: str, tmp_path: Path) -> None:
    assert audited(tmp_path, "all", name) > (20 if name in SANDBOXED else 500)


def test_the_hook_catches_what_it_should(tmp_path: Path) -> None:
    """Each of these ends the process, whoever swallows its exceptions."""
    bad = ["eval('1')", "exec('1')", "compile('1', 'x', 'eval')", "import antigravity",
           "open('x')", "__import__('os').system('true')", "__import__('os').listdir()",
           "__import__('socket').socket()", "__import__('subprocess').run(['true'])"]  # fmt: skip
    for code in bad:
        program = (
            "import sys, os, json, socket, subprocess\n"
            f"sys.path.insert(0, {str(SUPPORT)!r})\n"
            "import audited\n"
            f"def trial():\n    try:\n        {code}\n    except BaseException: pass\n"
            "sys.addaudithook(audited._audit)\n"
            "trial()\n"
            "os._exit(0)\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", program],
            capture_output=True,
            text=True,
            check=False,
            cwd=tmp_path,
        )
        assert done.returncode == 3, (code, done.stdout, done.stderr)


CATEGORIES = ("simple_python", "multi_turn_base", "simple_java", "simple_javascript",
              "irrelevance", "memory_kv")  # fmt: skip


@pytest.mark.skipif("function-calls" not in installed(OURS), reason="bfcl-eval is not installed")
@pytest.mark.parametrize(
    "categories",
    [CATEGORIES[:2], pytest.param(CATEGORIES[2:], marks=pytest.mark.slow)],
    ids=["some", "all"],
)
def test_a_run_leaves_no_trace_of_what_a_model_wrote(
    project: Project, tmp_path: Path, categories: tuple[str, ...]
) -> None:
    """Calls in text and as tools, single, over turns and of a memory, in all languages."""
    mark = tmp_path / "mark"
    run = f"__import__('os').system('touch {mark}')"
    said = (
        f"[f(x={run} + 0), cd(folder={run} + ''), {run}, core_memory_add(key={run}, value={run})]"
    )
    arguments = json.dumps({"folder": run, "a": {"b": {"c": run}}, "x": f"' + {run} + '"})
    calls = [
        {"id": str(number), "type": "function", "function": {"name": name, "arguments": arguments}}
        for number, name in enumerate(("cd", run, "__init__", "f", "core_memory_add"))
    ]
    tools = {"message": {"tool_calls": calls}, "finish_reason": "tool_calls"}
    with knowing_server({"": said}) as text, knowing_server({"": tools}) as native:
        models = {
            "written": (text, ""), "parsed": (text, 'tool_parser = "pythonic"'), "native": (native,
            "")
        }  # fmt: skip
        lines = ["[suite]", 'name = "hostile"']
        for name, (url, more) in models.items():
            lines += [f"[models.{name}]", 'backend = "openai-chat"', 'model = "m"',
            f'url = "{url}"',
                      "stream = false", more]  # fmt: skip
        for category in categories:
            for variant in ("prompt", "tools"):
                lines += [f"[datasets.{variant}_{category}]", 'dataset = "bfcl"', "limit = 1",
                          f'categories = ["{category}"]', f'variant = "{variant}"']  # fmt: skip
        project.write("suite.toml", "\n".join(lines))
        done = project.run("run", "suite.toml", timeout=600)
    assert done.code == 0, done.err
    assert not mark.exists()
    scored = [
        score
        for model in models
        for category in categories
        for variant in ("prompt", "tools")
        for score in project.scores("hostile", model, f"{variant}_{category}")
    ]
    assert len(scored) == len(models) * len(categories) * 2
    verdicts = {one["score"]["verdict"] for one in scored}
    assert verdicts <= {"wrong", "unparsed", "right"}
