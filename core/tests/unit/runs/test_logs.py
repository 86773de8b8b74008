"""What is logged while a run is made, and that nothing stays behind."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import pytest

from aisbench.base.errors import StoreError
from aisbench.runs.logs import RunLog
from aisbench.store.redactor import HIDDEN, Redactor

KEY = "sk-live-4fGh92kLmQw8"
log = logging.getLogger("aisbench.test")


def redactor() -> Redactor:
    made = Redactor()
    made.add([KEY])
    return made


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_records_are_kept_until_there_is_a_file_for_them(tmp_path: Path) -> None:
    shown: list[str] = []
    path = tmp_path / "log.jsonl"
    with RunLog(shown.append) as run_log:
        log.info("rows read")
        log.warning("odd \x1b[2J row")
        logging.getLogger("aisbench.plugins.custom").info("3 rows left out")
        run_log.write_to(path, redactor())
        log.debug("asked with %s", KEY)
        log.warning("refused: %s", KEY)
    assert shown == [
        "warning: odd \\x1b[2J row",
        "info: 3 rows left out",
        f"warning: refused: {HIDDEN}",
    ]
    found = rows(path)
    assert [(row["level"], row["message"]) for row in found] == [
        ("info", "rows read"),
        ("warning", "odd \x1b[2J row"),
        ("info", "3 rows left out"),
        ("debug", f"asked with {HIDDEN}"),
        ("warning", f"refused: {HIDDEN}"),
    ]


@pytest.mark.parametrize(("verbosity", "count"), [(0, 1), (1, 2), (2, 3), (9, 3)])
def test_more_is_shown_where_more_is_wanted(tmp_path: Path, verbosity: int, count: int) -> None:
    shown: list[str] = []
    with RunLog(shown.append, verbosity) as run_log:
        run_log.write_to(tmp_path / "log.jsonl", redactor())
        for level in (logging.DEBUG, logging.INFO, logging.WARNING):
            log.log(level, "text")
    assert len(shown) == count


def test_the_logger_is_as_before(tmp_path: Path) -> None:
    root = logging.getLogger("aisbench")
    own = logging.NullHandler()
    records: list[logging.LogRecord] = []
    own.handle = records.append  # type: ignore[method-assign, assignment]
    root.addHandler(own)
    try:
        root.setLevel(logging.ERROR)
        before = (root.level, root.propagate, root.handlers[:])
        with pytest.raises(ValueError, match="x"), RunLog(lambda _: None) as run_log:
            run_log.write_to(tmp_path / "log.jsonl", redactor())
            log.error("the program's own handlers do not get what may hold a secret")
            raise ValueError("x")
        assert (root.level, root.propagate, root.handlers) == before
        assert records == []
    finally:
        root.removeHandler(own)
        root.setLevel(logging.NOTSET)


def test_a_log_that_cannot_be_opened(tmp_path: Path) -> None:
    with RunLog(lambda _: None) as run_log, pytest.raises(StoreError, match=r"log\.jsonl"):
        run_log.write_to(tmp_path / "absent" / "log.jsonl", redactor())


def test_a_log_that_cannot_be_written_is_told_once(tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    shown: list[str] = []
    with RunLog(shown.append) as run_log:
        run_log.write_to(Path("/dev/full"), redactor())
        log.info("one")
        log.info("two")
        assert shown == ["warning: /dev/full: cannot be written: No space left on device"]
