"""The keys of a declaration, strictly checked."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from attrs import frozen

from aisbench.base.errors import PluginError
from aisbench.declared.offers import DeclaredOffer
from aisbench.settings.convert import structure
from aisbench.settings.fields import not_empty, setting
from aisbench.settings.keys import dotted
from aisbench.settings.problems import Problems
from aisbench.types.json import JsonObject
from aisbench.types.variant import Variant


@frozen
class ColumnNames:
    """[columns]: the names of columns."""

    names: tuple[str, ...] = setting(
        default=(), help="names of a CSV file's columns, where its first line does not name them"
    )
    records: str = setting(default="", help="key under which a JSON file holds its list of rows")
    id: str = setting(default="", help="the row's id; default: its number in the file")
    part: str = setting(default="", help="the row's part, where one file holds several")
    choices: str | tuple[str, ...] = setting(
        default=(), help="the column that holds the list of options, or the column of each option"
    )
    options: tuple[str, ...] = setting(
        default=(), help="the options, where they are the same for all rows"
    )
    answer: str = setting(default="", help="the reference; may be absent (a test without answers)")
    answer_is: Literal["text", "letter", "index", "index1"] = setting(
        default="text",
        help="with choices: what the reference is, an option's text, letter, place from 0 or 1",
    )
    answers: Mapping[str, str] = setting(
        factory=dict, help='references by what the file says, such as { true = "yes" }'
    )
    answer_pattern: str = setting(
        default="", help="regular expression; its first group in the column is the reference"
    )


@frozen
class Cleaning:
    """[[clean]]: a change of texts, of columns before fields are made of them, and of fields
    after."""

    fields: tuple[str, ...] = setting(
        help="columns or fields, texts or lists of texts", check=not_empty
    )
    pattern: str = setting(default="", help="regular expression; empty: nothing is replaced")
    replacement: str = setting(default="", help="what stands in its place; \\1 is a group")
    capitalize: bool = setting(default=False, help="then: the first letter large, others small")
    strip: bool = setting(default=False, help="then: without blanks at the ends")


@frozen
class VariantTable:
    """[variants.NAME]: a way to ask; the first is the default."""

    template: str = setting(help="chat, text, text-choices, chat-choices, or a plugin's")
    source: str = setting(help="where the prompt comes from", check=not_empty)
    prompt: JsonObject = setting(factory=dict, help="settings of the template")
    shots: int = setting(default=0, help="few-shot examples")
    retriever: str = setting(default="fixed", help="how they are chosen")
    retrieval: JsonObject = setting(factory=dict, help="settings of the retriever")
    generation: JsonObject = setting(factory=dict, help="sampling settings")
    evaluation: JsonObject = setting(factory=dict, help="settings of the evaluator")

    def variant(self) -> Variant:
        """As core uses it."""
        return Variant(
            template=self.template,
            source=self.source,
            prompt=self.prompt,
            shots=self.shots,
            retriever=self.retriever,
            retrieval=self.retrieval,
            generation=self.generation,
            evaluation=self.evaluation,
        )


@frozen
class CardTable:
    """[card]: the catalogue's entry."""

    task: str = setting(help="its kind in a few words", check=not_empty)
    rows: Mapping[str, int] = setting(factory=dict, help="rows of each split, as published")
    languages: tuple[str, ...] = setting(default=("en",), help="languages of the texts")
    licence: str = setting(help="licence of the data", check=not_empty)
    source: str = setting(help="where the official files are", check=not_empty)
    layout: str = setting(default="", help="which files are read, where it needs words")
    citation: str = setting(default="", help="the paper")


@frozen
class GroupTable:
    """[[groups]]: parts that have a figure together."""

    name: str = setting(help='of the group; "" replaces the figure of the whole data set')
    members: tuple[str, ...] = setting(help="parts, or groups before it", check=not_empty)
    mean: Literal["samples", "members"] = setting(
        default="samples", help="what counts alike: every sample, or every member"
    )
    weights: tuple[float, ...] = setting(default=(), help="of the members, where they differ")


@frozen
class DownloadTable:
    """[[downloads]]: a file that can be fetched."""

    url: str = setting(help="where it is")
    filename: str = setting(help="its name in the data set's folder")
    sha256: str = setting(help="checksum of its bytes")


@frozen
class Declaration:
    """A data set."""

    summary: str = setting(help="one line", check=not_empty)
    card: CardTable = setting(help="the catalogue's entry")
    files: Mapping[str, str | tuple[str, ...]] = setting(
        help="split -> file in the data set's folder, or several names of which one is there; "
        "{part} stands for a part's name",
        check=not_empty,
    )
    split: str = setting(help="the split that is asked")
    examples: str = setting(default="", help="the split that few-shot examples come from")
    parts: tuple[str, ...] = setting(
        default=(), help="names of the parts, where files name {part}"
    )
    titles: Mapping[str, str] = setting(
        factory=dict, help="parts as prompts call them ({title}); default: without underscores"
    )
    groups: tuple[GroupTable, ...] = setting(default=(), help="parts with a figure together")
    columns: ColumnNames = setting(factory=ColumnNames, help="names of columns")
    clean: tuple[Cleaning, ...] = setting(default=(), help="replacements in the rows")
    fields: Mapping[str, str] = setting(
        factory=dict, help="further fields, made of columns and of fields before them"
    )
    evaluator: str = setting(default="", help="who scores the answers")
    evaluation: JsonObject = setting(factory=dict, help="its settings, for all variants")
    metrics: tuple[str, ...] = setting(default=("accuracy",), help="figures")
    submission: str = setting(
        default="",
        help="file that answers without a reference are written to, as JSON: part -> id -> answer",
    )
    downloads: tuple[DownloadTable, ...] = setting(default=(), help="files that can be fetched")
    variants: Mapping[str, VariantTable] = setting(
        help="ways to ask; the first is the default", check=not_empty
    )


def declaration_of(offer: DeclaredOffer) -> Declaration:
    """All keys of an offer's declaration. Raises PluginError, naming file and key."""
    try:
        declaration = structure(Declaration, offer.table, Path())
    except Problems as error:
        problems = [
            f"{dotted(one.path)}: {one.message}" + (f" ({one.hint})" if one.hint else "")
            for one in error.problems
        ]
        raise PluginError(f"{offer.place}: " + "; ".join(problems)) from error
    for key, split in (("split", declaration.split), ("examples", declaration.examples)):
        if split and split not in declaration.files:
            raise PluginError(
                f"{offer.place}: {key}: there is no split {split!r} under files "
                f"({', '.join(declaration.files)})"
            )
    return declaration
