"""`aisbench plugins new KIND NAME`: a package, or one file, to begin with."""

from __future__ import annotations

import argparse
from pathlib import Path

from aisbench.base.errors import ExitCode
from aisbench.scaffold.kinds import KINDS
from aisbench.scaffold.write import write_file, write_package
from aisbench.wording.spoken import say


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """KIND, NAME, --file and --into."""
    parser.add_argument("kind", choices=KINDS, metavar="KIND", help=", ".join(KINDS))
    parser.add_argument("name", help="lower-case words with hyphens, such as night-shift")
    parser.add_argument(
        "--file", action="store_true", help="one file to use without installing it"
    )
    parser.add_argument(
        "--into",
        type=Path,
        default=Path(),
        metavar="FOLDER",
        help="where to write",
    )


def write_new(args: argparse.Namespace) -> int:
    """Write it, and say what to do next."""
    if args.file:
        files = write_file(args.kind, args.name, args.into)
        for file in files:
            say(f"wrote {file}")
        steps = _file_steps(args.kind, args.name, files[0])
    else:
        from aisbench.plugins.manifest_writing import manifests_of

        folder = write_package(args.kind, args.name, args.into)
        for file, text in manifests_of(str(folder)).items():
            file.write_text(text, encoding="utf-8")
        say(f"wrote {folder}")
        steps = [
            f'pip install -e "{folder}[test]"',
            *([f"aisbench plugins try {args.name}"] if makes_of_rows(args.kind) else []),
            f"aisbench plugins check {folder} --strict",
            f"cd {folder}/example && aisbench run suite.toml",
            f"aisbench plugins manifest {folder}  (after each change of what it offers)",
        ]
    say("next:")
    say("\n".join(f"  {step}" for step in steps))
    return ExitCode.OK


def makes_of_rows(kind: str) -> bool:
    """Whether `aisbench plugins try` shows something of such a plugin."""
    from aisbench.cli.plugins.tried import INSTEAD

    return kind not in ("device-sampler", *INSTEAD)


def _file_steps(kind: str, name: str, file: Path) -> list[str]:
    path = file if file.is_absolute() else f"./{file}"
    steps = [f"aisbench plugins check {path}"]
    if makes_of_rows(kind):
        steps.insert(0, f"aisbench plugins try {path}")
    if kind in ("declared", "dataset"):
        flag = f"--dataset {path}" if kind == "declared" else f"--plugin {path} --dataset {name}"
        steps.append(f"aisbench run --backend vllm-chat --url http://127.0.0.1:8000 {flag}")
    else:
        steps.append(f'plugins = ["{path}"]  under [suite] of a suite that names {name}')
    return steps
