"""Honest programs and tests that look odd: what passes in one process passes in two."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from aisbench.api import Score, Verdict

DATA = Path(__file__).with_name("data")


def cases(name: str) -> dict[str, tuple[str, str]]:
    """Program and tests by what they show."""
    found = {}
    for part in (DATA / name).read_text(encoding="utf-8").split("\n=== ")[1:]:
        title, _, rest = part.partition("\n")
        code, _, tests = rest.partition("\n---\n")
        found[title] = (f"{code}\n", tests)
    return found


PASS, FAIL = cases("right.txt"), cases("wrong.txt")


@pytest.mark.parametrize("what", PASS)
def test_passes(scored: Callable[..., Score], what: str) -> None:
    code, tests = PASS[what]
    score = scored(f"```python\n{code}```", tests)
    assert score.verdict is Verdict.RIGHT, score.reason


@pytest.mark.parametrize("what", FAIL)
def test_fails(scored: Callable[..., Score], what: str) -> None:
    code, tests = FAIL[what]
    assert scored(f"```python\n{code}```", tests).verdict is Verdict.WRONG


TREE = """
class TreeNode:
    def __init__(self, val=0, left=None, right=None):
        self.val, self.left, self.right = val, left, right

    def __eq__(self, other):
        return other is not None and vars(self) == vars(other)


def f(root):
"""


def test_classes_of_the_prompt(scored: Callable[..., Score]) -> None:
    """Their objects are data, compared by the prompt's rules and not by the program's."""
    tests = (
        "t = TreeNode(1, TreeNode(2), TreeNode(3))\n"
        "assert f(t) == TreeNode(1, TreeNode(3), TreeNode(2))\n"
        "assert isinstance(f(t), TreeNode)\nassert f(None) is None"
    )
    right = "    return root and TreeNode(root.val, f(root.right), f(root.left))\n"
    assert scored(right, tests, prompt=TREE).verdict is Verdict.RIGHT
    place = "    if root: root.left, root.right = f(root.right), f(root.left)\n    return root\n"
    in_place = tests.replace("assert f(t)", "r = f(t)\nassert r is t\nassert r", 1).replace(
        "isinstance(f(t)", "isinstance(r"
    )
    assert scored(place, in_place, prompt=TREE).verdict is Verdict.RIGHT
    liar = TREE.replace("return other is not None and vars(self) == vars(other)", "return True")
    forged = f"```python\n{liar}    return root\n```"
    assert scored(forged, tests, prompt=TREE).verdict is Verdict.WRONG


def test_numpy(scored: Callable[..., Score]) -> None:
    pytest.importorskip("numpy")
    code = (
        "import numpy as np\ndef f(v):\n    v *= 2\n    return np.array(v) + 1\n"
        "def g(v):\n    return np.float64(sum(v)), np.bool_(True), np.int64(3)\n"
    )
    tests = (
        "import numpy as np\nv = np.array([1.0, 2.0])\nr = f(v)\n"
        "assert np.allclose(r, [3, 5]) and r.dtype == np.float64 and r.shape == (2,)\n"
        "assert v.tolist() == [2, 4]\nassert g([1, 2]) == (3.0, True, 3)\n"
        "m = f(np.arange(6).reshape(2, 3))\nassert m.shape == (2, 3) and m[1][2] == 11"
    )
    score = scored(f"```python\n{code}```", tests)
    assert score.verdict is Verdict.RIGHT, score.reason
