"""The project's own environment, .venv: where it is, and how it is made. Standard library only."""

from __future__ import annotations

import ast
import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path
from typing import TextIO

ROOT = Path(__file__).resolve().parents[1]
ENVIRONMENT = ROOT / ".venv"
SCRIPTS = ENVIRONMENT / ("Scripts" if os.name == "nt" else "bin")
PYTHON = SCRIPTS / "python"
TEST_TOOLS = (
    "anthropic>=0.60",
    "axe-playwright-python>=0.1.4",
    "grpcio>=1.60",
    "hypothesis>=6.100",
    "jsonschema>=4.20",
    "mypy>=1.11",
    "openai>=2",
    "pandas>=2.2",
    "av>=15",
    "beautifulsoup4>=4.12",
    "pillow>=10",
    "playwright>=1.48",
    "polars>=1.9",
    "protobuf>=4.22",
    "pylatexenc>=2.10",
    "PyYAML>=6",
    "scipy>=1.11",
    "pytest>=8",
    "pytest-timeout>=2.3",
    "pytest-xdist>=3.8",
    "requests>=2.31",
    "ruff>=0.17,<0.18",  # its format changes with its minor versions
    "tenacity>=8",  # with requests: lm_eval's own way to a server
    "trustme>=1.1",
    "vulture>=2.14",
)
BUILDERS = ("flit_core>=3.12", "setuptools>=70", "wheel>=0.43")
BARE_TOOLS = ("bfcl-eval==2026.3.23",)
"""Installed without their dependencies, as their users are told to."""
BARE_PACKAGES = "tracking-"
"""How folders of our packages begin that are installed so, too: the clients of vendors, which are
large, are in an environment of the tests' own (tests/support/tracking_environment.py)."""
INSTALLER = "uv>=0.11"
"""The first that knows UV_SYSTEM_CERTS."""

_QUIET = ("--quiet", "--quiet", "--disable-pip-version-check")
"""Errors alone: a folder of wheels that lacks something is worth no warning."""


def packages() -> list[Path]:
    """Every distribution of the repository, core first."""
    found = [ROOT / "core", ROOT / "testkit", ROOT / "meta", *sorted(ROOT.glob("plugins/*/*"))]
    return [folder for folder in found if (folder / "pyproject.toml").is_file()]


def run(*command: object, stdout: TextIO | None = None) -> None:
    """Run a program; end with its exit code if that is not 0."""
    code = subprocess.call([str(part) for part in command], cwd=ROOT, stdout=stdout)
    if code:
        sys.exit(code)


def install(test: bool) -> None:
    """Make the environment fit the pyprojects; instant when it already does."""
    digest = hashlib.sha256(sys.version.encode())
    for folder in packages():
        digest.update(str(folder.relative_to(ROOT)).encode())
        digest.update((folder / "pyproject.toml").read_bytes())
    if test:
        digest.update("\n".join((*TEST_TOOLS, *BARE_TOOLS)).encode())
    stamp = ENVIRONMENT / f".installed-{'test' if test else 'run'}"
    if stamp.is_file() and stamp.read_text() == digest.hexdigest():
        return
    if sys.version_info < (3, 10):  # noqa: UP036 - whoever has an older one must be told
        sys.exit("error: aisbench needs Python 3.10 or newer; start dev.py with one")
    print("installing into .venv ...", file=sys.stderr)
    if not PYTHON.exists():
        venv.create(ENVIRONMENT, with_pip=True)
    # Both installers build without isolation: our build backend, and setuptools for dependencies
    # that are published as sources alone (rouge-score, langdetect).
    _pip(*BUILDERS)
    bare = [one for one in packages() if one.name.startswith(BARE_PACKAGES)]
    editable = [part for one in packages() if one not in bare for part in ("-e", str(one))]
    wanted = ["--no-build-isolation", *editable, *(TEST_TOOLS if test else ())]
    trouble = _uv(*wanted)
    if trouble is not None:
        _pip(*wanted)
        if trouble:
            print(f"note: uv could not install it, pip did. uv said: {trouble}", file=sys.stderr)
    more = [part for one in bare for part in ("-e", str(one))]
    _pip("--no-deps", "--no-build-isolation", *more, *(BARE_TOOLS if test else ()))
    stamp.write_text(digest.hexdigest())


def _pip(*words: str) -> None:
    run(PYTHON, "-m", "pip", "install", *_QUIET, *words, stdout=sys.stderr)


def _uv(*words: str) -> str | None:
    """Install with uv, which is faster: None when it did, else what it said; "" if there is no uv.

    What it says is no error yet: pip goes by other settings and may succeed.
    """
    fetched = subprocess.run(
        [str(PYTHON), "-m", "pip", "install", *_QUIET, INSTALLER], capture_output=True, check=False
    )
    if fetched.returncode:
        return ""
    done = subprocess.run(
        [str(SCRIPTS / "uv"), "pip", "install", "--quiet", "--python", str(PYTHON), *words],
        cwd=ROOT,
        env={**os.environ, **_settings_for_uv()},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode == 0:
        return None
    lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
    # It names the outermost failure first and the cause of all last.
    return " ... ".join(dict.fromkeys((lines[0], lines[-1]))) if lines else "nothing"


def _settings_for_uv() -> dict[str, str]:
    """What pip is told, in uv's words: uv reads none of pip's settings.

    The system's certificates are its own only when asked for (UV_SYSTEM_CERTS); a file of
    certificates is SSL_CERT_FILE. See uv's documentation, "TLS certificates".
    """
    told = {"UV_SYSTEM_CERTS": "1"}
    pips = _settings_of_pip()
    for name, key in (("SSL_CERT_FILE", "cert"), ("UV_FIND_LINKS", "find-links")):
        if pips.get(key):
            told[name] = pips[key]
    return {name: value for name, value in told.items() if name not in os.environ}


def _settings_of_pip() -> dict[str, str]:
    """pip's settings by key, from its files and its environment variables, the stronger last."""
    listed = subprocess.run(
        [str(PYTHON), "-m", "pip", "config", "list"], capture_output=True, text=True, check=False
    )
    found: dict[str, dict[str, str]] = {}
    for line in listed.stdout.splitlines():
        name, _, value = line.partition("=")
        section, _, key = name.rpartition(".")
        try:
            found.setdefault(section, {})[key] = str(ast.literal_eval(value))
        except (SyntaxError, ValueError):
            continue  # not a line of a setting
    return {
        key: value
        for section in ("global", "install", ":env:")
        for key, value in found.get(section, {}).items()
    }
