"""Mutated suites and data files: what is wrong is told in words, and nothing else happens.

Each case is a command in a forked process with a limit of time and memory and no way out: a hook
ends it when it uses an address of a network. Bad are tracebacks, exit codes other than 0 and 2,
cases over their time, commands to the terminal in what is printed, errors that name no file, and
files that were written anywhere but into the case's own folder.
"""

from __future__ import annotations

import contextlib
import copy
import datetime
import gzip
import io
import json
import os
import random
import re
import resource
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import tomli
import tomli_w
from attrs import field, frozen
from tally import Row

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 25
SLOW = 10
MEMORY = 8 << 30
SENT = 77
CASES = 400
FILES = 200

NOWHERE = "http://127.0.0.1:1"
ACCURACY: dict[str, Any] = {
    "suite": {"name": "x"},
    "models": {
        "m": {"backend": "vllm-chat", "url": NOWHERE, "headers": {"X-Team": "a"}},
        "r": {"backend": "openai-completions", "url": [NOWHERE], "retry": {"attempts": 2}},
    },
    "datasets": {
        "gsm8k-demo": {"dataset": "gsm8k-demo", "limit": 2, "generation": {"max_tokens": 9}},
        "own": {"dataset": "custom", "path": "d.jsonl", "evaluator": "exact"},
    },
}
LOAD: dict[str, Any] = {
    "suite": {"name": "x", "mode": "performance"},
    "models": {"m": {"backend": "vllm-completions", "url": NOWHERE}},
    "datasets": {
        "w": {"dataset": "synthetic", "unit": "words", "rows": 3, "input": 5, "output": 3}
    },
    "load": {"shape": "poisson", "rate": 5, "duration": 1, "slo": {"ttft_ms": 5}},
}

NAMES = (
    *("..", "/", "a/b", "../../out", "x" * 300, "a\nb", "a b", "", "é", "\u202eabc", "-x", ".x"),
    *("a\\b", "~", "$HOME", "`id`", "\x1b[31m", "stale", "x.json", "名前", "*", "[a]", "%s", "{}"),
    *("__class__", "batch_size", "request_rate", "max_out_len", "api_key", "a.b", "\x7f"),
)
VALUES: tuple[Any, ...] = (
    *(-1, 0, 1, 2**31, 2**53, 2**63, 2**64, 10**30, 0.0, -0.5, 1e308, 5e-324),
    *(float("nan"), float("inf"), float("-inf"), True, False, "", " ", "..", "/", "/dev/null"),
    *("a/b", "../../out", "x" * 300, "a\nb", "\x1b[31mred\x1b]0;t\x07", "é\u202e", "{", "{x}"),
    *("{0.__class__}", "{question!r:>99999999}", "%s%n", "env:HOME", "env:", "env:NO SUCH"),
    *("http://", "http://u:p@h/", "https://h/?key=1", "ftp://x", "file:///etc/passwd"),
    *("http://[::1", "http://127.0.0.1:99999", "http://127.0.0.1:0", "http://h:x", "http://\x7f"),
    *("HTTP://H/", "http://h h", "http://xn--a/", "localhost:8000", "http://é.example/ü"),
    *([], {}, [[]], [{}], {"a": {}}, [1, "a"], ["x"] * 200, {"": 1}, {"a" * 300: 1}),
    *(datetime.datetime(2020, 1, 1), datetime.date(1, 1, 1), datetime.time(1, 2)),
    *("NaN", "1e999", "9" * 5000, "(a+)+$", "[", "(?P<", "\\", "regex", "lm", "first", "研发"),
    *("Qwen/no-such-model", "some/one", {"env": "NO_SUCH_X"}, {"env": ""}),
)
CELLS: tuple[Any, ...] = (
    *(None, "", " ", 0, -1, 1e308, float("nan"), float("inf"), True, [], {}, [[]], [1]),
    *({"a": 1}, "x" * 100000, "\ud800", "\x00", "\x1b[31m", "../../x", "{question}", "{"),
    *("9" * 5000, 10**400, "<think>", "\u202e", ["a"] * 1000, 2**63, -(2**63) - 1),
)
TEXTS = (
    *(b"\0", b"\xff", b"\xff\xfe", b"\n", b"\r", b'"', b'"""', b"'''", b"[", b"]]", b"=", b",,,"),
    *(b"{" * 2000, b"[" * 20000, b"a." * 3000 + b"b = 1\n", b"\xef\xbb\xbf", b"#" * 100000),
    *(b"\n[models]\n[models]\n", b"null\n", b"1\n", b"{}\n", b"\x1a", b"x" * 200000, b"\n\n\n"),
    *(b"x = " + b"9" * 5000 + b"\n", b"x = " + b"[" * 600 + b"]" * 600 + b"\n", b"\xed\xa0\x80"),
)
WHOLE = (
    *(b"", b"\n", b"\0" * 100, b"[]", b"{}", b"null", b"PK\x03\x04", b"PAR1PAR1", b"\x1f\x8b\x08"),
    *(b"<html>404</html>", b"version https://git-lfs.github.com/spec/v1\noid sha256:a\nsize 5\n"),
)


@frozen
class Verdict:
    """What a case came to; ``why`` is empty when all is well."""

    why: str
    printed: str = field(repr=False)


def run(seeds: Sequence[int], quick: bool) -> list[Row]:
    """Mutated suites through three commands, and mutated data files through a dry run."""
    sys.path.insert(0, str(ROOT / "core" / "src"))
    share = 10 if quick else 1
    commands = {
        "validate": ["validate", "s.toml"],
        "dry run": ["run", "s.toml", "--dry-run", "--limit", "2"],
        "evaluate": ["evaluate", "run"],
    }
    rows = []
    for name, words in commands.items():
        count = CASES // share if name != "evaluate" else CASES // (3 * share)
        rows.append(_part(f"mutated suites, {name}", seeds, count, _suite_cases(name), words))
    rows.append(
        _part("mutated data files", seeds, FILES // share, _file_cases, commands["dry run"])
    )
    return rows


Cases = Callable[[random.Random, Path, int], Iterator[str]]
"""Makes the files of so many cases in a folder, one case at each step; yields what must be named
in an error, or "" for nothing in particular."""


def _part(name: str, seeds: Sequence[int], count: int, cases: Cases, words: list[str]) -> Row:
    faults: list[str] = []
    tried = 0
    for seed in seeds:
        with _folder() as folder:
            for case, named in enumerate(cases(random.Random(f"{name}/{seed}"), folder, count)):
                tried += 1
                verdict = _command(words, named)
                if not verdict.why and (strays := _strays(folder)):
                    verdict = Verdict(f"wrote {strays}", verdict.printed)
                if verdict.why:
                    faults.append(f"seed {seed}, case {case}: {verdict.why}")
                    _keep(folder, name, seed, case)
    return Row("suites", name, tried, len(faults), faults=tuple(faults[:20]))


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    """A folder deep within a temporary one, so that ``../..`` would be seen, as current one."""
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as top:
        home, deep = Path(top) / "home", Path(top) / "a" / "b" / "c"
        home.mkdir()
        deep.mkdir(parents=True)
        homes = os.environ.get("HOME")
        os.environ["HOME"] = str(home)
        os.chdir(deep)
        try:
            yield deep
        finally:
            os.chdir(before)
            if homes is not None:
                os.environ["HOME"] = homes


def _keep(folder: Path, name: str, seed: int, case: int) -> None:
    """Where AISBENCH_KEEP names a folder: the files of a case that went wrong."""
    if place := os.environ.get("AISBENCH_KEEP"):
        target = Path(place) / f"{name.replace(', ', '-').replace(' ', '-')}-{seed}-{case}"
        shutil.copytree(folder, target, dirs_exist_ok=True)


def _strays(folder: Path) -> list[str]:
    """Files above the folder, or in the home of the case."""
    top = folder.parents[2]
    allowed = {"home", "a", "a/b", "a/b/c"}
    found = (str(path.relative_to(top)) for path in top.rglob("*"))
    return [
        name
        for name in found
        if name not in allowed and not name.startswith(("a/b/c/", "home/.cache"))
    ][:5]


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    sending = ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto")
    # uvloop connects without a word to hooks: what needs it is about to send.
    if event in sending or (event == "import" and arguments[0] == "uvloop"):
        os._exit(SENT)


def _command(words: list[str], named: str) -> Verdict:
    """One command in a process of its own, and what is to be said of it."""
    out = Path("printed.txt")
    sys.stdout.flush()
    begun = time.monotonic()
    if (pid := os.fork()) == 0:
        _child(words, out)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    took = time.monotonic() - begun
    printed = out.read_text(encoding="utf-8", errors="replace")
    out.unlink()
    return Verdict(_judged(code, took, printed, named), printed)


def _judged(code: int, took: float, printed: str, named: str) -> str:
    if code == SENT:
        return "used an address of a network"
    if "Traceback" in printed or "this is a bug" in printed:
        lines = [line for line in printed.splitlines() if line[:1].isalpha()]
        return f"traceback: {[line for line in lines if 'Error' in line][-1:]}"
    if code == -signal.SIGALRM:
        return f"not over after {SECONDS} s"
    if code not in (0, 2):
        return f"exit code {code}: {printed[-200:]!r}"
    if took > SLOW:
        return f"took {took:.0f} s"
    if re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", printed):
        return "a command to the terminal was printed"
    if code == 2 and named not in printed:
        return f"names no file: {printed[-200:]!r}"
    return ""


def _child(words: list[str], out: Path) -> None:
    code = 98
    try:
        signal.alarm(SECONDS)
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        fd = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        os.dup2(fd, 1)
        os.dup2(fd, 2)
        sys.stdout = io.TextIOWrapper(io.FileIO(1, "w", closefd=False), "utf-8", "replace")
        sys.stderr = sys.stdout
        from aisbench.cli import main

        sys.addaudithook(_hook)
        code = main(words)
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else 97
    except BaseException:  # noqa: BLE001 - it is what is looked for
        traceback.print_exc()
    finally:
        with contextlib.suppress(Exception):
            sys.stdout.flush()
        os._exit(code & 0xFF)


# -- suites


def _suite_cases(name: str) -> Cases:
    def cases(chance: random.Random, folder: Path, count: int) -> Iterator[str]:
        (folder / "d.jsonl").write_text('{"question":"1+1?","answer":"2"}\n')
        bases = list(_bases())
        target = (
            folder
            / ("run" if name == "evaluate" else ".")
            / ("suite.toml" if name == "evaluate" else "s.toml")
        )
        target.parent.mkdir(exist_ok=True)
        _warm(folder)
        made = 0
        while made < count:
            base = chance.choice(bases)
            if chance.random() < 0.8:
                try:
                    content = tomli_w.dumps(_changed(base, chance)).encode("utf-8")
                except (TypeError, ValueError):
                    continue
            else:
                content = _spoilt(tomli_w.dumps(base).encode(), chance)
            target.write_bytes(content)
            made += 1
            yield ""

    return cases


def _bases() -> Iterator[dict[str, Any]]:
    yield from (ACCURACY, ACCURACY, LOAD, LOAD)
    for path in sorted((ROOT / "examples").glob("*.toml")):
        found = tomli.loads(path.read_text(encoding="utf-8"))
        for model in (found.get("models") or {}).values():
            if model.pop("server", None):
                model["url"] = NOWHERE
            model.pop("tokenizer", None)
        for dataset in (found.get("datasets") or {}).values():
            dataset.pop("tokenizer", None)
        found.pop("servers", None)
        yield found


def _warm(folder: Path) -> None:
    """Load what commands need before they are forked."""
    from aisbench.cli import main

    for base in (ACCURACY, LOAD):
        (folder / "warm.toml").write_text(tomli_w.dumps(base), encoding="utf-8")
        sink = io.StringIO()
        with contextlib.redirect_stdout(sink), contextlib.redirect_stderr(sink):
            for words in (["validate", "warm.toml"], ["run", "warm.toml", "--dry-run"]):
                if main(words) != 0:
                    raise RuntimeError(f"the base is wrong:\n{sink.getvalue()}")
    (folder / "warm.toml").unlink()


def _places(table: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = []
    pairs = (
        table.items()
        if isinstance(table, dict)
        else enumerate(table)
        if isinstance(table, list)
        else ()
    )
    for key, value in pairs:
        found += [(*path, key), *_places(value, (*path, key))]
    return found


def _changed(base: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    made = copy.deepcopy(base)
    for _ in range(chance.choice([1, 1, 1, 2, 3])):
        places = _places(made)
        if not places:
            return made
        *above, key = chance.choice(places)
        parent: Any = made
        for step in above:
            parent = parent[step]
        how = chance.random()
        if how < 0.5:
            parent[key] = copy.deepcopy(chance.choice(VALUES))
        elif how < 0.65 and isinstance(parent, dict):
            parent[chance.choice(NAMES)] = parent.pop(key)
        elif how < 0.72:
            del parent[key]
        elif how < 0.9:
            inner = parent[key] if isinstance(parent[key], dict) else parent
            if isinstance(inner, dict):
                inner[chance.choice([*KEYS, *NAMES])] = copy.deepcopy(chance.choice(VALUES))
        else:
            made[chance.choice(SECTIONS)] = copy.deepcopy(chance.choice(VALUES))
    return made


SECTIONS = ("suite", "models", "datasets", "load", "exclude", "summarizers", "plugins", "servers")
KEYS = (
    *("url", "headers", "proxy", "timeout", "retry", "concurrency", "model", "tokenizer", "tls"),
    *("stream", "generation", "reasoning", "api_key", "server", "path", "variant", "limit"),
    *("shuffle", "repeats", "shots", "retriever", "retrieval", "template", "prompt", "evaluator"),
    *("evaluation", "metrics", "postprocess", "name", "mode", "seed", "output", "requires"),
    *("rate", "duration", "requests", "warm_up", "grace", "slo", "percentiles", "window", "until"),
    *("sweep", "search", "order", "salt", "think", "workers", "connections", "source_addresses"),
    *("scrape", "scrape_urls", "scrape_interval", "itl", "shape", "input", "output", "rows"),
)


def _spoilt(content: bytes, chance: random.Random) -> bytes:
    made = bytearray(content)
    for _ in range(chance.randint(1, 5)):
        at = chance.randrange(min(len(made), 4000) + 1)
        how = chance.random()
        if how < 0.4 and at < len(made):
            made[at] = chance.randrange(256)
        elif how < 0.7:
            made[at:at] = chance.choice(TEXTS)
        elif how < 0.9:
            del made[at : at + chance.randint(1, 60)]
        else:
            del made[at:]
    return bytes(made)


# -- data files


def _file_cases(chance: random.Random, folder: Path, count: int) -> Iterator[str]:
    _warm_files(folder)
    for _ in range(count):
        ending = chance.choice(["jsonl", "json", "csv", "tsv", "parquet", "jsonl.gz"])
        path = folder / f"d.{ending}"
        rows: list[dict[str, Any]] = [
            {"question": f"q{number}?", "answer": str(number), "A": "x", "B": "y"}
            for number in range(5)
        ]
        if chance.random() < 0.6:
            _spoil_cells(rows, chance)
        content = _written(rows, ending, path)
        if chance.random() < 0.5:
            content = _spoilt(content, chance) if chance.random() < 0.85 else chance.choice(WHOLE)
            path.write_bytes(content)
        _data_suite(folder, path.name)
        yield path.name
        path.unlink()


def _warm_files(folder: Path) -> None:
    for ending in ("jsonl", "parquet"):
        path = folder / f"d.{ending}"
        _written([{"question": "a", "answer": "1"}], ending, path)
        _data_suite(folder, path.name)
        from aisbench.cli import main

        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            main(["run", "s.toml", "--dry-run"])
        path.unlink()


def _data_suite(folder: Path, name: str) -> None:
    suite = {
        "models": {"m": {"backend": "vllm-chat", "url": NOWHERE}},
        "datasets": {"d": {"dataset": "custom", "path": name, "evaluator": "exact"}},
    }
    (folder / "s.toml").write_text(tomli_w.dumps(suite), encoding="utf-8")


def _spoil_cells(rows: list[dict[str, Any]], chance: random.Random) -> None:
    for _ in range(chance.randint(1, 3)):
        row = chance.choice(rows)
        key = chance.choice([*row, "id", "task_id", "part"])
        if chance.random() < 0.2:
            row.pop(key, None)
        else:
            row[key] = chance.choice(CELLS)


def _written(rows: list[dict[str, Any]], ending: str, path: Path) -> bytes:
    """The rows as a file of that format; odd cells as far as the format can have them."""
    if ending == "parquet":
        import pyarrow
        import pyarrow.parquet

        columns = {}
        for name in dict.fromkeys(key for row in rows for key in row):
            cells = [row.get(name) for row in rows]
            try:
                columns[name] = pyarrow.array(cells)
                # What Arrow can hold is more than what Parquet can.
                pyarrow.parquet.write_table(pyarrow.table({name: columns[name]}), path)
            except (pyarrow.ArrowException, OverflowError, UnicodeEncodeError):
                columns[name] = pyarrow.array(
                    [repr(cell).encode("utf-8", "replace") + b"\xff\x00" for cell in cells]
                )
        pyarrow.parquet.write_table(pyarrow.table(columns), path)
        return path.read_bytes()
    if ending in ("csv", "tsv"):
        mark = "," if ending == "csv" else "\t"
        names = list(dict.fromkeys(key for row in rows for key in row))
        lines = [mark.join(names)]
        lines += [mark.join(str(row.get(name, "")) for name in names) for row in rows]
        content = "\n".join(lines).encode("utf-8", "surrogatepass")
    elif ending == "json":
        content = json.dumps(rows).encode()
    else:
        content = "".join(json.dumps(row) + "\n" for row in rows).encode()
        if ending == "jsonl.gz":
            content = gzip.compress(content)
    path.write_bytes(content)
    return content
