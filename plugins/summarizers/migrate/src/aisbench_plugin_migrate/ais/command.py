"""Command lines of ``ais_bench`` and ``opencompass``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import attrs

from aisbench_plugin_migrate.ais.configs import (
    Gathered,
    add_named,
    gather,
    make_suite,
    reader_of,
)
from aisbench_plugin_migrate.ais.loads import PressureFlags
from aisbench_plugin_migrate.draft import Draft
from aisbench_plugin_migrate.flags import Flags, read_flags
from aisbench_plugin_migrate.options import FlagValues
from aisbench_plugin_migrate.static.files import Reader
from aisbench_plugin_migrate.static.values import Imported, Node, SourcePlace
from aisbench_plugin_migrate.words import words

_STAMP = re.compile(r"\d{8}_\d{6}\Z")


def from_command(tool: str, given: Sequence[str], place: str, options: FlagValues) -> Draft:
    """The suite of a command line; ``given`` are the words behind the program."""
    flags = read_flags(tool, given, place)
    draft = Draft(tool=tool, source=" ".join((tool, *given)))
    if folder := flags.one("--config-dir"):
        options = attrs.evolve(options, roots=(*options.roots, _path(options, folder)))
    elif (options.folder / "configs").is_dir():
        options = attrs.evolve(options, roots=(*options.roots, options.folder))
    asked = Gathered()
    reader = reader_of(options)
    for word in flags.take_words():
        _config(draft, asked, word, options, reader)
    for kind in ("models", "datasets"):
        for name in flags.all(f"--{kind}"):
            add_named(asked, kind, name, options, reader, place)
    if summarizer := flags.one("--summarizer"):
        add_named(asked, "summarizers", summarizer, options, reader, place)
    _custom(flags, asked, place)
    if tool == "opencompass":
        _hugging_face(flags, asked, place)
    _mode(draft, flags, asked)
    _numbers(flags, asked)
    if work_dir := flags.one("--work-dir"):
        asked.work_dir = work_dir
    anomalies = flags.has("--response-anomaly"), flags.has("--no-response-anomaly")
    if any(anomalies):
        draft.section("suite").put("anomalies", anomalies[0])
    flags.told(draft)
    make_suite(draft, asked, options)
    flags.leave_rest(draft, draft.section("suite"))
    return draft


def _path(options: FlagValues, named: str) -> Path:
    path = Path(named)
    return path if path.is_absolute() else options.folder / path


def _config(draft: Draft, asked: Gathered, word: str, options: FlagValues, reader: Reader) -> None:
    path = _path(options, word)
    if path.suffix == ".py" and path.is_file():
        gather(asked, path, reader.read(path), reader)
        draft.carry(word, "", "")
        return
    why = words().text("this file is not here: give it as an input, or start where it is")
    draft.leave(draft.section("suite"), "config", word, "", why)


def _mode(draft: Draft, flags: Flags, asked: Gathered) -> None:
    mode = flags.one("--mode") or "all"
    asked.performance = {"perf": True, "perf_viz": True, "all": None}.get(mode, False)
    suite = draft.section("suite")
    again = {
        "infer": words().text("--mode infer: aisbench run SUITE --stop-after answers"),
        "infer_judge": words().text(
            "--mode infer_judge: aisbench run SUITE --stop-after judgements"
        ),
        "judge": words().text("--mode judge: aisbench judge RUN"),
        "eval": words().text("--mode eval: aisbench evaluate RUN"),
        "viz": words().text("--mode viz: aisbench report RUN"),
        "perf_viz": words().text("--mode perf_viz: aisbench report RUN"),
    }
    if mode in again:
        suite.say(again[mode])
    elif mode not in ("all", "perf"):
        flags.leave(draft, suite, "--mode", words().text("AISBench has no such mode"))


def _numbers(flags: Flags, asked: Gathered) -> None:
    rows = _whole(flags.one("--num-prompts"))
    asked.rows = rows if rows is not None and rows > 0 else None
    asked.at_once = _whole(flags.one("--max-num-workers")) or 1
    warm_ups = _whole(flags.one("--num-warmups"))
    asked.pressure = PressureFlags(
        on=flags.has("--pressure"),
        seconds=_whole(flags.one("--pressure-time")) or 15,
        warm_ups=1 if warm_ups is None else max(warm_ups, 0),
        spec_decode=flags.has("--spec-decode"),
    )


def _whole(text: str | None) -> int | None:
    try:
        return None if text is None else int(float(text))
    except (ValueError, OverflowError):
        return None


def _custom(flags: Flags, asked: Gathered, place: str) -> None:
    path = flags.one("--custom-dataset-path")
    kind, meta = flags.one("--custom-dataset-data-type"), flags.one("--custom-dataset-meta-path")
    if path is None:
        return
    stem = "custom_mcq_gen" if kind == "mcq" else "custom_qa_gen" if kind == "qa" else "custom"
    entries = {
        "abbr": Path(path).stem or "custom",
        "path": path,
        "type": Imported("CustomDataset"),
    }
    if meta:
        entries["meta_path"] = meta
    asked.datasets.append(
        Node(dict(entries), place=SourcePlace(place, 0), preset=stem, partial=True)
    )


def _hugging_face(flags: Flags, asked: Gathered, place: str) -> None:
    """OpenCompass's --hf-path: a model without a config."""
    path = flags.one("--hf-path")
    kind = flags.one("--hf-type") or "chat"
    named = {
        key: flags.one(f"--{key}")
        for key in ("tokenizer-path", "peft-path", "max-out-len", "max-seq-len", "batch-size")
    }
    if path is None:
        return
    class_name = "HuggingFaceBaseModel" if kind == "base" else "HuggingFacewithChatTemplate"
    node = Node(
        {"type": Imported(class_name), "abbr": Path(path).name, "path": path},
        place=SourcePlace(place, 0),
    )
    for key, value in named.items():
        if value is not None:
            number = _whole(value)
            node.entries[key.replace("-", "_")] = value if number is None else number
    asked.models.append(node)
