"""What was tidied up stays so: the counts of ``tools/house.py``."""

from __future__ import annotations

from pathlib import Path

from tools.house import measure

ROOT = Path(__file__).resolve().parents[2]

BRANCHING = {
    "polarity",  # one ordered list of decisions, which reads best as a whole
    "data_received",  # the hot path of every byte that is read
    "on_header",  # as data_received
}
"""Functions above the complexity that is allowed, and why."""


def test_the_house_is_in_order() -> None:
    found = measure(ROOT)
    branching = found.pop("functions above complexity 15")
    assert found.pop("loose modules of core") == ["__init__", "__main__", "api", "builtin"]
    assert {one.split(":")[1].split(" ")[1] for one in branching} == BRANCHING
    assert found == {what: [] for what in found}


def test_what_is_not_in_order_is_found(tmp_path: Path) -> None:
    core = tmp_path / "core/src/aisbench"
    for name, text in {
        "loose.py": "class Twice: ...\n" + "x = 1\n" * 400,
        "one/a.py": "def f():\n    from aisbench.two import b\n" + "    x = 1\n" * 60,
        "two/b.py": "import aisbench.one.a\nclass Twice: ...\n"
        "def g(x):\n    return " + " or ".join(["x"] * 16),
    }.items():
        (core / name).parent.mkdir(parents=True, exist_ok=True)
        (core / name).write_text(text)
    found = measure(tmp_path)
    assert found["loose modules of core"] == ["loose"]
    assert found["rooms of core in import cycles"] == ["one", "two"]
    assert found["class names twice in core"] == ["Twice"]
    assert [one.split(":")[1] for one in found["functions above 60 lines"]] == ["1 f"]
    assert found["functions above complexity 15"] == [
        "core/src/aisbench/two/b.py:3 g: complexity 16"
    ]
    assert found["modules above 400 lines"] == ["core/src/aisbench/loose.py: 401 lines"]
