"""The evaluator ``program-tests``: a function in one of several languages, compiled and run with
its tests in one program."""

from __future__ import annotations

import logging
import re
import secrets
import threading
from typing import Any

import attrs

from aisbench.api import AisbenchError, Answer, DataError, Sample, Score, Verdict
from aisbench.sandbox import Program, ProgramEnd, Sandbox, open_sandbox
from aisbench_plugin_code.evaluator import PythonTests
from aisbench_plugin_code.settings import ProgramTestsSettings
from aisbench_plugin_code.sources import SourceTask, java_runner, program_of, source_of
from aisbench_plugin_code.toolchains import (
    LANGUAGES,
    NODE_FOLDERS,
    Toolchain,
    find_toolchain,
    missing_headers,
    missing_modules,
)

log = logging.getLogger(__name__)

LONGEST_REASON = 300
_HEADERS = "libboost-dev libssl-dev"
"""Debian's packages of the headers that HumanEval-X includes."""
_TELLING = re.compile(r"(?:Error|Exception)\b|panicked at|Assertion|terminate called")
_NOT_COMPILED = 97
"""The exit code that says so; a program may use it too, and is wrong as well."""

_JAVA = (
    "-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData -XX:CompressedClassSpaceSize=64m "
    "-XX:ReservedCodeCacheSize=64m -Xmx512m -Xss16m"
)
_RUNS = {
    "cpp": "'{g++}' -std=c++17 -w main.cpp -o main -lcrypto -lssl 2>told || "
    "'{g++}' -std=c++17 -w main.cpp -o main 2>told || {failed}; exec ./main",
    "java": "'{javac}' " + " ".join(f"-J{word}" for word in _JAVA.split()) + " -nowarn "
    "Main.java RunsMain.java >told 2>&1 || {failed}; exec '{java}' " + _JAVA + " RunsMain",
    "js": f"export NODE_PATH={':'.join(NODE_FOLDERS)}; exec '{{node}}' main.js",
    "go": "export GO111MODULE=off GOPATH=/usr/share/gocode GOFLAGS= GOCACHE=/sandbox/tmp/cache; "
    "'{go}' test -c -o main main_test.go 2>told || {failed}; exec ./main -test.v",
    "rust": "'{rustc}' --edition 2021 --test -A warnings -C linker='{cc}' main.rs -o main 2>told "
    "|| {failed}; exec ./main --test-threads 1",
}
_FILES = {"cpp": "main.cpp", "java": "Main.java", "js": "main.js", "go": "main_test.go",
          "rust": "main.rs"}  # fmt: skip
_FAILED = f"{{ head -c 2000 told >&2; exit {_NOT_COMPILED}; }}"


class ProgramTests:
    """Right when the program is compiled and its tests come to their end.

    Program and tests are one process, unlike those of Python, which ``python-tests`` scores from
    here. That they have come to their end is told by a word that is drawn for each run; a program
    that ends itself early does not know it.
    """

    def __init__(self, settings: ProgramTestsSettings) -> None:
        """Raises SandboxError where programs cannot be confined."""
        self._settings = settings
        self._lock = threading.Lock()
        self._tools: dict[str, Toolchain | str] = {}
        self._sandboxes: dict[str, Sandbox] = {}
        self._python = PythonTests(settings.python_tests())

    def check(self, sample: Sample) -> None:
        """Raises DataError for a sample without tests, and for a language that this machine
        cannot run."""
        language = self._language(sample)
        if language == "python":
            self._python.check(self._with_name(sample))
            return
        task = self._task(sample)
        self._tool(language)
        missing, install = [], ""
        if language == "cpp":
            missing, install = missing_headers(task.declaration), "apt install " + _HEADERS
        elif language == "js":
            missing = missing_modules(task.declaration + task.test)
            install = f"npm install -g {' '.join(missing)}"
        if missing:
            raise DataError(
                f"sample {sample.id} cannot be run on this machine: there is no "
                f"{', '.join(missing)}",
                hint=f"install it ({install}), or leave these rows out",
            )

    def score(self, sample: Sample, answer: Answer) -> Score:
        """Raises DataError for a language that this machine cannot run, AisbenchError when the
        sandbox does not work any more."""
        language = self._language(sample)
        if language == "python":
            return self._python.score(self._with_name(sample), answer)
        task = self._task(sample)
        program = program_of(language, answer.text, task)
        if program is None:
            return Score(value=0.0, verdict=Verdict.UNPARSED, reason="no code in the answer")
        mark = secrets.token_hex(16)
        end = self._run(language, source_of(language, program, task, mark), mark, sample.id)
        reason = fault_of(language, end, mark)
        return Score(
            value=0.0 if reason else 1.0,
            verdict=Verdict.WRONG if reason else Verdict.RIGHT,
            extracted=program,
            reason=(reason or "passed")[:LONGEST_REASON],
        )

    def _run(self, language: str, source: str, mark: str, sample: str) -> ProgramEnd:
        tool = self._tool(language)
        sandbox = self._sandbox(language, tool)
        files = {_FILES[language]: source.encode("utf-8", "replace")}
        if language == "java":
            files["RunsMain.java"] = java_runner(mark).encode()
        script = _RUNS[language].replace("{failed}", _FAILED)
        for name, path in tool.paths.items():
            script = script.replace(f"{{{name}}}", path)
        program = Program(
            files=files, command=["/bin/sh", "-c", script], limits=self._settings.limits
        )
        for attempt in (1, 2):
            end = sandbox.run(program.files, program.command, limits=program.limits)
            if end.status != "broken":
                return end
            log.warning(
                "sample %s, attempt %d: the sandbox broke: %s", sample, attempt, end.detail
            )
        if sandbox.run({}, ["/bin/sh", "-c", ":"], limits=program.limits).status == "broken":
            raise AisbenchError(
                f"the sandbox broke twice: {end.detail}",
                hint="what was not run has no verdict; look at the machine's memory and "
                "limits, then evaluate again",
            )
        return end

    def _language(self, sample: Sample) -> str:
        language = str(sample.fields.get(self._settings.language) or "")
        if language not in LANGUAGES and language != "python":
            raise DataError(
                f"sample {sample.id} has the language {language!r} in its field "
                f"{self._settings.language!r}",
                hint=f"it must be one of: python, {', '.join(LANGUAGES)}",
            )
        return language

    def _tool(self, language: str) -> Toolchain:
        with self._lock:
            if language not in self._tools:
                self._tools[language] = find_toolchain(language)
            found = self._tools[language]
        if isinstance(found, str):
            raise DataError(
                f"programs in {language} cannot be run on this machine: there is no {found}",
                hint=f"install it (Debian: apt install {LANGUAGES[language].install}), or leave "
                f'the language out: parts = ["python", ...] without "{language}"',
            )
        return found

    def _sandbox(self, language: str, tool: Toolchain) -> Sandbox:
        with self._lock:
            if language not in self._sandboxes:
                self._sandboxes[language] = open_sandbox(
                    self._settings.sandbox, tools=tool.folders
                )
            return self._sandboxes[language]

    def _task(self, sample: Sample) -> SourceTask:
        row: Any = sample.fields
        missing = [name for name in ("prompt", "declaration", "test") if not row.get(name)]
        if missing:
            raise DataError(
                f"sample {sample.id} has no text {missing[0]!r}",
                hint="program-tests reads the columns of HumanEval-X: prompt, declaration, test, "
                "and test_setup for Go",
            )
        return SourceTask(
            prompt=str(row["prompt"]),
            declaration=str(row["declaration"]),
            test=str(row["test"]),
            setup=str(row.get("test_setup") or ""),
        )

    def _with_name(self, sample: Sample) -> Sample:
        """The function that is asked for is the last that is declared."""
        found = re.findall(r"^def\s+(\w+)", str(sample.fields.get("declaration")), re.MULTILINE)
        fields = {**sample.fields, "entry_point": found[-1] if found else ""}
        return attrs.evolve(sample, fields=fields)


def fault_of(language: str, end: ProgramEnd, mark: str) -> str:
    """Why a program is wrong; "" when it is right."""
    err = end.stderr.strip()
    if end.status != "exited":
        return end.told
    if end.code == _NOT_COMPILED:
        return f"not compiled: {err[:200]}"
    if end.code != 0:
        words = _telling(err or end.stdout.strip())
        return f"{end.told}: {words}" if words else end.told
    lines = end.stdout.strip().split("\n")
    if not _came_to_the_end(language, lines, mark):
        return "ended before its tests did"
    if language == "js" and (err or len(lines) > 1):
        # console.assert() tells and goes on; HumanEval-X takes any output for a fault.
        return f"printed: {(err or lines[0])[:200]}"
    return ""


def _telling(words: str) -> str:
    """Of what a program says when it breaks what tells most: the line that names the error, which
    places in the source stand before or after; else its end."""
    lines = (line.strip() for line in words.split("\n"))
    return next(filter(_TELLING.search, lines), words)[-200:]


def _came_to_the_end(language: str, lines: list[str], mark: str) -> bool:
    if language == "go":
        return "PASS" in lines and "testing: warning: no tests to run" not in lines
    if language == "rust":
        done = "test result: ok. "
        return any(one.startswith(done) and not one.startswith(f"{done}0 ") for one in lines)
    return lines[-1] == mark
