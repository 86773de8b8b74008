"""What is known of AISBench's own config files and classes."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from typing import Any

from attrs import field, frozen

from aisbench_plugin_migrate.static.values import Imported, Node, SourcePlace, Value
from aisbench_plugin_migrate.tables.reading import table

_HASH = re.compile(r"_[0-9a-f]{6}\Z")
LOADS_ONLY = frozenset({"synthetic", "mooncake_trace", "sharegpt", "mtbench", "mm_custom"})
"""Families that AISBench has for performance alone."""
DEFAULTS: Mapping[str, Any] = {
    "path": "",
    "model": "",
    "request_rate": 0,
    "retry": 2,
    "api_key": "",
    "host_ip": "localhost",
    "host_port": 8080,
    "url": "",
    "max_out_len": 512,
    "batch_size": 1,
}
"""What AISBench's model configs of services have in common."""
LOCAL_DEFAULTS: Mapping[str, Any] = {
    "path": "THUDM/chatglm-6b",
    "max_out_len": 100,
    "batch_size": 1,
}
LOCAL_SAMPLING: Mapping[str, Any] = {
    "temperature": 0.5,
    "top_k": 10,
    "top_p": 0.95,
    "do_sample": True,
    "repetition_penalty": 1.03,
}


@frozen
class DataConfig:
    """A data set config of AISBench, or a class of its data sets."""

    name: str
    family: str
    dataset: str
    chat: str = ""
    """The variant for chat models; empty: none."""
    text: str = ""
    chat_shots: int | None = None
    text_shots: int | None = None
    also: Sequence[str] = ()
    """Further data sets that the one config becomes."""
    parts: Sequence[str] = ()
    settings: Mapping[str, Any] = field(factory=dict)
    evaluation: Mapping[str, Any] = field(factory=dict)
    judge: str = ""
    """The judging evaluator, where a model judges."""
    notes: Sequence[str] = ()
    missing: str = ""
    """Why there is no counterpart."""
    path: str = ""
    """How the config's path becomes ours: "file" as it is, "data" two folders up, "none" not."""
    part: str = ""
    """The key that names the part of each of several entries."""
    fetch: bool = True
    """Whether the data set has files."""
    tokenizer: bool = False
    """Whether its lengths are counted by a tokenizer."""


@functools.cache
def configs() -> Mapping[str, DataConfig]:
    """By the stem of the file, in lower case."""
    found: dict[str, DataConfig] = {}
    for family, entry in table("aisbench-datasets").items():
        for name, config in entry["configs"].items():
            found[name.lower()] = _config(name, family, entry, config)
    return found


def _config(name: str, family: str, entry: Mapping[str, Any], config: Any) -> DataConfig:
    one = {"variants": config} if isinstance(config, list) else config
    both = {**entry, **one}
    variants = both.get("variants", ["", ""])
    return DataConfig(
        name=name,
        family=family,
        dataset=both.get("dataset", ""),
        chat=variants[0],
        text=variants[1],
        chat_shots=both.get("chat_shots"),
        text_shots=both.get("text_shots"),
        also=both.get("also", ()),
        parts=both.get("parts", ()),
        settings=both.get("settings", {}),
        evaluation=both.get("evaluation", {}),
        judge=entry.get("judge", "") if one.get("judge") else "",
        notes=[str(note) for note in (entry.get("note"), one.get("note")) if note],
        missing=both.get("missing", ""),
        path=both.get("path", ""),
        part=both.get("part", ""),
        fetch=both.get("fetch", True),
        tokenizer=both.get("tokenizer", False),
    )


def exact_config(stem: str) -> DataConfig | None:
    """The config of exactly that name, with or without OpenCompass's hash behind it."""
    wanted, known = stem.lower(), configs()
    return known.get(wanted) or known.get(_HASH.sub("", wanted))


def find_config(stem: str) -> DataConfig | None:
    """The config of that name, or of a family whose name it begins with, as OpenCompass's."""
    return exact_config(stem) or _of_opencompass(_HASH.sub("", stem.lower()))


@functools.cache
def _prefixes() -> Mapping[str, str]:
    """Beginnings of config names -> data set, of families that OpenCompass alone has."""
    found: dict[str, str] = dict(table("opencompass-datasets")["datasets"])
    return found


def _of_opencompass(name: str) -> DataConfig | None:
    """A config of a family that is known, with the first variant that a model can take."""
    families = {key.lower(): (key, one) for key, one in table("aisbench-datasets").items()}
    begins = sorted({*families, *_prefixes()}, key=len, reverse=True)
    family = next((one for one in begins if name == one or name.startswith(f"{one}_")), None)
    if family is None:
        return None
    if family in _prefixes():
        return DataConfig(name, family, _prefixes()[family], chat="*", text="*")
    key, entry = families[family]
    return _config(name, key, entry, {"variants": ["*", "*"]})


def config_of(node: Node) -> DataConfig | None:
    """What an entry of ``datasets`` is: by the file it is from, its class, or its name."""
    class_name = str(node.entries.get("type") or "").rpartition(".")[2]
    abbr = str(node.entries.get("abbr"))
    return (
        exact_config(node.preset)
        or of_class(class_name, node)
        or find_config(node.preset)
        or find_config(abbr)
    )


def of_class(class_name: str, node: Node) -> DataConfig | None:
    """The config for an entry that a file writes out itself: by its class, and by the prompt's
    form, examples and inferencer the one that is most like it."""
    candidates = []
    for family, entry in table("aisbench-datasets").items():
        inner = [
            name
            for name, one in entry["configs"].items()
            if isinstance(one, dict) and class_name in one.get("classes", ())
        ]
        if class_name in entry.get("classes", ()):
            inner = inner or list(entry["configs"])
        candidates += [_config(name, family, entry, entry["configs"][name]) for name in inner]
    if not candidates:
        return None
    return max(candidates, key=lambda one: likeness(one.name, node))


def likeness(name: str, node: Node) -> int:
    """How much of a config's name fits what an entry says."""
    shape = shape_of(node)
    points = 0
    points += 8 if ("_ppl_" in name) == shape.ppl else 0
    shots = re.search(r"_(\d+)_?shot", name)
    points += 4 if shots and int(shots.group(1)) == shape.shots else 0
    points += 2 if ("noncot" not in name and "cot" in name) == shape.cot else 0
    points += 1 if (name.endswith("str") or "_str_" in name) != shape.chat else 0
    return points - (1 if "perf" in name or name.endswith("_gen") else 0)


@frozen
class Shape:
    """What the inference part of a data set entry tells of its prompt."""

    ppl: bool
    shots: int
    cot: bool
    chat: bool


def shape_of(node: Node) -> Shape:
    """Of an entry with infer_cfg."""
    infer = _node(node.entries.get("infer_cfg"))
    prompt = _node(infer.entries.get("prompt_template", infer.entries.get("ice_template")))
    template = prompt.entries.get("template")
    rounds = _node(template).entries.get("round") if isinstance(template, Node) else None
    retriever = _node(infer.entries.get("retriever"))
    fixed = retriever.entries.get("fix_id_list")
    asked = [one for one in rounds or [] if isinstance(one, Node)]
    spoken = sum(str(one.entries.get("role")) == "BOT" for one in asked[:-1])
    texts = _texts(template).lower()
    return Shape(
        ppl="ppl" in str(_node(infer.entries.get("inferencer")).entries.get("type")).lower(),
        shots=len(fixed)
        if isinstance(fixed, list)
        else spoken or max(texts.count("question:") - 1, 0),
        cot=any(word in texts for word in ("step by step", "think", "reasoning", "推理", "思考")),
        chat=isinstance(template, Node),
    )


def _node(value: Value) -> Node:
    return value if isinstance(value, Node) else Node()


def _texts(value: Value, depth: int = 0) -> str:
    if depth > 8:
        return ""
    if isinstance(value, Node):
        return " ".join(_texts(one, depth + 1) for one in value.entries.values())
    if isinstance(value, list):
        return " ".join(_texts(one, depth + 1) for one in value)
    return value if isinstance(value, str) else ""


def preset(stem: str, name: str, place: SourcePlace) -> Value | None:
    """The value of ``name`` in AISBench's config file ``stem``, where it is known without the
    file: an entry with its defaults."""
    models = table("aisbench-models")["configs"]
    if stem in models:
        return [model_preset(stem, place)]
    config = find_config(stem)
    if config is not None and name.lower().endswith(("datasets", "dataset")):
        return [Node({"abbr": config.dataset or stem}, place=place, preset=stem, partial=True)]
    if name == "summarizer":
        return Node({}, place=place, preset=stem, partial=True)
    return None


def model_preset(stem: str, place: SourcePlace) -> Node:
    """What AISBench's own file of that name says. Raises KeyError."""
    given = dict(table("aisbench-models")["configs"][stem])
    entries: dict[str, Value] = {"type": Imported(given.pop("class")), "abbr": given.pop("abbr")}
    local = given.pop("local", False)
    sampling = LOCAL_SAMPLING if local else {"temperature": 0.01, "ignore_eos": False}
    entries.update(LOCAL_DEFAULTS if local else DEFAULTS)
    entries["generation_kwargs"] = Node(dict(sampling), place=place, preset=stem)
    entries.update(given)
    return Node(entries, place=place, preset=stem, partial=True)
