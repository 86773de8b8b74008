"""The keys of a declaration, strictly checked."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal, TypeVar

import attrs
from attrs import frozen

from aisbench.declared.column_keys import (
    ChoiceTable,
    Cleaning,
    ColumnNames,
    FieldTable,
    MediaTable,
    TextTable,
)
from aisbench.declared.row_keys import RowTable, SplitTable
from aisbench.settings.convert import structure
from aisbench.settings.fields import not_empty, setting
from aisbench.settings.problems import Problems
from aisbench.types.json import JsonObject, JsonValue
from aisbench.types.variant import Variant

EVERY = "*"
"""As the name of a part: all parts that the folder has."""

Keys = TypeVar("Keys", ColumnNames, RowTable)


@frozen
class VariantTable:
    """[variants.NAME]: a way to ask; the first is the default."""

    template: str = setting(help="chat, text, text-choices, chat-choices, or a plugin's")
    source: str = setting(default="", help="where the prompt comes from; a package must say it")
    prompt: str | JsonObject = setting(
        factory=dict,
        help='settings of the template; or "module:function": f(sample, shots) -> Prompt or text',
    )
    shots: int = setting(default=0, help="few-shot examples")
    retriever: str = setting(default="fixed", help="how they are chosen")
    retrieval: JsonObject = setting(factory=dict, help="settings of the retriever")
    generation: JsonObject = setting(factory=dict, help="sampling settings")
    evaluation: JsonObject = setting(factory=dict, help="settings of the evaluator")
    postprocess: tuple[str | JsonObject, ...] | None = setting(
        default=None, help="steps between an answer and its evaluator, in place of those of all"
    )

    def variant(self, common: Variant) -> Variant:
        """As core uses it; ``common`` has what is the same for all variants."""
        return Variant(
            template=self.template,
            source=self.source,
            prompt={} if isinstance(self.prompt, str) else self.prompt,
            function=self.prompt if isinstance(self.prompt, str) else "",
            shots=self.shots,
            retriever=self.retriever,
            retrieval=self.retrieval,
            generation=self.generation,
            evaluation={**common.evaluation, **self.evaluation},
            postprocess=common.postprocess if self.postprocess is None else self.postprocess,
        )


@frozen
class PublishedTable:
    """[[card.published]]: a figure of a well-known model."""

    model: str = setting(help="whose figure it is", check=not_empty)
    value: float = setting(help="the figure in its source's unit, usually percent")
    source: str = setting(help="where it stands", check=not_empty)
    metric: str = setting(default="accuracy", help="of what")
    how: str = setting(default="", help='with which prompt: "5-shot CoT"')


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
    published: tuple[PublishedTable, ...] = setting(
        default=(), help="figures of well-known models, to hold one's own against"
    )


@frozen
class GroupTable:
    """[[groups]]: parts that have a figure together."""

    name: str = setting(help='of the group; "" replaces the figure of the whole data set')
    members: tuple[str, ...] = setting(help="parts, or groups before it", check=not_empty)
    mean: Literal["samples", "members", "harmonic"] = setting(
        default="samples",
        help="what counts alike: every sample, or every member; harmonic: the members' "
        "harmonic mean",
    )
    weights: tuple[float, ...] = setting(default=(), help="of the members, where they differ")
    plus: float = setting(
        default=0.0,
        help="added to each member's figure, in its unit, before a harmonic mean is taken",
    )


@frozen
class PartEvaluatorTable:
    """[[evaluators]]: who scores some of the parts, or of the rows."""

    evaluator: str = setting(help='a name, or "module:function"', check=not_empty)
    parts: tuple[str, ...] = setting(
        default=(), help="names of parts, or of groups of them; default: all"
    )
    where: Mapping[str, JsonValue] = setting(
        factory=dict, help="rows, by their fields: conditions as in rows.where"
    )
    evaluation: JsonObject = setting(factory=dict, help="its settings")
    postprocess: tuple[str | JsonObject, ...] | None = setting(
        default=None, help="steps between an answer and it, in place of those of all parts"
    )


@frozen
class SliceTable:
    """[[slices]]: rows apart by one of their fields, for figures by length, level or year."""

    by: str = setting(
        help='the field, or a path into one; "prompt tokens": as the server counted them',
        check=not_empty,
    )
    edges: tuple[float, ...] = setting(
        default=(), help="numbers that each begin a slice; default: every value is one"
    )
    labels: tuple[str, ...] = setting(default=(), help="names of the slices, in order")
    name: str = setting(default="", help="what stands before them; default: the field")
    parts: bool = setting(default=False, help="figures of each part by slice, too")


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
    card: CardTable | None = setting(
        default=None, help="the catalogue's entry; a package must have one"
    )
    files: Mapping[str, str | tuple[str, ...]] = setting(
        help="split -> file in the data set's folder, or several names of which one is there; "
        "{part} stands for a part's name, * and ? match several files",
        check=not_empty,
    )
    version: int | str | None = setting(
        default=None, help="counts changes; goes into the keys of requests, and into results"
    )
    split: str = setting(default="", help="the split that is asked; default: the first of files")
    examples: str = setting(default="", help="the split that few-shot examples come from")
    parts: tuple[str, ...] = setting(
        default=(),
        help="names of the parts, where files name {part}; default: the members of the groups; "
        '["*"]: all that the folder has',
    )
    titles: Mapping[str, str] | tuple[str, ...] = setting(
        factory=dict,
        help="parts as prompts call them ({title}), by part or in the order of `parts`; default: "
        "without underscores",
    )
    groups: tuple[GroupTable, ...] = setting(default=(), help="parts with a figure together")
    slices: tuple[SliceTable, ...] = setting(
        default=(), help="figures of rows apart by a field, such as their length"
    )
    rows: str | RowTable = setting(
        factory=RowTable, help="what a row is; or a function that reads a file"
    )
    columns: ColumnNames = setting(factory=ColumnNames, help="what the files call things")
    splits: Mapping[str, SplitTable] = setting(
        factory=dict, help="what is different in one split's files"
    )
    unanswered: tuple[str, ...] = setting(default=(), help="splits without references")
    choices: ChoiceTable = setting(factory=ChoiceTable, help="order and looks of the options")
    clean: tuple[Cleaning, ...] = setting(default=(), help="changes of texts")
    texts: Mapping[str, TextTable] = setting(
        factory=dict, help="texts for each part, which become fields"
    )
    media: Mapping[str, MediaTable] = setting(
        factory=dict, help="pictures, sounds and films, which become fields"
    )
    fields: Mapping[str, str | FieldTable] = setting(
        factory=dict, help="further fields, made of columns and of fields before them"
    )
    generation: Mapping[str, TextTable] = setting(
        factory=dict, help="sampling settings of each row, such as max_tokens by part"
    )
    evaluator: str = setting(default="", help='who scores the answers: a name, "module:function"')
    evaluation: JsonObject = setting(factory=dict, help="its settings, for all variants")
    evaluators: tuple[PartEvaluatorTable, ...] = setting(
        default=(), help="who scores parts that need another evaluator"
    )
    postprocess: tuple[str | JsonObject, ...] = setting(
        default=(), help="steps between an answer and its evaluator, as in a suite"
    )
    metrics: tuple[str, ...] = setting(default=("accuracy",), help="figures")
    submission: str = setting(
        default="",
        help="file that answers without a reference are written to, as JSON: part -> id -> answer",
    )
    downloads: tuple[DownloadTable, ...] = setting(default=(), help="files that can be fetched")
    variants: Mapping[str, VariantTable] = setting(
        help="ways to ask; the first is the default", check=not_empty
    )

    @property
    def row_table(self) -> RowTable:
        """[rows], also where it is a function alone."""
        return RowTable(use=self.rows) if isinstance(self.rows, str) else self.rows

    @property
    def asked(self) -> str:
        """The split that is asked."""
        return self.split or next(iter(self.files))

    @property
    def source(self) -> str:
        """Where the official files are; empty where it is not said."""
        return self.card.source if self.card else ""

    @property
    def part_names(self) -> tuple[str, ...]:
        """The parts, also where only the groups name them."""
        if self.parts:
            return self.parts
        groups = {group.name for group in self.groups}
        members = (one for group in self.groups for one in group.members if one not in groups)
        return tuple(dict.fromkeys(members))

    @property
    def title_of(self) -> Mapping[str, str]:
        """The title of each part that has one."""
        if isinstance(self.titles, Mapping):
            return self.titles
        return dict(zip(self.part_names, self.titles, strict=False))

    def of_split(self, split: str) -> Declaration:
        """The declaration as it is for the files of one split. Raises Problems."""
        own = self.splits.get(split)
        if own is None:
            return self
        return attrs.evolve(
            self,
            columns=_laid(self.columns, own.columns, "columns"),
            rows=_laid(self.row_table, own.rows, "rows"),
        )


def _laid(below: Keys, above: JsonObject, key: str) -> Keys:
    try:
        own = structure(type(below), above, Path())
    except Problems as error:
        raise Problems(error.under(key)) from None
    return attrs.evolve(below, **{name: getattr(own, name) for name in above})
