"""Judges of AISBench's data sets: models of their own here."""

from __future__ import annotations

from aisbench_plugin_migrate.ais.models import add_model
from aisbench_plugin_migrate.ais.presets import DataConfig, model_preset
from aisbench_plugin_migrate.draft import Draft, DraftSection
from aisbench_plugin_migrate.static.values import Imported, Node, SourcePlace, Value
from aisbench_plugin_migrate.words import words


def add_judge(draft: Draft, section: DraftSection, config: DataConfig, given: Node | None) -> None:
    """The judge of a data set, and the settings of its evaluator."""
    model: Value = given.entries.get("judge_model") if given is not None else None
    if not isinstance(model, Node):
        model = model_preset("vllm_api_stream_chat", SourcePlace("", 0))
        model.entries["type"] = Imported("VLLMCustomAPIChat")
        model.preset = config.name
    asked = add_model(draft, model, role="judge")
    if asked is None:
        return
    name = _same_judge(draft, asked.name)
    evaluator = config.judge or "judge-verdict"
    section.put("evaluator", evaluator)
    section.put("evaluation", {"judge": name})
    if given is not None:
        draft.carry("judge_infer_cfg", given.place, f"models.{name}, evaluation.judge")
    if evaluator == "judge-verdict":
        section.say(
            words().text(
                "AISBench takes the last letter of the judge's answer and counts what it cannot "
                "read "
                "as wrong; here the verdict stands in double brackets, and unreadable ones are "
                "told."
            )
        )


def _same_judge(draft: Draft, name: str) -> str:
    """The judge that is there already, with the same keys; else the one of that name."""
    made = draft.section("models", name)
    wanted = {line.key: line.value for line in made.lines if line.key}
    for header, one in list(draft.sections.items()):
        given = {line.key: line.value for line in one.lines if line.key}
        if header[0] == "models" and one is not made and given == wanted:
            del draft.sections[made.header]
            return header[1]
    return name
