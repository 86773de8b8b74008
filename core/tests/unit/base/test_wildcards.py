"""Names in which * and ? stand for others."""

from __future__ import annotations

from aisbench.base.wildcards import Wildcards


def test_names_and_patterns() -> None:
    some = Wildcards(["a/test-1", "b/*", "c?"])
    matching = [
        name for name in ("a/test-1", "a/test-11", "b/x\ny", "c1", "c") if some.match(name)
    ]
    assert matching == ["a/test-1", "b/x\ny", "c1"]
    assert Wildcards().match("anything")
    # Brackets are nothing special, and ids have some.
    assert Wildcards(["row[1]?"]).match("row[1]x")
    assert not Wildcards(["row[1]?"]).match("row1x")
