"""Tags and notes that people give to runs: they are the viewer's, never the run's."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any

import orjson
from attrs import define, field

from aisbench import AisbenchError

SCHEMA = 1
LONGEST_NOTE = 10_000
LONGEST_TAG = 60
MOST_TAGS = 20


class NotesError(AisbenchError):
    """A note or tag that cannot be kept."""


@define
class Notes:
    """``view.json``: by the path of a run in the outputs folder its tags and its note."""

    path: Path
    _lock: threading.Lock = field(factory=threading.Lock)

    def all(self) -> dict[str, dict[str, Any]]:
        """Raises NotesError for a file that is not the viewer's."""
        try:
            document = orjson.loads(self.path.read_bytes())
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            raise NotesError(
                f"{self.path}: cannot be read: {error}",
                hint="mend it, or move it away: tags and notes begin anew",
            ) from error
        runs = document.get("runs") if isinstance(document, dict) else None
        if not isinstance(runs, dict) or document.get("schema") != SCHEMA:
            raise NotesError(
                f"{self.path}: holds no notes of this version of aisbench view",
                hint="move it away: tags and notes begin anew",
            )
        return {
            run: {
                "tags": [str(tag) for tag in one.get("tags") or ()],
                "note": str(one.get("note") or ""),
            }
            for run, one in runs.items()
            if isinstance(one, dict)
        }

    def put(self, run: str, tags: object, note: object) -> dict[str, Any]:
        """Keep them of a run, in place of those that it had; empty ones are forgotten. What is
        kept of them. Raises NotesError."""
        made = {"tags": _checked_tags(tags), "note": _checked_note(note)}
        with self._lock:
            runs = self.all()
            runs.pop(run, None)
            if any(made.values()):
                runs[run] = made
            document = {"schema": SCHEMA, "runs": dict(sorted(runs.items()))}
            half = self.path.with_name(f".view.{os.getpid()}.tmp")
            try:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                half.write_bytes(
                    orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
                )
                half.replace(self.path)
            except OSError as error:
                raise NotesError(
                    f"{self.path}: cannot be written: {error.strerror or error}"
                ) from error
        return made


def _checked_tags(tags: object) -> list[str]:
    if not isinstance(tags, list) or not all(isinstance(one, str) for one in tags):
        raise NotesError("tags: must be a list of texts")
    found = list(dict.fromkeys(" ".join(one.split()) for one in tags if one.strip()))
    if len(found) > MOST_TAGS or any(len(one) > LONGEST_TAG for one in found):
        raise NotesError(f"tags: at most {MOST_TAGS}, of {LONGEST_TAG} characters each")
    return found


def _checked_note(note: object) -> str:
    if not isinstance(note, str) or len(note) > LONGEST_NOTE:
        raise NotesError(f"note: must be a text of at most {LONGEST_NOTE:,} characters")
    return note.strip()
