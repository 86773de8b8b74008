"""Functions in other languages: what is read of an answer, and what their tests say."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from aisbench.api import Answer, DataError, Sample, Score, Verdict
from aisbench.sandbox import ProgramEnd
from aisbench_plugin_code.programs import ProgramTests, fault_of
from aisbench_plugin_code.settings import ProgramTestsSettings
from aisbench_plugin_code.sources import SourceTask, program_of, source_of
from aisbench_plugin_code.toolchains import (
    LANGUAGES,
    find_toolchain,
    missing_headers,
    missing_modules,
)

DATA = Path(__file__).parents[3] / "datasets/humaneval/tests/data/x"
EXITS = {
    "cpp": "    exit(0);\n}\n",
    "java": "        System.exit(0);\n        return 0;\n    }\n}\n",
    "js": "  process.exit(0)\n}\n",
    "go": "    panic(1)\n}\n",
    "rust": "    std::process::exit(0);\n}\n",
}


def row(language: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((DATA / f"humanevalx_{language}.jsonl").read_text())
    return {**found, "part": language}


def task(language: str) -> SourceTask:
    held = row(language)
    return SourceTask(
        prompt=held["prompt"],
        declaration=held["declaration"],
        test=held["test"],
        setup=held.get("test_setup", ""),
    )


@pytest.fixture(scope="module")
def evaluator() -> ProgramTests:
    return ProgramTests(ProgramTestsSettings(run_code=True))


def scored(evaluator: ProgramTests, language: str, answer: str) -> Score:
    sample = Sample(id="s", part=language, fields=row(language))
    evaluator.check(sample)
    return evaluator.score(sample, Answer.of(answer))


@pytest.mark.not_quick
@pytest.mark.parametrize(
    "language",
    [
        "python",
        pytest.param("cpp", marks=pytest.mark.slow),
        pytest.param("java", marks=pytest.mark.slow),
        "js",
        pytest.param("go", marks=pytest.mark.slow),
        pytest.param("rust", marks=pytest.mark.slow),
    ],
)
def test_right_and_wrong(evaluator: ProgramTests, language: str) -> None:
    if language != "python" and isinstance(missing := find_toolchain(language), str):
        pytest.skip(f"no {missing}: apt install {LANGUAGES[language].install}")
    held = row(language)
    code = held["canonical_solution"]
    assert scored(evaluator, language, code).reason == "passed"
    whole = f"So:\n```{language}\n{held['declaration']}{code}\n```\nDone."
    assert scored(evaluator, language, whole).reason == "passed"
    off = code.replace("return sum", "return 1 + sum")
    assert scored(evaluator, language, off).verdict is Verdict.WRONG
    if language in EXITS:
        assert scored(evaluator, language, EXITS[language]).verdict is Verdict.WRONG
        broken = scored(evaluator, language, code.replace("return sum", "retrun sum"))
        assert broken.value == 0.0


@pytest.mark.not_quick
def test_a_missing_compiler_is_told_beforehand(
    evaluator: ProgramTests, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evaluator, "_tools", {})
    monkeypatch.setattr("shutil.which", lambda name: None)
    with pytest.raises(DataError, match=r"programs in go cannot be run.*there is no go") as told:
        evaluator.check(Sample(id="s", part="go", fields=row("go")))
    assert "apt install golang-go" in str(told.value.hint)
    with pytest.raises(DataError, match="the language 'cobol'"):
        evaluator.check(Sample(id="s", fields={**row("go"), "part": "cobol"}))


def test_missing_libraries() -> None:
    assert missing_headers("#include <vector>\n#include<no_such/thing.h>\n") == ["no_such/thing.h"]
    assert missing_modules("require('fs'); require(\"node:fs\"); require('no-such')") == [
        "no-such"
    ]


BODY = "    return 1;\n}\n\nint other() {\n    return 2;\n}\n"


def test_what_follows_a_body_is_left_out() -> None:
    program = program_of("cpp", BODY, task("cpp"))
    assert program == task("cpp").prompt + "    return 1;\n}\n"


def test_java_is_closed_and_wrapped() -> None:
    body = "        return 1;\n    }\n    int other() {\n        return 2;\n    }\n}\n"
    assert program_of("java", body, task("java")) == (
        task("java").prompt + "        return 1;\n    }\n}\n"
    )
    method = (
        "```java\nimport java.util.Map;\npublic int addUp(List<Integer> n) {\n  return 1;\n}\n```"
    )
    wrapped = str(program_of("java", method, task("java")))
    assert wrapped.startswith("import java.util.*;\nimport java.util.Map;\nclass Solution {")
    public = "```java\npublic class Solution {\n"
    public += "  public int addUp(List<Integer> n) { return 1; }\n}\n```"
    assert "\nclass Solution" in str(program_of("java", public, task("java")))


HELPED = {
    "cpp": (
        "#include<string>\nbool even(int n){\n    return n % 2 == 0;\n}\n",
        "bool odd(int n){\n",
    ),
    "java": (
        "import java.util.*;\n\nclass Solution {\n    public boolean even(int n) {\n"
        "        n = n < 0 ? -n : n;\n        return n % 2 == 0;\n    }\n",
        "    public boolean odd(int n) {\n",
    ),
    "js": ("const even = (n) => {\n  return n % 2 == 0\n}\n\n", "const odd = (n) => {\n"),
    "go": ("func even(n int) bool {\n    return n%2 == 0\n}\n", "func odd(n int) bool {\n"),
    "rust": (
        "fn main(){}\n\nuse std::cmp;\nfn even(n: i32) -> bool {\n    return n % 2 == 0;\n}\n",
        "fn odd(n: i32) -> bool {\n",
    ),
}


@pytest.mark.parametrize("language", HELPED)
def test_a_function_that_the_prompt_has_itself(language: str) -> None:
    """An answer repeats it, or only calls it: it is there once."""
    before, declaration = HELPED[language]
    ends = "    }\n}\n" if language == "java" else "}\n"
    task = SourceTask(prompt=before + declaration, declaration=before + declaration, test="")
    body = "    return !even(n);\n" + ends
    whole = program_of(language, f"```{language}\n{before}{declaration}{body}```", task)
    alone = program_of(language, f"```{language}\n{declaration}{body[: -len(ends)]}}}\n```", task)
    for program in (whole, alone):
        assert program is not None
        assert len(re.findall("n ?% ?2", program)) == program.count("!even(n)") == 1, program
        assert program.count("{") == program.count("}"), program


def test_what_a_broken_program_says() -> None:
    trace = (
        "main.js:3\nSyntaxError: Identifier 'even' has already been declared\n" + "    at x\n" * 99
    )
    end = ProgramEnd(status="exited", code=1, stdout="", stderr=trace, detail="")
    wanted = "SyntaxError: Identifier 'even' has already been declared"
    assert fault_of("js", end, "mark").endswith(f": {wanted}")


def test_a_variable_of_the_functions_name_is_no_definition() -> None:
    body = "  let addUp = 0\n  return addUp\n}\n"
    assert program_of("js", body, task("js")) == task("js").prompt + body.rstrip() + "\n"


def test_go_imports_are_those_that_are_used() -> None:
    answer = (
        '```go\npackage main\n\nimport (\n  "fmt"\n  "sort"\n  "testing"\n)\n\n'
        "func AddUp(n []int) int {\n  sort.Ints(n)\n  return 1\n}\n```"
    )
    program = str(program_of("go", answer, task("go")))
    source = source_of("go", program, task("go"), "mark")
    assert 'import "sort"' in source
    assert '"fmt"' not in source
    assert source.count('"testing"') == source.count("package main") == 1


def test_an_answer_without_code() -> None:
    assert program_of("cpp", " \n", task("cpp")) is None
