"""Multiple choice by log-probabilities, over a service."""

from __future__ import annotations

import json
from statistics import mean

import pytest
from live import Project, figures, simulator

from aisbench_plugin_simulator.correctness import is_right
from aisbench_plugin_simulator.logprobs import score_text
from aisbench_plugin_simulator.settings import SimulatorSettings
from aisbench_plugin_simulator.tokens import fragments

ROWS = [
    {"question": f"How much is {n} and {n}?", "options": ["one", "two or three", "four"],
     "answer": "ABC"[n % 3]}
    for n in range(20)
]  # fmt: skip


def test_a_run(project: Project) -> None:
    project.write("rows.jsonl", "".join(json.dumps(row) + "\n" for row in ROWS))
    with simulator("--seed", "3") as server:
        project.write(
            "s.toml",
            f"""
            [suite]
            name = "choices"
            [models.m]
            backend = "tgi-generate"
            url = "{server.url}"
            [datasets.d]
            dataset = "custom"
            path = "rows.jsonl"
            evaluator = "choice"
            template = "text-choices"
            prompt = {{ question = "Q: {{question}} A:", choices = ["{{options}}"], before = " " }}
            """,
        )
        done = project.run("run", "s.toml")
    assert done.code == 0, done.out + done.err
    document = project.result("choices", "m", "d")
    assert document["counts"]["unparsed"] == document["counts"]["failed"] == 0
    assert set(figures(document)) >= {"accuracy", "accuracy (token)", "accuracy (byte)"}
    rows = project.rows("choices", "m", "d")
    assert len(rows) == 60
    # What is right is what the stored log-probabilities say.
    right = 0
    for number, row in enumerate(ROWS):
        mine = sorted(
            (one for one in rows if f"{number} and {number}?" in one["prompt"]["text"]),
            key=lambda one: one["turn"],
        )
        sums = [sum(one["response"]["scored"]["logprobs"]) for one in mine]
        right += sums.index(max(sums)) == "ABC".index(str(row["answer"]))
    assert figures(document)["accuracy"]["value"] == 100 * right / 20


KNOWN = [
    {"question": f"What is the sum of {n} and {n}?", "answer": f"n{2 * n}"} for n in range(40)
]


@pytest.mark.parametrize(
    ("model", "template"),
    [
        ('backend = "vllm-completions"', "text-choices"),
        ('backend = "vllm-completions"\nscoring = "prompt_logprobs"', "text-choices"),
        ('backend = "vllm-chat"', "chat-choices"),
    ],
    ids=["echo", "prompt_logprobs", "chat"],
)
def test_a_model_that_knows_some_answers(project: Project, model: str, template: str) -> None:
    """Exactly those are right that the simulator decides to know."""
    rows = [
        {"question": one["question"], "answer": one["answer"],
         "options": ["n1", one["answer"], "n999", "n3"]}
        for one in KNOWN
    ]  # fmt: skip
    project.write("rows.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    answers = project.write("answers.jsonl", "".join(json.dumps(one) + "\n" for one in KNOWN))
    key = "question" if template == "text-choices" else "user"
    with simulator("--answers", str(answers), "--accuracy", "0.6", "--seed", "5") as server:
        project.write(
            "s.toml",
            f"""
            [suite]
            name = "known"
            [models.m]
            url = "{server.url}"
            {model}
            [datasets.d]
            dataset = "custom"
            path = "rows.jsonl"
            evaluator = "choice"
            template = "{template}"
            prompt = {{ {key} = "{{question}}", choices = ["{{options}}"], before = " " }}
            """,
        )
        done = project.run("run", "s.toml")
    assert done.code == 0, done.out + done.err
    document = project.result("known", "m", "d")
    expected = 100 * mean(is_right(5, one["question"], 0.6, None) for one in KNOWN)
    assert 40 < expected < 80
    assert figures(document)["accuracy"]["value"] == pytest.approx(expected)


SPANNING = [
    {"question": "Which face smiles 🙂?", "options": ["😀", "😢 no", "👨\u200d👩\u200d👧", "🇩🇪🇫🇷"],
     "answer": "A"},
    {"question": "哪一个是对的？", "options": ["世界", "自由软件", "是的", "a世"], "answer": "A"},
    {"question": "Grüße?", "options": ["Grüße", "e\u0301te\u0301", "नमस्ते", "السلام"],
     "answer": "A"},
]  # fmt: skip


def expected(context: str, continuation: str, seed: int, *, chat: bool) -> list[float]:
    """What the simulator holds of the continuation's tokens, cut by their ids."""
    text = context + continuation
    whole, before = fragments(text), fragments(context if chat else context.rstrip())
    shared = 0
    while shared < len(before) and whole[shared] == before[shared]:
        shared += 1
    return score_text(SimulatorSettings(seed=seed), None, text)[shared:]


@pytest.mark.parametrize(
    ("model", "before"),
    [
        ('backend = "vllm-completions"', " "),
        ('backend = "vllm-completions"\nscoring = "prompt_logprobs"', " "),
        ('backend = "vllm-chat"', ""),
        ('backend = "vllm-chat"', " "),
        ('backend = "tgi-generate"', " "),
    ],
    ids=["echo", "prompt_logprobs", "chat", "chat, blanks", "tgi"],
)
def test_characters_that_span_tokens(project: Project, model: str, before: str) -> None:
    """All tokens of each choice are scored, whatever texts the server shows of them."""
    project.write("rows.jsonl", "".join(json.dumps(row) + "\n" for row in SPANNING))
    chat = "chat" in model
    key, template = ("user", "chat-choices") if chat else ("question", "text-choices")
    with simulator("--seed", "4") as server:
        project.write(
            "s.toml",
            f"""
            [suite]
            name = "spanning"
            [models.m]
            url = "{server.url}"
            {model}
            [datasets.d]
            dataset = "custom"
            path = "rows.jsonl"
            evaluator = "choice"
            template = "{template}"
            prompt = {{ {key} = "{{question}}", choices = ["{{options}}"], before = "{before}" }}
            """,
        )
        done = project.run("run", "s.toml")
    assert done.code == 0, done.out + done.err
    rows = project.rows("spanning", "m", "d")
    assert len(rows) == 12
    for row in rows:
        prompt, scored = row["prompt"], row["response"]["scored"]
        context = prompt["messages"][-1]["content"] + "\n" if chat else prompt["text"]
        truth = expected(context, prompt["continuation"], 4, chat=chat)
        if "tgi" in model:
            assert len(scored["logprobs"]) == len(truth)
        else:
            assert scored["logprobs"] == pytest.approx(truth, abs=1e-9)


@pytest.mark.parametrize("backend", ["vllm-completions", "vllm-chat"])
def test_without_ids_of_tokens_nothing_is_guessed(project: Project, backend: str) -> None:
    """Sums that the tokens' texts prove, and faults for all others."""
    words = ["Grüße", "Müße", "a b", "😀", "世界", "自由软件", "é", "नमस्ते", "🇩🇪", "x"]
    rows = [{"question": f"{n}?", "options": [one, "y"], "answer": "A"}
            for n, one in enumerate(words)]  # fmt: skip
    project.write("rows.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    chat = backend == "vllm-chat"
    key, template = ("user", "chat-choices") if chat else ("question", "text-choices")
    with simulator("--seed", "4") as server:
        project.write(
            "s.toml",
            f"""
            [suite]
            name = "guess"
            [models.m]
            url = "{server.url}"
            backend = "{backend}"
            tokenize = ""
            [datasets.d]
            dataset = "custom"
            path = "rows.jsonl"
            evaluator = "choice"
            template = "{template}"
            prompt = {{ {key} = "{{question}} ", choices = ["{{options}}"] }}
            """,
        )
        project.run("run", "s.toml")
    proved = set()
    for row in project.rows("guess", "m", "d"):
        prompt, response = row["prompt"], row["response"]
        if response.get("fault"):
            assert "/tokenize" in response["fault"]["message"]
            continue
        context = prompt["messages"][-1]["content"] + "\n" if chat else prompt["text"]
        truth = expected(context, prompt["continuation"], 4, chat=chat)
        assert response["scored"]["logprobs"] == pytest.approx(truth, abs=1e-9)
        proved.add(prompt["continuation"])
    assert {"a b", "😀", "x", "y"} <= proved
    assert proved < {*words, "y"}


def test_a_backend_without_log_probabilities_is_told_before(project: Project) -> None:
    project.write("rows.jsonl", json.dumps(ROWS[0]) + "\n")
    project.write(
        "s.toml",
        """
        [models.m]
        backend = "mindie-infer"
        url = "http://127.0.0.1:1"
        [datasets.d]
        dataset = "custom"
        path = "rows.jsonl"
        evaluator = "choice"
        template = "text-choices"
        prompt = { question = "{question}", choices = ["{options}"] }
        """,
    )
    done = project.run("run", "s.toml")
    assert done.code == 2
    assert "needs 'logprobs', which backend 'mindie-infer'" in done.err
    assert "hf" in done.err
