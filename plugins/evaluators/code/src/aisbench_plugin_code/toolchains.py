"""Compilers and interpreters of this machine: where they are, what programs must be able to read
of them, and what to install where one is missing."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from attrs import frozen


@frozen(kw_only=True)
class Toolchain:
    """``paths`` by the name of each program; ``folders`` that they need beside the system's."""

    paths: Mapping[str, str]
    folders: tuple[Path, ...] = ()


@frozen(kw_only=True)
class Language:
    """What running a language takes. ``install`` is what Debian calls it."""

    programs: tuple[str, ...]
    install: str


LANGUAGES: Mapping[str, Language] = {
    "cpp": Language(programs=("g++",), install="g++"),
    "java": Language(programs=("javac", "java"), install="default-jdk-headless"),
    "js": Language(programs=("node",), install="nodejs"),
    "go": Language(programs=("go",), install="golang-go golang-github-stretchr-testify-dev"),
    "rust": Language(programs=("rustc", "cc"), install="rustc gcc"),
}
NODE_FOLDERS = ("/usr/share/nodejs", "/usr/lib/node_modules", "/usr/local/lib/node_modules")
"""Where Debian and ``npm install -g`` put modules; programs see them."""
_NODE_OWN = {"assert", "buffer", "crypto", "events", "fs", "os", "path", "perf_hooks", "readline",
             "stream", "string_decoder", "timers", "url", "util", "worker_threads",
             "zlib"}  # fmt: skip
_GO_LIBRARIES = Path("/usr/share/gocode")
_SYSTEM = ("/usr/", "/bin/", "/sbin/", "/lib/")


def find_toolchain(language: str) -> Toolchain | str:
    """The toolchain, or what is missing of it."""
    paths: dict[str, str] = {}
    folders: list[Path] = []
    for name in LANGUAGES[language].programs:
        found = shutil.which(name)
        if found is None:
            return name
        path, more = _real(name, found)
        paths[name] = path
        folders += more
    if language == "go" and not (_GO_LIBRARIES / "src/github.com/stretchr/testify").is_dir():
        return "testify, which its tests import"
    return Toolchain(paths=paths, folders=tuple(dict.fromkeys(folders)))


def missing_headers(source: str) -> list[str]:
    """Headers of further libraries, which stand in folders, that this machine does not have."""
    wanted = re.findall(r"^#include\s*<(\w+/[\w./]+)>", source, re.MULTILINE)
    folders = [Path("/usr/include"), Path("/usr/local/include"), *Path("/usr/include").glob("*-*")]
    return [one for one in wanted if not any((folder / one).is_file() for folder in folders)]


def missing_modules(source: str) -> list[str]:
    """Modules of JavaScript that are neither node's own nor installed for all users."""
    wanted = re.findall(r"""\brequire\(\s*['"]([\w@/.-]+)['"]\s*\)""", source)
    return [
        one
        for one in wanted
        if one.removeprefix("node:") not in _NODE_OWN
        and not any(Path(folder, one).exists() for folder in NODE_FOLDERS)
    ]


def _real(name: str, found: str) -> tuple[str, list[Path]]:
    """The program itself and the folders that it needs; ``found`` may be a link or, of rustup, a
    program that looks for another."""
    if name == "rustc" and (root := _told([found, "--print", "sysroot"])):
        found = f"{root}/bin/rustc"
    if name == "go" and (root := _told([found, "env", "GOROOT"])):
        found = f"{root}/bin/go"
    path = Path(found).resolve()
    folders = [] if str(path).startswith(_SYSTEM) else [path.parent.parent]
    if name in ("java", "javac"):
        # Debian keeps what a Java reads at its start outside of its folder.
        folders += [one for one in Path("/etc").glob("java-*") if one.is_dir()]
    return str(path), folders


def _told(command: Sequence[str]) -> str:
    """The first line of what a program of the user's own says; "" where it says nothing."""
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=20,
            check=True,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip().split("\n")[0]
