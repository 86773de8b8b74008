"""The hf backend in an environment with torch: its own tests, and whole runs beside a real server
of the same tiny random model."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from live import ROOT, WARM, Project, surroundings
from safetensors_files import spoilt, without
from torch_environment import (
    OFFLINE,
    here,
    our_python,
    run_there,
    start_there,
    tiny_model,
    transformers_serve,
)

pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module")
def python() -> Path:
    return our_python()


@pytest.fixture(scope="module")
def model(python: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model(python, tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def server(python: Path, model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with transformers_serve(python, model, tmp_path_factory.mktemp("huggingface")) as url:
        yield url


def suite(project: Project, name: str, model: str, data: str) -> None:
    project.write(
        "s.toml",
        f"""
        [suite]
        name = "{name}"
        [models.m]
        generation = {{ max_tokens = 12, temperature = 0.0 }}
        {model}
        [datasets.d]
        dataset = "gsm8k-demo"
        {data}
        """,
    )


def test_its_own_tests_where_torch_is(python: Path) -> None:
    # Packages that are imported there already have no assertions of tests.
    imported = "ignore::pytest.PytestAssertRewriteWarning"
    words = ("-q", "-p", "no:cacheprovider", "-W", imported, "plugins/backends/transformers")
    done = run_there(python, ROOT, dict(os.environ), "pytest", *words)
    assert done.returncode == 0, done.stdout[-5000:]
    assert "skipped" not in done.stdout.splitlines()[-1], done.stdout[-2000:]


@pytest.mark.parametrize(
    ("backend", "data"),
    [
        ("openai-chat", 'variant = "0-shot-cot-chat"\nlimit = 8'),
        ("openai-completions", 'variant = "4-shot-cot-text"\nlimit = 8'),
    ],
)
def test_greedy_answers_are_those_of_transformers_serve(
    project: Project, python: Path, model: Path, server: str, backend: str, data: str
) -> None:
    # Its streams leave out half a character at the end; whole chat answers are stripped.
    served = f'backend = "{backend}"\nurl = "{server}"\nmodel = "{model}"\nstream = false'
    suite(project, "served", served, data)
    done = project.run("run", "s.toml", timeout=300)
    assert done.code == 0, done.out + done.err
    suite(project, "local", f'backend = "hf"\npath = "{model}"\ndtype = "float32"', data)
    own = here(python, project, "run", "s.toml")
    assert own.returncode == 0, own.stdout + own.stderr
    rows = {row["sample"]: row["response"] for row in project.rows("served", "m", "d")}
    ours = {row["sample"]: row["response"] for row in project.rows("local", "m", "d")}
    assert len(rows) == len(ours) == 8
    for sample, response in rows.items():
        assert ours[sample]["text"].strip() == response["text"].strip()
        assert ours[sample]["usage"]["completion_tokens"] == response["usage"]["completion_tokens"]
        assert ours[sample]["usage"]["prompt_tokens"] == response["usage"]["prompt_tokens"]


def copied(model: Path, to: Path, **generation: Any) -> Path:
    """The model, with ``generation`` in its generation_config.json."""
    shutil.copytree(model, to)
    file = to / "generation_config.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), **generation}))
    return to


def test_what_decides_the_answers_is_recorded(project: Project, python: Path, model: Path) -> None:
    own = copied(model, project.path / "own", num_beams=4, repetition_penalty=1.2)
    suite(project, "recorded", f'backend = "hf"\npath = "{own}"', "limit = 1")
    done = here(python, project, "run", "s.toml")
    assert done.returncode == 0, done.stderr
    facts = json.loads((project.last_run("recorded") / "environment.json").read_text())
    assert facts["libraries"]["torch"].startswith("2.13")
    assert len(facts["models"]["m"]["config.json"]) == 64
    loaded = facts["loaded"]["m"]
    assert {"model.safetensors", "generation_config.json"} <= set(loaded["fingerprint"])
    assert loaded["defaults"] == {"repetition_penalty": 1.2}
    assert "num_beams = 4" in loaded["warnings"][0]
    assert "warning: models.m: generation_config.json asks for num_beams = 4" in done.stdout


def test_answers_of_two_checkpoints_are_not_mixed(
    project: Project, python: Path, model: Path
) -> None:
    own = copied(model, project.path / "own")
    suite(project, "mixed", f'backend = "hf"\npath = "{own}"\ndtype = "float32"', "limit = 6")
    first = here(python, project, "run", "s.toml")
    assert first.returncode == 0, first.stderr
    before = {row["sample"]: row["response"]["text"] for row in project.rows("mixed", "m", "d")}
    spoilt(own / "model.safetensors")
    run = project.last_run("mixed")
    again = here(python, project, "run", "--resume", str(run))
    assert again.returncode == 0, again.stderr
    said = " ".join(again.stdout.split())
    assert "6 stored answers are not of this model" in said
    assert "model.safetensors has other content" in said
    after = project.rows("mixed", "m", "d")
    assert len(after) == 6
    assert {row["session"] for row in after} == {2}
    assert (run / "predictions" / "m" / "stale" / "d.jsonl").read_text().count("\n") == 6
    assert {row["sample"] for row in after} == set(before)


def test_what_cannot_be_measured_is_told_before_it_is(
    project: Project, python: Path, model: Path
) -> None:
    own = copied(model, project.path / "own")
    lost = "model.layers.0.self_attn.v_proj.weight"
    without(own / "model.safetensors", lost)
    table = f'backend = "hf"\npath = "{own}"'
    suite(project, "told", table, "limit = 1")
    done = here(python, project, "run", "s.toml")
    assert done.returncode == 2, done.stderr
    assert lost in done.stderr
    assert "Traceback" not in done.stderr
    (own / "chat_template.jinja").unlink()
    suite(project, "none", table, 'variant = "0-shot-cot-chat"\nlimit = 1')
    done = here(python, project, "run", "s.toml")
    assert done.returncode == 2, done.stderr
    assert "models.m: the model has no chat template" in done.stderr
    assert not (project.path / "outputs" / "none").exists()


def test_the_perplexity_of_texts_beyond_the_context(
    project: Project, python: Path, model: Path
) -> None:
    texts = ["A baker makes 12 trays.", " ".join(str(n * 7 % 101) for n in range(90))]
    lines = [json.dumps({"question": "q", "text": text}) for text in texts]
    project.write("texts.jsonl", "\n".join(lines))
    project.write(
        "s.toml",
        f"""
        [suite]
        name = "texts"
        [models.m]
        backend = "hf"
        path = "{model}"
        dtype = "float32"
        max_length = 64
        [datasets.d]
        dataset = "custom"
        path = "texts.jsonl"
        template = "text-score"
        prompt = {{ text = "{{text}}" }}
        evaluator = "perplexity"
        metrics = ["perplexity"]
        """,
    )
    done = here(python, project, "run", "s.toml")
    assert done.returncode == 0, done.stdout + done.stderr
    run = project.last_run("texts")
    result = json.loads((run / "results" / "m" / "d.json").read_text())
    assert result["counts"]["failed"] == 0
    for figure in result["figures"]:
        assert figure["n"] == 2
        assert figure["method"].startswith("1 of 2 texts, longer than the model's context")


def test_a_killed_run_goes_on_where_it_was(project: Project, python: Path, model: Path) -> None:
    name = f'backend = "hf"\npath = "{model}"\nbatch_size = 1'
    suite(project, "killed", name, 'variant = "0-shot-cot-chat"\nlimit = 15\nrepeats = 2')
    environment = surroundings(project.path / "home")
    if WARM:
        process: Any = start_there(python, project.path, environment, "aisbench", "run", "s.toml")
    else:
        process = subprocess.Popen(
            [python, "-m", "aisbench", "run", "s.toml"],
            cwd=project.path, env={**environment, **OFFLINE},
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
    deadline = time.monotonic() + 120
    journal: list[Path] = []
    while not (journal and journal[0].read_bytes().count(b"\n") >= 3):
        journal = list(project.path.glob("outputs/killed/*/predictions/m/d.jsonl"))
        assert time.monotonic() < deadline
        time.sleep(0.005)
    os.kill(process.pid, signal.SIGKILL)
    process.finish(60) if WARM else process.wait(60)
    kept = journal[0].read_bytes().count(b"\n")
    done = here(python, project, "run", "--resume", str(project.last_run("killed")))
    assert done.returncode == 0, done.stdout + done.stderr
    rows = project.rows("killed", "m", "d")
    assert len({(row["sample"], row["repeat"]) for row in rows}) == len(rows) == 15 * 2
    assert sum(row["session"] == 1 for row in rows) == kept < 15 * 2


def test_what_is_missing_is_said(project: Project, python: Path) -> None:
    """In the environment without torch, and with a path that leads nowhere."""
    suite(project, "none", 'backend = "hf"\npath = "./nosuch"', "limit = 1")
    done = here(python, project, "run", "s.toml")
    assert done.returncode == 2, done.stderr
    assert "nosuch: does not exist" in done.stderr
    assert "Traceback" not in done.stderr
    without = project.run("run", "s.toml")
    assert "needs torch and transformers" in without.err
    assert "pip install" in without.err
    suite(project, "none", 'backend = "hf"\npath = "x"\nurl = "http://127.0.0.1:1"', "limit = 1")
    assert "models.m.url: is not a key here" in project.run("run", "s.toml").err
