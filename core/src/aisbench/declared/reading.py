"""Reading a declaration with strict checks: its keys, and what they say of each other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from aisbench.base.errors import PluginError, Problem
from aisbench.data.conditions import condition_problem
from aisbench.data.filling import misspelt_place
from aisbench.declared.column_keys import FieldTable, TextTable
from aisbench.declared.declaration import EVERY, Declaration
from aisbench.declared.functions import function_problem
from aisbench.declared.offers import DeclaredOffer, table_of
from aisbench.declared.row_keys import RowTable
from aisbench.settings.convert import structure
from aisbench.settings.keys import dotted
from aisbench.settings.problems import Problems, nearest
from aisbench.types.json import JsonObject
from aisbench.types.offer import parts_of


def declaration_of(offer: DeclaredOffer) -> Declaration:
    """All keys of an offer's declaration. Raises PluginError, naming file and key."""
    try:
        declaration = structure(Declaration, table_of(offer), Path())
        problems = [*_problems(declaration), *(_missing(declaration) if offer.package else ())]
    except Problems as error:
        problems = error.problems
    if problems:
        raise PluginError(f"{offer.place}: " + "; ".join(map(in_words, problems)))
    return declaration


def problems_of(table: JsonObject) -> str:
    """What is wrong with the keys of a declaration, in words; empty where nothing is."""
    try:
        structure(Declaration, table, Path())
    except Problems as error:
        return "; ".join(map(in_words, error.problems))
    return ""


def in_words(problem: Problem) -> str:
    """A problem of a declaration: its key, what is wrong with it, what to do."""
    hint = f" ({problem.hint})" if problem.hint else ""
    return f"{dotted(problem.path)}: {problem.message}{hint}"


def _missing(declared: Declaration) -> Iterator[Problem]:
    """What a data set that is published must say."""
    for name, variant in declared.variants.items():
        if not variant.source:
            yield Problem(
                path=("variants", name, "source"),
                message="is missing",
                hint="where the prompt comes from",
            )


def _problems(declared: Declaration) -> Iterator[Problem]:
    yield from _splits(declared)
    yield from _parts(declared)
    yield from _columns(declared)
    yield from _made(declared)
    for path, text in (
        (("rows",) if isinstance(declared.rows, str) else ("rows", "use"), declared.row_table.use),
        *(
            (("splits", name, "rows", "use"), one.rows.get("use", ""))
            for name, one in declared.splits.items()
        ),
        (("evaluator",), declared.evaluator if ":" in declared.evaluator else ""),
        *(
            (("evaluators", at, "evaluator"), one.evaluator)
            for at, one in enumerate(declared.evaluators)
            if ":" in one.evaluator
        ),
        *(
            (("variants", name, "prompt"), one.prompt)
            for name, one in declared.variants.items()
            if isinstance(one.prompt, str)
        ),
    ):
        if wrong := function_problem(str(text)):
            yield Problem(path=path, message=wrong)


def _splits(declared: Declaration) -> Iterator[Problem]:
    named: list[tuple[tuple[str | int, ...], str]] = [
        (("split",), declared.split),
        (("examples",), declared.examples),
        *((("splits", name), name) for name in declared.splits),
        *((("unanswered", at), name) for at, name in enumerate(declared.unanswered)),
    ]
    for path, split in named:
        if split and split not in declared.files:
            yield Problem(
                path=path,
                message=f"there is no split {split!r} under files ({', '.join(declared.files)})",
                hint=nearest(split, declared.files),
            )
    yield from _conditions(declared.row_table, ("rows",))
    for name in declared.splits:
        try:
            yield from _conditions(declared.of_split(name).row_table, ("splits", name, "rows"))
        except Problems as error:
            for problem in error.under(name):
                yield Problem(
                    path=("splits", *problem.path), message=problem.message, hint=problem.hint
                )


def _conditions(rows: RowTable, path: tuple[str | int, ...]) -> Iterator[Problem]:
    for column, wanted in rows.where.items():
        if message := condition_problem(wanted):
            yield Problem(path=(*path, "where", column), message=message)


def _parts(declared: Declaration) -> Iterator[Problem]:
    for split, names in declared.files.items():
        patterns = (names,) if isinstance(names, str) else names
        by_part = {"{part}" in one for one in patterns}
        if not patterns or not all(patterns):
            yield Problem(path=("files", split), message="must not be empty")
        elif len(by_part) > 1:
            yield Problem(path=("files", split), message="names {part} in some files alone")
        elif True in by_part and not declared.part_names:
            yield Problem(
                path=("parts",),
                message=f"is missing: files.{split} names {{part}}",
                hint='list the parts, or set parts = ["*"] for all that the folder has',
            )
    yield from _titles(declared)
    yield from _evaluators(declared)


def _titles(declared: Declaration) -> Iterator[Problem]:
    known, titles = declared.part_names, declared.titles
    if isinstance(titles, tuple):
        if len(titles) != len(known):
            yield Problem(
                path=("titles",), message=f"are {len(titles)}, and the parts are {len(known)}"
            )
    elif known and EVERY not in known and not declared.columns.part:
        for part in titles:
            if part not in known:
                yield Problem(
                    path=("titles", part), message="is no part", hint=nearest(part, known)
                )


def _evaluators_of_rows(declared: Declaration) -> Iterator[Problem]:
    for number, one in enumerate(declared.evaluators):
        for column, wanted in one.where.items():
            if message := condition_problem(wanted):
                yield Problem(path=("evaluators", number, "where", column), message=message)
        if not one.parts and not one.where:
            yield Problem(
                path=("evaluators", number, "parts"),
                message="names neither parts nor where: it would score all rows",
                hint="name its parts, or the rows as where = { FIELD = VALUE }",
            )
    of_rows = [number for number, one in enumerate(declared.evaluators) if one.where]
    if of_rows and not declared.evaluator:
        yield Problem(
            path=("evaluator",),
            message=f"is missing: evaluators[{of_rows[0]}] scores some rows alone",
            hint="name the evaluator of all other rows",
        )


def _evaluators(declared: Declaration) -> Iterator[Problem]:
    """Who scores which rows, and which parts where the declaration names all parts."""
    yield from _evaluators_of_rows(declared)
    known = declared.part_names
    if not known or EVERY in known or not declared.evaluators:
        return
    members = {group.name: group.members for group in declared.groups}
    scored: set[str] = set()
    for number, one in enumerate(declared.evaluators):
        for at, name in enumerate(one.parts):
            if name not in known and name not in members:
                yield Problem(
                    path=("evaluators", number, "parts", at),
                    message=f"there is no part or group {name!r}",
                    hint=nearest(name, (*known, *members)),
                )
        scored |= set() if one.where else set(parts_of(one.parts, members))
    of_rows = any(one.where for one in declared.evaluators)
    if not (declared.evaluator or of_rows) and (
        without := [one for one in known if one not in scored]
    ):
        yield Problem(
            path=("evaluator",),
            message=f"is missing: no evaluator scores {', '.join(without[:5])}",
            hint="name them in [[evaluators]], or the evaluator of all other parts",
        )


def _columns(declared: Declaration) -> Iterator[Problem]:
    columns, rows = declared.columns, declared.row_table
    optional = bool(columns.choices or columns.options)
    for key, given, needed, why in (
        ("columns.labels", columns.labels, optional, "columns.choices or columns.options"),
        ("columns.right", columns.right is not None, optional, "columns.choices"),
        ("choices", declared.choices.shuffle, optional, "columns.choices or columns.options"),
        ("choices", declared.choices.permute > 1, optional, "columns.choices or columns.options"),
        ("columns.answer_is", columns.answer_is != "text", optional, "columns.choices"),
        ("columns.answers", columns.answers, columns.answer, "columns.answer"),
        ("columns.answer_pattern", columns.answer_pattern, columns.answer, "columns.answer"),
        ("rows.item", rows.item, rows.explode, "rows.explode"),
        ("rows.beside", rows.beside, rows.use, "rows.use"),
    ):
        if given and not needed:
            yield Problem(path=(key,), message=f"has no effect without {why}")
    for key, one, other in (
        ("columns.right", columns.right is not None, columns.answer),
        ("columns.aliases", columns.aliases, optional),
        ("columns.options", columns.options, columns.choices),
        ("columns.answer_pattern", columns.answer_pattern, columns.answers),
    ):
        if one and other:
            names = {
                "columns.right": "columns.answer",
                "columns.aliases": "options: an answer that is a list names several right ones",
                "columns.options": "columns.choices",
                "columns.answer_pattern": "columns.answers",
            }
            yield Problem(path=(key,), message=f"cannot stand beside {names[key]}")
    if columns.answer_is == "label" and not columns.labels:
        yield Problem(path=("columns.labels",), message='is missing: answer_is is "label"')


def _made(declared: Declaration) -> Iterator[Problem]:
    """Fields that are made of others, and texts and settings by part."""
    for number, one in enumerate(declared.clean):
        try:
            re.sub(one.pattern, one.replacement, "")
        except (re.error, IndexError) as error:
            yield Problem(
                path=("clean", number, "replacement"),
                message=f"does not fit the pattern: {error}",
                hint="\\1 is the pattern's first group; write \\\\ for a backslash",
            )
    for name, made in declared.fields.items():
        text = made.of if isinstance(made, FieldTable) else made
        if wrong := misspelt_place(text):
            yield Problem(path=("fields", name), message=wrong)
        if isinstance(made, FieldTable) and made.pattern and made.line:
            yield Problem(path=("fields", name, "line"), message="cannot stand beside pattern")
    tables = [("texts", declared.texts), ("generation", declared.generation)]
    for section, group in tables:
        for name, table in group.items():
            if wrong := _text_problem(table):
                yield Problem(path=(section, name), message=wrong)


def _text_problem(table: TextTable) -> str:
    sources = [key for key in ("file", "parts", "column") if getattr(table, key)]
    if len(sources) != 1:
        return "must have one of file, parts and column"
    if table.default is not None and not table.parts:
        return "default has no effect without parts"
    if table.key and not table.file:
        return "key has no effect without file"
    return ""
