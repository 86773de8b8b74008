"""Answers of published models about pictures and films: our figures beside their authors'.

    python benchmarks/sight_and_sound.py [SET ...]

A row of the table is a figure of real predictions by the authors' rule as we have it, beside what
the authors' code gives (or published), and how many rows differ; a row "as read here" has no
counterpart: it says what our own reading makes of the same answers. Needs the data that the
repository's tests read from ../shared (see SOURCES.md there); a set without it is said to be
missing. Ends with exit code 1 where a figure is not the authors'.

``CHECKS`` maps the name of a set to a function that gives its rows: add one there.
"""

from __future__ import annotations

import ast
import json
import sys
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from string import ascii_uppercase
from typing import Any
from xml.etree import ElementTree

from sight_documents import DOCUMENTS
from sight_rows import Check, Row

from aisbench.api import Answer, Sample, Verdict
from aisbench_plugin_choices.evaluator import ChoiceEvaluator
from aisbench_plugin_choices.letter_rules import LETTER_RULES
from aisbench_plugin_choices.settings import ChoiceSettings
from aisbench_plugin_math.evaluator import MathEvaluator
from aisbench_plugin_math.settings import MathSettings
from aisbench_plugin_mmmu.open_answers import OpenAnswers
from aisbench_plugin_mmmu.settings import OpenSettings
from aisbench_plugin_numeric.evaluator import NumericEvaluator
from aisbench_plugin_numeric.settings import NumericSettings
from aisbench_plugin_picture_math import layouts as picture_math
from aisbench_plugin_picture_math.mathvision import MathVisionEvaluator
from aisbench_plugin_picture_math.mathvista import MathVistaEvaluator
from aisbench_plugin_text.exact import ExactEvaluator, ExactSettings

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT.parent / "shared" / "data2" / "mm"


def _json(file: Path) -> Any:
    return json.loads(file.read_text("utf-8"))


def _lines(file: Path) -> Iterator[dict[str, Any]]:
    with file.open(encoding="utf-8") as opened:
        yield from map(json.loads, filter(str.strip, opened))


def _sample(row: Mapping[str, Any], target: Any, options: Iterable[Any] = ()) -> Sample:
    fields = {**row, "choices": [str(one) for one in options]}
    return Sample(id=str(row.get("id", row.get("pid", ""))), fields=fields, target=target)


def _share(right: int, of: int) -> str:
    return f"{right}/{of}"


# -- MMMU


def mmmu(data: Path) -> Iterator[Row]:
    """LLaVA-1.5-13B's 900 answers, raw and as its authors read them."""
    folder = data / "mmmu" / "example_outputs"
    expected = _json(folder / "llava1.5_13b_expected.json")
    subjects = expected["parse_and_eval_per_subject"]
    unparsable = set(expected["no_random_fallback"]["unparsable"])
    by_rule, read_here = ChoiceEvaluator(ChoiceSettings(rule="mmmu")), ChoiceEvaluator(
        ChoiceSettings(beside=("mmmu",))
    )  # fmt: skip
    authors, stated = OpenAnswers(OpenSettings(open_rule="authors")), OpenAnswers(OpenSettings())
    right: Counter[str] = Counter()
    guessed, own, without = 0.0, 0, set()
    for subject in subjects:
        for row in _json(folder / "llava1.5_13b" / subject / "output.json"):
            answer = Answer.of(row["response"])
            if row["question_type"] == "multiple-choice":
                options = [row["index2ans"][one] for one in row["all_choices"]]
                sample = _sample(row, row["answer"], options)
                score = by_rule.score(sample, answer)
                guessed += score.readings["mmmu, guessed"].value
                own += int(read_here.score(sample, answer).value)
            else:
                sample = _sample(row, row["answer"])
                score = authors.score(sample, answer)
                guessed += score.value
                own += int(stated.score(sample, answer).value)
            right[subject] += int(score.value)
            if score.verdict is Verdict.UNPARSED:
                without.add(row["id"])
    lucky = {"validation_Design_4"}  # the one of two draws that was right
    same = sum(
        count - sum(one.startswith(f"validation_{subject}_") for one in lucky) == right[subject]
        for subject, (count, _) in subjects.items()
    )
    source = "main_parse_and_eval.py, unparsable = wrong"
    yield Row(set="mmmu", figure="right, raw answers", ours=_share(right.total(), 900),
              authors="329/900", source=source, differing=len(without ^ unparsable))  # fmt: skip
    yield Row(set="mmmu", figure="subjects alike", ours=_share(same, 30), authors="30/30",
              source=source)  # fmt: skip
    yield Row(set="mmmu", figure="with guesses, on average", ours=f"{guessed:.1f}/900",
              authors="330/900", source="the authors' draw with seed 42",
              why="2 rows are drawn: their mean, not one draw")  # fmt: skip
    yield Row(set="mmmu", figure="as read here", ours=_share(own, 900))
    yield from _mmmu_figures(data, expected["authors_code_total_val_output"])


def _mmmu_figures(data: Path, expected: Mapping[str, Any]) -> Iterator[Row]:
    """The 37 figures of main_eval_only.py on the answers that the authors had read already."""
    gold = _json(data / "mmmu" / "answer_dict_val.json")
    said = _json(data / "mmmu" / "example_outputs" / "llava1.5_13b" / "total_val_output.json")
    authors = OpenAnswers(OpenSettings(open_rule="authors"))
    right: Counter[str] = Counter()
    for name, row in gold.items():
        subject = name.removeprefix("validation_").rpartition("_")[0]
        if row["question_type"] == "multiple-choice":
            right[subject] += said[name] in row["ground_truth"]
        else:
            sample = _sample({"id": name}, row["ground_truth"])
            right[subject] += int(authors.score(sample, Answer.of(str(said[name]))).value)
    groups: dict[str, list[str]] = {"Overall": list(right)}
    for name in expected["all"]:
        if name.startswith("Overall-"):
            group = groups.setdefault(name, [])
        elif name in right:
            group.append(name)
            groups[name] = [name]
    same = sum(
        abs(round(sum(right[one] for one in members) / (30 * len(members)), 3) - wanted) < 1e-9
        for name, members in groups.items()
        if (wanted := (expected["all"].get(name) or expected["Overall"])["acc"]) is not None
    )
    yield Row(set="mmmu", figure="figures of all groups", ours=_share(same, 37), authors="37/37",
              source="main_eval_only.py")  # fmt: skip
    yield Row(set="mmmu", figure="right, parsed answers", ours=_share(right.total(), 900),
              authors="330/900", source="main_eval_only.py")  # fmt: skip


def mmmu_pro(data: Path) -> Iterator[Row]:
    """GPT-4o's answers with the letters that the authors read."""
    for name, file, wanted in (
        ("10 options, direct", "gpt-4o_standard(10 options)_direct.jsonl", "694/1730"),
        ("vision, CoT, the first 150", "gpt-4o_vision_cot.first150.jsonl", "70/150"),
    ):
        evaluator = ChoiceEvaluator(ChoiceSettings())
        right = own = count = drawn = differing = 0
        for row in _lines(data / "mmmu_pro" / "output" / file):
            options = [str(one) for one in ast.literal_eval(row["options"])]
            letter = LETTER_RULES["mmmu-pro"](row["response"], options)
            found = letter == row["answer"]
            count += 1
            right += found
            drawn += letter is None
            differing += found != (str(row["if_right"]) == "True")
            if len(options) == 1:  # one row has its list in a list
                options = ast.literal_eval(options[0])
            sample = _sample(row, row["answer"], options)
            own += int(evaluator.score(sample, Answer.of(row["response"])).value)
        yield Row(set="mmmu-pro", figure=name, ours=_share(right, count), authors=wanted,
                  source="if_right of the authors' files", differing=differing)  # fmt: skip
        yield Row(set="mmmu-pro", figure=f"{name}: drawn by the authors", ours=str(drawn))
        yield Row(set="mmmu-pro", figure=f"{name}: as read here", ours=_share(own, count))


# -- MMStar


def mmstar(data: Path) -> Iterator[Row]:
    """LLaVA-NeXT (Yi-34B): every fifth of its 1,500 answers."""
    file = data / "mmstar" / "submits" / "llava_next_yi_34b_MMStar.every5th.xlsx"
    evaluator = ChoiceEvaluator(ChoiceSettings(rule="mmstar"))
    right: Counter[str] = Counter()
    own = count = 0
    for row in _sheet(file):
        sample = _sample({"id": row["index"]}, row["answer"], "____")
        score = evaluator.score(sample, Answer.of(row["prediction"]))
        right[row["category"]] += int(score.value)
        own += int(score.readings["lenient"].value)
        count += 1
    yield Row(set="mmstar", figure="right", ours=_share(right.total(), count), authors="162/300",
              source="eval/vlmeval/evaluate/mmstar.py")  # fmt: skip
    order = (
        "coarse perception", "fine-grained perception", "instance reasoning", "logical reasoning",
        "math", "science & technology",
    )  # fmt: skip
    yield Row(set="mmstar", figure="right of 50 in each ability",
              ours=" ".join(str(right[one]) for one in order), authors="37 26 30 26 29 14",
              source="the same")  # fmt: skip
    yield Row(set="mmstar", figure="as read here", ours=_share(own, count))


def _sheet(file: Path) -> Iterator[dict[str, str]]:
    """The rows of an xlsx file's first sheet, by the names in its first row."""
    space = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    with zipfile.ZipFile(file) as opened:
        root = ElementTree.fromstring(opened.read("xl/worksheets/sheet1.xml"))
    names: list[str] = []
    for row in root.iter(f"{space}row"):
        cells = {}
        for cell in row.iter(f"{space}c"):
            place = ascii_uppercase.index(cell.attrib["r"].rstrip("0123456789"))
            cells[place] = "".join(cell.itertext())
        if not names:
            names = [cells[place] for place in range(len(cells))]
        else:
            yield {name: cells.get(place, "") for place, name in enumerate(names)}


# -- MathVision, MathVista


def mathvision(data: Path) -> Iterator[Row]:
    """3,040 answers of two models, by row and by level and subject."""
    folder = data / "mathvision"
    rows = {
        one.cells["id"]: one.cells
        for one in picture_math.mathvision(folder / "data" / "test.jsonl", "test", "")
    }
    source = {one["id"]: one for one in _lines(folder / "data" / "test.jsonl")}
    authors = MathVisionEvaluator()
    letters, values = ChoiceEvaluator(ChoiceSettings()), MathEvaluator(MathSettings())
    for name, wanted in (("LLaVA-v1.5-7B", "259/3040"), ("Qwen-VL-Max", "474/3040")):
        counts: dict[str, list[int]] = {}
        right = own = differing = 0
        for said in _lines(folder / "outputs" / f"{name}.jsonl"):
            row = rows[said["id"]]
            given = source[said["id"]]["answer"]
            answer = Answer.of(said["response"])
            score = authors.score(_sample(row, given, row["options"]), answer)
            right += int(score.value)
            differing += bool(score.value) != said["correct"]
            reader: Any = letters if row["options"] else values
            sample = _sample(row, row["answer"], row["options"])
            own += int(reader.score(sample, answer).value)
            level, subject = row["level"], row["subject"]
            for key in (
                "-all", f"-level{level}", subject, f"{subject}_level{level}",
                f"-level{level}_{subject}",
            ):  # fmt: skip
                count = counts.setdefault(key, [0, 0])
                count[0] += int(score.value)
                count[1] += 1
        expected = _json(folder / "outputs" / f"{name}_result.json")
        same = sum(
            expected[key].startswith(f"{got}/{count}=") for key, (got, count) in counts.items()
        )
        yield Row(set="mathvision", figure=name, ours=_share(right, 3040), authors=wanted,
                  source="evaluation/evaluate.py", differing=differing)  # fmt: skip
        yield Row(set="mathvision", figure=f"{name}: figures by level and subject",
                  ours=_share(same, len(counts)), authors=_share(len(expected), len(expected)),
                  source="outputs/*_result.json")  # fmt: skip
        yield Row(set="mathvision", figure=f"{name}: as read here", ours=_share(own, 3040))


def mathvista(data: Path) -> Iterator[Row]:
    """Bard's 1,000 answers: what GPT-4 extracted of them, and the answers themselves."""
    folder = data / "mathvista" / "results" / "bard"
    rows = {
        one.cells["pid"]: one.cells
        for one in picture_math.mathvista(
            data / "mathvista" / "data" / "testmini.json", "testmini", ""
        )
    }
    authors = MathVistaEvaluator()
    right = own = differing = 0
    counts: dict[tuple[str, str], list[int]] = {}
    for pid, said in _json(folder / "output_bard.json").items():
        # A few rows of the file have their choices in another order than testmini.json.
        row = {**rows[pid], "options": [str(one) for one in said["choices"] or ()]}
        target: Any = row["answer"]
        if row["options"]:
            places = [at for at, one in enumerate(row["options"]) if one == said["answer"]]
            target = [ascii_uppercase[at] for at in places]
        sample = _sample(row, target, row["options"])
        found = authors.score(sample, Answer.of(said["extraction"])).value == 1.0
        right += found
        differing += found != said["true_false"]
        own += _read_here(sample, Answer.of(said["response"]), str(row["answer_type"]))
        for key in ("question_type", "answer_type"):
            _count(counts, key, said[key], right=found)
        for key in ("language", "source", "category", "task", "context", "grade"):
            _count(counts, key, said["metadata"][key], right=found)
        for skill in said["metadata"]["skills"]:
            _count(counts, "skills", skill, right=found)
    scores = _json(folder / "scores_bard.json")
    same = sum(
        [scores[key][value]["correct"], scores[key][value]["total"]] == count
        for (key, value), count in counts.items()
    )
    yield Row(set="mathvista", figure="right, extracted answers", ours=_share(right, 1000),
              authors="348/1000", source="evaluation/calculate_score.py",
              differing=differing)  # fmt: skip
    total = sum(len(one) for key, one in scores.items() if key != "average")
    yield Row(set="mathvista", figure="figures of all groups", ours=_share(same, len(counts)),
              authors=_share(total, total), source="results/bard/scores_bard.json")  # fmt: skip
    yield Row(set="mathvista", figure="as read here, without GPT-4", ours=_share(own, 1000))


def _count(counts: dict[tuple[str, str], list[int]], key: str, value: str, *, right: bool) -> None:
    count = counts.setdefault((key, value), [0, 0])
    count[0] += right
    count[1] += 1


def _read_here(sample: Sample, answer: Answer, kind: str) -> int:
    """As the data set's own evaluators score it."""
    reader: Any = NumericEvaluator(NumericSettings(places="precision"))
    if sample.fields["choices"]:
        reader = ChoiceEvaluator(ChoiceSettings(several="any"))
    elif kind == "list":
        reader = ExactEvaluator(ExactSettings())
    return int(reader.score(sample, answer).value)


# -- films


def videomme(data: Path) -> Iterator[Row]:
    """Letters that four tools read in 31 answers made up for it."""
    cases = _json(data / "videomme" / "letter_extraction.json")
    texts = ["Left.", "Up.", "Right.", "Down."]
    for rule, key in (
        ("vlmevalkit-videomme", "vlmevalkit_videomme"),
        ("vlmevalkit", "vlmevalkit_can_infer"),
        ("lmms-eval", "lmms_eval"),
        ("aisbench-videobench", "aisbench_videobench"),
    ):
        rule_of = LETTER_RULES[rule]
        found = [(rule_of(one["response"], texts) or "", one[key] or "") for one in cases]
        same = sum(
            ours == (theirs or "") or (not ours and theirs == "Z") for ours, theirs in found
        )
        yield Row(set="videomme", figure=f"letters by {rule}", ours=_share(same, len(cases)),
                  authors=_share(len(cases), len(cases)), source="their code, run",
                  differing=len(cases) - same)  # fmt: skip
    reader = ChoiceEvaluator(ChoiceSettings())
    sample = _sample({"id": "case", "question": "Which way does it move?"}, "C", texts)
    same = sum(
        reader.score(sample, Answer.of(one["response"])).extracted
        == MEANT.get(one["response"], "C")
        for one in cases
    )
    yield Row(set="videomme", figure="letters as read here", ours=_share(same, len(cases)),
              authors=_share(len(cases), len(cases)), source="what a person reads",
              differing=len(cases) - same)  # fmt: skip


MEANT: Mapping[str, str | None] = {
    "After watching, I think it is (B), not (A).": "B",
    "A man is shown, so D": "D",
    "D) because A ball moves": "D",
    "A": "A",
    "B: because": "B",
    **dict.fromkeys(
        (
            "I cannot tell.", "Cannot determine the answer", "", "E", "None of the above",
            "Both A and C", "Dogs are shown.",
        )
    ),
}  # fmt: skip
"""What the 31 answers say where that is not C; None: they take no option."""


def videobench(data: Path) -> Iterator[Row]:
    """The two files in which MOT's answers are."""
    answers = _json(data / "videobench" / "answer" / "ANSWER.json")["MOT"]
    rows = _json(data / "videobench" / "Eval_QA" / "MOT_QA.json")
    same = sum(answers[key] == row["answer"] for key, row in rows.items())
    yield Row(set="videobench", figure="answers to MOT in both files",
              ours=_share(same, len(rows)), authors="18/18",
              source="MOT_QA.json, ANSWER.json")  # fmt: skip


CHECKS: dict[str, Check] = {
    "mmmu": mmmu,
    "mmmu-pro": mmmu_pro,
    "mmstar": mmstar,
    "mathvision": mathvision,
    "mathvista": mathvista,
    "videomme": videomme,
    "videobench": videobench,
    **DOCUMENTS,
}


def table(names: Iterable[str], data: Path = DATA) -> tuple[list[Row], list[str]]:
    """The rows of the sets, and those whose data is not here."""
    rows: list[Row] = []
    missing: list[str] = []
    for name in names:
        try:
            rows += CHECKS[name](data)
        except FileNotFoundError as error:
            missing.append(f"{name}: there is no {error.filename}")
    return rows, missing


def main(names: list[str]) -> int:
    unknown = [one for one in names if one not in CHECKS]
    if unknown:
        print(f"no set {', '.join(unknown)}; there are {', '.join(CHECKS)}", file=sys.stderr)
        return 2
    rows, missing = table(names or CHECKS)
    print(
        f"{'set':13} {'figure':48} {'ours':>18} {'authors':>18} {'rows that differ':>17}  source"
    )
    for row in rows:
        differing = "" if row.differing is None else str(row.differing)
        note = f"{row.source}{': ' if row.source and row.why else ''}{row.why}"
        mark = "" if row.good else "  DIFFERS"
        print(f"{row.set:13} {row.figure:48} {row.ours:>18} {row.authors or '':>18} "
              f"{differing:>12}  {note}{mark}")  # fmt: skip
    for one in missing:
        print(f"missing: {one}")
    bad = [row for row in rows if not row.good]
    held = sum(row.authors is not None for row in rows)
    print(f"{held - len(bad)} of {held} figures are the authors'")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
