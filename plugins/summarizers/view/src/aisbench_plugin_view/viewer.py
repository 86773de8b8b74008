"""What the pages ask for, as plain JSON: the same for the server and for static files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from attrs import define, field

from aisbench import (
    AisbenchError,
    AnsweredSample,
    AnswerFiles,
    DamageError,
    answer_files,
    load_run,
)
from aisbench_plugin_view.contents import OwnFiles
from aisbench_plugin_view.documents import Json, lines_of, run_document
from aisbench_plugin_view.folder import OutputsFolder, RunEntries
from aisbench_plugin_view.index import query
from aisbench_plugin_view.indexes import BeingMadeError, Indexes, UnindexedError
from aisbench_plugin_view.live import live_document, suite_of, task_progress
from aisbench_plugin_view.notes import Notes, NotesError
from aisbench_plugin_view.samples import media_in, sample_document

LISTING_SECONDS = 1.0
"""How long one look at the list reads runs that it does not know; the page asks again."""


class MissingError(AisbenchError):
    """There is no such run, task or sample."""


@define
class Viewer:
    """An outputs folder, looked at. Every method may be called in any thread."""

    folder: OutputsFolder
    indexes: Indexes = field(factory=Indexes)
    own_files: OwnFiles = field(factory=OwnFiles)

    @property
    def notes(self) -> Notes:
        """Tags and notes of the runs."""
        return Notes(self.folder.own / "view.json")

    def runs(self, seconds: float = LISTING_SECONDS) -> Json:
        """The list. Raises AisbenchError."""
        entries, left = RunEntries(self.folder.own / "runs.sqlite").all(
            self.folder.places(), seconds
        )
        problem = ""
        try:
            notes = self.notes.all()
        except NotesError as error:
            notes, problem = {}, str(error)
        for one in entries:
            one.update(notes.get(one["path"], {"tags": [], "note": ""}))
        return {
            "outputs": str(self.folder.top),
            "runs": entries,
            "left": left,
            "notes_shared": self.folder.notes_kept,
            "problem": problem,
            "lines": lines_of(one["reason"] for one in entries),
        }

    def run(self, identifier: str) -> Json:
        """All figures of a run. Raises AisbenchError."""
        path = self.path_of(identifier)
        label = next(one.label for one in self.folder.places() if one.id == identifier)
        noted = self.notes.all().get(label, {"tags": [], "note": ""})
        return {"id": identifier, "path": label, **noted, **run_document(path)}

    def check(self, identifier: str) -> Json:
        """Whether a run's files are what its sessions left. Raises AisbenchError where not."""
        load_run(self.path_of(identifier))
        return {"whole": True}

    def put_note(self, identifier: str, given: Any) -> Json:
        """Keep tags and note of a run. Raises AisbenchError."""
        label = next((one.label for one in self.folder.places() if one.id == identifier), None)
        if label is None:
            raise MissingError("there is no such run")
        if not isinstance(given, dict):
            raise NotesError("an object with tags and note is needed")
        return self.notes.put(label, given.get("tags", []), given.get("note", ""))

    def samples(
        self, identifier: str, task: int, wanted: query.Filter, order: str, offset: int, limit: int
    ) -> Json:
        """A page of the answers of a task. Raises AisbenchError, sqlite3.Error."""
        files, path = self._ready(identifier, task)
        found = query.page(path, files.answers, wanted, order, offset, limit)
        return {
            "task": {"model": files.model, "dataset": files.dataset, "load": files.load},
            "rows": list(found.rows),
            "total": found.total,
            "verdicts": dict(found.verdicts),
            "offset": offset,
            **query.choices(path),
            "progress": query.progress(path, _size(files.answers)),
        }

    def sample(self, identifier: str, task: int, sample: str, repeat: int) -> Json:
        """One answer. Raises AisbenchError, sqlite3.Error."""
        try:
            return self._sample(identifier, task, sample, repeat)
        except DamageError:
            # Its files may have been replaced since the index told where it is.
            return self._sample(identifier, task, sample, repeat)

    def _sample(self, identifier: str, task: int, sample: str, repeat: int) -> Json:
        files, path = self._ready(identifier, task)
        place = query.places(path, sample, repeat)
        if place is None:
            if query.progress(path, _size(files.answers))["searchable"] < 1:
                raise BeingMadeError  # its sample or its answer may come yet
            raise MissingError(f"there is no answer {repeat} to a sample {sample!r}")
        answered = answer_at(files, place, repeat)
        self.own_files.remember(identifier, media_in(answered))
        return sample_document(answered)

    def pairs(
        self,
        left: tuple[str, int],
        right: tuple[str, int],
        wanted: query.Filter,
        differ: bool,
        offset: int,
        limit: int,
    ) -> Json:
        """Two tasks on the same samples. Raises AisbenchError, sqlite3.Error."""
        left_files, left_index = self._ready(*left)
        right_files, right_index = self._ready(*right)
        rows, total, differing = query.pairs(
            (left_index, left_files.answers),
            (right_index, right_files.answers),
            wanted,
            differ=differ,
            offset=offset,
            limit=limit,
        )
        known = query.choices(left_index)
        return {
            "rows": rows,
            "total": total,
            "differing": differing,
            "offset": offset,
            **known,
            "indexed": min(
                query.progress(index, _size(files.answers))["searchable"]
                for index, files in ((left_index, left_files), (right_index, right_files))
            ),
        }

    def live(self, identifier: str) -> Json:
        """A run that still goes on. Raises AisbenchError, sqlite3.Error."""
        path = self.path_of(identifier)
        made = live_document(path)
        suite = suite_of(path)
        tasks = []
        problem = ""
        for files in answer_files(path):
            index = self.index_of(path, files)
            try:
                self.indexes.ready(files, index)
                tasks.append(task_progress(files, index, suite))
            except UnindexedError as error:  # what the run tells of itself is shown all the same
                problem = "" if isinstance(error, BeingMadeError) else str(error)
                tasks.append({"model": files.model, "dataset": files.dataset, "load": files.load})
        return {"id": identifier, "tasks": tasks, "problem": problem, **made}

    def path_of(self, identifier: str) -> Path:
        """The folder of a run. Raises AisbenchError."""
        path = self.folder.run(identifier)
        if path is None:
            raise MissingError("there is no such run", hint="it may have been moved or removed")
        return path

    def index_of(self, run: Path, files: AnswerFiles) -> Path:
        """Where the index of a task is."""
        return self.folder.index(run, files.model, files.dataset, files.load)

    def _ready(self, identifier: str, task: int) -> tuple[AnswerFiles, Path]:
        path = self.path_of(identifier)
        tasks = answer_files(path)
        if not 0 <= task < len(tasks):
            raise MissingError("there is no such task in the run")
        index = self.index_of(path, tasks[task])
        self.indexes.ready(tasks[task], index)
        return tasks[task], index


def answer_at(files: AnswerFiles, place: query.Places, repeat: int) -> AnsweredSample:
    """An answer that an index has found. Raises AisbenchError."""
    return files.read(
        place.turns,
        place.sample_at,
        place.score_at,
        repeat=repeat,
        judged_at=place.judged_at,
    )


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
