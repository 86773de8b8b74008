"""Append-only files that stay whole."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from aisbench.base.errors import ExitCode, StoreError
from aisbench.store.files import write_atomically
from aisbench.store.journal import Journal, read_rows


def written(path: Path, *rows: bytes) -> Path:
    journal = Journal(path)
    for row in rows:
        journal.append(row)
    journal.close()
    return path


def test_rows_come_back_in_order(tmp_path: Path) -> None:
    path = written(tmp_path / "deep" / "er" / "j.jsonl", b'{"a":1}\n', b"[2]\n")
    assert list(read_rows(path)) == [{"a": 1}, [2]]
    written(path, b'"more"\n')
    assert list(read_rows(path)) == [{"a": 1}, [2], "more"]


def test_a_row_is_in_the_file_when_append_returns(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j.jsonl")
    for number in range(5):
        journal.append(b"%d\n" % number)
        assert list(read_rows(journal.path)) == list(range(number + 1))
    journal.close()
    journal.close()


def test_an_absent_file_has_no_rows(tmp_path: Path) -> None:
    assert list(read_rows(tmp_path / "none.jsonl")) == []
    assert list(read_rows(written(tmp_path / "empty.jsonl"))) == []


@pytest.mark.parametrize("torn", [b"{", b'{"a":1}', b"\x00\xff", b"x" * 200_000])
def test_a_torn_last_row_is_dropped(tmp_path: Path, torn: bytes) -> None:
    path = tmp_path / "j.jsonl"
    path.write_bytes(b"1\n2\n" + torn)
    assert list(read_rows(path)) == [1, 2]
    written(path, b"3\n")
    assert path.read_bytes() == b"1\n2\n3\n"


def test_a_file_of_one_torn_row_is_emptied(tmp_path: Path) -> None:
    path = tmp_path / "j.jsonl"
    path.write_bytes(b"x" * 150_000)
    assert written(path, b"1\n").read_bytes() == b"1\n"


def test_damage_in_the_middle_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "j.jsonl"
    path.write_bytes(b'{"a":1}\n{"a":2}\n{"a":\n{"a":4}\n')
    rows = read_rows(path)
    assert [next(rows), next(rows)] == [{"a": 1}, {"a": 2}]
    with pytest.raises(StoreError, match=r"j\.jsonl:3: is damaged: ") as caught:
        next(rows)
    assert "--resume" in caught.value.hint


def test_what_cannot_be_read_or_written(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be read: Is a directory"):
        list(read_rows(tmp_path))
    with pytest.raises(StoreError, match="cannot be written: Is a directory") as caught:
        Journal(tmp_path)
    assert caught.value.exit_code == ExitCode.ABORTED
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="cannot be written: "):
        Journal(tmp_path / "file" / "j.jsonl")


FULL = """
import resource, signal, sys
from pathlib import Path
from aisbench.base.errors import StoreError
from aisbench.store.files import write_atomically
from aisbench.store.journal import Journal

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, resource.RLIM_INFINITY))
folder = Path(sys.argv[1])
journal = Journal(folder / "j.jsonl")
row = b'"' + b"x" * 297 + b'"\\n'
for number in range(3):
    journal.append(row)
for attempt in range(2):
    try:
        journal.append(row)  # 100 of its 300 bytes fit
    except StoreError as error:
        print(error)
    assert (folder / "j.jsonl").stat().st_size == 900, attempt
journal.append(b'"short"\\n')  # what fits is still taken
journal.close()
try:
    write_atomically(folder / "whole.json", b"y" * 2000)
except StoreError as error:
    print(error)
"""


def test_a_full_disk_leaves_whole_rows(tmp_path: Path) -> None:
    (tmp_path / "whole.json").write_bytes(b"before")
    made = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    lines = [line for line in made.stdout.splitlines() if "cannot be written" in line]
    assert lines == [
        f"{tmp_path}/j.jsonl: cannot be written: File too large",
        f"{tmp_path}/j.jsonl: cannot be written: File too large",
        f"{tmp_path}/whole.json: cannot be written: File too large",
    ]
    assert list(read_rows(tmp_path / "j.jsonl")) == ["x" * 297] * 3 + ["short"]
    # The file that could not be replaced is as it was, and nothing lies about.
    assert (tmp_path / "whole.json").read_bytes() == b"before"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["j.jsonl", "whole.json"]


KILLED = """
import os, signal, sys
from pathlib import Path
from aisbench.store.journal import Journal

journal = Journal(Path(sys.argv[1]))
for number in range(1000):
    journal.append(b"%d\\n" % number)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_killed_process_loses_no_row(tmp_path: Path) -> None:
    path = tmp_path / "j.jsonl"
    subprocess.run([sys.executable, "-c", KILLED, str(path)], timeout=60, check=False)
    assert list(read_rows(path)) == list(range(1000))


def test_append_after_close(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j.jsonl")
    journal.close()
    with pytest.raises(StoreError):
        journal.append(b"1\n")


def test_write_atomically(tmp_path: Path) -> None:
    path = tmp_path / "new" / "x.json"
    write_atomically(path, b"one")
    assert path.read_bytes() == b"one"
    write_atomically(path, b"two")
    assert path.read_bytes() == b"two"
    assert [one.name for one in path.parent.iterdir()] == ["x.json"]


def test_write_atomically_over_a_folder(tmp_path: Path) -> None:
    (tmp_path / "x" / "y").mkdir(parents=True)
    with pytest.raises(StoreError, match="cannot be written"):
        write_atomically(tmp_path / "x", b"one")
    assert [one.name for one in tmp_path.iterdir()] == ["x"]
