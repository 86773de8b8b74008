"""Config files of AISBench and OpenCompass, one or several together, to a suite."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from pathlib import Path

from attrs import define, field

from aisbench_plugin_migrate.ais.datasets import add_datasets
from aisbench_plugin_migrate.ais.loads import ENDLESS, PressureFlags, add_load
from aisbench_plugin_migrate.ais.models import AskedModel, add_model
from aisbench_plugin_migrate.ais.presets import (
    LOADS_ONLY,
    config_of,
    configs,
    exact_config,
    preset,
)
from aisbench_plugin_migrate.ais.rows import RowWish
from aisbench_plugin_migrate.ais.summaries import add_summary
from aisbench_plugin_migrate.draft import Draft
from aisbench_plugin_migrate.options import FlagValues
from aisbench_plugin_migrate.static.files import Reader
from aisbench_plugin_migrate.static.values import Node, SourcePlace, Unread, Value, plain
from aisbench_plugin_migrate.tables.reading import table
from aisbench_plugin_migrate.words import words

_TOP = (
    "models",
    "datasets",
    "summarizer",
    "work_dir",
    "model_dataset_combinations",
    "infer",
    "eval",
)


@define
class Gathered:
    """What config files and flags ask for, before it becomes a suite."""

    models: list[Value] = field(factory=list)
    datasets: list[Value] = field(factory=list)
    summarizer: Value = None
    summarizer_name: str = ""
    performance: bool | None = None
    """None: what the data sets and the summarizer tell."""
    work_dir: str = ""
    at_once: int = 1
    combinations: list[Value] = field(factory=list)
    pressure: PressureFlags = PressureFlags()
    rows: int | None = None
    unread: list[Unread] = field(factory=list)
    unknown: list[tuple[str, str, str]] = field(factory=list)
    """Names of configs that nobody has: kind, name, place."""


def reader_of(options: FlagValues) -> Reader:
    """A reader that finds AISBench's own names without their files, too."""
    roots = [*options.roots, *(folder.parent for folder in options.config_folders())]
    return Reader(tuple(roots), preset)


def is_config(names: Mapping[str, Value]) -> bool:
    """Whether a file's names are those of a config."""
    keys = [key for key, one in names.items() if isinstance(one, (list, Node, Unread))]
    return any(key in _TOP or key.endswith("_datasets") for key in keys)


def gather(into: Gathered, path: Path, names: Mapping[str, Value], reader: Reader) -> None:
    """Add what a config file says."""
    into.models += _listed(names, "models")
    if "datasets" in names:
        into.datasets += _listed(names, "datasets")
    else:
        into.datasets += _suffixed(names, path.stem)
    summarizer = names.get("summarizer")
    if isinstance(summarizer, Node):
        into.summarizer = summarizer
        attr = summarizer.entries.get("attr")
        if attr == "performance":
            into.performance = True
            into.summarizer_name = summarizer.preset or path.stem
    if isinstance(work_dir := names.get("work_dir"), str):
        into.work_dir = work_dir
    into.combinations += _listed(names, "model_dataset_combinations")
    for part in ("infer", "eval"):
        into.at_once = max(into.at_once, _workers(names.get(part)))
    into.unread += reader.skipped


def _listed(names: Mapping[str, Value], name: str) -> list[Value]:
    """The entries of a variable; lists within the list are taken apart."""
    value = names.get(name)
    if not isinstance(value, list):
        return [] if value is None else [value]
    found: list[Value] = []
    for one in value:
        found += one if isinstance(one, list) else [one]
    return found


def _suffixed(names: Mapping[str, Value], stem: str, suffix: str = "") -> list[Value]:
    """The entries of all variables whose names end so; those of a known file know it."""
    found: list[Value] = []
    for key, value in names.items():
        if key.endswith(suffix or "_datasets") and isinstance(value, list):
            found += [one for one in value if one not in found]
    if exact_config(stem) is not None:
        for one in found:
            if isinstance(one, Node) and not one.preset:
                one.preset = stem
    return found


def _workers(value: Value) -> int:
    runner = value.entries.get("runner") if isinstance(value, Node) else None
    workers = runner.entries.get("max_num_workers") if isinstance(runner, Node) else None
    return workers if isinstance(workers, int) and workers > 0 else 1


def add_named(
    into: Gathered, kind: str, name: str, options: FlagValues, reader: Reader, place: str
) -> None:
    """Add a config by its name, as --models, --datasets and --summarizer have it."""
    stem, _, suffix = name.partition("/")
    stem = stem.removesuffix(".py")
    path = options.config_file(kind, stem)
    names = reader.read(path, stem) if path is not None else {}
    if kind == "summarizers":
        into.summarizer_name = stem
        into.summarizer = names.get("summarizer")
        return
    found = _listed(names, "models") if kind == "models" else _suffixed(names, stem, suffix)
    if not found:
        variable = "models" if kind == "models" else f"{stem}_datasets"
        value = preset(stem, variable, SourcePlace(place, 0))
        found = value if isinstance(value, list) else []
    if not found:
        into.unknown.append((kind, name, place))
    (into.models if kind == "models" else into.datasets).extend(found)


def make_suite(draft: Draft, asked: Gathered, options: FlagValues) -> None:
    """Fill ``draft``. Placeholders stand where no model or no data set is named."""
    suite = draft.section("suite")
    performance = _is_performance(asked)
    suite.put("mode", "performance" if performance else "accuracy")
    if asked.work_dir:
        suite.put("output", asked.work_dir)
        draft.carry("work_dir", "", "suite.output")
    models = _models(draft, asked)
    if asked.at_once > 1 and len(models) > 1:
        suite.put("models_at_once", min(asked.at_once, len(models)))
    repeats = max((one.repeats for one in models), default=1)
    wish = RowWish(rows=asked.rows, repeats=repeats, scored=not performance)
    made = add_datasets(draft, asked.datasets, models, wish, options)
    _combinations(draft, asked, models, made)
    if performance:
        add_load(draft, models, asked.pressure)
    else:
        _paces(draft, models)
    add_summary(draft, asked.summarizer, asked.summarizer_name, performance)
    for unread in asked.unread:
        why = words().text("this statement was not followed: only running the file would tell it")
        draft.leave(suite, "", unread.source, unread.place, why)
    _unknown(draft, asked)
    if not asked.datasets and not any(kind == "datasets" for kind, *_ in asked.unknown):
        section = draft.section("datasets", "gsm8k-demo")
        section.put("dataset", "gsm8k-demo")
        section.say(words().text("The input names no data set: put yours in its place."))


def _unknown(draft: Draft, asked: Gathered) -> None:
    """Tell the names that nobody has, with the nearest one that somebody has."""
    for kind, name, place in asked.unknown:
        known = [one.name for one in configs().values()]
        if kind == "models":
            known = list(table("aisbench-models")["configs"])
        near = difflib.get_close_matches(name, known, 1)
        why = words().text(
            "AISBench has no config of this name, and none was found; --root names the folder "
            "where yours is"
        )
        if near:
            why += words().text(" (did you mean {name}?)", name=near[0])
        draft.leave(draft.section("suite"), kind, name, place, why)


def _is_performance(asked: Gathered) -> bool:
    if asked.performance is not None:
        return asked.performance
    families = set()
    for one in asked.datasets:
        config = config_of(one) if isinstance(one, Node) else None
        families.add(config.family if config else "")
    return bool(families) and families <= LOADS_ONLY


def _models(draft: Draft, asked: Gathered) -> list[AskedModel]:
    found = [add_model(draft, one) for one in asked.models]
    models = [one for one in found if one is not None]
    if not asked.models and not any(kind == "models" for kind, *_ in asked.unknown):
        models.append(_placeholder(draft, asked))
    return models


def _placeholder(draft: Draft, asked: Gathered) -> AskedModel:
    """A model where none is named: one that the data sets can be put to."""
    nodes = [one for one in asked.datasets if isinstance(one, Node)]
    known = [config_of(one) for one in nodes]
    text = bool(known) and all(one is not None and one.text and not one.chat for one in known)
    form, backend = ("text", "vllm-completions") if text else ("chat", "vllm-chat")
    section = draft.section("models", "model")
    section.say(words().text("The input names no model: put yours in its place."))
    section.put("backend", backend)
    section.put("url", "http://localhost:8080")
    return AskedModel("model", form, service=True)


def _paces(draft: Draft, models: Sequence[AskedModel]) -> None:
    """What of the models' keys concerns loads alone here, and what they ask differently."""
    draft.carried = {key: here for key, here in draft.carried.items() if here != "load"}
    for one in models:
        section = draft.section("models", one.name)
        if one.rate >= ENDLESS:
            why = words().text(
                "an accuracy run asks as many at once as concurrency says; rates are those of "
                'mode = "performance"'
            )
            draft.leave(section, "request_rate", one.rate, one.place, why)
    if len({one.repeats for one in models}) > 1:
        draft.section("suite").say(
            words().text(
                "num_return_sequences differs between the models: repeats of a data set are those "
                "of all, and the greatest is taken"
            )
        )


def _combinations(
    draft: Draft, asked: Gathered, models: Sequence[AskedModel], made: Mapping[int, list[str]]
) -> None:
    """Pairs of models and data sets, as what is left out."""
    if not asked.combinations:
        return
    by_abbr = {str(one.entries.get("abbr")): one for one in asked.models if isinstance(one, Node)}
    wanted: set[tuple[str, str]] = set()
    for pair in asked.combinations:
        if not isinstance(pair, Node):
            continue
        named = [str(plain(one).get("abbr")) for one in _entries(pair, "models")]
        sets = [name for one in _entries(pair, "datasets") for name in made.get(id(one), ())]
        wanted |= {(model, name) for model in named for name in sets if model in by_abbr}
    for model in models:
        for name in draft.names("datasets"):
            if (model.name, name) not in wanted:
                left_out = draft.more("exclude")
                left_out.put("model", model.name)
                left_out.put("dataset", name)


def _entries(pair: Node, key: str) -> list[Node]:
    value = pair.entries.get(key)
    return [one for one in value if isinstance(one, Node)] if isinstance(value, list) else []
