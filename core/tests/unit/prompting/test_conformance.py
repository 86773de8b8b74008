"""The conformance kit, on core's own templates and retrievers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from aisbench_testkit.conformance import RetrieverConformance, TemplateConformance


class TestChat(TemplateConformance):
    offer = "chat"
    settings: ClassVar[Mapping[str, Any]] = {"user": "{question}", "assistant": "{answer}"}


class TestText(TemplateConformance):
    offer = "text"
    settings: ClassVar[Mapping[str, Any]] = {"question": "{question}", "example": "{answer}"}


class TestRandom(RetrieverConformance):
    offer = "random"


class TestSimilar(RetrieverConformance):
    offer = "similar"
