"""Data sets of AISBench's and OpenCompass's configs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath

from aisbench_plugin_migrate.ais.judges import add_judge
from aisbench_plugin_migrate.ais.models import AskedModel
from aisbench_plugin_migrate.ais.presets import LOADS_ONLY, DataConfig, config_of, exact_config
from aisbench_plugin_migrate.ais.rows import Group, RowWish, add_others, add_repeats, add_rows
from aisbench_plugin_migrate.ais.workloads import workload
from aisbench_plugin_migrate.draft import Draft, DraftSection
from aisbench_plugin_migrate.options import FlagValues
from aisbench_plugin_migrate.static.values import Node, Value
from aisbench_plugin_migrate.words import noted, words


def add_datasets(
    draft: Draft,
    values: Sequence[Value],
    models: Sequence[AskedModel],
    wish: RowWish,
    options: FlagValues,
) -> dict[int, list[str]]:
    """A section for each data set, or the reason why there is none. Returns the names of sections
    by the identity of the entries that they are made of."""
    made: dict[int, list[str]] = {}
    for group in _groups(draft, values):
        config = group.config
        if config.missing:
            draft.leave(
                draft.section("suite"),
                "datasets",
                config.name,
                _where(group),
                noted(config.missing),
            )
            continue
        if wish.scored and config.family in LOADS_ONLY and config.family != "mm_custom":
            why = words().text(
                "it is a load, and nothing to score: a suite of its own with mode = "
                '"performance"; MT-Bench, judged, is dataset = "mtbench"'
            )
            draft.leave(draft.section("suite"), "datasets", config.name, _where(group), why)
            continue
        before = set(draft.names("datasets"))
        for dataset in (config.dataset, *config.also):
            _add(draft, group, dataset, models, wish, options)
        for node in group.nodes:
            made[id(node)] = [one for one in draft.names("datasets") if one not in before]
    return made


def _groups(draft: Draft, values: Sequence[Value]) -> list[Group]:
    groups: dict[tuple[str, str], Group] = {}
    for value in values:
        if not isinstance(value, Node):
            why = words().text("only running the file would tell it")
            draft.leave(
                draft.section("suite"), "datasets", value, getattr(value, "place", ""), why
            )
            continue
        config = config_of(value)
        if config is None:
            why = words().text(
                'this data set is not known here; rows of your own are dataset = "custom", or a '
                "declaration in TOML"
            )
            named = value.entries.get("type") or value.entries.get("abbr") or value.preset
            draft.leave(draft.section("suite"), "datasets", named, value.place, why)
            continue
        abbr = "" if config.part or config.parts else str(value.entries.get("abbr"))
        reader = value.entries.get("reader_cfg")
        rows = str(reader.entries.get("test_range", "")) if isinstance(reader, Node) else ""
        standard = exact_config(value.preset) is not None
        group = groups.setdefault((config.name + rows, abbr), Group(config, standard=standard))
        group.nodes.append(value)
    return list(groups.values())


def _where(group: Group) -> str:
    node = group.nodes[0]
    return str(node.place) if node.place.file else node.preset


def _add(
    draft: Draft,
    group: Group,
    dataset: str,
    models: Sequence[AskedModel],
    wish: RowWish,
    options: FlagValues,
) -> None:
    config = group.config
    forms = list(dict.fromkeys(one.form for one in models)) or ["chat"]
    possible = {form: _variant(config, form, models) for form in forms}
    made = {form: variant for form, variant in possible.items() if variant}
    if not made:
        other = config.text or config.chat
        why = words().text(
            "there is no variant for this kind of model; {variant} wants the other kind (chat "
            "models: vllm-chat; plain text: vllm-completions)",
            variant=other or "-",
        )
        draft.leave(draft.section("suite"), "datasets", config.name, _where(group), why)
        return
    base = _name(group, dataset)
    same = len(set(made.values())) == 1
    for form, variant in list(made.items())[: 1 if same else None]:
        suffix = "" if same else f"-{form}"
        name = draft.free_name("datasets", base + suffix)
        section = draft.section("datasets", name)
        _fill(draft, section, group, dataset, variant, form, models, wish, options)
        _exclude(draft, name, set(made) if same else {form}, models)


def _exclude(draft: Draft, name: str, forms: set[str], models: Sequence[AskedModel]) -> None:
    """Leave out the models of other forms than those that a section is for."""
    for model in models:
        if model.form not in forms:
            left_out = draft.more("exclude")
            left_out.put("model", model.name)
            left_out.put("dataset", name)


def _variant(config: DataConfig, form: str, models: Sequence[AskedModel]) -> str:
    if config.family == "BFCL":
        tools = next((one.tools for one in models if one.tools is not None), None)
        return ("prompt" if tools is False else "tools") if form == "chat" else ""
    return config.chat if form == "chat" else config.text


def _name(group: Group, dataset: str) -> str:
    abbr = group.nodes[0].entries.get("abbr")
    alone = len(group.nodes) == 1 and not group.config.also and not group.config.parts
    return str(abbr) if alone and isinstance(abbr, str) and abbr else dataset


def _fill(
    draft: Draft,
    section: DraftSection,
    group: Group,
    dataset: str,
    variant: str,
    form: str,
    models: Sequence[AskedModel],
    wish: RowWish,
    options: FlagValues,
) -> None:
    config = group.config
    where = _where(group)
    named = words().text("{tool}: {name}", tool=draft.author, name=config.name)
    section.put("dataset", dataset, named)
    draft.carry(f"datasets {config.name}", where, f"datasets.{section.header[1]}")
    if variant == "*":
        section.say(
            words().text(
                "The name is known by its beginning alone: the variant is the first that fits."
            )
        )
    else:
        section.put("variant", variant)
    shots = config.chat_shots if form == "chat" else config.text_shots
    if shots is not None:
        section.put("shots", shots)
    for note in config.notes:
        if draft.author in note or "AISBench" not in note:  # each says what that tool does
            section.say(noted(note))
    draft.section("suite").say(
        words().text(
            "Prompts are the authors' or this data set's own, not {tool}'s word for word: "
            "`aisbench run SUITE --dry-run` shows them, `prompt` changes them.",
            tool=draft.author,
        )
    )
    _path(draft, section, group, options)
    _parts(section, group)
    for key, value in config.settings.items():
        section.put(key, value)
    if config.tokenizer and not config.settings.get("tokenizer"):
        _tokenizer(section, models)
    for node in group.nodes[:1]:
        workload(draft, section, config.family, node, models)
    if wish.scored:
        _evaluation(draft, section, group)
    add_rows(draft, section, group, wish)
    add_repeats(draft, section, group, wish)
    add_others(draft, section, group)


def _tokenizer(section: DraftSection, models: Sequence[AskedModel]) -> None:
    named = next((one.tokenizer for one in models if one.tokenizer), "")
    section.put(
        "tokenizer",
        named or "PATH-OF-THE-TOKENIZER",
        "" if named else words().text("lengths are counted with it: name the model's"),
    )


def _path(draft: Draft, section: DraftSection, group: Group, options: FlagValues) -> None:
    config, node = group.config, group.nodes[0]
    given = node.entries.get("path")
    if not config.fetch or given == "json":
        return
    if config.path == "file" and config.family in ("custom", "mm_custom", "mooncake_trace"):
        _own_file(draft, section, node, given, options)
        return
    if not isinstance(given, str) or not given:
        section.say(
            words().text(
                'Files: `aisbench datasets fetch {name}`, or path = "FOLDER".',
                name=section.get("dataset"),
            )
        )
        return
    found = options.data_path(given)
    if config.path == "none" or found is None:
        section.say(
            words().text(
                "AISBench reads {path}. Files: `aisbench datasets fetch {name}`, or path = "
                '"FOLDER" '
                "(migrate --data names the folder of all).",
                path=given,
                name=section.get("dataset"),
            )
        )
        return
    here = PurePosixPath(str(found))
    if config.path != "file" and here.suffix in (".jsonl", ".json", ".csv", ".tsv", ".parquet"):
        here = here.parent.parent if config.path == "data" else here.parent
    section.put("path", str(here))
    draft.carry("path", node.where("path"), "path")


def _own_file(
    draft: Draft, section: DraftSection, node: Node, given: Value, options: FlagValues
) -> None:
    """The file of a data set that has none of its own: it must be named."""
    if isinstance(given, str) and given:
        section.put("path", str(options.data_path(given) or given))
        draft.carry("path", node.where("path"), "path")
    else:
        missing = words().text("name your file: AISBench's config leaves it empty")
        section.put("path", "data.jsonl", missing)
    meta = node.entries.get("meta_path")
    if isinstance(meta, str) and meta:
        section.put("meta", meta)
        draft.carry("meta_path", node.where("meta_path"), "meta")


def _parts(section: DraftSection, group: Group) -> None:
    config = group.config
    if config.parts:
        section.put("parts", list(config.parts))
        return
    if not config.part or group.standard:
        return
    named = [str(node.entries[config.part]) for node in group.nodes if config.part in node.entries]
    if config.part != "path" and named:
        section.put("parts", list(dict.fromkeys(named)))


def _evaluation(draft: Draft, section: DraftSection, group: Group) -> None:
    config = group.config
    if config.evaluation:
        section.put("evaluation", dict(config.evaluation))
    judged = group.nodes[0].entries.get("judge_infer_cfg")
    if config.judge or isinstance(judged, Node):
        add_judge(draft, section, config, judged if isinstance(judged, Node) else None)
