"""A real vLLM on the CPU: its server through our codecs, and its engine in our process.

Opt-in: pytest -m vllm (about 2 GB of packages at the first time, some minutes).
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from live import ROOT, Project, surroundings
from scoring_cases import CONTEXTS, TEMPLATES, WORDS, chat_of, truths
from vllm_environment import FOLDER, MODEL, SURROUNDINGS, set_up, vllm_server

import aisbench
from aisbench.api import Prompt

pytestmark = [pytest.mark.vllm, pytest.mark.timeout(1800)]

PACKAGES = (
    "core", "testkit", "plugins/backends/vllm", "plugins/backends/vllm-offline",
    "plugins/datasets/gsm8k", "plugins/datasets/custom", "plugins/evaluators/numeric",
    "plugins/evaluators/choices", "plugins/evaluators/text",
    "plugins/evaluators/repeats", "plugins/summarizers/table", "plugins/summarizers/files",
)  # fmt: skip


@pytest.fixture(scope="module")
def python() -> Path:
    """vLLM's interpreter, with our packages in its environment."""
    found = set_up()
    uv = Path(sys.executable).parent / "uv"
    words = [word for package in PACKAGES for word in ("-e", str(ROOT / package))]
    subprocess.run(
        [uv, "pip", "install", "-q", "--python", found, "flit_core>=3.11", "pytest", "hypothesis"],
        check=True,
    )
    subprocess.run(
        [uv, "pip", "install", "-q", "--python", found, "--no-build-isolation", *words], check=True
    )
    return found


@pytest.fixture(scope="module")
def server(python: Path) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = ("--enable-auto-tool-choice", "--tool-call-parser", "hermes")
    words += ("--trust-request-chat-template",)
    with vllm_server(FOLDER, port, *words) as url:
        yield url


def offline(python: Path, project: Project, *words: str) -> subprocess.CompletedProcess[str]:
    """``aisbench WORDS`` in vLLM's environment."""
    return subprocess.run(
        [python, "-m", "aisbench", *words],
        cwd=project.path,
        env={**surroundings(project.path / "home"), **SURROUNDINGS},
        capture_output=True,
        text=True,
        timeout=900,
    )


def suite(project: Project, model: str, data: str = "", name: str = "real") -> None:
    project.write(
        "s.toml",
        f"""
        [suite]
        name = "{name}"
        [models.m]
        {model}
        {data or DEMO}
        """,
    )


DEMO = '[datasets.d]\ndataset = "gsm8k-demo"\nlimit = 6\n'
OFFLINE = f"""
backend = "vllm-offline"
path = "{FOLDER / MODEL}"
dtype = "float32"
max_model_len = 512
enforce_eager = true
max_num_seqs = 4
generation = {{ max_tokens = 12, temperature = 0.0 }}
"""


def served(url: str, backend: str) -> str:
    return f"""
    backend = "{backend}"
    url = "{url}"
    model = "tiny"
    timeout = {{ total = 600, first_token = 300 }}
    generation = {{ max_tokens = 12, temperature = 0.0 }}
    """


def rows_by_sample(project: Project, name: str) -> dict[tuple[str, int], dict[str, Any]]:
    return {(row["sample"], row["turn"]): row for row in project.rows(name, "m", "d")}


@pytest.mark.parametrize(
    ("form", "backend"),
    [
        ('variant = "0-shot-cot-chat"', "vllm-chat"),
        ('variant = "4-shot-cot-text"\nshots = 0', "vllm-completions"),
    ],
)
def test_greedy_answers_of_engine_and_server_agree(
    project: Project, python: Path, server: str, form: str, backend: str
) -> None:
    data = f"{DEMO}{form}\n"
    suite(project, served(server, backend), data, "served")
    done = project.run("run", "s.toml", timeout=900)
    assert done.code == 0, done.out + done.err
    suite(project, OFFLINE, data, "offline")
    there = offline(python, project, "run", "s.toml")
    assert there.returncode == 0, there.stdout + there.stderr
    first, second = rows_by_sample(project, "served"), rows_by_sample(project, "offline")
    assert len(first) == len(second) == 6
    for key, row in first.items():
        other = second[key]["response"]
        assert row["response"]["text"] == other["text"]
        for count in ("prompt_tokens", "completion_tokens"):
            assert row["response"]["usage"][count] == other["usage"][count]
        assert row["response"]["finish_reason"] == other["finish_reason"]


CHOICES = """
[datasets.{name}]
dataset = "custom"
path = "{path}"
evaluator = "numeric"
template = "{template}"
prompt = {{ {key} = "{{question}}", choices = ["{{options}}"], before = "{before}" }}
"""
TEXT = {"template": "text-choices", "key": "question"}
CHAT = {"template": "chat-choices", "key": "user", "path": "few.jsonl"}
TEXTS = CHOICES.format(name="d", before=" ", path="all.jsonl", **TEXT)
GLUED = CHOICES.format(name="glued", before="", path="all.jsonl", **TEXT)
FEW = CHOICES.format(name="d", before=" ", path="few.jsonl", **TEXT)
CHATS = CHOICES.format(name="chat", before="", **CHAT)
SPACED = CHOICES.format(name="spaced", before=" ", **CHAT)


@pytest.fixture
def choices(project: Project) -> Project:
    """Words of many scripts behind contexts of several; characters span tokens, and tokens hold
    parts of two characters."""
    rows = [{"question": one, "options": WORDS, "answer": "1"} for one in CONTEXTS]
    for name, some in (("all", rows), ("few", rows[:2])):
        project.write(f"{name}.jsonl", "".join(json.dumps(row) + "\n" for row in some))
    return project


def prompts_of(rows: list[dict[str, Any]]) -> list[Prompt]:
    return [
        chat_of(row["prompt"]["messages"][0]["content"], row["prompt"]["continuation"])
        if row["prompt"].get("messages")
        else Prompt(text=row["prompt"]["text"], continuation=row["prompt"]["continuation"])
        for row in rows
    ]


def check_scored(
    python: Path, rows: list[dict[str, Any]], template: str | None = None
) -> list[dict[str, Any]]:
    """Every sum, and the likeliest choice of every question, is that of a forward pass."""
    assert len(rows) in (len(WORDS) * len(CONTEXTS), len(WORDS) * 2)
    truth = truths(python, FOLDER / MODEL, prompts_of(rows), template)
    sums: dict[str, list[tuple[float, float]]] = {}
    for row, true in zip(rows, truth, strict=True):
        scored = row["response"]["scored"]
        where = (row["prompt"].get("text"), row["prompt"]["continuation"])
        assert scored["logprobs"] == pytest.approx(true["logprobs"], abs=1e-3), where
        assert scored["greedy"] is true["greedy"], where
        pair = (sum(scored["logprobs"]), sum(true["logprobs"]))
        sums.setdefault(row["sample"], []).append(pair)
    for pairs in sums.values():
        ours, theirs = ([pair[side] for pair in pairs] for side in (0, 1))
        assert ours.index(max(ours)) == theirs.index(max(theirs))
    return truth


@pytest.mark.parametrize("scoring", ["echo", "prompt_logprobs"])
def test_log_probabilities_agree_with_a_forward_pass(
    choices: Project, python: Path, server: str, scoring: str
) -> None:
    model = served(server, "vllm-completions") + f'\nscoring = "{scoring}"'
    suite(choices, model, TEXTS + GLUED)
    done = choices.run("run", "s.toml", timeout=900)
    assert done.code == 0, done.out + done.err
    check_scored(python, choices.rows("real", "m", "d"))
    found = check_scored(python, choices.rows("real", "m", "glued"))
    assert sum(one["across"] for one in found) >= 4, "tokens that reach across the border"


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_chat_is_scored_as_a_forward_pass_does(
    choices: Project, python: Path, server: str, name: str
) -> None:
    """Also where the template takes blanks away, or writes more before an assistant's words."""
    template = TEMPLATES[name]
    keys = "" if template is None else f"chat_template = {json.dumps(template)}"
    suite(
        choices,
        f'''
        backend = "vllm-chat"
        url = "{server}"
        model = "tiny"
        timeout = {{ total = 600, first_token = 300 }}
        generation = {{ {keys} }}
        ''',
        CHATS + SPACED,
    )
    done = choices.run("run", "s.toml", timeout=900)
    assert done.code == 0, done.out + done.err
    for data in ("chat", "spaced"):
        check_scored(python, choices.rows("real", "m", data), template)


def test_the_engine_in_our_process_scores_the_same(choices: Project, python: Path) -> None:
    suite(choices, OFFLINE, TEXTS + GLUED + CHATS)
    there = offline(python, choices, "run", "s.toml")
    assert there.returncode == 0, there.stdout + there.stderr
    for data in ("d", "glued", "chat"):
        check_scored(python, choices.rows("real", "m", data))


def test_without_its_tokenizer_a_server_proves_or_fails(
    choices: Project, python: Path, server: str
) -> None:
    """By the texts of tokens alone, as servers without /tokenize leave it: no sum is wrong."""
    suite(choices, served(server, "vllm-completions") + '\ntokenize = ""', FEW)
    choices.run("run", "s.toml", timeout=900)
    rows = [row for row in choices.rows("real", "m", "d") if not row["response"].get("fault")]
    truth = truths(python, FOLDER / MODEL, prompts_of(rows))
    assert rows
    for row, true in zip(rows, truth, strict=True):
        assert row["response"]["scored"]["logprobs"] == pytest.approx(true["logprobs"], abs=1e-3)


@pytest.mark.parametrize("stream", ["true", "false"])
def test_the_responses_api(project: Project, server: str, stream: str) -> None:
    suite(project, served(server, "openai-responses") + f"\nstream = {stream}")
    done = project.run("run", "s.toml", timeout=900)
    assert done.code == 0, done.out + done.err
    for row in project.rows("real", "m", "d"):
        assert row["response"]["usage"]["completion_tokens"] == 12
        assert row["response"]["finish_reason"] == "length"
        assert row["response"]["text"]


def test_token_ids(project: Project, server: str) -> None:
    project.write(
        "ids.jsonl", json.dumps({"question": "x", "token_ids": [42, 70, 77], "answer": "1"}) + "\n"
    )
    data = """
    [datasets.d]
    dataset = "custom"
    path = "ids.jsonl"
    evaluator = "numeric"
    template = "tokens"
    """
    suite(project, served(server, "vllm-completions"), data)
    done = project.run("run", "s.toml", timeout=900)
    assert done.code == 0, done.out + done.err
    (row,) = project.rows("real", "m", "d")
    assert row["response"]["usage"]["prompt_tokens"] == 3


@pytest.mark.parametrize(
    ("model", "said"),
    [
        ('backend = "vllm-chat"\nmodel = "nosuch"', "nosuch"),
        ('backend = "tgi-generate"\nmodel = "tiny"', "404"),
        ('backend = "triton-generate"\nmodel = "tiny"', "404"),
        ('backend = "vllm-chat"\nmodel = "tiny"\ngeneration = { max_tokens = 9000 }', "512"),
        (
            'backend = "vllm-chat"\nmodel = "tiny"\n'
            "generation = { temperature = -1, max_tokens = 9 }",
            "temperature",
        ),
    ],
    ids=["wrong model", "TGI's route", "Triton's route", "too long", "bad setting"],
)
def test_what_the_server_refuses_is_told(
    project: Project, server: str, model: str, said: str
) -> None:
    suite(project, f'url = "{server}"\n{model}')
    done = project.run("run", "s.toml", timeout=300)
    assert done.code not in (0, 2)
    text = " ".join((done.out + done.err).split())
    assert said in text, text


def test_what_the_engine_refuses_fails_alone(project: Project, python: Path) -> None:
    rows = [{"question": "word " * 700, "answer": "1"}, {"question": "1+1?", "answer": "2"}]
    project.write("rows.jsonl", "".join(json.dumps(one) + "\n" for one in rows))
    data = """
    [datasets.d]
    dataset = "custom"
    path = "rows.jsonl"
    evaluator = "numeric"
    template = "text"
    prompt = { question = "{question}" }
    """
    suite(project, OFFLINE, data)
    done = offline(python, project, "run", "s.toml")
    assert done.returncode == 1, done.stdout + done.stderr
    found = project.rows("real", "m", "d")
    faults = [row["response"].get("fault") for row in found]
    assert sum(fault is None for fault in faults) == 1
    (fault,) = [fault for fault in faults if fault is not None]
    assert "512" in fault["message"]


def test_a_path_that_is_none(project: Project, python: Path) -> None:
    suite(project, OFFLINE.replace(str(FOLDER / MODEL), "./nosuch"))
    done = offline(python, project, "run", "s.toml")
    assert done.returncode not in (0, 1)
    assert "nosuch" in done.stderr
    assert "Traceback" not in done.stderr.rpartition("error:")[2]


def test_conformance_and_repeats(project: Project, python: Path) -> None:
    """The kit's own checks in vLLM's environment, and seeds that make repeats differ."""
    test = project.write(
        "test_offline.py",
        f"""
        from aisbench_testkit.conformance import LocalBackendConformance

        class TestOffline(LocalBackendConformance):
            offer = "vllm-offline"
            settings = {{
                "path": {str(FOLDER / MODEL)!r}, "dtype": "float32", "max_model_len": 512,
                "enforce_eager": True, "max_num_seqs": 4,
            }}
            continuations = (" 2", " 3 and more")
        """.replace("\n        ", "\n"),
    )
    done = subprocess.run(
        [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", test],
        cwd=project.path,
        env={**surroundings(project.path / "home"), **SURROUNDINGS},
        capture_output=True, text=True, timeout=900,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    warm = OFFLINE.replace("temperature = 0.0", "temperature = 1.0")
    suite(project, warm, DEMO + "repeats = 2\n", "one")
    first = offline(python, project, "run", "s.toml")
    assert first.returncode == 0, first.stdout + first.stderr
    suite(project, warm, DEMO + "repeats = 2\n", "two")
    offline(python, project, "run", "s.toml")
    texts = [
        {
            (row["sample"], row["repeat"]): row["response"]["text"]
            for row in project.rows(name, "m", "d")
        }
        for name in ("one", "two")
    ]
    assert texts[0] == texts[1]
    assert len(set(texts[0].values())) > 6


def test_the_prefix_cache_is_what_the_schedule_lets_it_be(server: str, tmp_path: Path) -> None:
    """Of requests one after the other, to the token; of several at once, between the bounds."""
    for concurrency, seed in ((1, 5), (4, 6)):
        data = {
            "dataset": "synthetic",
            "rows": 24,
            "seed": seed,
            "tokenizer": str(FOLDER / MODEL),
            "input": {"method": "uniform", "min": 300, "max": 400},
            "output": 4,
            "token_ids": False,
            "prefix": {"tokens": 270, "groups": 2, "hit_rate": 0.75},
        }
        model = {"backend": "vllm-chat", "url": server, "tokenizer": str(FOLDER / MODEL)}
        load = {"shape": "closed", "concurrency": concurrency, "scrape": True, "warm_up": 0}
        result = aisbench.run(
            {
                "suite": {"name": "prefix", "mode": "performance"},
                "models": {"tiny": model},
                "datasets": {"work": data},
                "load": load,
            },
            output=tmp_path,
        )
        cache = result.loads[0].prefix_cache
        assert cache is not None
        assert (cache.block_size_from, cache.basis) == ("server", "template")
        assert cache.server_queries == cache.measured.prompt
        assert cache.server_hits is not None
        assert cache.measured.theory <= cache.server_hits <= cache.measured.most
        assert cache.measured.theory > 0
        assert concurrency > 1 or cache.measured.theory == cache.measured.most
        assert cache.agrees is True
