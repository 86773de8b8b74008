"""A second process in other circumstances: another hash seed, clock, folder, time zone, locale.

What is stored today is found again tomorrow only if nothing of it depends on these. Run as
``python -m aisbench_testkit.checking.twin``, it answers questions, each a line of JSON.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import pickle
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from attrs import field, mutable

from aisbench.plugins.catalog import Catalog
from aisbench.plugins.discovery import discover
from aisbench.plugins.files import plugin_of_file, set_of_file, with_plugin_file
from aisbench_testkit.checks.trial import NotChecked, told

CIRCUMSTANCES: Mapping[str, Mapping[str, str]] = {
    "hash seed": {"PYTHONHASHSEED": "4711"},
    "clock": {"AISBENCH_TESTKIT_CLOCK": "2031-05-17T03:04:05+00:00"},
    "time zone": {"TZ": "Pacific/Kiritimati"},
    "locale": {"LC_ALL": "C", "LANG": "C"},
    "folder": {"AISBENCH_TESTKIT_FOLDER": "elsewhere"},
    "process": {},
}
"""What is different, and how the environment says it."""

_OWN = {"PYTHONHASHSEED": "0"}


@mutable
class Twin:
    """The other process, begun when it is first asked."""

    catalog: Path
    """What is installed, as :func:`known_catalog` keeps it."""
    differing: tuple[str, ...] = tuple(CIRCUMSTANCES)
    _process: subprocess.Popen[str] | None = field(default=None, init=False)
    _scratch: Any = field(default=None, init=False)

    def ask(self, **question: Any) -> dict[str, Any]:
        """What it answers. Raises NotChecked if it died of the question."""
        if self._process is None:
            self._begin()
        assert self._process is not None
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(json.dumps(question) + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            self.end()
            return {"error": "ends the second process"}
        answer: dict[str, Any] = json.loads(line)
        return answer

    def end(self) -> None:
        """End the process, if it was begun."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None
        if self._scratch is not None:
            self._scratch.cleanup()
            self._scratch = None

    def _begin(self) -> None:
        self._scratch = tempfile.TemporaryDirectory(prefix="aisbench-elsewhere-")
        changes = {**_OWN}
        for name in self.differing:
            changes.update(CIRCUMSTANCES[name])
        folder = changes.pop("AISBENCH_TESTKIT_FOLDER", "")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "aisbench_testkit.checking.twin", str(self.catalog)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            encoding="utf-8",
            env={**os.environ, **changes, "PYTHONUTF8": "1", "PYTHONPATH": _paths()},
            cwd=self._scratch.name if folder else None,
        )


def _paths() -> str:
    """sys.path, so that relative entries are meant from here."""
    return os.pathsep.join(str(Path(place).absolute()) for place in sys.path if place)


def known_catalog(file: Path) -> Catalog:
    """What is installed: found once, and then read from ``file``, which processes of one check
    share."""
    if file.is_file():
        with contextlib.suppress(Exception), file.open("rb") as stream:
            kept: Catalog = pickle.load(stream)
            return kept
    catalog = discover()
    # Offers of strangers may hold what cannot be kept; then each process looks for itself.
    with contextlib.suppress(Exception):
        file.write_bytes(pickle.dumps(catalog))
    return catalog


def culprits(catalog: Path, question: Mapping[str, Any], expected: object) -> str:
    """Which of the circumstances alone changes the answer to ``question``, in words."""
    found = []
    for name in ("process", "hash seed", "clock", "time zone", "locale", "folder"):
        twin = Twin(catalog=catalog, differing=(name,))
        try:
            if twin.ask(**question) != expected:
                found.append(name)
        finally:
            twin.end()
        if "process" in found:
            break
    words = {
        "hash seed": "another PYTHONHASHSEED: sort what comes out of a set",
        "clock": "another clock: nothing may depend on the time of day",
        "time zone": "another time zone",
        "locale": "another locale: say the encoding and do not sort by locale",
        "folder": "another current folder: paths are relative to the suite, not to it",
        "process": "any other process: nothing may be drawn without a seed",
    }
    if "process" in found:
        return words["process"]  # the others differ because all do
    return "; ".join(words[name] for name in found) or "several circumstances together"


def digest(value: object) -> str:
    """A checksum of plain data or attrs objects."""
    return hashlib.sha256(repr(value).encode("utf-8", "backslashreplace")).hexdigest()[:24]


def rows_of(dataset: Any, catalog: Any, limit: int = 2000) -> dict[str, Any]:
    """Checksums of all samples, by position, and of the prompts of the first ``limit``."""
    from aisbench_testkit.checks.snapshots import prompts_of

    samples = list(dataset.samples())
    found: dict[str, Any] = {
        "rows": [
            [one.id, digest(json.dumps([one.fields, one.target, one.part], default=repr))]
            for one in samples
        ],
        "prompts": {},
    }
    for name, variant in dataset.variants().items():
        with contextlib.suppress(Exception):  # another check tells what is wrong with prompts
            prompts = prompts_of(variant, dataset, samples[:limit], catalog)
            found["prompts"][name] = [digest(one) for one in prompts]
    return found


def scores_of(evaluator: Any, sample: Any, answers: Sequence[str]) -> dict[str, Any]:
    """The score of each answer, with the verdict and what was extracted."""
    from aisbench_testkit.checks.evaluator import transcript

    scores = []
    for text in answers:
        try:
            score = evaluator.score(sample, transcript(text))
            scores.append([score.value, score.verdict.value, score.extracted, score.reason])
        except Exception as error:  # noqa: BLE001 - a plugin may raise anything; it is reported
            scores.append([told(error)])
    return {"scores": scores}


class _TwinAnswers:
    """What the second process knows."""

    def __init__(self) -> None:
        self.catalog = known_catalog(Path(sys.argv[1]))

    def answer(self, question: Mapping[str, Any]) -> dict[str, Any]:
        from aisbench.api import Sample
        from aisbench_testkit.checks.making import make

        catalog, found = self.catalog, self.catalog.listed
        if question["file"]:
            file = Path(question["file"])
            found = plugin_of_file(file) if file.suffix == ".py" else (set_of_file(file),)
            catalog = with_plugin_file(catalog, file) if file.suffix == ".py" else catalog
        (listed,) = (
            one
            for one in found
            if (one.dist, one.offer.kind, one.offer.name)
            == (question["dist"], question["kind"], question["name"])
        )
        made = make(listed, question["settings"], Path(question["base"]))
        if listed.offer.kind == "dataset":
            return rows_of(made, catalog)
        sample = Sample(id="test-0", fields=question["fields"], target=question["target"], part="")
        return scores_of(made, sample, question["answers"])


def _serve(lines: IO[str], out: IO[str]) -> None:
    answers: _TwinAnswers | None = None
    for line in lines:
        try:
            answers = answers or _TwinAnswers()
            said = answers.answer(json.loads(line))
        except NotChecked:
            said = {}
        except Exception as error:  # noqa: BLE001 - a plugin may raise anything; it is reported
            said = {"error": f"raises {told(error)}"}
        out.write(json.dumps(said) + "\n")
        out.flush()


def main() -> None:
    """Answer until the questions end; what plugins print is not an answer."""
    own = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    moment = os.environ.get("AISBENCH_TESTKIT_CLOCK")
    if moment is None:
        _serve(sys.stdin, own)
        return
    import time_machine

    with time_machine.travel(moment, tick=True):
        _serve(sys.stdin, own)


if __name__ == "__main__":
    main()
