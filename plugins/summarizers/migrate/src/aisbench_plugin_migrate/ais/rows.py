"""Rows, repeats and prompts of AISBench's data set entries."""

from __future__ import annotations

import re
from typing import Any

from attrs import define, field, frozen

from aisbench_plugin_migrate.ais.presets import DataConfig
from aisbench_plugin_migrate.draft import Draft, DraftSection
from aisbench_plugin_migrate.static.values import Node, Unread
from aisbench_plugin_migrate.words import words

_RANGE = re.compile(r"\s*\[?\s*(\d*)\s*:\s*(\d*)\s*\]?\s*\Z")
_TOLD = frozenset(
    {
        "abbr",
        "type",
        "path",
        "reader_cfg",
        "infer_cfg",
        "eval_cfg",
        "judge_infer_cfg",
        "name",
        "config",
        "data_files",
        "split",
        "category",
        "lang",
        "language",
        "k",
        "n",
        "subset",
        "meta_path",
        "tokenizer_model",
        "length",
        "depth",
        "num_repeats_per_file",
        "length_buffer",
        "guided",
        "file_list",
        "dataset_size",
        "needles",
        "diff",
        "quesiton_position",
        "position",
        "generated_prompts_path",
        "random_seed",
        "fixed_schedule_auto_offset",
        "release_version",
        "fixed_schedule_start_offset",
        "fixed_schedule_end_offset",
        "disable_shuffle",
        "test_ids",
        "setting_name",
        "local_mode",
        "file_name",
        "num_examples",
        "with_reasoning",
        "num_needles",
        "file_path",
        "needle_file_name",
        "quesiton_language",
        "context_length",
        "model",
    },
)
"""Keys of entries that the variant, the parts or the settings stand for."""


@frozen
class RowWish:
    """How data sets are to be asked, besides what their own configs say."""

    rows: int | None = None
    """--num-prompts."""
    repeats: int = 1
    scored: bool = True


@define
class Group:
    """The entries that become one data set here."""

    config: DataConfig
    nodes: list[Node] = field(factory=list)
    standard: bool = False
    """Whether it comes whole from a config file of AISBench."""


def add_rows(draft: Draft, section: DraftSection, group: Group, wish: RowWish) -> None:
    config, node = group.config, group.nodes[0]
    key = "part_range" if config.part or config.parts else "range"
    reader = node.entries.get("reader_cfg")
    given = reader.entries.get("test_range") if isinstance(reader, Node) else None
    if isinstance(reader, Node) and given is not None:
        place = reader.where("test_range")
        found = _RANGE.match(str(given))
        if found:
            section.put(key, f"{found[1]}:{found[2]}")
            draft.carry("test_range", place, key)
            return
        why = words().text("range takes START:END, without steps and from 0 on; ids names rows")
        draft.leave(section, "test_range", given, place, why)
        return
    if wish.rows is not None:
        section.put(key, f"0:{wish.rows}", words().text("--num-prompts: the first rows"))


def add_repeats(draft: Draft, section: DraftSection, group: Group, wish: RowWish) -> None:
    node = group.nodes[0]
    n, k = node.entries.get("n"), node.entries.get("k")
    repeats = n if isinstance(n, int) and n > 0 else wish.repeats
    if repeats < 2 or not wish.scored:
        return
    section.put("repeats", repeats)
    ks = [one for one in (k if isinstance(k, list) else [k]) if isinstance(one, int) and one > 0]
    ks = [min(one, repeats) for one in ks] or [repeats]
    metrics = ["accuracy", f"avg@{repeats}"]
    for one in dict.fromkeys(ks):
        metrics += [f"pass@{one}", f"cons-half@{one}"]
    section.put(
        "metrics",
        metrics,
        words().text(
            "cons-half@k is AISBench's cons@k; cons@k here is "
            "the answer that most repeats agree on"
        ),
    )
    for key in ("n", "k"):
        if key in node.entries:
            draft.carry(key, node.where(key), "metrics")


def add_others(draft: Draft, section: DraftSection, group: Group) -> None:
    """Keys of an entry that the user wrote and that stand for nothing here."""
    node = group.nodes[0]
    for key, value in node.items():
        if key in _TOLD or value in (None, "", False) or isinstance(value, Unread):
            continue
        why = words().text("there is nothing of the kind here")
        draft.leave(section, str(key), value, node.where(key), why)
    if not group.standard:
        _evaluation(draft, section, node)
        _inferencer(draft, section, node)
        _prompt(draft, section, group)


def _evaluation(draft: Draft, section: DraftSection, node: Node) -> None:
    """Evaluator and post-processors that the user wrote: the data set has its own."""
    given = node.entries.get("eval_cfg")
    if not isinstance(given, Node):
        return
    parts = [one.entries.get("type") for one in given.entries.values() if isinstance(one, Node)]
    why = words().text(
        "the data set has an evaluator and steps of its own; evaluator, evaluation and "
        "postprocess name others"
    )
    named = ", ".join(str(one) for one in parts if one is not None)
    draft.leave(section, "eval_cfg", named, node.where("eval_cfg"), why)


def _inferencer(draft: Draft, section: DraftSection, node: Node) -> None:
    """What an inferencer is told besides its kind."""
    infer = node.entries.get("infer_cfg")
    given = infer.entries.get("inferencer") if isinstance(infer, Node) else None
    for key, value in given.items() if isinstance(given, Node) else ():
        place = str(given.where(key)) if isinstance(given, Node) else ""
        if key == "max_out_len" and isinstance(value, int):
            section.put("generation", {"max_tokens": value})
            draft.carry("inferencer.max_out_len", place, "generation.max_tokens")
        elif key not in ("type", "infer_mode"):
            why = words().text("generation of the data set has max_tokens, stop and the like")
            draft.leave(section, f"inferencer.{key}", value, place, why)


def _prompt(draft: Draft, section: DraftSection, group: Group) -> None:
    """The text of a prompt that the user wrote, as a comment: names of fields differ."""
    node = group.nodes[0]
    infer = node.entries.get("infer_cfg")
    if not isinstance(infer, Node):
        return
    prompt = infer.entries.get("prompt_template")
    template = prompt.entries.get("template") if isinstance(prompt, Node) else None
    last: Any = template
    if isinstance(template, Node) and isinstance(template.entries.get("round"), list):
        human = [one for one in template.entries["round"] if isinstance(one, Node)]
        last = human[-1].entries.get("prompt") if human else None
    if isinstance(last, str) and last:
        why = words().text(
            'the variant has its own; prompt = {{ user = "..." }} puts another in '
            "its place, with this data set's names of fields"
        )
        draft.leave(section, "template", last, infer.where("prompt_template"), why)
