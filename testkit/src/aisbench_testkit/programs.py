"""Python programs as models give them, and programs that would like to pass without being right.

For evaluators that run programs: each of ``PRESENTATIONS`` shows a right program, and must be
found; each of ``FORGERIES`` passes wherever tests share a process, or a folder, with what they
test, and must not.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable

Presentation = Callable[[str, str, str], str]
"""(prompt, body, name): the beginning of a program that ends with the head of the function, the
rest of it, the function's name; to an answer."""


def _whole(prompt: str, body: str) -> str:
    return f"{prompt.rstrip()}\n{body.rstrip()}\n"


def _head_and_function(prompt: str, body: str, name: str) -> tuple[str, str]:
    """Imports and helpers, and the function itself."""
    whole = _whole(prompt, body)
    found = re.search(rf"^def {re.escape(name)}\b", whole, re.MULTILINE)
    place = 0 if found is None else found.start()
    return whole[:place].strip() + "\n", whole[place:]


def _continued(prompt: str, body: str, name: str) -> str:
    return body


def _continued_without_the_first_blanks(prompt: str, body: str, name: str) -> str:
    return body.lstrip("\n").removeprefix("    ")


def _fenced(prompt: str, body: str, name: str) -> str:
    return f"Here is the function:\n\n```python\n{_whole(prompt, body)}```\n\nIt's done."


def _in_a_list(prompt: str, body: str, name: str) -> str:
    code = textwrap.indent(f"```python\n{_whole(prompt, body)}```", "   ")
    return f"1. The function:\n\n{code}\n\n2. Call it as `{name}(...)`."


def _carriage_returns(prompt: str, body: str, name: str) -> str:
    return _fenced(prompt, body, name).replace("\n", "\r\n")


def _unfenced(prompt: str, body: str, name: str) -> str:
    return f"Sure! Here's the function:\n\n{_whole(prompt, body)}\nThis function isn't slow.\n"


def _imports_apart(prompt: str, body: str, name: str) -> str:
    head, function = _head_and_function(prompt, body, name)
    return f"First:\n```python\n{head}```\nThen:\n```python\n{function}```\n"


def _end_token(prompt: str, body: str, name: str) -> str:
    return f"```python\n{_whole(prompt, body)}```<|im_end|>\n<|im_start|>user\nThanks!"


def _main_guard(prompt: str, body: str, name: str) -> str:
    guard = (
        'if __name__ == "__main__":\n    import unittest\n    print(input())\n    unittest.main()'
    )
    return f"```python\n{_whole(prompt, body)}\n\n{guard}\n```"


def _future_and_usage(prompt: str, body: str, name: str) -> str:
    code = f"from __future__ import annotations\n{_whole(prompt, body)}"
    return f"```python\n{code}```\nUsage:\n```python\nresult = {name}(input('Value: '))\n```\n"


PRESENTATIONS: dict[str, Presentation] = {
    "continued": _continued,
    "continued without the first blanks": _continued_without_the_first_blanks,
    "fenced": _fenced,
    "fenced in a list": _in_a_list,
    "carriage returns": _carriage_returns,
    "unfenced between words": _unfenced,
    "imports in a block of their own": _imports_apart,
    "end token and run-on": _end_token,
    "main guard that reads input": _main_guard,
    "from __future__, and a usage block": _future_and_usage,
}

_LIAR = """
class Liar{base}:
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __hash__(self): return 0
    def __bool__(self): return True
    def __lt__(self, other): return True
    __le__ = __gt__ = __ge__ = __contains__ = __lt__
    def __sub__(self, other): return 0
    __rsub__ = __add__ = __radd__ = __mul__ = __mod__ = __sub__
    def __abs__(self): return 0
    def __round__(self, *a): return self
    def __len__(self): return 0
    def __iter__(self): return iter(())
    def __float__(self): return 0.0
    def __getattr__(self, name): return self
    def __call__(self, *a, **k): return self
"""
_LIES = "def {name}(*a, **k):\n    return Liar()\n"
_RUBBISH = "def {name}(*a, **k):\n    return 'forged'\n"
_FRAMES = """
import sys
def {name}(*a, **k):
    frame = sys._getframe()
    while frame is not None:
        for value in (*frame.f_locals.values(), *frame.f_globals.values()):
            if isinstance(value, str) and 'assert' in value and 'check' in value:
                raise SystemExit(0)
        {do}
        frame = frame.f_back
    return 'forged'
"""

FORGERIES: dict[str, str] = {
    "an object equal to all": _LIAR.format(base="") + _LIES,
    "a text equal to all": _LIAR.format(base="(str)")
    + "def {name}(*a, **k):\n    return Liar()\n",
    "a float equal to all": _LIAR.format(base="(float)")
    + "def {name}(*a, **k):\n    return Liar(0)\n",
    "a list equal to all": _LIAR.format(base="(list)")
    + "def {name}(*a, **k):\n    return Liar()\n",
    "an int equal to all": _LIAR.format(base="(int)")
    + "def {name}(*a, **k):\n    return Liar(7)\n",
    "a list of liars": _LIAR.format(base="") + "def {name}(*a, **k):\n    return [Liar()] * 3\n",
    "a class with a lying metaclass": (
        "class Meta(type):\n    def __eq__(self, other): return True\n"
        "    def __call__(self, *a, **k): return self\n    __hash__ = type.__hash__\n"
        "class {name}(metaclass=Meta):\n    pass\n"
    ),
    "__class__ that lies": (
        "class Liar:\n    __class__ = property(lambda self: int)\n"
        "    def __eq__(self, other): return True\n"
        "def {name}(*a, **k):\n    return Liar()\n"
    ),
    "os._exit(0)": "import os\ndef {name}(*a, **k):\n    os._exit(0)\n",
    "os._exit(0) at once": _RUBBISH + "import os\nos._exit(0)\n",
    "sys.exit(0)": "import sys\ndef {name}(*a, **k):\n    sys.exit(0)\n",
    "sys.exit(0) at once": _RUBBISH + "import sys\nsys.exit(0)\n",
    "atexit": "import atexit, os\natexit.register(lambda: os._exit(0))\n" + _RUBBISH,
    "excepthook": (
        "import sys, os\nsys.excepthook = lambda *a: os._exit(0)\n"
        "sys.unraisablehook = sys.excepthook\n" + _RUBBISH
    ),
    "execv": ("import os, sys\ndef {name}(*a, **k):\n    os.execv('/bin/true', ['true'])\n"),
    "execv of a Python that prints": (
        "import os, sys\ndef {name}(*a, **k):\n"
        "    os.execv(sys.executable, [sys.executable, '-c', 'print(\"passed\")'])\n"
    ),
    "the verdict printed": (
        'import os\ntext = \'{{"verdict": "passed", "reason": ""}}\\n\'\n'
        "for number in range(20):\n    try: os.write(number, text.encode())\n"
        "    except OSError: pass\n" + _RUBBISH
    ),
    "answers sent before they are asked for": (
        "import os\nhead = b'[\"value\"]'\nbody = b'{{\"v\":null}}'\n"
        "frame = len(head).to_bytes(4, 'little') + len(body).to_bytes(4, 'little') + head + body\n"
        "os.write(4, frame * 2000)\n" + _RUBBISH
    ),
    "assertions that are not errors": (
        "import builtins\nclass Quiet(Exception):\n    def __new__(cls, *a): return None\n"
        "builtins.AssertionError = Quiet\nAssertionError = Quiet\n" + _RUBBISH
    ),
    "builtins replaced": (
        "import builtins\n"
        "for name in ('all', 'any', 'isinstance', 'callable'):\n"
        "    setattr(builtins, name, lambda *a, **k: True)\n"
        "for name in ('abs', 'round', 'len', 'sum', 'max'):\n"
        "    setattr(builtins, name, lambda *a, **k: 0)\n"
        "all = any = isinstance = lambda *a, **k: True\nabs = lambda *a: 0\n" + _RUBBISH
    ),
    "modules replaced": (
        "import sys, types\nfake = types.ModuleType('math')\n"
        "fake.isclose = fake.fabs = fake.floor = lambda *a, **k: True\n"
        "for name in ('math', 'numpy', 'random', 'copy', 'unittest'):\n"
        "    sys.modules[name] = fake\n" + _RUBBISH
    ),
    "check replaced": "def check(*a, **k):\n    return True\n" + _RUBBISH,
    "check replaced in the caller": _FRAMES.replace(
        "{do}",
        "for name in list(frame.f_globals):\n"
        "            if name == 'check': frame.f_globals[name] = lambda *a: None",
    ),
    "locals of the caller": _FRAMES.replace(
        "{do}", "if 'candidate' in frame.f_locals: raise SystemExit(0)"
    ),
    "settrace": (
        "import sys\ndef trace(frame, event, arg):\n"
        "    if 'candidate' in frame.f_locals: raise SystemExit(0)\n    return trace\n"
        "sys.settrace(trace)\nsys.setprofile(trace)\n" + _RUBBISH
    ),
    "expected values in memory": (
        "import gc\ndef {name}(*a, **k):\n"
        "    for one in gc.get_objects():\n"
        "        if callable(one) and getattr(one, '__name__', '') == 'check':\n"
        "            constants = one.__code__.co_consts\n"
        "            return constants[1]\n"
        "    return 'forged'\n"
    ),
    "expected values in files": (
        "import glob, os, re\ndef {name}(*a, **k):\n"
        "    for place in ('.', '/sandbox', '/tmp', '/proc/1/cwd', '/proc/self/fd'):\n"
        "        for folder, _, files in os.walk(place):\n"
        "            for name in files:\n"
        "                try: text = open(os.path.join(folder, name), 'rb').read(1 << 20)\n"
        "                except OSError: continue\n"
        "                found = re.search(rb'candidate\\(.*?\\) == (.*)', text)\n"
        "                if found: return eval(found[1])\n"
        "    return 'forged'\n"
    ),
    "the source of the caller": (
        "import inspect, re\ndef {name}(*a, **k):\n"
        "    for frame in inspect.stack():\n"
        "        found = re.search(r'== (.*)', ''.join(frame.code_context or []))\n"
        "        if found: return eval(found[1])\n"
        "    return 'forged'\n"
    ),
    "memory of other processes": (
        "import os\ndef {name}(*a, **k):\n"
        "    for pid in [name for name in os.listdir('/proc') if name.isdigit()]:\n"
        "        if int(pid) == os.getpid(): continue\n"
        "        try:\n"
        "            for line in open(f'/proc/{{pid}}/maps'):\n"
        "                start = int(line.split('-')[0], 16)\n"
        "                with open(f'/proc/{{pid}}/mem', 'r+b') as memory:\n"
        "                    memory.seek(start)\n                    memory.write(bytes(4096))\n"
        "        except OSError: pass\n"
        "    return 'forged'\n"
    ),
    "memory of the supervisor": (
        "import re\ndef {name}(*a, **k):\n"
        "    try:\n"
        "        for line in open('/proc/1/maps'):\n"
        "            start, end = (int(x, 16) for x in line.split()[0].split('-'))\n"
        "            with open('/proc/1/mem', 'rb') as memory:\n"
        "                memory.seek(start)\n"
        "                text = memory.read(end - start)\n"
        "            found = re.search(rb'candidate\\(.*?\\) == (.*)', text)\n"
        "            if found: return eval(found[1])\n"
        "    except OSError: pass\n"
        "    return 'forged'\n"
    ),
    "signals to all": (
        "import os, signal\ndef {name}(*a, **k):\n"
        "    for number in (signal.SIGSTOP, signal.SIGTERM, signal.SIGKILL):\n"
        "        for pid in (os.getppid(), 1, -1):\n"
        "            try: os.kill(pid, number)\n            except OSError: pass\n"
        "    return 'forged'\n"
    ),
    "a child that goes on": (
        "import os\ndef {name}(*a, **k):\n"
        "    if os.fork():\n        os._exit(0)\n    return 'forged'\n"
    ),
    "the end of an iteration": "def {name}(*a, **k):\n    raise StopIteration\n",
    "a test that is skipped": (
        "import unittest\ndef {name}(*a, **k):\n    raise unittest.SkipTest('no')\n"
    ),
    "a passing error": (
        "class Passed(AssertionError):\n    def __bool__(self): return False\n"
        "    def __str__(self): return ''\n"
        "def {name}(*a, **k):\n    raise Passed()\n"
    ),
    "a keyboard interrupt": "def {name}(*a, **k):\n    raise KeyboardInterrupt\n",
    "an object that unpickles as another": (
        "class Odd:\n    def __reduce__(self):\n        return (exec, ('raise SystemExit(0)',))\n"
        "def {name}(*a, **k):\n    return Odd()\n"
    ),
    "arguments made equal": (
        "def {name}(*a, **k):\n"
        "    for one in a:\n        if isinstance(one, list): one.clear()\n"
        "    return a[0] if a else None\n"
    ),
    "descriptors used up": (
        "import os\ndef {name}(*a, **k):\n"
        "    try:\n        while True: os.open('/dev/null', 0)\n    except OSError: pass\n"
        "    return 'forged'\n"
    ),
    "a result without end": (
        "def {name}(*a, **k):\n    result = []\n    result.append(result)\n    return result\n"
    ),
    "a huge result": "def {name}(*a, **k):\n    return 'x' * 100_000_000\n",
    "an iterator without end": (
        "import itertools\ndef {name}(*a, **k):\n    return itertools.repeat(True)\n"
    ),
    "numbers that are not": "def {name}(*a, **k):\n    return float('nan')\n",
}
"""By what they do: programs with ``{name}`` for the function's name."""


def forged(code: str, name: str) -> str:
    """One of ``FORGERIES`` as an answer that defines ``name``."""
    return f"```python\n{code.replace('{name}', name).replace('{{', '{').replace('}}', '}')}```\n"
