"""Texts with places for a sample's fields, as prompt templates have them."""

from __future__ import annotations

import re
from typing import Any

from aisbench.base.errors import DataError
from aisbench.data.cells import why_unusable
from aisbench.types.sample import Sample

_PLACE = re.compile(r"\{\{|\}\}|\{([A-Za-z_][A-Za-z0-9_]*)\}")


def fill_places(text: str, sample: Sample) -> str:
    """``text`` with the sample's fields where it names them in braces; doubled braces stand for
    one, and braces in what is filled in stay as they are.

    Braces that hold no name (``\\boxed{}``) are left alone. Raises DataError for a name that the
    sample does not have.
    """

    def replace(match: re.Match[str]) -> str:
        name = match.group(1)
        if name is None:
            return match.group(0)[0]
        if name not in sample.fields:
            raise DataError(
                f"the prompt template names {{{name}}}, which sample {sample.id} does not have",
                hint=f"fields of this data set: {', '.join(sorted(sample.fields))}; "
                "write {{ and }} for literal braces",
            )
        return str(usable_field(sample, name))

    return _PLACE.sub(replace, text)


def only_place(text: str) -> str | None:
    """The name in a text that is one place and nothing else."""
    match = _PLACE.fullmatch(text)
    return None if match is None else match.group(1)


def usable_field(sample: Sample, name: str) -> Any:
    """A field that is there. Raises DataError when it holds nothing that a prompt can show."""
    value = sample.fields[name]
    if type(value) is not str and (why := why_unusable(value)):
        raise DataError(
            f"the prompt template names {{{name}}}: {why}",
            hint="columns that no prompt names do no harm",
        )
    return value
