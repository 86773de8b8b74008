"""The data set ``aa-lcr``: questions in a CSV file, their documents in a zip file or a folder."""

from __future__ import annotations

import csv
import unicodedata
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from io import StringIO
from pathlib import Path

from attrs import frozen

from aisbench.api import DataError, Sample, Variant, load_variants, setting
from aisbench.data import folder_of, read_text, require_file

QUESTIONS = "AA-LCR_Dataset.csv"
_ZIPS = ("AA-LCR_extracted-text.zip", "extracted_text/AA-LCR_extracted-text.zip")
_FOLDERS = ("lcr", "extracted_text/lcr")
_COLUMNS = (
    "document_category", "document_set_id", "question_id", "question", "answer",
    "data_source_filenames",
)  # fmt: skip
SOURCE = "hub: ArtificialAnalysis/AA-LCR"
_AGAIN = f"get {QUESTIONS} and extracted_text/AA-LCR_extracted-text.zip again: {SOURCE}"


@frozen
class LcrSettings:
    """Where the files are."""

    path: Path | None = setting(
        default=None,
        help="the folder of AA-LCR_Dataset.csv and of the zip of texts, or lcr that it unpacks to",
        example="data/AA-LCR",
    )


class AaLcr:
    """Each question with the documents of its set, in the order of data_source_filenames."""

    def __init__(self, settings: LcrSettings) -> None:
        self._folder = folder_of("aa-lcr", settings.path)

    def variants(self) -> Mapping[str, Variant]:
        return load_variants("aisbench_plugin_needles", "_lcr-variants.toml")

    def files(self) -> Sequence[Path]:
        """The questions, and the zip or every text."""
        texts = self._texts
        own = [texts.file] if isinstance(texts, _Zip) else [*texts.named.values()]
        return [self._file, *own]

    def samples(self) -> Sequence[Sample]:
        """Raises DataError for a column or a text that is missing."""
        reader = csv.DictReader(StringIO(read_text(self._file), newline=""))
        missing = [name for name in _COLUMNS if name not in (reader.fieldnames or ())]
        if missing:
            raise DataError(f"{self._file}: no column {missing[0]!r}", hint=_AGAIN)
        found = []
        for row in reader:
            place = f"{self._file}:{reader.line_num}"
            empty = [name for name in _COLUMNS if not (row[name] or "").strip()]
            if empty:
                raise DataError(f"{place}: {empty[0]} is empty", hint=_AGAIN)
            found.append(self._sample(row, place))
        if not found:
            raise DataError(f"{self._file}: no questions", hint=_AGAIN)
        return found

    def examples(self) -> Sequence[Sample]:
        raise DataError("aa-lcr: there are no few-shot examples", hint="set shots = 0")

    def _sample(self, row: Mapping[str, str], place: str) -> Sample:
        folder = f"{row['document_category']}/{row['document_set_id']}"
        names = [one.strip() for one in row["data_source_filenames"].split(";") if one.strip()]
        texts = []
        for number, name in enumerate(names, 1):
            file = composed(f"{folder}/{name}")
            if file not in self._texts.named:
                raise DataError(f"{place}: there is no text lcr/{folder}/{name}", hint=_AGAIN)
            text = self._texts.read(file)
            if not text.strip():
                raise DataError(f"{place}: the text lcr/{folder}/{name} is empty", hint=_AGAIN)
            texts.append(f"BEGIN DOCUMENT {number}:\n{text}\nEND DOCUMENT {number}")
        return Sample(
            id=row["question_id"],
            part=row["document_category"],
            fields={
                "question": row["question"],
                "context": "\n\n".join(texts),
                "documents": len(texts),
                "input_tokens": row.get("input_tokens"),
            },
            target=row["answer"],
            place=place,
        )

    @property
    def _file(self) -> Path:
        return require_file(self._folder / QUESTIONS, "aa-lcr", source=SOURCE, fetched=False)

    @cached_property
    def _texts(self) -> _Zip | _TextFolder:
        for name in _FOLDERS:
            if (self._folder / name).is_dir():
                return _TextFolder(self._folder / name)
        for name in _ZIPS:
            if (self._folder / name).is_file():
                return _Zip(self._folder / name)
        raise DataError(
            f"aa-lcr: {self._folder} has neither the folder lcr nor {_ZIPS[1]}", hint=_AGAIN
        )


def composed(name: str) -> str:
    """A file's name as it is compared. The zip's names are UTF-8 without the flag that says so,
    which zipfile reads as code page 437, and what unpacks it keeps; macOS writes accents apart."""
    with suppress(UnicodeError):  # else it was read as it should be
        name = name.encode("cp437").decode("utf-8")
    return unicodedata.normalize("NFC", name)


class _TextFolder:
    """Texts that somebody unpacked, by their names below lcr/."""

    def __init__(self, root: Path) -> None:
        files = sorted(root.rglob("*.txt"))
        self.named = {composed(one.relative_to(root).as_posix()): one for one in files}

    def read(self, name: str) -> str:
        return read_text(self.named[name])


class _Zip:
    """Texts in the zip file. Nothing is unpacked to disk."""

    def __init__(self, file: Path) -> None:
        self.file = file
        try:
            with zipfile.ZipFile(file) as archive:
                names = archive.namelist()
        except (OSError, zipfile.BadZipFile) as error:
            raise DataError(f"{file}: {error}", hint=_AGAIN) from None
        self.named = {
            composed(one.partition("lcr/")[2]): one
            for one in names
            if one.endswith(".txt") and "lcr/" in one and not one.startswith("__MACOSX")
        }

    def read(self, name: str) -> str:
        member = self.named[name]
        try:
            with zipfile.ZipFile(self.file) as archive:
                return archive.read(member).decode("utf-8")
        except (OSError, zipfile.BadZipFile, zlib.error, UnicodeDecodeError) as error:
            raise DataError(f"{self.file}: {member}: {error}", hint=_AGAIN) from None
