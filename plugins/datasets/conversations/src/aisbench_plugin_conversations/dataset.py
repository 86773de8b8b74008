"""What both data sets share: variants, files, samples, turns."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from pathlib import Path

from aisbench.api import (
    DataError,
    Prompt,
    Response,
    Sample,
    Variant,
    data_home,
    load_variants,
)
from aisbench_plugin_conversations.choosing import ConversationChooser, check
from aisbench_plugin_conversations.playing import play
from aisbench_plugin_conversations.settings import ConversationSettings
from aisbench_plugin_conversations.talk import Talk


class Conversations:
    """A data set of conversations, but for its layout."""

    name = ""
    wanted = ""
    """The file's name where it is fetched."""

    def __init__(self, settings: ConversationSettings, path: Path | None) -> None:
        self._settings = settings
        self._path = path

    def variants(self) -> Mapping[str, Variant]:
        return load_variants("aisbench_plugin_conversations")

    def files(self) -> Sequence[Path]:
        """The conversations, and the tokenizer where it is a file: it decides the limits."""
        check(self._settings, self.name)
        found = [self._file()]
        if self._settings.tokenizer:
            path = Path(self._settings.tokenizer).expanduser()
            file = path / "tokenizer.json" if path.is_dir() else path
            found += [file] if file.is_file() else []
        return found

    def samples(self) -> Sequence[Sample]:
        check(self._settings, self.name)
        chooser = ConversationChooser(self._settings, self.name)
        return chooser.samples(self._talks(chooser))

    def examples(self) -> Sequence[Sample]:
        raise DataError(
            f"{self.name}: conversations have no few-shot examples", hint="set shots = 0"
        )

    def play(self, sample: Sample, first: Prompt) -> Generator[Prompt, Response, None]:
        return play(self._settings, sample, first)

    def _talks(self, chooser: ConversationChooser) -> Iterator[Talk]:
        """The file's conversations; ``chooser`` counts those that cannot be played."""
        raise NotImplementedError

    def _file(self) -> Path:
        file = self._path or data_home() / self.name / self.wanted
        if file.is_dir():
            file = file / self.wanted
        if file.is_file():
            return file
        raise DataError(
            f"{self.name}: {file} does not exist",
            hint=f"get it with `aisbench datasets fetch {self.name}`, or name a file of that "
            "layout as `path`",
        )


class UniqueNames:
    """Unique ids: of equal ones, the second gets the ending ``#2``."""

    def __init__(self) -> None:
        self._seen: set[str] = set()

    def unique(self, name: str) -> str:
        """``name`` or the first free one after it."""
        found, count = name, 1
        while found in self._seen:
            count += 1
            found = f"{name}#{count}"
        self._seen.add(found)
        return found
