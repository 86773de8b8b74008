"""Pages that are written by hand name everything that the code can say, and the site has all."""

from __future__ import annotations

import re
import xml.etree.ElementTree
from collections.abc import Iterator

import pytest
import tomli
from pages import ROOT, english_of, name_of, pages

from aisbench.api import Anomaly, FaultKind, Verdict
from aisbench.base import errors
from aisbench.cli import COMMANDS

DOCS = ROOT / "docs"


def _cells(page: str) -> set[str]:
    """What stands as code in the first cells of a page's tables."""
    text = (DOCS / page).read_text(encoding="utf-8")
    first = re.findall(r"^\| ?([^|]*)\|", text, re.M)
    return {word for cell in first for word in re.findall(r"`([^`]+)`", cell)}


def test_every_outcome_and_every_kind_of_fault_is_explained() -> None:
    names = {one.value for kind in (Verdict, FaultKind, Anomaly) for one in kind}
    assert names - _cells("reference/causes.md") == set()


def test_every_exception_and_every_exit_code_is_explained() -> None:
    kinds = [one for one in vars(errors).values() if isinstance(one, type)]
    told = {one.__name__ for one in kinds if issubclass(one, errors.AisbenchError)}
    assert told - {"AisbenchError"} - _cells("reference/exit-codes.md") == set()
    text = (DOCS / "reference" / "exit-codes.md").read_text(encoding="utf-8")
    codes = {value for name, value in vars(errors.ExitCode).items() if name.isupper()}
    assert {int(code) for code in re.findall(r"^\| (\d) \|", text, re.M)} == codes


def test_every_distribution_is_listed() -> None:
    names = {
        tomli.loads(file.read_text(encoding="utf-8"))["project"]["name"]
        for pattern in ("*/pyproject.toml", "plugins/*/*/pyproject.toml")
        for file in ROOT.glob(pattern)
    }
    text = (DOCS / "reference" / "packages.md").read_text(encoding="utf-8")
    short = {name for name in names if f"`-{name.removeprefix('aisbench-plugin-')}`" in text}
    assert {name for name in names - short if f"`{name}`" not in text} == set()


def test_the_site_has_every_page_of_the_docs() -> None:
    config = tomli.loads((ROOT / "tools/site_files/zensical.toml").read_text(encoding="utf-8"))
    listed = list(_leaves(config["project"]["nav"]))
    assert [page for page in listed if not (ROOT / page).is_file()] == []
    decisions = {one for one in pages() if one.parent.name == "decisions"}
    wanted = {name_of(one) for one in pages() if one.is_relative_to(DOCS) and not english_of(one)}
    left = wanted - {name_of(one) for one in decisions} - set(listed)
    assert left == set()


def _leaves(nav: object) -> Iterator[str]:
    if isinstance(nav, str):
        yield nav
    elif isinstance(nav, dict):
        for inner in nav.values():
            yield from _leaves(inner)
    elif isinstance(nav, list):
        for inner in nav:
            yield from _leaves(inner)


def test_decisions_are_numbered_and_indexed() -> None:
    files = sorted((DOCS / "decisions").glob("[0-9]*.md"))
    assert [int(one.name[:4]) for one in files] == list(range(1, len(files) + 1))
    index = (DOCS / "decisions" / "README.md").read_text(encoding="utf-8")
    for file in files:
        text = file.read_text(encoding="utf-8")
        title = re.match(rf"# {file.name[:4]}: (.+)\n\n(\d{{4}}-\d\d-\d\d)\n", text)
        assert title, file.name
        assert f"[{file.name[:4]}]({file.name}) | {title[2]} | {title[1]} |" in index
        headings = re.findall(r"^## (\w+)", text, re.M)
        assert headings == ["Context", "Decision", "Consequence"], file.name


def test_the_readme_is_one_page_and_names_the_commands_of_a_clone() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(text.split()) < 1000
    assert "python3 dev.py run examples/quickstart.toml" in text
    assert "python3 dev.py test" in text
    assert text.index("pip install") < text.index("dev.py")
    assert {f"aisbench {name} " for name in ("run", "validate", "report")} <= {
        f"aisbench {name} " for name in COMMANDS if f"aisbench {name} " in text
    }


@pytest.mark.not_quick
def test_the_picture_is_of_a_run_of_today() -> None:
    """After a change: python -m tools.picture"""
    from tools.picture import PICTURE, shown

    tree = xml.etree.ElementTree.parse(PICTURE)
    assert "http" not in PICTURE.read_text("utf-8").replace("http://www.w3.org/2000/svg", "")
    drawn: dict[str, str] = {}
    for text in tree.iter("{http://www.w3.org/2000/svg}text"):
        line = text.get("y", "")
        drawn[line] = drawn.get(line, "") + "".join(text.itertext())
    lines = {_without_blanks(line) for line in drawn.values()}  # blanks are places in a picture
    rows = [line for line in shown().splitlines() if "28 x 3" in line]
    assert len(rows) == 6
    assert [row for row in rows if _without_blanks(row) not in lines] == []


def _without_blanks(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize(
    ("sentence", "module"),
    [
        ("requests were sent late", "loadgen/client_health.py"),
        ("answers were read late", "loadgen/client_health.py"),
        ("virtual clients idled", "loadgen/client_health.py"),
        ("requests/s were sent where", "loadgen/client_health.py"),
        ("the machine itself stood still", "loadgen/client_health.py"),
        ("streams came in one piece", "metrics/delivery.py"),
        ("streams came in coarse pieces", "metrics/delivery.py"),
        ("answers were empty", "metrics/delivery.py"),
        ("answers ended before the tokens that were demanded", "metrics/delivery.py"),
        ("the run was killed", "stages/measure.py"),
        ("without streaming", "stages/measure.py"),
    ],
)
def test_doubts_are_explained_in_the_words_in_which_they_are_shown(
    sentence: str, module: str
) -> None:
    for file in (DOCS / "reference" / "causes.md", ROOT / "core" / "src" / "aisbench" / module):
        words = re.sub(r'"\s+f?"|\s+', " ", file.read_text(encoding="utf-8"))
        words = re.sub(r"\{[^}]*\} ?|\bn |\bm ", "", words)
        assert sentence in re.sub(" +", " ", words), file
