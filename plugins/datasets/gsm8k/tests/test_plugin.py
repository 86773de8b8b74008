"""The offers, and that what they name can be imported and made."""

from __future__ import annotations

from importlib import import_module, metadata
from typing import Any

import pytest

from aisbench.api import DatasetOffer, Download
from aisbench_plugin_gsm8k import plugin


def load(name: str) -> Any:
    module, _, attribute = name.partition(":")
    return getattr(import_module(module), attribute)


def test_the_plugin_is_found_and_written_for_this_contract() -> None:
    (entry,) = metadata.entry_points(group="aisbench", name="gsm8k")
    assert entry.load() is plugin
    assert plugin.AISBENCH_API == "1.1"


@pytest.mark.parametrize("offer", plugin.aisbench_datasets(), ids=lambda offer: offer.name)
def test_each_offer_can_be_made(offer: DatasetOffer) -> None:
    target = load(offer.target)
    made = target(load(offer.settings)()) if offer.settings else target()
    assert "0-shot-cot-chat" in made.variants()


def test_downloads_are_pinned() -> None:
    offer = plugin.aisbench_datasets()[0]  # type: ignore[index]
    files: tuple[Download, ...] = load(offer.downloads)
    assert [file.filename for file in files] == ["train.jsonl", "test.jsonl"]
    assert all(len(file.sha256) == 64 and file.url.endswith(file.filename) for file in files)
