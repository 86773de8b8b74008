"""NeedleBench's files, or texts of our own in their place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from aisbench.api import DataError
from aisbench.data import parse_json, read_table, read_text, require_file
from aisbench_plugin_needles import made_texts

HAYSTACKS = {"en": "PaulGrahamEssays.jsonl", "zh": "zh_finance.jsonl"}
NEEDLES, NAMES = "needles.jsonl", "names.json"
SOURCE = "huggingface.co/datasets/opencompass/NeedleBench"
LANGUAGES = {"en": "English", "zh": "Chinese"}


class Texts:
    """What prompts are made of. Without a ``folder`` all is made by ``seed``."""

    def __init__(self, folder: Path | None, seed: int) -> None:
        self._folder, self._seed = folder, seed

    def files(self, languages: Sequence[str], tasks: Sequence[str]) -> list[Path]:
        """Those that are read for these."""
        if self._folder is None:
            return []
        wanted = [HAYSTACKS[one] for one in languages if set(tasks) - {"atc"}]
        wanted += [NEEDLES] if {"single", "retrieval"} & set(tasks) else []
        wanted += [NAMES] if {"reasoning", "atc"} & set(tasks) else []
        return [self._folder / name for name in wanted]

    def documents(self, language: str) -> Sequence[str]:
        """The texts that haystacks are made of."""
        if self._folder is None:
            return made_texts.documents(language, self._seed)
        file = self._file(HAYSTACKS[language])
        found = [str(row.cells.get("text") or "") for row in read_table(file, hint=_AGAIN)]
        if not any(map(str.strip, found)):
            raise DataError(f'{file}: no row has a "text"', hint=_AGAIN)
        return found

    def needles(self, language: str) -> Sequence[Mapping[str, str]]:
        """Rows with needle, arg1, arg2 and retrieval_question."""
        if self._folder is None:
            return made_texts.needles(language)
        file = self._file(NEEDLES)
        found = []
        for row in read_table(file, hint=_AGAIN):
            if row.cells.get("language") != LANGUAGES[language]:
                continue
            keys = ("needle", "arg1", "arg2", "retrieval_question")
            missing = [key for key in keys if not isinstance(row.cells.get(key), str)]
            if missing:
                raise DataError(f"{row.place}: no {missing[0]!r}", hint=_AGAIN)
            found.append({key: str(row.cells[key]) for key in keys})
        if not found:
            raise DataError(f"{file}: no needle in {LANGUAGES[language]}", hint=_AGAIN)
        return found

    def names(self, language: str) -> Sequence[str]:
        """Persons."""
        if self._folder is None:
            return made_texts.names(language)
        file = self._file(NAMES)
        found = parse_json(read_text(file), str(file), hint=_AGAIN)
        texts = found.get(LANGUAGES[language]) if isinstance(found, dict) else None
        if not isinstance(texts, str) or "," not in texts:
            raise DataError(
                f"{file}: no names under {LANGUAGES[language]!r}, parted by commas", hint=_AGAIN
            )
        return list(dict.fromkeys(name for name in texts.split(",") if name.strip()))

    def _file(self, name: str) -> Path:
        assert self._folder is not None
        return require_file(self._folder / name, "needlebench", source=SOURCE, fetched=False)


_AGAIN = f"get it again: {SOURCE}"
