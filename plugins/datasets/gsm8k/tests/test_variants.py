"""The prompts exactly as they are sent, beside this file; made anew with
AISBENCH_UPDATE_SNAPSHOTS=1."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest

from aisbench.api import Prompt
from aisbench.prompting.retrievers import FixedRetriever, FixedSettings
from aisbench.prompting.templates import ChatSettings, ChatTemplate, TextSettings, TextTemplate
from aisbench_plugin_gsm8k.dataset import Gsm8k
from aisbench_plugin_gsm8k.settings import Gsm8kSettings

HERE = Path(__file__).parent
DATASET = Gsm8k(Gsm8kSettings(path=HERE / "data"))
VARIANTS = DATASET.variants()


def render(name: str) -> Prompt:
    variant = VARIANTS[name]
    texts: dict[str, Any] = dict(variant.prompt)
    texts["stop"] = tuple(texts.get("stop", ()))
    ids: Any = variant.retrieval.get("ids", ())
    retriever = FixedRetriever(FixedSettings(ids=tuple(ids)))
    sample = DATASET.samples()[0]
    shots = retriever.pick(sample, DATASET.examples(), variant.shots, 0)
    if variant.template == "chat":
        return ChatTemplate(ChatSettings(**texts)).render(sample, shots)
    return TextTemplate(TextSettings(**texts)).render(sample, shots)


@pytest.mark.parametrize("name", VARIANTS)
def test_examples_can_be_added_to_any_variant(name: str) -> None:
    variant = VARIANTS[name]
    example = variant.prompt["assistant" if variant.template == "chat" else "example"]
    assert "{final}" in str(example)


def show(prompt: Prompt) -> str:
    if prompt.messages is None:
        body = f"{prompt.text}|end of prompt|"
    else:
        body = "\n\n".join(f"[{turn.role}]\n{turn.content}" for turn in prompt.messages)
    return f"{body}\n\nstop: {list(prompt.stop)!r}\n"


@pytest.mark.parametrize("name", VARIANTS)
def test_the_prompt_is_as_recorded(name: str) -> None:
    file = HERE / "snapshots" / f"{name}.txt"
    if os.environ.get("AISBENCH_UPDATE_SNAPSHOTS"):
        file.write_text(show(render(name)), encoding="utf-8")
    assert show(render(name)) == file.read_text(encoding="utf-8")


def test_no_snapshot_is_left_over() -> None:
    assert {file.stem for file in (HERE / "snapshots").iterdir()} == set(VARIANTS)


@pytest.mark.parametrize("name", VARIANTS)
def test_the_name_tells_shots_and_form(name: str) -> None:
    variant = VARIANTS[name]
    match = re.fullmatch(r"(\d+)-shot(?:-cot)?-(chat|text)", name)
    assert match is not None
    assert variant.shots == int(match[1])
    assert variant.template == match[2]
    ids: Any = variant.retrieval.get("ids", ())
    assert len(ids) == len(set(ids)) == variant.shots


@pytest.mark.parametrize("name", [name for name in VARIANTS if name.startswith("0-shot")])
def test_zero_shot_shows_no_example(name: str) -> None:
    shown = show(render(name))
    assert not any(str(shot.fields["question"]) in shown for shot in DATASET.examples())
    assert shown.count("[assistant]") == 0
    assert shown.count("Question:") <= 2  # the question itself, and the stop string


@pytest.mark.parametrize("name", VARIANTS)
def test_the_solution_of_the_question_is_never_shown(name: str) -> None:
    sample = DATASET.samples()[0]
    assert str(sample.target) not in show(render(name))
    assert "4,500" not in show(render(name))


@pytest.mark.parametrize("name", VARIANTS)
def test_each_variant_cites_its_source_and_bounds_its_answer(name: str) -> None:
    variant = VARIANTS[name]
    assert re.search(r"arXiv:\d{4}\.\d{5}", variant.source)
    assert variant.generation["temperature"] == 0.0
    assert isinstance(variant.generation["max_tokens"], int)


def test_the_default_is_zero_shot_chain_of_thought_chat() -> None:
    assert next(iter(VARIANTS)) == "0-shot-cot-chat"
