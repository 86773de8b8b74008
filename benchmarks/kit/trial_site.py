"""Plugins written into a folder as pip would install them: packages beside their metadata."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import healthy
from attrs import field, frozen

HOOKS = {
    "dataset": ("aisbench_datasets", healthy.DATASET_OFFER, healthy.DATASET),
    "dialogue": ("aisbench_datasets", healthy.DIALOGUE_OFFER, healthy.DIALOGUE),
    "backend": ("aisbench_backends", healthy.BACKEND_OFFER, healthy.BACKEND),
    "transport": ("aisbench_backends", healthy.TRANSPORT_OFFER, healthy.TRANSPORT),
    "template": ("aisbench_prompts", healthy.TEMPLATE_OFFER, healthy.TEMPLATE),
    "retriever": ("aisbench_prompts", healthy.RETRIEVER_OFFER, healthy.RETRIEVER),
    "evaluator": ("aisbench_evaluators", healthy.EVALUATOR_OFFER, healthy.EVALUATOR),
    "judged": ("aisbench_evaluators", healthy.JUDGED_OFFER, healthy.JUDGED),
    "postprocessor": ("aisbench_evaluators", healthy.POSTPROCESSOR_OFFER, healthy.POSTPROCESSOR),
    "reducer": ("aisbench_evaluators", healthy.REDUCER_OFFER, healthy.REDUCER),
    "load-shape": ("aisbench_load_shapes", healthy.SHAPE_OFFER, healthy.SHAPE),
    "summarizer": ("aisbench_summarizers", healthy.SUMMARIZER_OFFER, healthy.SUMMARIZER),
    "command": ("aisbench_commands", healthy.COMMAND_OFFER, healthy.COMMAND),
}
KINDS = (*HOOKS, "declared")

Change = tuple[str, str]
"""What stands in the healthy plugin, and what stands there instead."""


@frozen(kw_only=True)
class Fault:
    """One thing that is wrong. ``by`` is the check that must find it, or the beginning of its
    name; ``words`` must be in what it says."""

    kind: str
    what: str
    by: str
    words: str = ""
    code: tuple[Change, ...] = ()
    offer: tuple[Change, ...] = ()
    light: tuple[Change, ...] = ()
    metadata: tuple[Change, ...] = ()
    toml: tuple[Change, ...] = ()
    data: Mapping[str, str] = field(factory=dict)
    table: tuple[Change, ...] = ()
    once: bool = False
    """Whether the server of a transport ends each connection after one answer."""
    beside: Mapping[str, str] = field(factory=dict)
    """Further files of the package."""


def write(site: Path, name: str, kind: str, fault: Fault | None) -> str:
    """Write the plugin ``name``, with its ``fault``; returns the distribution's name. Its data
    and tables are in ``site/NAME-project``."""
    package = f"aisbench_plugin_{name}"
    folder = site / package
    folder.mkdir(parents=True)
    own = fault or Fault(kind=kind, what="", by="")
    (folder / "__init__.py").write_text("")

    def filled(text: str, changes: tuple[Change, ...]) -> str:
        for old, new in changes:
            if old not in text:
                raise ValueError(f"{own.what}: {old!r} is not in the healthy source")
            text = text.replace(old, new)
        return text.replace("PACKAGE", package).replace("NAME", name)

    if kind == "declared":
        (folder / f"{name}.toml").write_text(filled(healthy.DECLARED, own.toml))
        entry = "[aisbench.declared]\nNAME = PACKAGE\n"
    else:
        hook, offer, code = HOOKS[kind]
        light = healthy.LIGHT.replace("OFFER", filled(offer, own.offer)).replace("HOOK", hook)
        (folder / "plugin.py").write_text(filled(light, own.light))
        (folder / "code.py").write_text(filled(code, own.code))
        entry = "[aisbench]\nNAME = PACKAGE.plugin\n"
    for file, text in own.beside.items():
        (folder / file).write_text(filled(text, ()))
    dist = f"aisbench-plugin-{name}"
    info = site / f"aisbench_plugin_{name}-1.0.dist-info"
    info.mkdir()
    metadata = (
        f"Metadata-Version: 2.1\nName: {dist}\nVersion: 1.0\nSummary: A trial.\n"
        f"Requires-Python: >=3.10\nRequires-Dist: aisbench\nEntry: {entry}"
    )
    head, _, entries = filled(metadata, own.metadata).partition("Entry: ")
    (info / "METADATA").write_text(head)
    (info / "entry_points.txt").write_text(entries)
    _project(site / f"{name}-project", name, kind, own, filled)
    return dist


def _project(folder: Path, name: str, kind: str, own: Fault, filled: object) -> None:
    folder.mkdir()
    table = ""
    if kind in ("dataset", "dialogue", "declared"):
        files = {"rows.jsonl": healthy.ROWS, "pool.jsonl": healthy.POOL, **own.data}
        for file, text in files.items():
            (folder / "data").mkdir(exist_ok=True)
            (folder / "data" / file).write_text(text)
        table = f'[{name}]\nsettings = {{ path = "data" }}\n'
    elif kind == "backend":
        (folder / "answer.sse").write_text(healthy.ANSWER, encoding="utf-8")
        table = (
            f'[{name}]\nrecorded = [{{ form = "chat", stream = true, file = "answer.sse", '
            'text = "Hellö" }]\n'
        )
    elif kind == "transport":
        (folder / f"{name}_peer.py").write_text(healthy.PEER.replace("ONCE", str(own.once)))
        table = (
            f'[{name}]\npeer = "{name}_peer.py:serve"\n'
            'expected = [{ prompt = "1 + 1 =", text = "It is 2." }]\n'
        )
    elif kind == "judged":
        table = f'[{name}]\njudgement = "yes"\n'
    elif kind == "evaluator":
        table = (
            f'[{name}]\ntarget = "18"\ngold = [{{ answer = "It is 18.", verdict = "right" }}]\n'
        )
    assert callable(filled)
    (folder / "check.toml").write_text(filled(table, own.table))
