"""vllm-offline on the CPU: which model it is, what a silent suite gets, texts beyond the context.

Opt-in: pytest -m vllm.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from live import ROOT, Project, surroundings
from safetensors_files import spoilt, without
from vllm_environment import FOLDER, MODEL, SURROUNDINGS, set_up

pytestmark = [pytest.mark.vllm, pytest.mark.timeout(1800)]

PACKAGES = (
    "core", "plugins/backends/vllm-offline", "plugins/datasets/custom",
    "plugins/evaluators/choices", "plugins/evaluators/text", "plugins/evaluators/numeric",
    "plugins/evaluators/repeats", "plugins/summarizers/table", "plugins/summarizers/files",
)  # fmt: skip
CONTEXT = 64
TEXTS = ["A baker makes 12 trays.", " ".join(str(n * 7 % 101) for n in range(60))]
QUESTIONS = ["0 1 2 3 0 1 2 3", "A baker", "How many are left? The answer is"]
GENERATION = {
    "repetition_penalty": 1.5, "max_new_tokens": 9, "suppress_tokens": list(range(20, 200)),
    "temperature": 0.9, "num_beams": 3,
}  # fmt: skip

# What Transformers generates of its own accord, and the log-likelihood of texts in blocks.
TRUTH = """
import json, sys, torch
from transformers import AutoModelForCausalLM, AutoTokenizer
path, questions, texts, most = sys.argv[1], *map(json.loads, sys.argv[2:5])
tokenizer = AutoTokenizer.from_pretrained(path)
model = AutoModelForCausalLM.from_pretrained(path, dtype=torch.float32).eval()
model.generation_config.num_beams = 1
answers, sums = [], []
with torch.inference_mode():
    for question in questions:
        ids = torch.tensor([tokenizer.encode(question)])
        made = model.generate(ids, attention_mask=torch.ones_like(ids), do_sample=False)
        answers.append(tokenizer.decode(made[0, ids.shape[1]:], skip_special_tokens=True))
    for text in texts:
        ids, total = [tokenizer.eos_token_id, *tokenizer.encode(text)], 0.0
        for place in range(1, len(ids), most):
            end = min(len(ids), place + most)
            begin = max(0, end - most - 1)
            logits = model(torch.tensor([ids[begin:end]])).logits[0].log_softmax(-1)
            total += sum(
                logits[one - begin - 1, ids[one]].item() for one in range(place, end)
            )
        sums.append(total)
print(json.dumps([answers, sums]))
"""


@pytest.fixture(scope="module")
def python() -> Path:
    """vLLM's interpreter, with our packages in its environment."""
    found = set_up()
    uv = Path(sys.executable).parent / "uv"
    words = [word for package in PACKAGES for word in ("-e", str(ROOT / package))]
    subprocess.run([uv, "pip", "install", "-q", "--python", found, "flit_core>=3.11"], check=True)
    subprocess.run(
        [uv, "pip", "install", "-q", "--python", found, "--no-build-isolation", *words], check=True
    )
    return found


@pytest.fixture
def model(project: Project) -> Path:
    """A copy that asks for settings of its own."""
    made = project.path / "own"
    shutil.copytree(FOLDER / MODEL, made)
    file = made / "generation_config.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), **GENERATION}))
    return made


def offline(python: Path, project: Project, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [python, "-m", "aisbench", *words],
        cwd=project.path,
        env={**surroundings(project.path / "home"), **SURROUNDINGS},
        capture_output=True,
        text=True,
        timeout=900,
    )


def suite(project: Project, model: Path, name: str) -> None:
    project.write("texts.jsonl", "".join(json.dumps({"question": "q", "text": one}) + "\n"
                                         for one in TEXTS))  # fmt: skip
    project.write("asked.jsonl", "".join(json.dumps({"question": one, "answer": "1"}) + "\n"
                                         for one in QUESTIONS))  # fmt: skip
    project.write(
        "s.toml",
        f"""
        [suite]
        name = "{name}"
        [models.m]
        backend = "vllm-offline"
        path = "{model}"
        dtype = "float32"
        max_model_len = {CONTEXT}
        enforce_eager = true
        max_num_seqs = 4
        generation = {{ max_tokens = 9 }}
        [datasets.texts]
        dataset = "custom"
        path = "texts.jsonl"
        template = "text-score"
        prompt = {{ text = "{{text}}" }}
        evaluator = "perplexity"
        metrics = ["perplexity"]
        [datasets.asked]
        dataset = "custom"
        path = "asked.jsonl"
        template = "text"
        prompt = {{ question = "{{question}}" }}
        evaluator = "numeric"
        """,
    )


def responses(project: Project, name: str, dataset: str) -> list[dict[str, Any]]:
    rows = sorted(project.rows(name, "m", dataset), key=lambda row: row["sample"])
    return [row["response"] for row in rows]


def test_a_silent_suite_and_long_texts_and_another_checkpoint(
    project: Project, python: Path, model: Path
) -> None:
    # The engine wants room for a token behind each prompt.
    words = [json.dumps(one) for one in (QUESTIONS, TEXTS, CONTEXT - 2)]
    done = subprocess.run(
        [python, "-c", TRUTH, model, *words],
        env={**os.environ, **SURROUNDINGS}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    answers, sums = json.loads(done.stdout.splitlines()[-1])
    suite(project, model, "own")
    there = offline(python, project, "run", "s.toml")
    assert there.returncode == 0, there.stdout + there.stderr
    # vLLM keeps back the beginning of a character.
    assert [one["text"].rstrip("\ufffd") for one in responses(project, "own", "asked")] == [
        one.rstrip("\ufffd") for one in answers
    ]
    scored = [one["scored"] for one in responses(project, "own", "texts")]
    assert [sum(one["logprobs"]) for one in scored] == pytest.approx(sums, abs=1e-2)
    assert "windows" not in scored[0]
    assert scored[1]["windows"] > 1
    run = project.last_run("own")
    loaded = json.loads((run / "environment.json").read_text())["loaded"]["m"]
    assert loaded["defaults"]["repetition_penalty"] == 1.5
    assert any("num_beams = 3" in one for one in loaded["warnings"])
    assert any("temperature without do_sample" in one for one in loaded["warnings"])

    spoilt(model / "model.safetensors")
    again = offline(python, project, "run", "--resume", str(run))
    assert again.returncode == 0, again.stdout + again.stderr
    said = " ".join(again.stdout.split())
    assert "model.safetensors has other content" in said
    assert "2 stored answers are not of this model" in said
    assert "3 stored answers are not of this model" in said
    assert len(responses(project, "own", "asked")) == 3


def test_tensors_that_are_not_there(project: Project, python: Path, model: Path) -> None:
    lost = "model.layers.1.mlp.down_proj.weight"
    without(model / "model.safetensors", lost)
    suite(project, model, "lost")
    there = offline(python, project, "run", "s.toml")
    assert there.returncode == 2, there.stdout + there.stderr
    assert lost in there.stderr
    (model / "model.safetensors").write_bytes((model / "model.safetensors").read_bytes()[:-9])
    there = offline(python, project, "run", "s.toml")
    assert there.returncode == 2
    assert "model.safetensors: is not a whole safetensors file" in there.stderr
