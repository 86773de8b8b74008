"""Every block of every page is of a kind that a test looks at; suites are checked in process."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import tomli
import tomli_w
import yaml
from pages import Block, blocks, name_of, pages

from aisbench.base.errors import AisbenchError
from aisbench.config.planner import make_plan
from aisbench.config.source import Source, parse_set, read_source
from aisbench.plugins.catalog import Catalog
from aisbench.plugins.discovery import discover

LANGUAGES = frozenset({"sh", "python", "toml", "json", "text", "yaml"})
WHOLE: dict[str, Any] = {
    "models": {"qwen": {"backend": "vllm-chat", "url": "http://127.0.0.1:8000"}},
    "datasets": {"gsm8k-demo": {"dataset": "gsm8k-demo"}},
}
"""What a part of a suite is completed with."""
WORK = {"work": {"dataset": "synthetic", "unit": "words"}}


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return discover()


@pytest.mark.parametrize("page", pages(), ids=name_of)
def test_every_block_is_of_a_known_kind(page: Path) -> None:
    for block in blocks(page.read_text(encoding="utf-8")):
        where = f"{name_of(page)}:{block.line}"
        assert block.language in LANGUAGES, f"{where}: say what it is: {sorted(LANGUAGES)}"
        if block.language == "json":
            _read_json(block.text)
        if block.language == "yaml":  # of other programs, such as a CI system
            assert isinstance(yaml.safe_load(block.text), dict), where


def _read_json(text: str) -> None:
    try:
        json.loads(text)
    except ValueError:
        for line in text.splitlines():
            json.loads(line)


def _suites(page: Path) -> list[Block]:
    """Those with a name are for the commands of their page, which run them."""
    return [
        block
        for block in blocks(page.read_text(encoding="utf-8"))
        if block.language == "toml" and not block.notes.keys() & {"file", "not run"}
    ]


@pytest.mark.parametrize("page", [one for one in pages() if _suites(one)], ids=name_of)
def test_suites_are_right(
    page: Path, catalog: Catalog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every key, name and value of a suite, or of a part of one, is one that aisbench takes."""
    monkeypatch.chdir(tmp_path)
    for block in blocks(page.read_text(encoding="utf-8")):
        if name := block.notes.get("file"):
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(block.text, encoding="utf-8")
    for block in _suites(page):
        try:
            make_plan(_source(block, tmp_path), catalog)
        except AisbenchError as error:
            raise AssertionError(f"{name_of(page)}:{block.line}: {error}") from None


def _source(block: Block, folder: Path) -> Source:
    tables = _completed(tomli.loads(block.text))
    more = filter(None, block.notes.get("with", "").split("; "))
    file = folder / "completed.toml"
    file.write_text(tomli_w.dumps(tables), encoding="utf-8")
    return read_source(file, [parse_set(one.replace(" = ", "=", 1)) for one in more])


def _completed(given: dict[str, Any]) -> dict[str, Any]:
    """A part of a suite made whole: the rest is the least that a suite needs."""
    loaded = "load" in given and given.get("suite", {}).get("mode") is None
    models = given.get("models", {})
    if all(one.get("role") == "judge" for one in models.values()):
        models = {**WHOLE["models"], **models}
    judges = {
        one["evaluation"]["judge"]: {**WHOLE["models"]["qwen"], "role": "judge"}
        for one in given.get("datasets", {}).values()
        if "judge" in one.get("evaluation", {})
    }
    reachable = {
        name: {"url": "http://127.0.0.1:8000", **one} if _lacks_url(one) else one
        for name, one in {**judges, **models}.items()
    }
    datasets = given.get("datasets", WORK if "load" in given else WHOLE["datasets"])
    return {
        **given,
        "suite": {**({"mode": "performance"} if loaded else {}), **given.get("suite", {})},
        "models": {name: {"backend": "vllm-chat", **one} for name, one in reachable.items()},
        "datasets": {name: {"dataset": "gsm8k-demo", **one} for name, one in datasets.items()},
    }


def _lacks_url(model: dict[str, Any]) -> bool:
    """Models in this process have a path or a file instead, started ones a server."""
    return not model.keys() & {"url", "server", "path", "file"}
