"""Real outputs whose authors published their verdicts."""

from __future__ import annotations

import json

from report import DATA, Report, answered, lines

from aisbench.api import Sample


def ifeval() -> bool:
    from aisbench_plugin_ifeval.checks import followed

    folder = DATA / "ifeval"
    inputs = {row["prompt"]: row for row in lines(folder / "input_data.jsonl")}
    report = Report("ifeval", "the authors' checker (540 responses of GPT-4, strict and loose)")
    for row in lines(folder / "gpt4_responses_scored.jsonl"):
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
