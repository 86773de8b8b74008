"""Data of a hub, from a local server that speaks its protocol."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from toy_hub import FIRST, SECOND, ToyHub, rows, running_hub

from aisbench.base.errors import DataError
from aisbench.config.hub_paths import fetched_path, local_path, with_hub_data
from aisbench.config.source import source_of_tables
from aisbench.data import hub as module
from aisbench.data.hub import HubSource, fetched, on_hub, read_source
from aisbench.settings.problems import Problems


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ToyHub]:
    monkeypatch.setenv("AISBENCH_DATA", str(tmp_path / "data"))
    for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_DATASETS_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    with running_hub() as made:
        constants = pytest.importorskip("huggingface_hub.constants")
        monkeypatch.setattr(constants, "ENDPOINT", made.url)
        monkeypatch.setattr(
            constants, "HUGGINGFACE_CO_URL_TEMPLATE",
            made.url + "/{repo_id}/resolve/{revision}/{filename}", raising=False,
        )  # fmt: skip
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
        monkeypatch.setenv("MODELSCOPE_ENDPOINT", made.url)
        yield made


def test_what_a_suite_writes() -> None:
    assert read_source("hf:cais/mmlu") == HubSource(hub="hf", repo="cais/mmlu", revision="main")
    found = read_source("hf:a/b@refs%2Fpr%2F1/x/y/")
    assert (found.revision, found.inside) == ("refs/pr/1", "x/y")
    assert found.text == "hf:a/b@refs%2Fpr%2F1/x/y"
    assert read_source("ms:a/b").revision == "master"
    assert on_hub("hf:a/b")
    assert not on_hub("./hf")
    for wrong in ("hf:mmlu", "hf:a/b@", "hf:a/b/../../etc", "hf:a/b@x y"):
        with pytest.raises(ValueError, match="OWNER/NAME"):
            read_source(wrong)


def test_a_revision_is_pinned_and_fetched_once(hub: ToyHub) -> None:
    found = fetched(read_source("hf:owner/toy/main"))
    assert found.text == f"hf:owner/toy@{FIRST}/main"
    assert (found.path / "test.jsonl").read_bytes() == rows(1, 2)
    assert not (found.home / "README.md").exists()  # nothing but what is named
    record = json.loads((found.home / module.RECORD).read_text())
    assert list(record["files"]) == ["main/test.jsonl"]
    asked = len(hub.asked)
    assert fetched(found) == found
    assert len(hub.asked) == asked  # a commit is not asked for again
    hub.main = SECOND
    again = fetched(read_source("hf:owner/toy/main"))
    assert again.revision == SECOND
    assert (again.path / "test.jsonl").read_bytes() == rows(3)
    assert fetched(read_source(f"hf:owner/toy@{FIRST}")).path == found.home
    assert (found.home / "README.md").exists()


def test_a_suite_and_a_program(hub: ToyHub) -> None:
    source = source_of_tables({"datasets": {"a": {"path": "hf:owner/toy/main"}, "b": {}}}, "s")
    pinned = with_hub_data(source).tables["datasets"]
    assert pinned == {"a": {"path": f"hf:owner/toy@{FIRST}/main"}, "b": {}}
    table, text, _ = local_path(pinned["a"])
    assert (Path(table["path"]) / "test.jsonl").is_file()
    assert text == f"hf:owner/toy@{FIRST}/main"
    assert fetched_path({"path": "hf:owner/toy/main"}) == table
    with pytest.raises(Problems, match="OWNER/NAME"):
        fetched_path({"path": "hf:toy"})
    _, _, wrong = local_path({"path": "hf:toy"})
    assert wrong is not None
    assert wrong.path == ("path",)


def test_without_network_the_copy_is_used(hub: ToyHub, monkeypatch: pytest.MonkeyPatch) -> None:
    source = read_source("hf:owner/toy")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(DataError, match="not to be asked") as caught:
        fetched(source)
    assert "hf download owner/toy --repo-type dataset --revision main" in caught.value.hint
    assert str(source.home) in caught.value.hint
    # What is put there by hand is taken as it is.
    source.home.mkdir(parents=True)
    (source.home / "test.jsonl").write_bytes(rows(7))
    assert fetched(source) == source
    assert hub.asked == []
    monkeypatch.delenv("HF_HUB_OFFLINE")
    assert fetched(source).revision == FIRST
    hub.refuses = 503
    monkeypatch.setattr("huggingface_hub.utils._http.time.sleep", lambda _: None, raising=False)
    assert fetched(source).revision in (FIRST, "main")


def test_what_is_there_in_part_is_not_taken_for_a_copy(
    hub: ToyHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The hub's own client leaves `.cache` in copies, which are whole; what a fetch left that was
    broken off is not."""
    source = read_source(f"hf:owner/toy@{FIRST}")

    def broken_off(*args: object, local_dir: Path, **others: object) -> None:
        (local_dir / "test.jsonl").write_bytes(rows(7))
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("huggingface_hub.snapshot_download", broken_off)
        with pytest.raises(KeyboardInterrupt):
            fetched(source)
    with monkeypatch.context() as patched:
        patched.setenv("HF_HUB_OFFLINE", "1")
        with pytest.raises(DataError, match="not to be asked") as caught:
            fetched(source)
        assert "remove it first" in caught.value.hint
        shutil.rmtree(source.home)
        (source.home / ".cache" / "huggingface").mkdir(parents=True)
        (source.home / "test.jsonl").write_bytes(rows(8))
        assert fetched(source) == source
    shutil.rmtree(source.home)
    assert (fetched(source).path / "test.jsonl").read_bytes() != rows(7)


def test_what_the_hub_does_not_have(hub: ToyHub) -> None:
    with pytest.raises(DataError, match="there is no math in it") as caught:
        fetched(read_source("hf:owner/toy/math"))
    assert "test.jsonl, main, README.md" in caught.value.hint
    for name in ("hf:owner/other", "hf:owner/toy@v9"):
        with pytest.raises(DataError, match="no such data set or revision") as caught:
            fetched(read_source(name))
        assert "HF_TOKEN" in caught.value.hint


def test_other_contents_than_listed_are_not_kept(hub: ToyHub) -> None:
    hub.forged = True
    with pytest.raises(DataError, match="another checksum"):
        fetched(read_source("hf:owner/toy/main"))
    hub.forged = False
    assert (fetched(read_source("hf:owner/toy/main")).path / "test.jsonl").is_file()


def test_too_much(hub: ToyHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_BYTES", 10)
    with pytest.raises(DataError, match="more than") as caught:
        fetched(read_source("hf:owner/toy"))
    assert "/FOLDER" in caught.value.hint


def test_a_missing_library(hub: ToyHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "modelscope.hub.snapshot_download", None)
    with pytest.raises(DataError, match="modelscope is not installed") as caught:
        fetched(read_source("ms:owner/toy"))
    assert 'pip install "aisbench[modelscope]"' in caught.value.hint
    assert "modelscope download --dataset owner/toy --revision master" in caught.value.hint


def test_modelscope(hub: ToyHub) -> None:
    pytest.importorskip("modelscope", reason="modelscope is not installed")
    found = fetched(read_source("ms:owner/toy/main"))
    assert (found.path / "test.jsonl").read_bytes() == rows(1, 2)
    asked = len(hub.asked)
    assert fetched(found) == found
    assert len(hub.asked) == asked
