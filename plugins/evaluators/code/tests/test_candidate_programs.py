"""The program in an answer, in the many forms in which models give one."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aisbench.api import Score, Verdict
from aisbench_plugin_code.candidate_programs import find_programs
from aisbench_plugin_code.inside.picking import pick
from aisbench_testkit.programs import PRESENTATIONS

BASE = '''import math
from typing import List


def half(x):
    return x / 2


def spread(values: List[int], scale: int = 1) -> float:
    """How far apart the values are.
    >>> spread([1, 4])
    3.0
    """
'''
BODY = """    if not values:
        return 0.0
    low = min(values)

    return float(math.fabs(max(values) - low) * scale)
"""
FUNCTION = BASE[BASE.index("def spread") :] + BODY
BARE = "def spread(values, scale=1):\n" + BODY
TABS = BARE.replace("    ", "\t")


def found(answer: str, prompt: str = BASE) -> Any:
    """What the answer's program computes; these are our own programs, so they may run here."""
    candidates = find_programs(answer, prompt, "spread")
    assert candidates is not None
    data: Any = candidates.data()
    picked = pick(list(data["texts"]), list(data["others"]), "spread")
    names: dict[str, Any] = {}
    for unit in picked.units:
        exec(compile(unit, "program", "exec", dont_inherit=True), names)
    if picked.method_of:
        return names[picked.method_of]().spread
    return names["spread"]


def indented(text: str, blanks: str) -> str:
    return "".join(f"{blanks}{line}" for line in text.splitlines(keepends=True))


ANSWERS = {
    # Fences.
    "tilde": f"~~~\n{BARE}~~~",
    "four backticks": f"````python\n{BARE}````",
    "never closed": f"Here:\n```python\n{BARE}",
    "never closed, words after": f"Here:\n```python\n{BARE}\nThat's all, folks!",
    "closed in the last line": f"```python\n{BARE.rstrip()}```",
    "language of all kinds": f"```Python3.11\n{BARE}```",
    "attributes": f'```{{.python .numberLines title="x"}}\n{BARE}```',
    "language and file": f"```python:main.py\n{BARE}```",
    "no language": f"```\n{BARE}```",
    "opened after words": f"The answer: ```python\n{BARE}```",
    "only closed": f"{BARE}```\nThis function isn't slow.",
    "code in the opening line": f"```{BARE}```",
    "language and code in the opening line": f"```python {BARE}```",
    "one line": "Use ```def spread(v, s=1): return float(max(v) - min(v)) * s if v else 0.0```",
    "in a list": "1. First:\n\n" + indented(f"```python\n{BARE}```\n", "   ") + "\n2. Done.",
    "in the item's own line": "- ```python\n" + indented(f"{BARE}```\n", "  ") + "- Done.",
    "deep in a list": "* a\n  * b\n" + indented(f"```python\n{BARE}```\n", "        "),
    "in a list, by tabs": "1. First:\n\n" + indented(f"```python\n{BARE}```\n", "\t"),
    "in a quotation": indented(f"```python\n{BARE}```\n", "> "),
    "a docstring with a fence": "```python\n"
    + BARE.replace(
        "\n", '\n    """Example:\n    ```python\n    spread([1])\n    ```\n    """\n', 1
    )
    + "```",
    "closed by the next": f"```python\n{BARE}```python\nspread([1])\n1 / 0\n```",
    "closed with words": f"```python\n{BARE}``` This function isn't slow.",
    "set in": f"Here it is:\n\n{indented(BARE, '    ')}\nIt's fast.",
    # Line ends, blanks.
    "crlf": f"Here:\r\n\r\n```python\r\n{BARE}```\r\nIt adds.".replace("\r\n", "\n").replace(
        "\n", "\r\n"
    ),
    "cr": f"```python\n{BARE}```".replace("\n", "\r"),
    "tabs": f"```python\n{TABS}```",
    "hard blanks": f"```python\n{BARE}```".replace("    ", "\u00a0\u00a0\u00a0 "),
    "byte order mark": f"\ufeff{BARE}",
    "tabs and blanks": f"```python\n{BARE.replace('    return', chr(9) + 'return')}```",
    # Several blocks.
    "imports apart": f"```python\nimport math\n```\nand\n```python\n{BARE}```",
    "helper before": "```python\ndef low_of(v):\n    return min(v)\n```\n```python\n"
    + BARE.replace("min(values)", "low_of(values)")
    + "```",
    "helper after": "```python\n"
    + BARE.replace("min(values)", "low_of(values)")
    + "```\nwith\n```python\nfrom functools import reduce\n\ndef low_of(v):\n"
    "    return reduce(min, v)\n```",
    "constant before": "```python\nZERO = 0.0\n```\n```python\n"
    + BARE.replace("return 0.0", "return ZERO")
    + "```",
    "usage after": f"```python\n{BARE}```\n```python\nspread(input())\n1 / 0\n```",
    "usage before": f"You call it so:\n```python\nx = spread([1])\n```\n```python\n{BARE}```",
    "output after": f"```python\n{BARE}```\nOutput:\n```\n3.0\n```",
    "shell before": f"```bash\npip install numpy\n```\n```python\n{BARE}```",
    "corrected": f"```python\ndef spread(v):\n    return -1\n```\nSorry:\n```python\n{BARE}```",
    "stub repeated after": f"```python\n{BARE}```\nIts head:\n```python\n{BASE}    ...\n```",
    "broken after": f"```python\n{BARE}```\nor\n```python\ndef spread(v):\n  retrun (\n```",
    "another language after": f"```python\n{BARE}```\n```js\nfunction spread(v) {{}}\n```",
    "session after it": f"```python\n{BARE}```\n```pycon\n>>> spread([1, 4])\n3.0\n```",
    # Without fences.
    "words before": f"Sure! Here's the function:\n\n{BARE}",
    "words after": f"{BARE}\nThis function uses min, which is fast.",
    "one word after": f"{BARE}\nDone",
    "quotes after": f"{BARE}\nIt's simple.",
    "words around": f"Here's it:\n\nimport math\n\n{BARE}\nIt's O(n): see below (for n).\n- a",
    "assignment first": "EMPTY = 0.0\n\n" + BARE.replace("return 0.0", "return EMPTY"),
    "heading and rule": f"### Solution\n\n{BARE}\n---\n**Note:** it's fast.",
    "session after": f"{BARE}\n>>> spread([1, 4])\n3.0",
    "language word before": f"python\n{BARE}",
    "all indented": indented(BARE, "    "),
    "magic": f"%pip install numpy\n{BARE}",
    "magic in a block": f"```python\n!pip install numpy\n{BARE}```",
    # Tokens and tags.
    "im_end": f"```python\n{BARE}```<|im_end|>",
    "im_end in a line": f"{BARE}<|im_end|>\n<|im_start|>user\nThanks",
    "s": f"{BARE}</s>",
    "eot_id": f"```python\n{BARE}```\n<|eot_id|><|start_header_id|>user\n\nhm",
    "endoftext": f"{BARE}<|endoftext|>def other(): pass",
    "done": f"[BEGIN]\n{BARE}[DONE]\nmore",
    "deepseek": f"```python\n{BARE}```<\uff5cend\u2581of\u2581sentence\uff5c>",
    "turn": f"<|assistant|>\n```python\n{BARE}```<end_of_turn>",
    "python_tag": f"<|python_tag|>{BARE}<|eom_id|>",
    "inst": f"{BARE}[/INST] Thanks",
    "internlm": f"```python\n{BARE}```<eoa>",
    "language word before a body": f"python\n{BODY}",
    "role": f"<|im_start|>assistant\n{BODY}<|im_end|>",
    "code": f"<code>\n{BARE}</code>",
    "pre and code": f"<pre><code class='python'>{BARE}</code></pre>",
    "entities": f"<code>{BARE.replace('if not values', 'if len(values) &lt; 1')}</code>",
    "square": f"[PYTHON]\n{BARE}[/PYTHON]\n[TESTS]\nassert spread([]) == 0\n[/TESTS]",
    "answer": f"<answer>\n{BARE}</answer>",
    "latex": f"\\begin{{lstlisting}}[language=Python]\n{BARE}\\end{{lstlisting}}",
    "json": '{"thoughts": "x", "code": ' + '"' + BARE.replace("\n", "\\n") + '"}',
    # Other dress.
    "session": "```\n>>> def spread(values, scale=1):\n"
    + "".join(f"... {line}\n" for line in BODY.split("\n"))
    + ">>> spread([1, 4])\n3.0\n```",
    "difference": "```diff\n@@ -1,2 +1,9 @@\n-def spread(v):\n-    pass\n"
    + indented(BARE, "+")
    + "```",
    "numbered": "```\n"
    + "".join(f"{n:2d}: {line}\n" for n, line in enumerate(BARE.split("\n"), 1))
    + "```",
    "bold": f"**Solution**\n\n{BARE}\n**Explanation**: it's fast",
    # From the future.
    "future": f"```python\nfrom __future__ import annotations\n{BARE}```",
    "future, docstring": f'```python\n"""It."""\nfrom __future__ import annotations\n{BARE}```',
    # The prompt repeated.
    "prompt repeated": f"```python\n{BASE}{BODY}```",
    "prompt repeated, unfenced": f"{BASE}{BODY}\nAs you see, it's short.",
    "function with its docstring": f"```python\n{FUNCTION}```",
    # Bodies.
    "body": BODY,
    "body, first blanks lost": BODY.lstrip(),
    "body, flush": "\n".join(line[4:] for line in BODY.split("\n")),
    "body, two blanks": BODY.replace("    ", "  "),
    "body, eight blanks": indented(BODY, "    "),
    "body, tabs": BODY.replace("    ", "\t"),
    "body in a block": f"```python\n{BODY}```",
    "flush body in a block": "```python\n"
    + "\n".join(line[4:] for line in BODY.split("\n"))
    + "```",
    "body in a block, usage after": f"```python\n{BODY}```\n```python\nspread([1])\n```",
    "body and words": f"{BODY}\nThis isn't slow.",
    "body after words": f"Here is the body:\n\n{BODY}",
    "body and a fence": f"{BODY}```\nIt's done.",
    "body and more functions": f"{BODY}\n\ndef other():\n    return 1\n",
    "body with a like name": "    def spread_of(v):\n        return max(v) - min(v)\n"
    "    return float(spread_of(values)) * scale if values else 0.0\n",
    "body and a guard": f"{BODY}\nif __name__ == '__main__':\n    spread(input())\n",
    # Other definitions.
    "lambda": "```python\nspread = lambda v, s=1: float(max(v) - min(v)) * s if v else 0.0\n```",
    "class around": "```python\nclass Solution:\n"
    + indented(BARE.replace("spread(values", "spread(self, values"), "    ")
    + "```",
    "under a condition": f"```python\nimport sys\nif sys:\n{indented(BARE, '    ')}```",
    "decorated": f"```python\ndef same(f):\n    return f\n\n@same\n{BARE}```",
}


@pytest.mark.parametrize("form", ANSWERS)
def test_found(form: str) -> None:
    spread = found(ANSWERS[form])
    assert spread([1, 4, 2]) == 3.0
    assert spread([1, 4, 2], 2) == 6.0
    assert spread([]) == 0.0


@pytest.mark.parametrize("form", PRESENTATIONS)
def test_found_and_run(scored: Callable[..., Score], form: str) -> None:
    """In the sandbox, whole."""
    answer = PRESENTATIONS[form](BASE, BODY, "spread")
    tests = "assert spread([1, 4, 2]) == 3.0 and spread([]) == 0.0"
    score = scored(answer, tests, "spread", BASE)
    assert score.verdict is Verdict.RIGHT, (score.reason, score.extracted)


def test_a_prompt_in_words() -> None:
    """As MBPP has it: there is nothing to continue."""
    prompt = "Write a function spread(values, scale) that tells how far apart values are."
    answer = f"```python\nimport math\n{BARE}```"
    assert found(answer, prompt)([1, 4]) == 3.0


def test_what_a_prompt_says_before_the_function_is_there_once() -> None:
    assert found(f"```\n{BARE.replace('min(values)', 'half(2 * min(values))')}```")([1, 4]) == 3.0
    answer = f"```python\ndef half(x):\n    return -x\n\n{BARE}```"
    assert found(answer)([1, 4]) == 3.0


WRONG = {
    "a fault in the function": BARE.replace("return 0.0", "retrun 0.0"),
    "cut off": f"```python\n{BARE[: BARE.index('return float')]}",
    "another name": f"```python\n{BARE.replace('spread', 'spreads')}```",
    "a fault in a block": f"```python\n{BARE}retrun 0\n```",
}


@pytest.mark.parametrize("form", WRONG)
def test_not_made_right(form: str) -> None:
    """What is wrong stays so: only words around a program are left out."""
    with pytest.raises((SyntaxError, KeyError, AssertionError)):
        assert found(WRONG[form])([1, 4]) == 3.0


NOISE = st.sampled_from(
    [
        "Sure!", "Here's the function:", "It's O(n).", "- a point", "1. First,", "Note: fast",
        "**Bold**", "### Heading", "> quoted", "Time: O(n), space: O(1)", "done", "Done.",
        "这个函数返回差值。", "Let me know (if you have questions", 'He said "hi', "---", "",
        "x is the input; y = the output", "e.g. spread([1, 4])", "I hope this helps :)",
    ]
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(
    before=st.lists(NOISE, max_size=4),
    after=st.lists(NOISE, max_size=4),
    fenced=st.booleans(),
    token=st.sampled_from(["", "</s>", "<|im_end|>", "<|eot_id|>\n<|user|>\nmore"]),
    ends=st.sampled_from(["\n", "\r\n"]),
)
def test_words_around_it_change_nothing(
    before: list[str], after: list[str], fenced: bool, token: str, ends: str
) -> None:
    code = f"```python\n{BARE}```" if fenced else BARE
    answer = "\n".join([*before, "", code, "", *after]) + token
    assert found(answer.replace("\n", ends))([1, 4, 2]) == 3.0


@pytest.mark.parametrize(
    "part",
    [
        "```\n", "```a", "~~~", "~~", "a```\n", "> ", "- ", "1. ", "1: ", "  ", "\t", "\n", " \n",
        "a", "a ", ":", "(", "{", "**", "+", "#", "'", '"""', "\\", "x=", ">>> ", "<s>", "<|",
        "<code>", "[PYTHON]", "&lt;", "\\begin{python}", "@a\n", "import a\n", "    return\n",
        "def spread(", "a\n",
    ],
)  # fmt: skip
@pytest.mark.parametrize("end", ["", "a", "```", "\n```", "\ndef spread(v): pass", "x```\n  "])
def test_no_text_takes_long(part: str, end: str) -> None:
    begun = time.process_time()
    find_programs(part * (30_000 // len(part)) + end, BASE, "spread")
    assert time.process_time() - begun < 2.0


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="`~ \n\tdefspread():[]#>1.+-\"'x", max_size=80))
def test_any_text_is_read(answer: str) -> None:
    candidates = find_programs(answer, BASE, "spread")
    if candidates is not None:
        data: Any = candidates.data()
        assert pick(list(data["texts"]), list(data["others"]), "spread").units
