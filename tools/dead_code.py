"""What no program uses: names in the packages' sources that nothing but tests mentions.

`python -m tools.dead_code`, in the project's environment; `dev.py lint` runs it. A name that is
used in a way that cannot be seen in the sources stands in `USED_ELSEWHERE`, with who uses it.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

from vulture import Vulture
from vulture.core import Item

from tools.environment import ROOT, packages

USERS = ("tools", "benchmarks", "dev.py")
"""They use the packages; whether they are used themselves is not asked."""

DECORATORS = ["@hookimpl", "@hookspec", "@pytest.fixture", "@pytest.hookimpl", "@*.validator"]
"""pluggy, pytest and attrs call what they mark."""

TARGET = re.compile(r'[\w.}]:(\w+)"')
"""`"package.module:Name"`: offers, entry points and declared sets name what they stand for."""

USED_ELSEWHERE = {
    # by a library
    "*:data_received": "asyncio calls protocols",
    "*:connection_lost": "asyncio calls protocols",
    "*/engine/connection.py:*_writing": "asyncio calls protocols",
    "*/engine/connection.py:on_*": "httptools calls its parser's owner",
    "*/media/films.py:thread_type": "an attribute of PyAV's streams",
    "*/synthetic/*:pix_fmt": "an attribute of PyAV's streams",
    "*/synthetic/*:thread_count": "an attribute of PyAV's streams",
    "*/documents/*:synsets": "a method of NLTK's WordNet",
    "*/base/modules.py:get_code": "importlib calls loaders",
    "*/triton/*:*_param": "attributes of protobuf's messages",
    "*/triton/*:oneof_index": "an attribute of protobuf's descriptors",
    "*:caption": "an attribute of rich's tables",
    "*/guard.py:writelines": "a text file has it",
    "*/transformers/*:padding_side": "an attribute of a tokenizer",
    "*/transformers/*:forward": "torch calls modules",
    "*/bfcl/*:underscore_to_dot": "an attribute that bfcl-eval's checker reads",
    "*/ifeval/*:abbrev_types": "an attribute of nltk's tokenizer",
    "*/math/*:prec": "an attribute of mpmath's context",
    "*/code/*/compact.py:*": "parameters of json.loads",
    "*/code/*/surroundings.py:__std*__": "attributes of sys",
    "*/code/*/io_side.py:__std*__": "attributes of sys",
    "*/migrate/*/shell*.py:whitespace_split": "an attribute of shlex's lexer",
    "*/migrate/*/shell*.py:commenters": "an attribute of shlex's lexer",
    "*/wording/spoken.py:_split_lines": "argparse calls its formatter",
    "*/simulator/*:argument_default": "an attribute of argparse's parser",
    "*/lm-eval/*:resps": "an attribute of lm-eval's instances",
    "*/lm-eval/*:process_docs": "an attribute of lm-eval's configurations",
    # by a name that is put together, or as a document
    "*/traces/*": "plugin.py lists the names of its classes",
    "*/conversations/*:m??_prompt_characters": "choosing.py takes both ends of a range by name",
    "*/simulator/*/reasoning.py:*": "members of an enum, chosen by their values",
    "*/simulator/*/media_checking.py:STRUCTURE": "a member of an enum, chosen by its value",
    "*/simulator/*:media_bytes": "a column of /simulator/log",
    "*/endpoints/*:Trans*Settings": "plugin.py puts the names of targets together",
    "*/media/arrow_files.py:use_threads": "a parameter of pyarrow's Parquet files",
    "*/code/*/settings.py:run_code": "its check is its use: it must be true",
    "core/src/aisbench/sandbox/types.py:*": "limits go to the launcher as a document",
    # by people and their programs
    "core/src/aisbench/__init__.py:__dir__": "Python calls it",
    "core/src/aisbench/answers/*": "a public room: what plugins may use of it",
    "core/src/aisbench/tracking/*": "a public room: what plugins may use of it",
    "core/src/aisbench/types/*": "fields of results, which summarizers and users read",
    "core/src/aisbench/runs/*:to_*": "the library's own interface",
    "core/src/aisbench/runs/progress.py:*": "what callbacks of the library are told",
    "core/src/aisbench/store/recording/documents.py:*": "fields of documents of a run",
    "*/simulator/*/server.py:run_in_thread": "its README: a simulator within a test",
    "*/numeric/*:extract_*": "its README: numbers of answers, without a run",
    "testkit/*": "for the tests of plugins",
}


def unused() -> Iterator[Item]:
    """What is in no list and used by nothing, in the order of places."""
    folders = [folder / "src" for folder in packages() if (folder / "src").is_dir()]
    vulture = Vulture(ignore_decorators=DECORATORS)
    vulture.scavenge([*map(str, folders), *(str(ROOT / name) for name in USERS)])
    named_in = (
        one for end in ("py", "toml") for folder in folders for one in folder.rglob(f"*.{end}")
    )
    texts = (path.read_text("utf-8") for path in named_in)
    targets = {name for text in texts for name in TARGET.findall(text)}
    for item in vulture.get_unused_code(min_confidence=60):
        path = Path(item.filename)
        if item.name in targets or not any(path.is_relative_to(one) for one in folders):
            continue
        place = f"{path.relative_to(ROOT).as_posix()}:{item.name}"
        if not any(fnmatch(place, pattern) for pattern in USED_ELSEWHERE):
            yield item


def main() -> int:
    """Tell what is unused; 1 if there is any."""
    found = list(unused())
    for item in found:
        where = Path(item.filename).relative_to(ROOT)
        print(f"{where}:{item.first_lineno}: {item.typ} {item.name} is used by nothing")
    if found:
        print("help: remove it, or name its user in tools/dead_code.py")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
