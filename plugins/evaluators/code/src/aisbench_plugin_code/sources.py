"""From an answer in C++, Java, JavaScript, Go or Rust to the source that is compiled with its
tests. Pure.

An answer is a whole function, with or without what stands around it, or continues the prompt. The
tests are those of HumanEval-X (Zheng et al. 2023): a C++ ``main``, a Java class ``Main``, calls in
JavaScript, functions ``TestX`` in Go, a module of tests in Rust.
"""

from __future__ import annotations

import re

from attrs import frozen

from aisbench_plugin_code.blocks import blocks_of, without_tokens

_NAME = {
    "cpp": re.compile(r"([A-Za-z_]\w*)\s*\([^()]*\)\s*\{\s*$"),
    "java": re.compile(r"([A-Za-z_]\w*)\s*\([^()]*\)\s*(?:throws [\w, ]+)?\{\s*$"),
    "js": re.compile(r"(?:const|let|var|function)\s+([A-Za-z_$][\w$]*)[^\n]*\{\s*$"),
    "go": re.compile(r"func\s+([A-Za-z_]\w*)\s*\("),
    "rust": re.compile(r"fn\s+([A-Za-z_]\w*)\s*(?:<[^>]*>)?\s*\("),
}
_CPP_HEADERS = (
    "stdlib.h", "algorithm", "math.h", "stdio.h", "vector", "string", "climits", "cstring",
    "iostream", "cassert",
)  # fmt: skip
_GO_PACKAGES = ("math", "strings", "fmt", "strconv", "time", "bytes", "regexp", "sort",
                "math/rand", "crypto/md5", "unicode", "errors", "container/heap")  # fmt: skip


@frozen(kw_only=True)
class SourceTask:
    """What a row says: ``declaration`` is the prompt without its comment, ``setup`` what Go's
    tests begin with."""

    prompt: str
    declaration: str
    test: str
    setup: str = ""


def named(language: str, task: SourceTask) -> str:
    """The function that is asked for: the last that is declared; "" if none is seen."""
    found = _NAME[language].findall(task.declaration) or _NAME[language].findall(task.prompt)
    return str(found[-1]) if found else ""


def program_of(language: str, answer: str, task: SourceTask) -> str | None:
    """What goes before the tests; None where the answer holds no code."""
    text = without_tokens(answer.replace("\r\n", "\n"))
    name = named(language, task)
    blocks = [block.code for block in blocks_of(text) if block.code.strip()]
    for code in reversed(blocks):
        if _defines(language, code, name):
            return _whole(language, code, task, name)
    if blocks:
        return _continued(language, blocks[-1], task)
    if not text.strip():
        return None
    if _defines(language, text, name):
        return _whole(language, text, task, name)
    return _continued(language, text, task)


def source_of(language: str, program: str, task: SourceTask, mark: str) -> str:
    """The whole source. ``mark`` is printed when the tests have come to their end, where the
    language does not say so itself."""
    if language == "cpp":
        headers = [f"#include <{one}>" for one in _CPP_HEADERS]
        # The last brace is that of main(), which returns nothing before it.
        head, brace, rest = task.test.rpartition("}")
        return "\n".join([*headers, program, f'{head}__builtin_puts("{mark}");{brace}{rest}'])
    if language == "js":
        return f'{program}\n{task.test}\nconsole.log("{mark}")\n'
    if language == "go":
        return _go(program, task)
    return f"{program}\n{task.test}\n"


def java_runner(mark: str) -> str:
    """The class that runs ``Main`` and says that it has come to its end."""
    return (
        "class RunsMain {\n    public static void main(String[] words) throws Throwable {\n"
        f'        Main.main(words);\n        System.out.println("{mark}");\n    }}\n}}\n'
    )


def _defines(language: str, code: str, name: str) -> bool:
    if not name:
        return False
    mark = re.escape(name)
    if language == "js":
        # At the beginning of a line: a body may have a variable of the function's name.
        return bool(
            re.search(
                rf"^(?:export\s+)?(?:(?:async\s+)?function\s+{mark}\b|(?:const|let|var)\s+{mark}\s*=)",
                code,
                re.MULTILINE,
            )
        )
    if language == "go":
        return bool(re.search(rf"^func\s+{mark}\s*\(", code, re.MULTILINE))
    if language == "rust":
        return bool(re.search(rf"\bfn\s+{mark}\b", code))
    # With its type before it, and a body behind: not a call.
    return bool(re.search(rf"[\w>\]&*]\s+[&*]?{mark}\s*\([^;{{}}]*\)[^;{{}}()]*\{{", code))


def _whole(language: str, code: str, task: SourceTask, name: str) -> str:
    before = task.declaration
    place = before.rfind(name)
    preamble = before[: before.rfind("\n", 0, place) + 1] if place >= 0 else ""
    if language == "java":
        return _java(code, preamble)
    own = {line.strip() for line in code.split("\n")}
    kept = [
        line
        for line in _without_repeated(language, preamble, code).split("\n")
        if not (line.strip() in own and re.match(r"use |(?:const|let|var) .*\brequire\(", line))
        and not ("fn main" in line and re.search(r"\bfn\s+main\b", code))
    ]
    return "\n".join(kept) + code


def _helpers(language: str, preamble: str) -> list[tuple[str, str]]:
    """Name and text of each function of a prompt before the one that is asked for."""
    indent = "    " if language == "java" else ""
    found: list[tuple[str, str]] = []
    inside: list[str] = []
    for line in preamble.split("\n"):
        begins = line.startswith(indent) and line[len(indent) : len(indent) + 1].isalpha()
        if not inside and not (begins and line.rstrip().endswith("{")):
            continue
        inside.append(line)
        if line.startswith(f"{indent}}}"):
            names = _NAME[language].findall(inside[0])
            if names:
                found.append((str(names[-1]), "\n".join(inside) + "\n"))
            inside = []
    return found


def _without_repeated(language: str, preamble: str, code: str) -> str:
    """A preamble without the functions that an answer repeats: twice they are an error."""
    for name, text in _helpers(language, preamble):
        if _defines(language, code, name):
            preamble = preamble.replace(text, "", 1)
    return preamble


def _java(code: str, preamble: str) -> str:
    code = re.sub(r"^\s*package [^;\n]*;", "", code, flags=re.MULTILINE)
    imports = "\n".join(re.findall(r"^import [^\n]*;", preamble, re.MULTILINE))
    helpers = "".join(
        text for name, text in _helpers("java", preamble) if not _defines("java", code, name)
    )
    opening = re.search(r"\bclass\s+Solution\b[^{]*\{", code)
    if opening is not None:
        code = f"{code[: opening.end()]}\n{helpers}{code[opening.end() :]}" if helpers else code
        code = re.sub(r"\bpublic\s+((?:final\s+)?class\b)", r"\1", code)
        return f"{imports}\n{code}"
    own = "\n".join(re.findall(r"^import [^\n]*;", code, re.MULTILINE))
    code = re.sub(r"^import [^\n]*;", "", code, flags=re.MULTILINE)
    return f"{imports}\n{own}\nclass Solution {{\n{helpers}{code}\n}}\n"


def _continued(language: str, code: str, task: SourceTask) -> str:
    """The prompt and a body, which ends where its function does: models go on with others."""
    lines = code.split("\n")
    depth = 1
    for number, line in enumerate(lines):
        depth += line.count("{") - line.count("}")
        if depth <= 0 and line.lstrip().startswith("}"):
            body = "\n".join(lines[: number + 1])
            # In Java the class is closed too, unless that stands in the same line.
            return f"{task.prompt}{body}\n" + ("}\n" if language == "java" and not depth else "")
    return f"{task.prompt}{code}"


def _go(program: str, task: SourceTask) -> str:
    """In Go an import that is not used, or there twice, is an error: those of the tests stay, and
    of the others those that the program uses."""
    bare = re.sub(r"^package [^\n]*\n", "", program, flags=re.MULTILINE)
    paths = set(_GO_PACKAGES)
    for match in re.finditer(r"^import\s*\(([^)]*)\)|^import\s+[^\n]*", bare, re.MULTILINE):
        paths |= set(re.findall(r'"([^"]+)"', match[0]))
    bare = re.sub(r"^import\s*\([^)]*\)|^import\s+[^\n]*", "", bare, flags=re.MULTILINE)
    there = set(re.findall(r'"([^"]+)"', task.setup))
    used = [
        path
        for path in sorted(paths - there)
        if re.search(rf"\b{re.escape(path.rpartition('/')[2])}\.", bare)
    ]
    more = "".join(f'import "{path}"\n' for path in used)
    return f"{task.setup}\n{more}\n{bare}\n{task.test}\n"
