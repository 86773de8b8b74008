"""``aisbench view --export``: the same pages as files, for a static server or no server at all.

Data are scripts, each of which hands over one document: a page from a file may load scripts, and
nothing else.
"""

from __future__ import annotations

import importlib.metadata
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import orjson
from attrs import define

from aisbench import AisbenchError, AnswerFiles, answer_files
from aisbench.api import ExitCode, Language, language, wording
from aisbench_plugin_view.documents import Json
from aisbench_plugin_view.folder import OutputsFolder
from aisbench_plugin_view.index import query
from aisbench_plugin_view.pages import page, script, style
from aisbench_plugin_view.reports import Reports
from aisbench_plugin_view.samples import sample_document
from aisbench_plugin_view.viewer import Viewer, answer_at

ROWS = 2000
"""Rows of lists in one file."""
ANSWERS = 200
"""Answers in one file."""
UNREADABLE = ("foreign", "damaged")


def export(folder: OutputsFolder, target: Path, most: int | None) -> int:
    """Write all pages into ``target``; the exit code. Raises AisbenchError."""
    if most is not None and most < 0:
        raise AisbenchError("--answers: must be 0 or more")
    target = target.absolute()
    if target == folder.top or (target / "suite.toml").exists() or folder.top in target.parents:
        raise AisbenchError(
            f"--export {target}: lies in the folder of the runs", hint="choose one beside it"
        )
    if target.exists() and not (target / "view.js").exists() and any(target.iterdir()):
        raise AisbenchError(
            f"--export {target}: holds files that are no export", hint="choose an empty folder"
        )
    viewer = Viewer(folder)
    made = Export(viewer, target, language(), most)
    try:
        made.write()
    except OSError as error:
        raise AisbenchError(
            f"--export {target}: cannot be written: {error.strerror or error}"
        ) from error
    finally:
        viewer.indexes.close()
    if made.without_reports:
        words = wording(__package__)
        print(words.text("some runs are without a report: {why}", why=made.without_reports))
    size = sum(one.stat().st_size for one in target.rglob("*") if one.is_file())
    print(
        wording(__package__).text(
            "{folder}: {runs} runs, {answers} answers, {size} MB; open {page}",
            folder=folder.top,
            runs=made.runs,
            answers=f"{made.answers:,}",
            size=f"{size / 1e6:.1f}",
            page=target / "index.html",
        )
    )
    return ExitCode.OK


@define
class Export:
    """Writes an outputs folder as pages."""

    viewer: Viewer
    target: Path
    language: Language
    most: int | None
    """Answers of one task; None: all."""
    runs: int = 0
    answers: int = 0
    without_reports: str = ""
    """Why a run has no report, where one has none."""

    def write(self) -> None:
        """Everything. Raises AisbenchError, OSError."""
        data = self.target / "data"
        data.mkdir(parents=True, exist_ok=True)
        for old in data.iterdir():
            old.unlink()
        texts = resources.files("aisbench_plugin_view") / "texts.zh.json"
        self._data("texts_zh", orjson.loads(texts.read_bytes()))
        self._data(
            "start",
            {
                "language": self.language,
                "version": importlib.metadata.version("aisbench"),
                "static": True,
            },
        )
        listing = self.viewer.runs(seconds=float("inf"))
        # What somebody is given need not tell where it lay.
        listing["outputs"] = self.viewer.folder.top.name
        for entry in listing["runs"]:
            if entry["status"] not in UNREADABLE:
                self._run(entry["id"])
        self._data("runs", listing)
        for name, text in (("index.html", page()), ("view.js", script()), ("view.css", style())):
            (self.target / name).write_text(text, encoding="utf-8")

    def _run(self, identifier: str) -> None:
        document = self.viewer.run(identifier)
        document["report"] = self._report(identifier)
        self._data(f"run-{identifier}", document)
        self.runs += 1
        run = self.viewer.path_of(identifier)
        for number, files in enumerate(answer_files(run)):
            index = self.viewer.index_of(run, files)
            self.viewer.indexes.ready(files, index, patience=float("inf"), whole=True)
            self._task(f"{identifier}-{number}", files, index)

    def _report(self, identifier: str) -> bool:
        """Whether there is one: where no summarizer for it is installed, the pages go without."""
        try:
            content = Reports(self.viewer).page(identifier, self.language)
        except AisbenchError as error:
            self.without_reports = self.without_reports or str(error)
            return False
        (self.target / "data" / f"report-{identifier}.html").write_bytes(content)
        return True

    def _task(self, name: str, files: AnswerFiles, index: Path) -> None:
        total = 0
        rows: list[Json] = []
        answers: list[Json] = []
        row_files = answer_files = 0
        for row in self._rows(index, files.answers):
            total += 1
            if self.most is not None and total > self.most:
                continue
            place = query.places(index, row["id"], row["repeat"])
            assert place is not None  # it was listed
            one = answer_at(files, place, row["repeat"])
            rows.append({**row, "file": answer_files, "place": len(answers), "came": row["n"]})
            answers.append(sample_document(one))
            if len(answers) == ANSWERS:
                self._data(f"answers-{name}-{answer_files}", answers)
                answers, answer_files = [], answer_files + 1
            if len(rows) == ROWS:
                self._data(f"rows-{name}-{row_files}", rows)
                rows, row_files = [], row_files + 1
        if answers:
            self._data(f"answers-{name}-{answer_files}", answers)
            answer_files += 1
        if rows:
            self._data(f"rows-{name}-{row_files}", rows)
            row_files += 1
        kept = total if self.most is None else min(total, self.most)
        self.answers += kept
        about: Json = {
            "task": {"model": files.model, "dataset": files.dataset, "load": files.load},
            "row_files": row_files,
            "answer_files": answer_files,
            "left_out": total - kept,
            "damage": query.progress(index, 1)["damage"],
            **query.choices(index),
        }
        self._data(f"task-{name}", about)

    def _rows(self, index: Path, journal: Path) -> Iterator[Json]:
        offset = 0
        while rows := query.page(index, journal, query.Filter(), "set", offset, query.MOST).rows:
            yield from rows
            offset += len(rows)

    def _data(self, name: str, value: Any) -> None:
        # JSON is a part of JavaScript, line separators included (ECMAScript 2019).
        content = orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS)
        path = self.target / "data" / f"{name}.js"
        path.write_bytes(b"aisbench_data(%b,%b);\n" % (orjson.dumps(name), content))
