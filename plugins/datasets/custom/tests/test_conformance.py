"""The conformance kit, on each kind of file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import pytest

from aisbench.api import Capability
from aisbench_plugin_custom.templates import (
    RowChat,
    RowChatSettings,
    RowText,
    RowTextSettings,
)
from aisbench_testkit.checks.prompting import check_template
from aisbench_testkit.conformance import DatasetConformance, PackagingConformance

_UNJUDGED = {"test_every_row_can_be_scored": "a row without a reference is left in on purpose"}


class TestPackaging(PackagingConformance):
    distribution = "aisbench-plugin-custom"


class TestQuestions(DatasetConformance):
    offer = "custom"
    settings: ClassVar[Mapping[str, Any]] = {
        "path": "data/questions.jsonl",
        "examples": "data/examples.jsonl",
    }
    skips: ClassVar[Mapping[str, str]] = _UNJUDGED


class TestChoices(DatasetConformance):
    offer = "custom"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data/choices.csv"}


class TestChats(DatasetConformance):
    offer = "custom"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data/chats.jsonl"}
    skips: ClassVar[Mapping[str, str]] = {
        "test_every_variant_renders_every_row": "chats cannot be put as text, which is an error",
        **_UNJUDGED,
    }


class TestMeta(DatasetConformance):
    offer = "custom"
    settings: ClassVar[Mapping[str, Any]] = {
        "path": "data/questions.jsonl",
        "meta": "data/meta.json",
    }
    skips: ClassVar[Mapping[str, str]] = _UNJUDGED


@pytest.mark.parametrize(
    ("template", "form"),
    [
        (RowChat(RowChatSettings(user="{question}")), Capability.CHAT),
        (RowText(RowTextSettings(question="{question}")), Capability.TEXT),
    ],
)
def test_the_templates_do_as_core_s_do(template: Any, form: Capability) -> None:
    assert check_template(template, form) == []
