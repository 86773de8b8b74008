"""Command lines and configs of others' documents, where those are beside the repository."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from aisbench_plugin_migrate.ais.presets import configs, find_config
from aisbench_plugin_migrate.inputs import drafts_of, of_configs
from aisbench_plugin_migrate.mend import mended
from aisbench_plugin_migrate.options import FlagValues
from aisbench_plugin_migrate.shell import commands_in
from aisbench_plugin_migrate.tables.reading import table

SHARED = (
    Path(os.environ.get("AISBENCH_SHARED", Path(__file__).parents[5] / "shared")) / "reference"
)
SEEDS = ("accuracy_guide.md", "mindspore_guide.txt", "model_configuration.txt")

pytestmark = pytest.mark.skipif(
    not SHARED.is_dir(), reason="needs the reference texts beside the repository (AISBENCH_SHARED)"
)


def lines() -> Iterator[str]:
    """Every different command line of the seeds that asks models for something."""
    found = set()
    for name in SEEDS:
        for command in commands_in((SHARED / "seeds" / name).read_text(encoding="utf-8")):
            words = " ".join((command.program, *command.words))
            if "--models" in words and "--datasets" in words:
                found.add(words)
    yield from sorted(found)


def configs_in(name: str) -> Iterator[str]:
    """The model configs of a seed, as Python."""
    text = (SHARED / "seeds" / name).read_text(encoding="utf-8")
    for begun in re.finditer(
        r"^from ais_bench\.benchmark\.models import \w+\n", text, re.MULTILINE
    ):
        end = re.search(r"^\]\s*$", text[begun.start() :], re.MULTILINE)
        if end is not None:
            yield text[begun.start() : begun.start() + end.end()]


def test_every_command_line_becomes_a_suite() -> None:
    every = list(lines())

    assert len(every) >= 10
    for line in every:
        (draft,) = drafts_of([], line.split(), FlagValues())
        assert draft.names("models") and draft.names("datasets"), line
        assert mended(draft) == (), line


@pytest.mark.parametrize("name", SEEDS[1:])
def test_every_config_becomes_a_suite(tmp_path: Path, name: str) -> None:
    every = list(configs_in(name))

    assert len(every) >= 2
    for index, source in enumerate(every):
        path = tmp_path / f"model_{index}.py"
        lines_ = [
            line if line[:1] in "f]m" or not line else f"    {line}" for line in source.split("\n")
        ]
        path.write_text("\n".join(lines_), encoding="utf-8")
        draft = of_configs([path], FlagValues())
        assert mended(draft) == ()
        assert draft.tables()["models"]


def test_presets_of_the_reference_are_all_known() -> None:
    text = (SHARED / "aisbench.md").read_text(encoding="utf-8")
    section = text[text.index("### 2.2") : text.index("### 2.3")]
    named = set(re.findall(r"^\| (\w+)(?: \(| \|)", section, re.MULTILINE)) - {"Preset"}

    assert len(named) >= 12
    assert named <= set(table("aisbench-models")["configs"])


def test_families_of_the_reference_are_all_known() -> None:
    from tools.families import SIGHT_AND_SOUND, TEXTS

    known = {one.family for one in configs().values()}

    assert set(TEXTS) <= known
    assert set(SIGHT_AND_SOUND) <= known
    for family, ours in SIGHT_AND_SOUND.items():
        for one in [one for one in configs().values() if one.family == family]:
            assert one.missing or one.dataset in ours, one.name


def test_every_config_of_a_checkout_is_known() -> None:
    checkout = os.environ.get("AISBENCH_CHECKOUT", "")
    folder = Path(checkout, "ais_bench/benchmark/configs/datasets")
    if not checkout or not folder.is_dir():
        pytest.skip("AISBENCH_CHECKOUT names no checkout of AISBench/benchmark")

    stems = {path.stem for path in folder.rglob("*.py")} - {"__init__"}

    assert [one for one in sorted(stems) if find_config(one) is None] == []
