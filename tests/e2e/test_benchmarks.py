"""Benchmarks from their files to their figures, against a server that knows what it answers."""

from __future__ import annotations

import json
import math
from collections import Counter
from pathlib import Path
from statistics import mean
from typing import Any

import attrs
import pytest
from live import ROOT, SHARED, Project, simulator

from aisbench.api import Sample, open_dataset
from aisbench_plugin_simulator.correctness import is_right

SEED = 11
SHARE = 0.7
PLUGINS = ROOT / "plugins" / "datasets"


def folder(name: str, shared: str) -> Path:
    """The real files where they are at hand, else the plugin's made-up ones."""
    real = SHARED / "data" / shared
    return real if real.is_dir() else PLUGINS / name / "tests" / "data"


def parts_in(path: Path) -> list[str]:
    return sorted(file.name.rpartition("_")[0] for file in (path / "dev").glob("*.csv"))


def known(project: Project, samples: list[Sample], field: str = "question") -> Path:
    rows = ({"question": str(one.fields[field]), "answer": str(one.target)} for one in samples)
    return project.write(
        "answers.jsonl", "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    )


def run(project: Project, answers: Path, model: str, table: str, code: int = 0) -> str:
    with simulator(
        "--answers", str(answers), "--accuracy", str(SHARE), "--seed", str(SEED)
    ) as server:
        project.write(
            "s.toml",
            f"""
            [suite]
            name = "b"
            [models.m]
            url = "{server.url}"
            concurrency = 64
            {model}
            [datasets.d]
            {table}
            """,
        )
        done = project.run("run", "s.toml")
    assert done.code == code, done.out + done.err
    return done.out


def by_part(document: dict[str, Any], name: str = "accuracy") -> dict[str, dict[str, Any]]:
    return {one["part"]: one for one in document["figures"] if one["name"] == name}


def verdicts(project: Project, samples: list[Sample]) -> dict[str, bool]:
    """What each sample should have got. Where a question stands in several rows, the server
    knows the last answer alone: there the score is taken as it is."""
    scores = {row["sample"]: row["score"]["value"] == 1 for row in project.scores("b", "m", "d")}
    counts = Counter(str(one.fields["question"]).strip() for one in samples)
    assert sum(count == 1 for count in counts.values()) > 0.95 * len(samples)
    expected = {}
    for one in samples:
        question = str(one.fields["question"])
        alone = counts[question.strip()] == 1
        expected[one.id] = is_right(SEED, question, SHARE) if alone else scores[one.id]
    assert {name for name in scores if scores[name] != expected[name]} == set()
    return expected


FORMS = [
    ('backend = "vllm-chat"', "0-shot-cot-chat"),
    ('backend = "vllm-chat"', "5-shot-chat"),
    ('backend = "vllm-completions"', "5-shot-text"),
    ('backend = "vllm-completions"', "0-shot-cot-text"),
    ('backend = "vllm-completions"', "5-shot-choices-text"),
]


@pytest.mark.parametrize(("model", "variant"), FORMS, ids=[one[1] for one in FORMS])
@pytest.mark.parametrize(("name", "shared"), [("mmlu", "mmlu/data"), ("ceval", "ceval")])
def test_multiple_choice_in_parts(
    project: Project, name: str, shared: str, model: str, variant: str
) -> None:
    path = folder(name, shared)
    parts = parts_in(path)
    if variant == "5-shot-choices-text":
        parts = parts[:3]  # four requests a row, and a longer prompt in each
    samples = list(open_dataset(name, {"path": str(path), "parts": parts}).samples())
    answers = known(project, samples)
    table = f'dataset = "{name}"\npath = "{path}"\nparts = {json.dumps(parts)}\n'
    table += f'variant = "{variant}"\n'
    if variant == "5-shot-text":
        # The server explains before it answers, which a base model shown five answers does not.
        table += "prompt = { stop = [] }\ngeneration = { max_tokens = 512 }\n"
    out = run(project, answers, model, table)
    document = project.result("b", "m", "d")
    assert document["counts"]["failed"] == document["counts"]["unparsed"] == 0
    expected = verdicts(project, samples)
    found = by_part(document)
    assert found[""]["value"] == pytest.approx(100 * mean(expected.values()))
    for part in parts:
        mine = [expected[one.id] for one in samples if one.part == part]
        assert found[part]["value"] == pytest.approx(100 * mean(mine)), part
        assert found[part]["n"] == len(mine)
    assert found["mean of parts"]["value"] == pytest.approx(
        mean(found[part]["value"] for part in parts)
    )
    assert "mean of parts" in out


@pytest.mark.parametrize("parts", ["all", "some"])
def test_groups_of_parts(project: Project, parts: str) -> None:
    """C-Eval's categories count subjects alike; MMLU's count questions alike."""
    data = PLUGINS / "ceval" / "tests" / "data"
    samples = list(open_dataset("ceval", {"path": str(data), "parts": ["law", "logic"]}).samples())
    wanted = '["law", "logic"]' if parts == "all" else '["law"]'
    out = run(
        project, known(project, samples), 'backend = "vllm-chat"',
        f'dataset = "ceval"\npath = "{data}"\nparts = {wanted}',
    )  # fmt: skip
    found = by_part(project.result("b", "m", "d"))
    count = 2 if parts == "all" else 1
    group = found[f"humanities ({count} of 11)"]
    asked = ["law", "logic"][:count]
    assert group["value"] == pytest.approx(mean(found[part]["value"] for part in asked))
    assert ("mean of parts" in found) == (parts == "all")
    assert f"humanities ({count} of 11)" in out
    assert "law" in out
    csv = (project.last_run("b") / "summary" / "summary.csv").read_text()
    assert ",accuracy,law," in csv


def test_answers_without_a_reference_are_handed_in(project: Project) -> None:
    """C-Eval keeps the answers of its test split; the file is what its authors take."""
    data = PLUGINS / "ceval" / "tests" / "data"
    settings = {"path": str(data), "parts": ["law", "logic"], "split": "test"}
    samples = [
        Sample(id=one.id, fields=one.fields, target="B")
        for one in open_dataset("ceval", settings).samples()
    ]
    out = run(
        project, known(project, samples), 'backend = "vllm-chat"',
        f'dataset = "ceval"\npath = "{data}"\nparts = ["law", "logic"]\nsplit = "test"',
    )  # fmt: skip
    document = project.result("b", "m", "d")
    assert document["counts"]["unjudged"] == 3
    assert document["figures"] == []
    file = project.last_run("b") / "results" / "m" / "d.submission" / "submission.json"
    handed = json.loads(file.read_text())
    assert set(handed) == {"law", "logic"} and set(handed["law"]) == {"0", "1"}
    for one in samples:
        letter = handed[one.part or one.id.partition("/")[0]][str(one.fields["id"])]
        assert (letter == "B") == is_right(SEED, str(one.fields["question"]), SHARE)
    assert "submission.json" in out


@pytest.mark.parametrize("scoring", ["echo", "prompt_logprobs"])
@pytest.mark.parametrize("name", ["mmlu", "ceval"])
def test_ways_to_compare_options(project: Project, name: str, scoring: str) -> None:
    """The stored log-probabilities decide: of the texts, also without their question; of the
    whole prompt, as AISBench does it."""
    data = PLUGINS / name / "tests" / "data"
    parts = {"mmlu": ["astronomy", "virology"], "ceval": ["law", "logic"]}[name]
    samples = list(open_dataset(name, {"path": str(data), "parts": parts}).samples())
    model = f'backend = "vllm-completions"\nscoring = "{scoring}"'
    for variant, requests in (("5-shot-options-text", 8), ("aisbench-ppl-text", 4)):
        table = f'dataset = "{name}"\npath = "{data}"\nparts = {json.dumps(parts)}\n'
        run(project, known(project, samples), model, f'{table}variant = "{variant}"')
        document = project.result("b", "m", "d")
        assert document["counts"]["asked"] == len(samples)
        assert document["counts"]["failed"] == document["counts"]["unparsed"] == 0
        rows = project.rows("b", "m", "d")
        assert len(rows) == requests * len(samples)
        right = 0
        for sample in samples:
            mine = [one for one in rows if one["sample"] == sample.id]
            mine.sort(key=lambda one: one["turn"])
            logprobs = [one["response"]["scored"]["logprobs"] for one in mine]
            texts = [one["prompt"]["continuation"] for one in mine]
            if variant == "aisbench-ppl-text":
                assert {one["prompt"]["text"] for one in mine} == {""}
                assert all(text.endswith(tuple("ABCD")) and len(text) > 100 for text in texts)
                values = [mean(each) for each in logprobs]
            else:
                assert len({one["prompt"]["text"] for one in mine}) == 2
                values = [sum(each) / len(text.strip())
                          for each, text in zip(logprobs[:4], texts[:4], strict=True)]  # fmt: skip
            right += "ABCD"[values.index(max(values))] == sample.target
        assert by_part(document)[""]["value"] == pytest.approx(100 * right / len(samples))


@pytest.mark.parametrize("name", ["hellaswag", "boolq"])
@pytest.mark.parametrize(
    ("backend", "variant"),
    [("vllm-chat", "0-shot-chat"), ("vllm-completions", "0-shot-choices-text")],
)
def test_declared_sets(project: Project, name: str, backend: str, variant: str) -> None:
    """A package of a TOML file alone, in words and by log-probabilities."""
    data = PLUGINS / "commonsense" / "tests" / "data" / name
    if name == "hellaswag" and (SHARED / "data" / name).is_dir():
        data = SHARED / "data" / name
    samples = list(open_dataset(name, {"path": str(data)}).samples())
    texts = name == "boolq" or backend == "vllm-completions"
    asked = [
        attrs.evolve(one, target=one.fields["target_text"] if texts else one.target)
        for one in samples
    ]
    table = f'dataset = "{name}"\npath = "{data}"\nvariant = "{variant}"\n'
    if texts and backend == "vllm-completions":
        # What the server knows of is in the last token: a long ending must not outweigh it.
        table += 'evaluation = { by = "token" }\n'
    run(project, known(project, asked), f'backend = "{backend}"', table)
    document = project.result("b", "m", "d")
    assert document["counts"]["failed"] == 0
    expected = verdicts(project, samples)
    assert by_part(document)[""]["value"] == pytest.approx(100 * mean(expected.values()))


def test_code_is_run(project: Project) -> None:
    """HumanEval from its prompts to pass@1, with programs run in the sandbox."""
    data = PLUGINS / "humaneval" / "tests" / "data"
    rows = list(open_dataset("humaneval", {"path": str(data)}).samples())
    solutions = [
        Sample(
            id=one.id,
            fields=one.fields,
            target=f"```python\n{one.fields['prompt']}{one.fields['canonical_solution']}```",
        )
        for one in rows
    ]
    table = f'dataset = "humaneval"\npath = "{data}"\n'
    out = run(
        project, known(project, solutions, "prompt"), 'backend = "vllm-chat"',
        f"{table}evaluation = {{ run_code = true }}",
    )  # fmt: skip
    document = project.result("b", "m", "d")
    right = [is_right(SEED, str(one.fields["prompt"]), SHARE) for one in rows]
    assert by_part(document, "pass@1")[""]["value"] == pytest.approx(100 * mean(right))
    assert "pass@1" in out
    refused = run(project, known(project, solutions, "prompt"), 'backend = "vllm-chat"', table, 2)
    assert refused == ""


MIXED = [
    {"question": f"Which letter has number {n}?", "answer": "ABCD"[n % 4], "part": "xy"[n % 2],
     "A": "alpha", "B": "beta", "C": "gamma", "D": "delta"}
    for n in range(20)
]  # fmt: skip


def test_a_file_of_one_s_own_needs_no_evaluator(project: Project) -> None:
    """Options are scored as choices, with figures of the parts that a column names."""
    project.write("rows.jsonl", "".join(json.dumps(row) + "\n" for row in MIXED))
    answers = project.write("answers.jsonl", "".join(json.dumps(row) + "\n" for row in MIXED))
    out = run(project, answers, 'backend = "vllm-chat"', 'dataset = "custom"\npath = "rows.jsonl"')
    document = project.result("b", "m", "d")
    right = [is_right(SEED, str(row["question"]), SHARE) for row in MIXED]
    found = by_part(document)
    assert found[""]["value"] == pytest.approx(100 * mean(right))
    assert found["x"]["value"] == pytest.approx(100 * mean(right[::2]))
    assert document["evaluator"]["name"] == "choice"
    assert "  x" in out


def test_steps_before_scoring(project: Project) -> None:
    rows = [{"question": f"What is the code of {n}?", "answer": f"q{n}z"} for n in range(20)]
    text = "".join(json.dumps(row) + "\n" for row in rows)
    project.write("rows.jsonl", text)
    steps = '["last-line", { use = "regex", pattern = "(q[0-9]+z)" }]'
    run(
        project, project.write("answers.jsonl", text), 'backend = "vllm-chat"',
        f'dataset = "custom"\npath = "rows.jsonl"\npostprocess = {steps}',
    )  # fmt: skip
    document = project.result("b", "m", "d")
    right = [is_right(SEED, row["question"], SHARE) for row in rows]
    assert by_part(document)[""]["value"] == pytest.approx(100 * mean(right))
    assert document["evaluator"]["name"] == "exact"
    assert [one["name"] for one in document["postprocess"]] == ["last-line", "regex"]
    assert document["counts"]["unparsed"] == 20 - sum(right)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ('postprocess = ["last-lin"]', "did you mean 'last-line'"),
        ('postprocess = [{ use = "regex", pattern = "(" }]', "must be a regular expression"),
        ('postprocess = [{ pattern = "x" }]', "names no post-processor"),
        ('columns = { answer = "nothing" }', "no column 'nothing'"),
    ],
)
def test_suites_that_cannot_be_scored(project: Project, table: str, message: str) -> None:
    project.write("rows.jsonl", '{"question": "?", "answer": "1"}\n')
    project.write(
        "s.toml",
        f'[models.m]\nbackend = "vllm-chat"\nurl = "http://127.0.0.1:1"\n'
        f'[datasets.d]\ndataset = "custom"\npath = "rows.jsonl"\n{table}\n',
    )
    done = project.run("validate", "s.toml")
    assert done.code == 2
    assert message in done.err


def test_perplexity_of_texts(project: Project) -> None:
    rows = [{"question": str(n), "text": f"some words and the number {n}"} for n in range(5)]
    project.write("rows.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    answers = project.write("answers.jsonl", '{"question": "x", "answer": "y"}\n')
    run(
        project, answers, 'backend = "vllm-completions"',
        'dataset = "custom"\npath = "rows.jsonl"\ntemplate = "text-score"\n'
        'prompt = { text = "{text}" }\nevaluator = "perplexity"\nmetrics = ["perplexity"]',
    )  # fmt: skip
    stored = project.rows("b", "m", "d")
    logprobs = [one for row in stored for one in row["response"]["scored"]["logprobs"]]
    wanted = math.exp(-sum(logprobs) / len(logprobs))
    found = by_part(project.result("b", "m", "d"), "perplexity")
    assert found[""]["value"] == pytest.approx(wanted)


@pytest.mark.parametrize("variant", ["tools", "prompt"])
def test_function_calls(project: Project, variant: str) -> None:
    """BFCL with native tool calls, streamed in fragments, and with calls written as text."""
    pytest.importorskip("bfcl_eval", reason="bfcl-eval is not installed")
    settings = {"categories": ["simple_python"]}
    samples = list(open_dataset("bfcl", settings).samples())[:60]
    rows = []
    for sample in samples:
        target: Any = sample.target
        ((name, arguments),) = target[0].items()
        given = {key: values[0] for key, values in arguments.items() if "" not in values}
        if variant == "tools":
            answer = json.dumps({"name": name.replace(".", "_"), "arguments": given})
        else:
            answer = f"[{name}({', '.join(f'{key}={one!r}' for key, one in given.items())})]"
        rows.append({"question": str(sample.fields["question"]), "answer": answer})
    text = "".join(json.dumps(row) + "\n" for row in rows)
    table = 'dataset = "bfcl"\ncategories = ["simple_python"]\nlimit = 60\n'
    if variant == "prompt":
        # The server explains first; a model told to return calls alone does not.
        table += 'postprocess = ["last-line", { use = "regex", pattern = "(\\\\[.*\\\\])" }]\n'
    run(
        project, project.write("answers.jsonl", text), 'backend = "vllm-chat"',
        f'{table}variant = "{variant}"',
    )  # fmt: skip
    document = project.result("b", "m", "d")
    found = {one["sample"]: one["score"] for one in project.scores("b", "m", "d")}
    for sample in samples:
        known_one = is_right(SEED, str(sample.fields["question"]), SHARE)
        if not known_one:
            assert found[sample.id]["value"] == 0
    right = sum(is_right(SEED, str(one.fields["question"]), SHARE) for one in samples)
    # A few references hold nested values, which are not written here as the checker wants them.
    assert right - 6 <= document["counts"]["right"] <= right
    assert by_part(document)["simple_python"]["n"] == 60
    assert "non-live (1 of 4)" in by_part(document)


@pytest.mark.parametrize("variant", ["tools", "prompt"])
def test_questions_on_what_was_said_before(project: Project, variant: str) -> None:
    """BFCL's memory: conversations in order, then questions, each with an answer in words."""
    pytest.importorskip("bfcl_eval", reason="bfcl-eval is not installed")
    table = f'dataset = "bfcl"\ncategories = ["memory_rec_sum"]\nvariant = "{variant}"'
    samples = list(open_dataset("bfcl", {"categories": ["memory_rec_sum"]}).samples())
    asked = {one.id: one for one in samples if one.scored}
    targets: dict[str, Any] = {one.id: one.target for one in samples}
    rows = [
        {"question": str(one.fields["question"]), "answer": targets[name][0]}
        for name, one in asked.items()
    ]
    checked = 0
    # Two people are asked the same thing: the server knows one answer to it.
    texts = Counter(row["question"] for row in rows)
    answers = project.write("answers.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    run(project, answers, 'backend = "vllm-chat"', table)
    document = project.result("b", "m", "d")
    assert (document["samples"], document["counts"]["failed"]) == (155, 0)
    found = {one["sample"]: one["score"]["value"] for one in project.scores("b", "m", "d")}
    for name, one in asked.items():
        question = str(one.fields["question"])
        # Small numbers also stand in the server's working, and it writes $17.00 for 17.
        if texts[question] == 1 and all(len(answer) > 3 for answer in targets[name]):
            checked += 1
            assert found[name] == is_right(SEED, question, SHARE), (name, targets[name])
    assert checked > 80
    stored = project.rows("b", "m", "d")
    assert {row["sample"] for row in stored} == set(targets)
    assert "overall without web search (1 of 5)" in by_part(document)
