"""Real outputs with their authors' verdicts: mathematics, instructions, exams, judges, repeats."""

from __future__ import annotations

import gzip
import json
import re
from ast import literal_eval
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from report import DATA, Report, answered, lines

from aisbench.api import Response, Sample, Score, ScoreGroup, Verdict

MORE = DATA.parent / "data2"


def rows(file: Path) -> Iterator[dict[str, Any]]:
    opened = gzip.open if file.suffix == ".gz" else open
    with opened(file, "rt", encoding="utf-8") as stream:
        yield from map(json.loads, stream)


def said(name: str, ours: object, authors: object, count: int, report: Report) -> None:
    """The line that the page of figures quotes."""
    differing = report.total - report.agreed
    print(f"{name}: ours {ours}, authors {authors}, {count} rows, {differing} differing")


def math_samples() -> bool:
    """MATH, eight answers each of Qwen2.5-Math, with the verdicts of its evaluation."""
    from aisbench_plugin_math.evaluator import MathEvaluator
    from aisbench_plugin_math.settings import MathSettings
    from aisbench_plugin_repeats.average import AvgAtN
    from aisbench_plugin_repeats.consensus import ConsAtK
    from aisbench_plugin_repeats.passing import PassAtK
    from aisbench_plugin_repeats.settings import K, N

    evaluator = MathEvaluator(MathSettings())
    report = Report("math, 8 samples of 100", "Qwen2.5-Math's evaluation")
    groups, theirs = [], []
    for row in rows(MORE / "math_outputs_qwen" / "math_cot_100.jsonl.gz"):
        sample = Sample(id=str(row["idx"]), target=row["gt"])
        scores = tuple(evaluator.score(sample, answered(text)) for text in row["code"])
        cause = ""
        if "p.." in row["gt"]:
            cause = "its reference has lost the m of p.m., and no answer is right by its own"
        elif "{,}" in row["gt"]:
            cause = "it does not read 10{,}000"
        for score, verdict, text in zip(scores, row["score"], row["code"], strict=True):
            report.add(score.value == 1, verdict, f"{sample.id}: {row['gt']}, {text[-60:]}", cause)
        groups.append(ScoreGroup(sample_id=sample.id, scores=scores))
        theirs.append(_group(sample.id, row["score"], row["pred"]))
    figures = (AvgAtN(N(n=8)), AvgAtN(N(n=1)), PassAtK(K(k=8)), ConsAtK(K(k=8)))
    names = "avg@8, first, any of 8, majority"
    ours, authors = (
        [round(one.reduce(each)[0].value, 3) for one in figures] for each in (groups, theirs)
    )
    print(f"  {names} of the authors' verdicts: {authors}; published 91.0, 90, 96, 93")
    print("  a tie of votes (4 there) is worth its mean here; the authors take the first seen")
    same = authors[:3] == [91.0, 90.0, 96.0]
    said("math_samples", ours, authors, report.total, report)
    return report.end() and same


def _group(name: str, verdicts: list[bool], answers: list[str]) -> ScoreGroup:
    scores = tuple(
        Score(
            value=float(right), verdict=Verdict.RIGHT if right else Verdict.WRONG, extracted=text
        )
        for right, text in zip(verdicts, answers, strict=True)
    )
    return ScoreGroup(sample_id=name, scores=scores)


def zeroeval() -> bool:
    """Level 5 of MATH of four models, GSM8K and CRUXEval of one: answers in JSON."""
    from aisbench_plugin_math.evaluator import MathEvaluator
    from aisbench_plugin_math.settings import MathSettings
    from aisbench_plugin_text.json_field import FieldSettings, JsonField

    step, evaluator = JsonField(FieldSettings(which="first")), MathEvaluator(MathSettings())
    good = True
    for file in sorted((MORE / "zeroeval").glob("*/*.jsonl.gz")):
        task, model = file.parent.name, file.name.removesuffix(".jsonl.gz")
        report = Report(f"zeroeval {task} of {model}", "ZeroEval")
        counted = [0, 0]
        for row in rows(file):
            sample = Sample(id=str(row["id"]), target=row["gold"].removeprefix("# "))
            value = step.process(row["output"], sample)
            if task == "crux":
                right = value is not None and _unquoted(value) == _unquoted(str(sample.target))
            else:
                right = evaluator.score(sample, answered(value or "")).value == 1
            counted[0] += right
            counted[1] += row["authors_correct"]
            report.add(
                right, row["authors_correct"], f"{row['id']}: {row['gold']}, {value!r:.80}",
                _zeroeval_cause(task, row, value),
            )  # fmt: skip
        said(f"zeroeval {task} {model}", counted[0], counted[1], report.total, report)
        good &= report.end()
    return good


def _unquoted(value: str) -> str:
    """As ZeroEval compares CRUXEval's values: without quotation marks around them."""
    return value.strip("'\"").replace("\n", "\\n")


def _zeroeval_cause(task: str, row: dict[str, Any], value: str | None) -> str:
    if task == "crux":
        inside = value is not None and value[:1] in "[{"
        return "a list or object stays JSON here, and is written as Python there" if inside else ""
    if row["authors_correct"]:
        return "the first number of a longer answer is right by its rule, whatever follows it"
    return "the first number of a sum that comes out right is wrong by its rule"


def gsm8k_outputs() -> bool:
    """GSM8K of Abel-7B (a boxed number) and ToRA-70B (a program, its output, a boxed number)."""
    from aisbench_plugin_math.evaluator import MathEvaluator
    from aisbench_plugin_math.settings import MathSettings

    evaluator = MathEvaluator(MathSettings())
    good = True
    for name, file, text, verdict in (
        ("abel", "gsm8k_outputs_abel/7b.jsonl.gz", "response", "result"),
        ("tora", "gsm8k_outputs_tora/tora-70b.jsonl.gz", "output", "correct_by_number"),
    ):
        report = Report(f"gsm8k of {name}", "the authors' verdicts")
        ours = theirs = 0
        for row in rows(MORE / file):
            sample = Sample(id="s", target=str(row["gold"]))
            right = evaluator.score(sample, answered(row[text])).value == 1
            ours, theirs = ours + right, theirs + row[verdict]
            own = row.get("pred", row.get("authors_pred"))
            what = f"{row.get('id', row.get('idx'))}: {row['gold']}, {own}, {row[text][-80:]!r}"
            cause = (
                "" if "boxed" in row[text] else "without a box they take what the program printed"
            )
            report.add(right, row[verdict], what, cause)
        said(f"gsm8k_{name}", ours, theirs, report.total, report)
        good &= report.end()
    return good


def ifbench() -> bool:
    """294 responses with the verdicts of IFBench's checkers of June 2025."""
    from aisbench_plugin_ifeval.checks import followed

    folder = MORE / "ifbench"
    asked = {row["prompt"].strip(): row for row in lines(folder / "data" / "IFBench_test.jsonl")}
    report = Report("ifbench", "the authors' checkers of that day")
    counts = {name: [0, 0] for name in ("strict prompts", "strict", "loose prompts", "loose")}
    for row in rows(folder / "model_outputs" / "sample_output_scored.jsonl.gz"):
        given = asked.get(row["prompt"].strip(), {}).get("kwargs", [{}])
        for mode in ("strict", "loose"):
            ours = []
            for place, name in enumerate(row["instruction_id_list"]):
                known = {key: one for key, one in given[place].items() if one is not None}
                ours.append(followed(name, row["response"], known, loose=mode == "loose"))
                report.add(
                    ours[-1], row[mode][place], f"{name} {mode}: {row['response'][:60]!r}",
                    _ifbench_cause(name),
                )  # fmt: skip
            for name, own in ((mode, ours), (f"{mode} prompts", [all(ours)])):
                counts[name][0] += sum(own)
            counts[mode][1] += sum(row[mode])
            counts[f"{mode} prompts"][1] += all(row[mode])
    ours, theirs = ([one[at] for one in counts.values()] for at in (0, 1))
    said("ifbench (prompts and instructions, strict; loose)", ours, theirs, report.total, report)
    return report.end() and theirs == [77, 93, 88, 109]


def _ifbench_cause(name: str) -> str:
    if name == "words:start_verb":
        return "NLTK's tagger takes Conceive, Understand and Build, with a capital, for names"
    if name == "ratio:sentence_type":
        return "the first version cut sentences by patterns, and moved a full stop out of quotes"
    return ""


def ifeval_models() -> bool:
    """M-IFEval's English responses of two models, with the verdicts of its checkers."""
    from aisbench_plugin_ifeval.checks import followed

    inputs = lines(DATA / "ifeval" / "input_data.jsonl")
    asked = {row["prompt"]: row for row in inputs}
    good = True
    for file in sorted((MORE / "ifeval" / "model_outputs").glob("*.jsonl.gz")):
        model = file.name.removesuffix(".jsonl.gz")
        report = Report(f"ifeval of {model}", "M-IFEval's checkers")
        counts = {name: [0, 0] for name in ("strict prompts", "strict", "loose prompts", "loose")}
        for number, row in enumerate(rows(file)):
            # One prompt was changed; its instructions are those of the row in the same place.
            own = asked.get(row["prompt"]) or inputs[number]
            names = own["instruction_id_list"]
            for mode in ("strict", "loose"):
                ours = []
                for place, name in enumerate(names):
                    known = {
                        key: one for key, one in own["kwargs"][place].items() if one is not None
                    }
                    if "num_placeholders" in known and row["prompt"] not in asked:
                        known["num_placeholders"] = 1  # "at least one placeholder"
                    ours.append(followed(name, row["response"], known, loose=mode == "loose"))
                    report.add(
                        ours[-1], row[mode][place], f"{name} {known} {mode} {row['prompt'][:39]}",
                        _ifeval_cause(name, known, row["response"]),
                    )  # fmt: skip
                counts[mode][0] += sum(ours)
                counts[f"{mode} prompts"][0] += all(ours)
                counts[mode][1] += sum(row[mode])
                counts[f"{mode} prompts"][1] += all(row[mode])
        ours, theirs = ([one[at] for one in counts.values()] for at in (0, 1))
        said(f"ifeval {model}", ours, theirs, report.total, report)
        good &= report.end()
    return good


def _ifeval_cause(name: str, known: dict[str, Any], response: str) -> str:
    if name == "keywords:letter_frequency" and not str(known["letter"]).isalpha():
        return "the authors' checker replaces a letter outside a to z by a random one"
    if name == "length_constraints:number_sentences" and set("“”") & set(response):
        return "the NLTK of their day ends no sentence before a curly quotation mark"
    if name.startswith("change_case:english_"):
        return "a few words are as likely of another language, and langdetect draws at random"
    return ""


def lawbench() -> bool:
    """Five files of predictions with the verdicts of LawBench's evaluation."""
    from aisbench_plugin_exams_zh.law import choice
    from aisbench_plugin_text.chinese_rouge import ChineseRouge

    rouge, good = ChineseRouge(), True
    for file in sorted((MORE / "lawbench").glob("*/*.jsonl.gz")):
        task, model = file.name.removesuffix(".jsonl.gz"), file.parent.name
        report = Report(f"lawbench {task} of {model}", "LawBench's evaluation")
        ours, theirs = [], []
        for number, row in enumerate(rows(file)):
            if "rouge_l_f" in row:
                text = row["prediction"].strip() or "无内容"
                ours.append(round(rouge.score(row["reference"], text)["rougeL"], 5))
                theirs.append(round(row["rouge_l_f"], 5))
            else:
                sample = Sample(id="s", part=task, target=row["reference"])
                ours.append(choice(sample, answered(row["prediction"])).value)
                theirs.append(float(row["correct"]))
            report.add(abs(ours[-1] - theirs[-1]) < 2e-5, True, f"{number}: {ours[-1]}")
        means = [round(100 * sum(each) / len(each), 2) for each in (ours, theirs)]
        said(f"lawbench {task} {model}", *means, report.total, report)
        good &= report.end()
    return good


def gaokao() -> bool:
    """Four subjects of GPT-4-0314, read from the answers themselves."""
    from aisbench_plugin_exams_zh.gaokao import read, score

    published = {"Biology": 726, "Chinese": 111, "Physics": 213, "English_Cloze": 208}
    good = True
    for file in sorted((MORE / "gaokao_bench").glob("*.jsonl.gz")):
        part = file.name.removeprefix("gpt-4-0314_").removesuffix(".jsonl.gz")
        report = Report(f"gaokao {part}", "the authors' extraction")
        points = whole = 0.0
        for row in rows(file):
            answers = row["standard_answer"]
            sample = Sample(
                id="s", part=part, target=answers[0],
                fields={"answers": answers, "score": row["score"]},
            )  # fmt: skip
            measure = score(sample, answered(row["model_output"])).measures["points"]
            points += measure.value * measure.weight / 100
            whole += measure.weight
            letters = list(read(row["model_output"], part, len(answers)))
            report.add(letters, row["model_answer"], f"{part} {row['index']}")
        theirs = next(value for name, value in published.items() if name in part)
        said(f"gaokao {part} of {whole:g} points", points, theirs, report.total, report)
        good &= report.end() and points == theirs
    return good


def judgements() -> bool:
    """FastChat's ratings (most of which say nothing), and PandaLM's verdicts beside people's."""
    from aisbench_plugin_judge.judgements import rating

    report = Report("mt_bench judgements", "FastChat's patterns")
    ours, theirs = [], []
    for row in rows(MORE / "mt_bench_judgments" / "gpt-4_single.jsonl.gz"):
        value = rating(row["judgment"], 10)
        score = None if row["score"] == -1 else float(row["score"])
        ours += [] if value is None else [value]
        theirs += [] if score is None else [score]
        what = f"{row['question_id']}, turn {row['turn']}: {row['judgment'][-120:]!r}"
        report.add(value, score, what, _rating_cause(row["judgment"], value))
    means = [f"{sum(each) / len(each):.4f} of {len(each)}" for each in (ours, theirs)]
    said("mt_bench (the others are counted as not judged)", *means, report.total, report)
    return report.end() and _pandalm()


def _rating_cause(text: str, value: float | None) -> str:
    if value is not None:
        return "a rating behind a word, without the brackets that its patterns look for"
    if text.count("[[") > 1 and len(set(re.findall(r"\[\[(\d+)\]\]", text))) > 1:
        return "it takes the first of several ratings that differ; they are unreadable here"
    return "one bracket, such as an index of a list, is a rating by its second pattern"


def _pandalm() -> bool:
    from aisbench_plugin_judge.pairwise import Pairwise
    from aisbench_plugin_judge.settings import PairwiseSettings

    judge = Pairwise(PairwiseSettings(judge="j", against="b", swap=False))
    letters = {"0": "[[C]]", "Tie": "[[C]]", "1": "[[A]]", "2": "[[B]]"}
    values = {0: 0.5, 1: 1.0, 2: 0.0}
    found = []
    for name in ("gpt35_result", "pandalm_result"):
        agreed = 0
        for row in rows(MORE / "judge_pandalm" / "testset-v1.scored.jsonl.gz"):
            judged = [[Response(text=f"So it is {letters.get(str(row[name]), 'unclear')}.")]]
            score = judge.conclude(Sample(id="s"), answered(""), judged)
            wanted = values[int(row["human_majority"])]
            agreed += score.verdict is not Verdict.UNPARSED and score.value == wanted
        found.append(agreed)
    print(f"judge_pandalm: agreement with people ours {found}, authors [408, 391], 600 rows")
    return found == [408, 391]


def alpaca_eval() -> bool:
    """Win rates and standard errors of AlpacaEval's leaderboard, from its judges' preferences."""
    from aisbench_plugin_repeats.accuracy import Accuracy

    good = True
    for name, published in (
        ("alpaca_eval_gpt4", (26.459627, 1.535711)),
        ("weighted_alpaca_eval_gpt4_turbo", (2.591451, 0.487086)),
    ):
        groups = []
        for number, row in enumerate(rows(MORE / "alpaca_eval" / f"alpaca-7b__{name}.jsonl.gz")):
            preference = row["preference"]
            if preference is None:
                continue
            win = 0.5 if preference in (0, 1.5) else preference - 1
            score = Score(value=win, verdict=Verdict.GRADED)
            groups.append(ScoreGroup(sample_id=str(number), scores=(score,)))
        figure = Accuracy().reduce(groups)[0]
        ours = (round(figure.value, 6), round(figure.stderr or 0.0, 6))
        print(f"alpaca_eval {name}: ours {ours}, authors {published}, {len(groups)} rows")
        good &= all(abs(one - other) < 2e-6 for one, other in zip(ours, published, strict=True))
    return good


def tau_bench() -> bool:
    """pass^k of gpt-4o on the airline, from the rewards of four trials: worst@k here."""
    from aisbench_plugin_repeats.settings import K
    from aisbench_plugin_repeats.worst import WorstAtK

    tasks: dict[int, list[Score]] = {}
    for row in rows(MORE / "tau_bench" / "gpt-4o-airline.slim.jsonl.gz"):
        right = row["reward"] == 1
        verdict = Verdict.RIGHT if right else Verdict.WRONG
        tasks.setdefault(row["task_id"], []).append(Score(value=float(right), verdict=verdict))
    groups = [ScoreGroup(sample_id=str(one), scores=tuple(own)) for one, own in tasks.items()]
    ours = [round(WorstAtK(K(k=k)).reduce(groups)[0].value, 1) for k in range(1, 5)]
    print(
        f"tau_bench pass^1..4: ours {ours}, authors [42.0, 27.3, 22.0, 20.0], {len(groups)} tasks"
    )
    return ours == [42.0, 27.3, 22.0, 20.0]


def simple_evals_drop() -> bool:
    """Ten answers of simple-evals' DROP."""
    from aisbench_plugin_text.drop import DropEvaluator, DropSettings

    evaluator = DropEvaluator(DropSettings())
    report = Report("drop of simple-evals", "its verdicts")
    f1 = 0.0
    for number, row in enumerate(rows(MORE / "simple_evals_outputs" / "drop.jsonl")):
        target, extracted = map(literal_eval, (row["correct_answer"], row["extracted_answer"]))
        sample = Sample(id="s", target=target if len(target) > 1 else target[0])
        score = evaluator.score(sample, answered(extracted[0] if extracted else row["output"]))
        f1 += score.measures["f1"].value / 10
        report.add(score.value == 1, row["score"] == "True", f"{number}: {target}, {extracted}")
    said("simple_evals_drop F1", round(f1, 3), 90.0, report.total, report)
    return report.end()


ALL: dict[str, Callable[[], bool]] = {
    "math-samples": math_samples,
    "zeroeval": zeroeval,
    "gsm8k-outputs": gsm8k_outputs,
    "ifbench": ifbench,
    "ifeval-models": ifeval_models,
    "lawbench": lawbench,
    "gaokao": gaokao,
    "judgements": judgements,
    "alpaca-eval": alpaca_eval,
    "tau-bench": tau_bench,
    "simple-evals-drop": simple_evals_drop,
}
