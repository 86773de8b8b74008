"""Keys of a declaration about what is inside a row: columns, options, further fields."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

from attrs import frozen

from aisbench.data.filling import misspelt_place
from aisbench.settings.fields import at_least, not_empty, setting
from aisbench.types.json import JsonValue
from aisbench.types.media import MediaKind

AnswerIs = Literal["text", "letter", "letters", "label", "index", "index1", "flags"]


def regex(pattern: str) -> str | None:
    """The value must be a regular expression of Python."""
    try:
        re.compile(pattern)
    except re.error as error:
        return f"must be a regular expression ({error})"
    return None


def two(options: tuple[str, ...]) -> str | None:
    """A choice needs two options."""
    return "must be two or more" if len(options) == 1 else None


def places(text: str) -> str | None:
    """Every brace of the text must be a place, or literal."""
    wrong = misspelt_place(text)
    return None if wrong is None else f"has a place that names nothing: {wrong}"


def every_text(texts: Mapping[str, str]) -> str | None:
    """Every brace of the texts must be a place, or literal."""
    return next((wrong for one in texts.values() if (wrong := places(one))), None)


@frozen
class ColumnNames:
    """[columns]: what the files call things. Each is a column's name, or a path into it:
    ``question.stem``, ``choices[*].text``."""

    names: tuple[str, ...] = setting(
        default=(),
        help="names of a CSV file's columns, where its first line does not name them, or of what "
        "is in JSON rows that are lists; empty ones are left out",
    )
    records: str = setting(
        default="", help="key or path under which a JSON file holds its rows; {part} stands in it"
    )
    id: str = setting(
        default="", help='the row\'s id, or a text such as "{id}-{nr}"; default: its number'
    )
    question: str = setting(
        default="",
        help="column or made field that is alike in all rows that ask one question in several "
        "ways, such as with its options turned round: figures count them as repeats of one",
    )
    part: str = setting(default="", help="the row's part, where one file holds several")
    choices: str | tuple[str, ...] = setting(
        default=(),
        help="the list of options (of an object its keys), or the column of each; blank ones at "
        "the end are left out",
    )
    options: tuple[str, ...] = setting(
        default=(), check=two, help="the options, where they are the same for all rows"
    )
    labels: str | tuple[str, ...] = setting(
        default=(), help='the list of the options\' labels in the file, or the labels: ["1", "2"]'
    )
    answer: str = setting(default="", help="the reference, or a list of them")
    answer_is: AnswerIs = setting(
        default="text",
        help="with choices: what the reference is, an option's text, its letter, several letters "
        '("AD"), its label in the file, its place from 0 or 1, or a 0 or 1 for each of them',
    )
    right: int | None = setting(
        default=None,
        check=at_least(0),
        help="the place, from 0, of the right option, where it is the same in all rows",
    )
    aliases: str | tuple[str, ...] = setting(
        default=(),
        help='further references: columns, paths, or texts such as "{date.day} {date.month}"; '
        '"PATH?" may be absent from all rows',
    )
    answers: Mapping[str, str] = setting(
        factory=dict, help='references by what the file says, such as { true = "yes" }'
    )
    answer_pattern: str = setting(
        default="",
        check=regex,
        help="regular expression; its first group in the column is the reference",
    )


@frozen
class ChoiceTable:
    """[choices]: the order of options, and how they are written."""

    line: str = setting(
        default="{letter}. {text}",
        check=places,
        help="an option in {options}: {letter}, {text}, and {label} as the file has it",
    )
    join: str = setting(default="\n", help="what stands between two of them")
    shuffle: bool = setting(default=False, help="the order is drawn for each row")
    permute: int = setting(
        default=1, check=at_least(1), help="each row is asked in so many orders of its options"
    )
    optional: bool = setting(
        default=False,
        help="rows without options are open questions, whose reference is a text; the field "
        "{has_options} tells them apart",
    )


@frozen
class Cleaning:
    """[[clean]]: a change of texts, of columns (the reference too) before fields are made of
    them, and of fields after."""

    fields: tuple[str, ...] = setting(
        help="columns, paths or fields: texts or lists of texts", check=not_empty
    )
    pattern: str = setting(
        default="", check=regex, help="regular expression; empty: nothing is replaced"
    )
    replacement: str = setting(default="", help="what stands in its place; \\1 is a group")
    capitalize: bool = setting(default=False, help="then: the first letter large, others small")
    strip: bool = setting(default=False, help="then: without blanks at the ends")


@frozen
class FieldTable:
    """[fields] NAME = { ... }: a field that is no plain text with places."""

    of: str = setting(help="a column, a path, or a text with places", check=not_empty)
    pattern: str = setting(
        default="",
        check=regex,
        help="regular expression; its first group in the text (without one: the match) is kept",
    )
    texts: Mapping[str, str] = setting(
        factory=dict,
        check=every_text,
        help='the text, with places, by what the column says; "*": for what is not named',
    )
    line: str = setting(
        default="",
        check=places,
        help="of a list: what stands for each item, with {item}, {item.KEY}, {number} (from 1) "
        "and its {letter}",
    )
    join: str = setting(default="\n", help="what stands between the items of a list")


@frozen
class TextTable:
    """[texts] NAME = { ... }: a text for each part, from a file beside the data or written
    here."""

    file: str = setting(default="", help="the file; {part} and {split} stand in its name")
    key: str = setting(
        default="", help="of a JSON file: the path of the value; {part} stands in it"
    )
    after: str = setting(default="", help="only what stands after this text counts")
    before: str = setting(default="", help="only what stands before this text counts")
    strip: bool = setting(default=False, help="then: without blanks at the ends")
    fill: bool = setting(default=False, help="places in the text are filled in from the row")
    parts: Mapping[str, JsonValue] = setting(factory=dict, help="by part, in place of a file")
    default: JsonValue = setting(default=None, help="for parts that `parts` does not name")
    column: str = setting(default="", help="a column of the row, in place of a file")


@frozen
class MediaTable:
    """[media.NAME]: pictures, sounds or films, which become the field NAME."""

    column: str = setting(
        default="",
        help="column or path: contents, base64 or names of files, or a name with places such as "
        '"video/{id}.mp4"; default: NAME',
    )
    references: str = setting(
        default="",
        help="column by whose values cells of at most 64 characters name other rows of the file, "
        "whose content they show, as VLMEvalKit's tables do",
    )
    paths: str = setting(
        default="",
        help="column of names of files, for rows whose own column is empty or absent",
    )
    kind: MediaKind = setting(default="image", help="what they are")
    folder: str = setting(
        default="", help="the folder of named files, in that of the data; {part}, {split}"
    )
    zip: str = setting(default="", help="or the archive that holds them; {part}, {split}")
