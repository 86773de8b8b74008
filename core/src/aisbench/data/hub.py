"""Data of a hub: ``hf:owner/name@revision/folder`` (Hugging Face) and ``ms:...`` (ModelScope).

A copy is kept in ``hub/`` of the folder of fetched data sets, by owner, name and revision. What
has been fetched, or was put there by hand, is used without network.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import logging
import os
import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote, unquote

from attrs import evolve, field, frozen

from aisbench.base.errors import DataError
from aisbench.base.raised import described
from aisbench.settings.fields import data_home
from aisbench.store.environment import checksum
from aisbench.store.files import write_atomically

log = logging.getLogger(__name__)

PREFIXES = ("hf:", "ms:")
MOST_BYTES = 8 << 30
"""What one source may have: more is asked for by mistake."""
RECORD = ".aisbench-hub.json"
FETCHING = ".aisbench-fetching"
"""Stands in a folder until what is fetched into it is whole."""
_SOURCE = re.compile(r"(hf|ms):([\w.-]+/[\w.-]+)(?:@([^/@\s]+))?(?:/(.*))?\Z", re.ASCII)
_COMMIT = re.compile(r"[0-9a-f]{40}\Z")
_INSTALL = {"hf": "pip install huggingface_hub", "ms": 'pip install "aisbench[modelscope]"'}
_LOG_IN = {
    "hf": "for one that is gated or private, accept its terms on its page, then `hf auth login`, "
    "or set HF_TOKEN in the environment",
    "ms": "for one that is private, `modelscope login`",
}
_OFFLINE = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_DATASETS_OFFLINE")


@frozen(kw_only=True)
class HubSource:
    """A data set on a hub: ``inside`` is a folder or a file of it, empty for all."""

    hub: Literal["hf", "ms"]
    repo: str
    revision: str
    inside: str = ""

    @property
    def text(self) -> str:
        """As a suite writes it."""
        revision = quote(self.revision, safe="")
        return f"{self.hub}:{self.repo}@{revision}" + (f"/{self.inside}" if self.inside else "")

    @property
    def home(self) -> Path:
        """The folder of this machine's copy of the revision."""
        return _hub_home(self) / quote(self.revision, safe="")

    @property
    def path(self) -> Path:
        """Where the data are once they are there."""
        return self.home / self.inside if self.inside else self.home

    @property
    def pinned(self) -> bool:
        """Whether the revision is a commit, which never changes."""
        return self.hub == "hf" and bool(_COMMIT.match(self.revision))


def _hub_home(source: HubSource) -> Path:
    return data_home() / "hub" / source.hub / source.repo


def on_hub(text: object) -> bool:
    """Whether a value of a suite is data of a hub, rather than a path."""
    return isinstance(text, str) and text.startswith(PREFIXES)


def read_source(text: str) -> HubSource:
    """The source that ``text`` is. Raises ValueError with what is wrong."""
    found = _SOURCE.match(text)
    inside = (found[4] or "").strip("/") if found else ""
    if found is None or ".." in inside.split("/") or "\\" in inside:
        raise ValueError(
            'must be "hf:OWNER/NAME", or "hf:OWNER/NAME@REVISION/FOLDER" (ms: for ModelScope; a '
            "revision with a slash has %2F in its place)"
        )
    hub: Literal["hf", "ms"] = "hf" if found[1] == "hf" else "ms"
    revision = unquote(found[3]) if found[3] else {"hf": "main", "ms": "master"}[hub]
    return HubSource(hub=hub, repo=found[2], revision=revision, inside=inside)


def fetched(source: HubSource) -> HubSource:
    """The source with its data on this machine: of Hugging Face with the commit that its revision
    is now. What is there already is not fetched again. Raises DataError."""
    if (source.pinned or source.hub == "ms") and _is_there(source):
        return source
    known = _remembered(source)
    if _offline():
        return known or _or_error(source, "is not on this machine, and the hub is not to be asked")
    try:
        return _FETCHERS[source.hub](source)
    except ImportError:
        library = {"hf": "huggingface_hub", "ms": "modelscope"}[source.hub]
        if known is not None:
            return known
        raise DataError(
            f"{source.text}: is not on this machine, and {library} is not installed",
            hint=f"{_INSTALL[source.hub]}; or {_by_hand(source)}",
        ) from None
    except DataError:
        raise
    except Exception as error:
        if _refused(error):
            raise DataError(
                f"{source.text}: the hub has no such data set or revision, or lends it only to "
                "those whom it knows",
                hint=f"look at its name and revision; {_LOG_IN[source.hub]}",
            ) from error
        if known is None:
            why = f"the hub cannot be asked: {described(error).splitlines()[0]}"
            return _or_error(source, why, error)
        log.warning(
            "%s: the hub cannot be asked (%s): the copy of %s is used", source.text,
            described(error).splitlines()[0], known.revision,
        )  # fmt: skip
        return known


def _or_error(source: HubSource, why: str, cause: BaseException | None = None) -> HubSource:
    raise DataError(f"{source.text}: {why}", hint=_by_hand(source)) from cause


def _offline() -> bool:
    return any(os.environ.get(name, "").lower() in ("1", "true", "yes", "on") for name in _OFFLINE)


def _by_hand(source: HubSource) -> str:
    """The command that fetches it on another machine, and where its folder belongs."""
    inside = f"{source.inside}*" if source.inside else ""
    if source.hub == "hf":
        words = ["hf", "download", source.repo, "--repo-type", "dataset",
                 "--revision", source.revision]  # fmt: skip
    else:
        words = ["modelscope", "download", "--dataset", source.repo, "--revision", source.revision]
    words += ["--include", inside] if inside else []
    folder = "--local-dir" if source.hub == "hf" else "--local_dir"
    command = " ".join(map(shlex.quote, [*words, folder, source.repo.rpartition("/")[2]]))
    broken = (source.home / FETCHING).exists()
    first = " (remove it first: fetching into it was broken off)" if broken else ""
    return (
        f"where the hub can be reached: {command}; then copy what that folder holds into "
        f"{source.home} of this machine{first}, or name the copy as `path`"
    )


def _refused(error: Exception) -> bool:
    """Whether the hub answered that there is no such thing, or that it may not be had."""
    status = getattr(getattr(error, "response", None), "status_code", None)
    return status in (401, 403, 404)


# -- the copy of this machine


def _is_there(source: HubSource) -> bool:
    """Whether the copy is whole: as it was recorded, or put there by hand."""
    record = source.home / RECORD
    if not record.is_file():
        return source.path.exists() and not (source.home / FETCHING).exists()
    try:
        inside = json.loads(record.read_text())["inside"]
    except (OSError, ValueError, KeyError, TypeError):
        return False
    above = ["/".join(source.inside.split("/")[:n]) for n in range(source.inside.count("/") + 2)]
    return source.path.exists() and any(one in inside for one in above)


def _remembered(source: HubSource) -> HubSource | None:
    """The source as it was fetched before, if it is on this machine."""
    if _is_there(source):
        return source
    ref = _hub_home(source) / "refs" / quote(source.revision, safe="")
    if ref.is_file() and _COMMIT.match(commit := ref.read_text().strip()):
        then = evolve(source, revision=commit)
        return then if _is_there(then) else None
    return None


def _begin(source: HubSource) -> None:
    """Note that the folder of a revision is not whole until :func:`_record` says so."""
    source.home.mkdir(parents=True, exist_ok=True)
    (source.home / FETCHING).touch()


def _record(source: HubSource) -> None:
    """Note what of a revision is here, with checksums."""
    record = source.home / RECORD
    found: dict[str, Any] = {"inside": [], "files": {}}
    if record.is_file():
        found = json.loads(record.read_text())
    found["inside"] = sorted({*found["inside"], source.inside})
    for file in _files(source):
        found["files"][file.relative_to(source.home).as_posix()] = checksum(file)
    write_atomically(record, json.dumps(found, indent=1).encode())
    (source.home / FETCHING).unlink(missing_ok=True)


def _files(source: HubSource) -> Iterator[Path]:
    places = [source.path] if source.path.is_file() else sorted(source.path.rglob("*"))
    for file in places:
        hidden = any(part.startswith(".") for part in file.relative_to(source.home).parts)
        if file.is_file() and not hidden:
            yield file


# -- Hugging Face


@frozen
class _Listed:
    """A file as the hub lists it, with the checksum that it has there."""

    name: str
    size: int
    sha256: str = field(default="")
    blob: str = ""


def _from_hf(source: HubSource) -> HubSource:
    import huggingface_hub

    api = huggingface_hub.HfApi()
    commit = source.revision
    if not source.pinned:
        info = api.dataset_info(source.repo, revision=source.revision, timeout=30)
        commit = info.sha or ""
        if not _COMMIT.match(commit):
            raise DataError(f"{source.text}: the hub gives no commit for it")
    now = evolve(source, revision=commit)
    if not _is_there(now):
        files = _listed(api, now)
        _begin(now)
        huggingface_hub.snapshot_download(
            now.repo,
            repo_type="dataset",
            revision=commit,
            local_dir=now.home,
            allow_patterns=[one.name for one in files] if now.inside else None,
        )
        for one in files:
            _check(now, one)
        _record(now)
    if not source.pinned:
        write_atomically(
            _hub_home(source) / "refs" / quote(source.revision, safe=""), commit.encode()
        )
    return now


def _listed(api: Any, source: HubSource) -> list[_Listed]:
    """The files that are wanted. Raises DataError for none, and for too many bytes."""
    tree = api.list_repo_tree(
        source.repo, repo_type="dataset", revision=source.revision, recursive=True
    )
    files = [
        _Listed(one.path, one.size, one.lfs.sha256 if one.lfs else "", one.blob_id)
        for one in tree
        if hasattr(one, "size")
    ]
    inside = source.inside
    wanted = [
        one
        for one in files
        if not inside or one.name == inside or one.name.startswith(f"{inside}/")
    ]
    if not wanted:
        folders = dict.fromkeys(one.name.partition("/")[0] for one in files)
        raise DataError(
            f"{source.text}: there is no {inside or 'file'} in it",
            hint=f"it holds: {', '.join(list(folders)[:20]) or 'nothing'}",
        )
    size = sum(one.size for one in wanted)
    if size > MOST_BYTES:
        raise DataError(
            f"{source.text}: has {size / 1e9:.1f} GB, more than {MOST_BYTES >> 30} GiB",
            hint=f'name the folder that is needed: "{source.text}/FOLDER"; or {_by_hand(source)}',
        )
    return wanted


def _check(source: HubSource, listed: _Listed) -> None:
    """Raises DataError, and removes the file, where it is not what the hub lists."""
    file = source.home / listed.name
    if not file.is_file():
        raise DataError(f"{source.text}: {listed.name} was not fetched", hint=_by_hand(source))
    if listed.sha256:
        same = checksum(file) == listed.sha256
    else:
        # What git calls the content: SHA-1 of a header and the bytes.
        content = file.read_bytes()
        digest = hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False)
        same = digest.hexdigest() == listed.blob
    if not same:
        file.unlink()
        raise DataError(
            f"{source.text}: {listed.name} has another checksum than the hub lists: it was cut or "
            "changed on its way, and is removed",
            hint="run it again",
        )


# -- ModelScope


def _from_ms(source: HubSource) -> HubSource:
    """ModelScope tells no commits of data sets: what was fetched under a revision is used until
    its folder is removed, and the checksums say which data that is."""
    client = importlib.import_module("modelscope.hub.snapshot_download")
    _begin(source)
    client.dataset_snapshot_download(
        source.repo,
        revision=source.revision,
        local_dir=str(source.home),
        allow_patterns=[source.inside, f"{source.inside}/*"] if source.inside else None,
    )
    if not any(_files(source)):
        raise DataError(f"{source.text}: there is no {source.inside or 'file'} in it")
    _record(source)
    return source


_FETCHERS: Mapping[str, Callable[[HubSource], HubSource]] = {"hf": _from_hf, "ms": _from_ms}
