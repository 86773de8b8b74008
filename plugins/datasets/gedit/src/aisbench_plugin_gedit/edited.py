"""The backend ``edited-pictures``: a folder of pictures in the place of a model that edits.

GEdit-Bench's authors save them as TASK/LANGUAGE/KEY.png, and the picture before as KEY_SRCIMG.png
beside it (stepfun-ai/Step1X-Edit, ``GEdit-Bench/generate_image_example.py``). The answer to a row
is the path of its picture within the folder, which the evaluator ``judge-edit`` looks at.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath

from attrs import frozen

from aisbench.api import (
    DataError,
    Fault,
    FaultKind,
    FinishReason,
    JsonObject,
    ModelDescription,
    Prompt,
    Request,
    Response,
    setting,
)

_ENDINGS = frozenset((".png", ".jpg", ".jpeg", ".webp"))
_BEFORE = "_SRCIMG"
_NAMED = 3
"""Files that a message names."""


@frozen(kw_only=True)
class EditedSettings:
    """Where the pictures are."""

    folder: Path = setting(
        help="the folder with the edited pictures, at any depth: KEY.png, where KEY is the end of "
        "the row's id",
        example="results/step1x/fullset",
    )


class EditedPictures:
    """Looks pictures up."""

    def __init__(self, settings: EditedSettings) -> None:
        self._folder = settings.folder
        self._found: dict[str, list[str]] | None = None

    def refused(self, generation: JsonObject) -> Mapping[str, str]:
        """All of them: nothing is made of a picture that is there already."""
        return dict.fromkeys(generation, "leave it out: the pictures are there already")

    def files(self) -> Sequence[Path]:
        """None: the pictures are described by their names and sizes, as there may be many."""
        return []

    def check(self, prompts: Sequence[Prompt]) -> None:
        """Raises DataError where there is no picture."""
        self._pictures()

    def open(self) -> str:
        """The name of the folder, and of what it lies in. Raises DataError."""
        self._pictures()
        return self._folder.resolve().name

    def describe(self) -> ModelDescription:
        """By the names, sizes and times of change of all pictures."""
        held = hashlib.sha256()
        for name in sorted(one for names in self._pictures().values() for one in names):
            status = (self._folder / name).stat()
            held.update(f"{name}\0{status.st_size}\0{status.st_mtime_ns}\n".encode())
        return ModelDescription(fingerprint={"pictures": held.hexdigest()})

    def answer(self, requests: Sequence[Request]) -> Iterator[tuple[int, Response]]:
        """The path of each row's picture within the folder."""
        pictures = self._pictures()
        for place, request in enumerate(requests):
            yield place, self._response(request.sample_id, pictures)

    def close(self) -> None:
        """Nothing is held but names."""
        self._found = None

    def _response(self, sample: str, pictures: Mapping[str, Sequence[str]]) -> Response:
        # PART/SPLIT-KEY: the split has no hyphen in it, and the key may.
        part, _, own = sample.rpartition("/")
        key = own.partition("-")[2]
        names = pictures.get(key, ())
        if len(names) > 1:
            # The same key under several tasks: that of the row's own.
            names = [one for one in names if part and part in PurePosixPath(one).parts] or names
        if len(names) == 1:
            return Response(text=names[0], finish_reason=FinishReason.STOP)
        what = (
            f"there are several pictures called {key}: {', '.join(names[:_NAMED])}"
            if names
            else f"there is no picture called {key}.png in {self._folder}"
        )
        return Response(fault=Fault(kind=FaultKind.LOCAL, message=what, deterministic=True))

    def _pictures(self) -> dict[str, list[str]]:
        """Name without ending -> paths within the folder. Raises DataError for an empty one."""
        if self._found is None:
            found: dict[str, list[str]] = {}
            for file in sorted(self._folder.rglob("*")):
                if file.suffix.lower() in _ENDINGS and not file.stem.endswith(_BEFORE):
                    name = file.relative_to(self._folder).as_posix()
                    found.setdefault(file.stem, []).append(name)
            if not found:
                what = "there are no pictures" if self._folder.is_dir() else "there is no folder"
                raise DataError(
                    f"{self._folder}: {what}",
                    hint="name the folder of the edited pictures: TASK/LANGUAGE/KEY.png, or "
                    "KEY.png, with KEY as the data set has it",
                )
            self._found = found
        return self._found
