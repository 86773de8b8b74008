"""The texts of a package, which it asks for by their English."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from importlib import resources

from attrs import frozen

from aisbench.wording.language import Language, language


@frozen
class Wording:
    """Texts of one package in one language."""

    language: Language
    templates: Mapping[str, str]
    """English template -> that of the language. What is not in it stays English."""

    def text(self, template: str, /, **values: object) -> str:
        """The text of an English ``template``, with ``values`` in the places of ``{names}``.

        Braces that are meant as such are doubled. Raises KeyError where a value is missing.
        """
        return self.templates.get(template, template).format(**values)


def wording(package: str, language_: Language | None = None) -> Wording:
    """The texts of a package (``__package__``), in the language that AISBENCH_LANG names, or in
    ``language_``.

    Translations lie beside its modules, in ``texts.zh.json``: an object from English templates to
    others. A package without that file speaks English. Raises LanguageError.
    """
    chosen = language_ or language()
    return Wording(chosen, {} if chosen == "en" else templates(package, f"texts.{chosen}.json"))


@functools.lru_cache
def templates(package: str, name: str) -> Mapping[str, str]:
    """What a file of texts in a package holds; nothing where there is no such file."""
    try:
        file = resources.files(package) / name
    except (ModuleNotFoundError, TypeError):  # a plugin that is a file, and no package
        return {}
    found: dict[str, str] = json.loads(file.read_bytes()) if file.is_file() else {}
    return found
