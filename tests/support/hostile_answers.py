"""Answers of a model that wants more than to be scored: programs, bombs, floods, endless patterns.

``{mark}`` in a payload is the path of a file that would exist if it were run.
"""

from __future__ import annotations

import base64
import itertools
import json
import pickle
import random

RUNS = {
    "system": "__import__('os').system('touch {mark}')",
    "open": "open('{mark}', 'w')",
    "exec": "exec(\"open('{mark}', 'w')\")",
    "eval": "eval(\"open('{mark}', 'w')\")",
    "compile": "compile(\"open('{mark}', 'w')\", 'x', 'exec')",
    "lambda": "(lambda: open('{mark}', 'w'))()",
    "comprehension": "[open('{mark}', 'w') for _ in [0]]",
    "generator": "list(open('{mark}', 'w') for _ in [0])",
    "walrus": "(x := open('{mark}', 'w'))",
    "f-string": "f\"{{open('{mark}', 'w')}}\"",
    "format": "'{{0.__class__.__init__.__globals__}}'.format(open('{mark}', 'w'))",
    "subclasses": "[c for c in ().__class__.__base__.__subclasses__() if 'Popen' in str(c)]"
    "[0](['touch', '{mark}'])",
    "builtins": "getattr(__builtins__, 'open')('{mark}', 'w')",
    "globals": "f.__globals__['__builtins__']['open']('{mark}', 'w')",
    "subprocess": "__import__('subprocess').run(['touch', '{mark}'])",
    "socket": "__import__('socket').create_connection(('127.0.0.1', 9))",
    "ctypes": "__import__('ctypes').CDLL(None).system(b'touch {mark}')",
    "pathlib": "__import__('pathlib').Path('{mark}').touch()",
    "exit": "exit()",
    "breakpoint": "breakpoint()",
    "environment": "__import__('os').environ",
    "sympy": "Symbol('x').func(S(\"open('{mark}', 'w')\"))",
    "conditional": "1 if open('{mark}', 'w') else 0",
    "power": "9**9**9**9",
    "repeat": "'a'*10**10",
}
CARRIERS = {
    "plain": "{}",
    "sum in a call": "[f(x={} + 0)]",
    "call": "[f(x={}, y=-{})]",
    "name of a call": "[{}(x=1)]",
    "called": "f({})",
    "box": "So it is \\boxed{{{}}}.",
    "answer": "The answer is {}.",
    "number": "#### {}",
    "maths": "$$x = {}$$",
    "text command": "\\text{{{}}} \\mathrm{{{}}} \\frac{{{}}}{{2}}",
    "fence": "```python\n{}\n```",
    "rating": "[[{}]] Rating: [[{}]]",
    "tool": '<tool_call>{{"name": "{}", "arguments": {{"x": "{}"}}}}</tool_call>',
    "xml": "<functions><function name='f'><param name='x' type='list'>{}</param></function>"
    "</functions>",
    "letter": "({}) A",
}
PROGRAMS = {
    "decorator": "@__import__('os').system\ndef f(x='touch {mark}'): return x",
    "metaclass": "class A(metaclass=lambda *a: open('{mark}', 'w')): pass",
    "main": "import os\nif __name__ == '__main__':\n    os.system('touch {mark}')",
    "default": "def f(x=open('{mark}', 'w')):\n    return x",
    "coding": "# -*- coding: utf-7 -*-\nimport os; os.system('touch {mark}')",
    "javascript": "[f(x=require('child_process').execSync('touch {mark}'))]",
    "java": '[f(x=Runtime.getRuntime().exec("touch {mark}"))]',
    "shell": "$(touch {mark}) `touch {mark}` ; touch {mark} | touch {mark}",
    "sql": "'; DROP TABLE answers; --",
    "jinja": "{{{{ ''.__class__.__mro__[1].__subclasses__() }}}} {{% import os %}}",
    "html": "<script>fetch('http://127.0.0.1:9')</script><img src=x onerror=alert(1)>",
    "yaml": "!!python/object/apply:os.system ['touch {mark}']",
    "yaml anchors": "a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]",
    "percent": "%(x)s %s %n %d " * 50,
    "fields": "{{0}} {{}} {{question}} {{answer.__class__}} {{0[a]}} {{!r}}",
    "log": "${{jndi:ldap://127.0.0.1:9/a}}",
    "url": "See https://127.0.0.1:9/a?b=c or file:///etc/passwd or ftp://127.0.0.1:9.",
    "paths": "../../../../etc/passwd /etc/shadow C:\\Windows\\System32 {mark}",
    "input": "\\input{{{mark}}} \\include{{/etc/passwd}} \\openin5=/etc/passwd",
    "write18": "\\immediate\\write18{{touch {mark}}} \\directlua{{os.execute('touch {mark}')}}",
    "macros": "\\def\\a{{\\a\\a}}\\a \\newcommand{{\\b}}{{\\b\\b}}\\boxed{{\\b}}",
    "catcode": "\\catcode`\\@=11 \\csname end\\endcsname \\boxed{{\\catcode}}",
}
_ENTITIES = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
BOMBS = {
    "entities": f'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a0 "x">{_ENTITIES}]>'
    "<functions>&a11;</functions>",
    "external entity": '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    "<functions>&x;</functions>",
    "deep list": "[" * 100_000 + "]" * 100_000,
    "deep object": '{"a":' * 50_000 + "1" + "}" * 50_000,
    "deep call": "[" + "f(x=" * 20_000 + "1" + ")" * 20_000 + "]",
    "deep braces": "\\boxed{" * 3000 + "1" + "}" * 3000,
    "deep fractions": "\\boxed{" + "\\frac{1}{" * 1000 + "2" + "}" * 1001,
    "deep roots": "\\boxed{" + "\\sqrt{" * 2000 + "2" + "}" * 2001,
    "deep parentheses": "#### " + "(" * 5000 + "7" + ")" * 5000,
    "deep elements": "<functions>" + "<a>" * 50_000 + "</functions>",
    "many calls": "[" + ", ".join(["f(x=1)"] * 20_000) + "]",
    "tower": "\\boxed{9^{9^{9^{9}}}}",
    "factorial": "\\boxed{999999999!} \\boxed{9!!!!!!!!!!!!} \\binom{10^9}{5*10^8}",
    "exponent": "#### 1e999999999 \\boxed{10^{10^{10}}} 1E-999999999",
    "digits": "#### " + "9" * 100_000,
    "digits in a box": "\\boxed{" + "7" * 20_000 + "}",
    "decimals": "The answer is 0." + "3" * 100_000,
    "sums": "\\boxed{" + "1+" * 20_000 + "1}",
    "minus": "\\boxed{" + "-" * 20_000 + "1} #### " + "-" * 20_000 + "1",
    "sequence": "\\boxed{" + ",".join(map(str, range(5000))) + "}",
    "matrix": "\\boxed{\\begin{pmatrix}" + "1 & 2 \\\\ " * 1000 + "\\end{pmatrix}}",
    "sum sign": "\\boxed{\\sum_{n=1}^{10^{100}} n^{n}} \\prod_{k=1}^{\\infty} k",
    "integral": "\\boxed{\\int_0^{\\infty} e^{e^{e^{x}}} dx}",
    "limit": "\\boxed{\\lim_{x\\to 0} \\frac{\\sin(\\sin(\\sin x))}{x^{100}}}",
    "equation": "\\boxed{x^{100}+x^{99}y^{98}+\\sin(x^{97}) = \\cos(y^{96})}",
    "variables": "\\boxed{(a+b+c+d+e+f+g+h)^{200}}",
    "intervals": "\\boxed{" + "(1,2)\\cup " * 2000 + "(3,4)}",
    "json numbers": '{"function": "f", "parameters": {"x": ' + "9" * 10_000 + "}}",
    "json escapes": '{"answer": "' + "\\ud800" * 100 + '"}',
    "json constants": '[{"function": "f", "parameters": {"x": NaN, "y": -Infinity}}]',
    "pickle": base64.b64encode(pickle.dumps([1] * 10)).decode() + " \x80\x04\x95cos\nsystem\n",
    "unclosed box": "\\boxed{1" + "{" * 1000,
    "unclosed fence": "```python\nx = 1\n" * 1000,
    "unclosed thought": "<think>" * 5000 + "A",
    "thoughts": "<think>a</think>" * 5000,
}
_FLOODS = {
    "a": "a", "blanks": " ", "lines": "\n", "tabs": "\t", "carriage returns": "\r\n", "nul": "\0",
    "zero": "0", "nines": "9", "commas": ",", "dots": ".", "minus": "-", "stars": "*",
    "bold": "**",
    "hashes": "#", "quotes": '"', "apostrophes": "'", "ticks": "`", "backslashes": "\\",
    "brackets": "[", "braces": "{", "parentheses": "(", "closing": ")", "angles": "<",
    "pipes": "|",
    "combining": "\u0301", "zero width": "\u200b", "joiner": "\U0001f468\u200d", "rtl": "\u202e",
    "bom": "\ufeff", "wide": "\uff11", "arabic digits": "\u0661", "superscript": "\u00b2",
    "emoji": "\U0001f600", "chinese": "\u7b54\u6848", "hangul": "\uac00", "surrogate": "\ud800",
    "escape": "\x1b[31m\x1b]0;x\x07", "control": "\x07\x08\x0b\x0c\x85\u2028\u2029",
    "dollars": "$", "double dollars": "$$", "percent": "%", "equals": "=", "slashes": "/",
    "ampersands": "&amp;", "at": "a@", "box": "\\boxed{", "boxes": "\\boxed{1}",
    "fraction": "\\frac",
    "answer": "The answer is ", "options": "(A) ", "letters": "A. ", "not": "not A, ",
    "or": "A or ",
    "answer is a": "The answer is A. ", "chinese answer": "\u7b54\u6848\u662fA\u3002",
    "no": "No, ",
    "numbers": "1 ", "thousands": "1,000,", "dates": "2024-01-01 ", "ranges": "1-2-",
    "sum": "1 + ",
    "ratings": "[[1]] ", "open ratings": "[[", "fences": "```\n", "calls": "f(x=1), ",
    "keys": '{"a":',
    "objects": "{},", "lists": "[],", "tags": "<tool_call>", "functions": "<functions>",
    "sentences": "A b. ", "questions": "!? ", "table": "| A | B |\n", "bullets": "\n* a",
    "at end": "#### ",
    "units": "5 km ", "colons": ":", "semicolons": ";", "urls": "http://a.b/",
    "word": "supercalifragilistic",
    "hyphens": "a-", "underscores": "_", "carets": "^{", "lefts": "\\left(", "text": "\\text{a}",
}  # fmt: skip
FLOOD = 30_000
"""Characters of a flood: longer than a model's longest answers of words."""
LONG = ("brackets", "blanks", "lines", "a", "nines", "boxes", "options", "answer is a")
MEGABYTE = 1_000_000


def answers(mark: str) -> list[tuple[str, str]]:
    """Each with its name: every payload in every form, bombs, floods, and noise by a seed."""
    found = [
        (f"{run} in {carrier}", form.replace("{}", payload).replace("{{", "{").replace("}}", "}"))
        for (carrier, form), (run, payload) in itertools.product(
            CARRIERS.items(), ((name, _filled(text, mark)) for name, text in RUNS.items())
        )
    ]
    found += [(name, _filled(text, mark)) for name, text in PROGRAMS.items()]
    found += list(BOMBS.items())
    found += [(f"flood of {name}", unit * (FLOOD // len(unit))) for name, unit in _FLOODS.items()]
    found += [
        (f"megabyte of {name}", _FLOODS[name] * (MEGABYTE // len(_FLOODS[name]))) for name in LONG
    ]
    found += [
        (f"flood of {name} before an answer", unit * 5000 + "\nThe answer is \\boxed{B}. #### 18")
        for name, unit in _FLOODS.items()
    ]
    draw = random.Random(11)
    pieces = [*RUNS.values(), *_FLOODS.values(), "A", "18", " ", "\n", "answer", "\\boxed{", "}"]
    for number in range(60):
        text = "".join(draw.choice(pieces) for _ in range(draw.randrange(2, 40)))
        found.append((f"noise {number}", text.replace("{mark}", mark)))
    return found


def some(found: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """An eleventh of them, none of the longest: every payload, and every form."""
    return [one for one in found if len(one[1]) < 10_000][::11]


def _filled(text: str, mark: str) -> str:
    return text.replace("{mark}", mark).replace("{{", "{").replace("}}", "}")


def arguments(mark: str) -> list[tuple[str, str]]:
    """What arguments of tool calls may be: all answers, and those within JSON."""
    texts = [(name, text) for name, text in answers(mark) if len(text) < 1000]
    return [
        *answers(mark)[::3],
        *((f"{name}, in JSON", json.dumps({"x": text, text: [text]})) for name, text in texts),
    ]
