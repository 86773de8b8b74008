"""Which model is in a folder: a digest of every file that can decide an answer.

Two checkpoints under one path, before and after some training, must be told apart without reading
a hundred gigabytes. So small files are read whole; of large ones the size, the head with names,
types and shapes of all tensors, and bytes at three places of each tensor are read. Of other
formats it is a thousand places and both ends, where an archive of PyTorch has the checksums of its
members.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from aisbench.base.errors import AisbenchError
from aisbench.codec.checkpoint import blocks_of, read_header

WHOLE = 64 << 20
"""Files up to so many bytes are read whole."""
BLOCK = 4096
PLACES = 1024
"""Number of blocks, evenly spread, that are read of a large file without a table of tensors."""
ENDS = 1 << 20

_BYSTANDERS = frozenset(
    {
        ".md", ".rst", ".pdf", ".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp", ".log", ".lock",
        ".gitattributes", ".gitignore", ".csv", ".tsv", ".html", ".ipynb", ".tmp", ".part",
        ".incomplete", ".mp4", ".wav", ".flac", ".mp3",
    }
)  # fmt: skip
"""Endings of files that no loader reads."""
_LEFT_BY_TRAINING = frozenset(
    {
        "optimizer.pt", "optimizer.bin", "scheduler.pt", "scaler.pt", "rng_state.pth",
        "trainer_state.json", "training_args.bin", "train_results.json", "eval_results.json",
        "all_results.json", "latest", "zero_to_fp32.py",
    }
)  # fmt: skip
_FOLDERS = ("additional_chat_templates",)
"""Folders inside a model's that Transformers reads."""


def fingerprint_of(folder: Path, prefix: str = "") -> dict[str, str]:
    """Name (after ``prefix``) -> digest, in hex, of each file that can decide an answer: all but
    documentation and what training leaves behind. Raises AisbenchError for a file that cannot be
    read."""
    try:
        paths = sorted(_files(folder))
    except OSError as error:
        raise AisbenchError(f"{folder}: cannot be read: {error.strerror or error}") from error
    return {f"{prefix}{path.relative_to(folder).as_posix()}": digest(path) for path in paths}


def fingerprint_of_model(
    path: str, revision: str = "", *, tokenizer: str = "", adapter: str = ""
) -> dict[str, str]:
    """The fingerprint of a model, of a tokenizer from elsewhere and of an adapter together; of
    what is not on this machine nothing. Raises as :func:`fingerprint_of`."""
    found: dict[str, str] = {}
    places = (("", path, revision), ("tokenizer/", tokenizer, revision), ("adapter/", adapter, ""))
    for prefix, place, of in places:
        folder = model_folder(place, of)
        if folder is not None:
            found |= fingerprint_of(folder, prefix)
    return found


def model_folder(path: str, revision: str = "") -> Path | None:
    """Where the files of a model lie: ``path`` itself, or what the hub's cache holds of that name
    (its layout is that of huggingface_hub,
    https://huggingface.co/docs/huggingface_hub/guides/manage-cache). None: not on this machine."""
    if not path:
        return None
    if Path(path).is_dir():
        return Path(path)
    repository = _hub_cache() / f"models--{path.replace('/', '--')}"
    named = repository / "refs" / (revision or "main")
    try:
        commit = named.read_text(encoding="utf-8").strip()
    except OSError:
        commit = revision
    folder = repository / "snapshots" / commit
    return folder if commit and folder.is_dir() else None


def _hub_cache() -> Path:
    for name in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"):
        if found := os.environ.get(name):
            return Path(found).expanduser()
    if home := os.environ.get("HF_HOME"):
        return Path(home).expanduser() / "hub"
    cache = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(cache).expanduser() / "huggingface" / "hub"


def digest(path: Path) -> str:
    """The digest of a file, 32 hex digits: of its whole content up to :data:`WHOLE` bytes, else of
    samples. Raises AisbenchError."""
    sha256 = hashlib.sha256()
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            if size <= WHOLE:
                while block := file.read(1 << 20):
                    sha256.update(block)
                return sha256.hexdigest()[:32]
            sha256.update(f"{size}/".encode())
            for begin, end in _places(path, size):
                sha256.update(os.pread(file.fileno(), end - begin, begin))
    except OSError as error:
        raise AisbenchError(f"{path}: cannot be read: {error.strerror or error}") from error
    return sha256.hexdigest()[:32]


def identity(parts: Mapping[str, str]) -> str:
    """One short name for a fingerprint; empty for an empty one."""
    if not parts:
        return ""
    sha256 = hashlib.sha256()
    for name, value in sorted(parts.items()):
        sha256.update(f"{name}\0{value}\n".encode())
    return sha256.hexdigest()[:16]


def _files(folder: Path) -> Iterator[Path]:
    yield from _deciding(folder.iterdir())
    for name in _FOLDERS:
        if (folder / name).is_dir():
            yield from _deciding((folder / name).iterdir())


def _deciding(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        name = path.name
        known = path.suffix.lower() in _BYSTANDERS or name in _LEFT_BY_TRAINING
        words = name.upper().startswith(("LICENSE", "LICENCE", "NOTICE", "README", "CHANGELOG"))
        hidden = name.startswith((".", "rng_state_", "events.out."))
        if path.is_file() and not (known or words or hidden):
            yield path


def _places(path: Path, size: int) -> Iterator[tuple[int, int]]:
    if path.suffix == ".safetensors":
        header = read_header(path)
        yield 0, 8 + len(header.raw)
        yield from blocks_of(header, BLOCK)
        return
    yield 0, ENDS
    step = (size - 2 * ENDS) // PLACES
    for place in range(PLACES):
        yield ENDS + place * step, ENDS + place * step + BLOCK
    yield size - ENDS, size
