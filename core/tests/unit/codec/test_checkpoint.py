"""Files of weights: what is broken is named, and two models are never taken for one."""

from __future__ import annotations

import json
import os
import re
import struct
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aisbench.base.errors import AisbenchError
from aisbench.codec import (
    check_adapter,
    check_weights,
    digest,
    fingerprint_of,
    model_folder,
    surely_missing,
    tensor_names,
)
from aisbench.codec import fingerprint as module
from aisbench.codec.fingerprint import identity


def weights(tensors: dict[str, bytes]) -> bytes:
    """A safetensors file."""
    table, place = {}, 0
    for name, content in tensors.items():
        table[name] = {
            "dtype": "U8", "shape": [len(content)], "data_offsets": [place, place + len(content)],
        }  # fmt: skip
        place += len(content)
    header = json.dumps({"__metadata__": {"format": "pt"}, **table}).encode()
    return struct.pack("<Q", len(header)) + header + b"".join(tensors.values())


LAYERS = {f"model.layers.{n}.{part}.weight": bytes([n]) * 50 for n in range(3) for part in "ab"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "tokenizer.model").write_bytes(b"pieces")
    (tmp_path / "model.safetensors").write_bytes(weights(LAYERS))
    return tmp_path


def test_whole_files_are_fine(folder: Path) -> None:
    check_weights(folder)
    assert tensor_names(folder) == set(LAYERS)
    (folder / "model.safetensors").unlink()
    check_weights(folder)
    assert tensor_names(folder) is None


def test_a_file_cut_anywhere_is_named(folder: Path) -> None:
    file = folder / "model.safetensors"
    whole = file.read_bytes()
    for length in [*range(0, len(whole), 7), len(whole) - 1]:
        file.write_bytes(whole[:length])
        with pytest.raises(AisbenchError, match=r"model\.safetensors"):
            check_weights(folder)
    for other in (whole + b"\0", b"version https://git-lfs.github.com/spec/v1\n" * 4, b"\0" * 99):
        file.write_bytes(other)
        with pytest.raises(AisbenchError, match=r"model\.safetensors"):
            check_weights(folder)


def test_pointers_and_cut_archives_are_named(folder: Path) -> None:
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:ab\nsize 12\n"
    for name in ("model.safetensors", "pytorch_model.bin", "tokenizer.model", "tokenizer.json"):
        file = folder / name
        before = file.read_bytes() if file.exists() else None
        file.write_bytes(pointer)
        with pytest.raises(AisbenchError, match=rf"{re.escape(name)}: is a Git LFS pointer"):
            check_weights(folder)
        file.unlink()
        if before is not None:
            file.write_bytes(before)
    file = folder / "pytorch_model.bin"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("data.pkl", b"x" * 500)
    check_weights(folder)
    file.write_bytes(file.read_bytes()[:-60])
    with pytest.raises(AisbenchError, match=r"pytorch_model\.bin: is cut"):
        check_weights(folder)


@pytest.mark.parametrize("header", [b"[]", b"{", b'{"a": 1}', b'{"a": {"data_offsets": [0]}}'])
def test_heads_that_are_none(folder: Path, header: bytes) -> None:
    content = struct.pack("<Q", len(header)) + header
    (folder / "model.safetensors").write_bytes(content)
    with pytest.raises(AisbenchError, match="not a table of tensors"):
        check_weights(folder)


def test_what_an_index_names_must_be_there(folder: Path) -> None:
    index = folder / "model.safetensors.index.json"
    places = dict.fromkeys(LAYERS, "model.safetensors")
    index.write_text(json.dumps({"weight_map": places}))
    check_weights(folder)
    index.write_text(json.dumps({"weight_map": {**places, "x": "model-2.safetensors"}}))
    with pytest.raises(AisbenchError, match=r"files are missing .*: model-2\.safetensors"):
        check_weights(folder)
    index.write_text(json.dumps({"weight_map": {**places, "lm_head.weight": "model.safetensors"}}))
    with pytest.raises(AisbenchError, match=r"1 tensors are not in the files .*: lm_head\.weight"):
        check_weights(folder)
    index.write_text("{}")
    with pytest.raises(AisbenchError, match=r"index\.json: is not an index"):
        check_weights(folder)
    # An index of the same weights in another format is nobody's business.
    index.rename(folder / "pytorch_model.bin.index.json")
    check_weights(folder)


def test_missing_tensors_are_told_only_where_nothing_can_explain_them() -> None:
    every = {*LAYERS, "embed.weight", "head.weight"}
    assert surely_missing(every, every) == []
    lost = "model.layers.1.a.weight"
    assert surely_missing(every - {lost}, every) == [lost]
    assert surely_missing(every - {"head.weight"}, every) == ["head.weight"]
    # Other names, as of quantized weights: nothing is known of those without a sibling.
    quantized = {name.replace("b.weight", "b.qweight") for name in every}
    assert surely_missing(quantized, every) == []
    assert surely_missing(quantized - {lost}, every) == [lost]
    assert surely_missing({f"transformer.{name}" for name in every}, every) == []


def test_both_halves_of_an_adapter(tmp_path: Path) -> None:
    halves = {f"base.layers.{n}.q.lora_{half}.weight": b"ab" for n in (0, 1) for half in "AB"}
    file = tmp_path / "adapter_model.safetensors"
    file.write_bytes(weights(halves))
    check_adapter(tmp_path)
    lost = "base.layers.1.q.lora_B.weight"
    file.write_bytes(weights({name: one for name, one in halves.items() if name != lost}))
    with pytest.raises(AisbenchError, match=lost.replace(".", r"\.")):
        check_adapter(tmp_path)


@given(st.integers(0, 10_000), st.integers(1, 255))
@settings(max_examples=40, deadline=None)
def test_any_byte_of_a_small_file_counts(
    tmp_path_factory: pytest.TempPathFactory, place: int, change: int
) -> None:
    file = tmp_path_factory.mktemp("small") / "model.safetensors"
    content = bytearray(weights(LAYERS))
    file.write_bytes(content)
    before = digest(file)
    content[place % len(content)] ^= change
    file.write_bytes(content)
    assert digest(file) != before


def test_another_tensor_in_a_large_file_counts(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Same names, types, shapes and size, and one tensor of many with other values."""
    monkeypatch.setattr(module, "WHOLE", 1000)
    monkeypatch.setattr(module, "BLOCK", 64)
    tensors = {f"model.layers.{n}.weight": os.urandom(5000) for n in range(40)}
    tensors["norm.weight"] = b"\1" * 10
    file = folder / "model.safetensors"
    file.write_bytes(weights(tensors))
    before = fingerprint_of(folder)
    assert fingerprint_of(folder) == before
    for name, content in tensors.items():
        other = bytes(one ^ 1 for one in content)
        file.write_bytes(weights({**tensors, name: other}))
        assert fingerprint_of(folder) != before, name


def test_a_large_file_is_read_in_part(tmp_path: Path) -> None:
    """Half a terabyte of holes, which reading whole would take minutes."""
    name = "model.layers.0.weight"
    header = json.dumps(
        {name: {"dtype": "U8", "shape": [1 << 39], "data_offsets": [0, 1 << 39]}}
    ).encode()
    file = tmp_path / "model.safetensors"
    file.write_bytes(struct.pack("<Q", len(header)) + header)
    for path in (file, tmp_path / "pytorch_model.bin"):
        with path.open("ab") as opened:
            opened.truncate(8 + len(header) + (1 << 39))
    check_weights(tmp_path)
    assert len(fingerprint_of(tmp_path)) == 2


def test_other_formats_show_a_change_at_their_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "WHOLE", 1000)
    monkeypatch.setattr(module, "ENDS", 100)
    monkeypatch.setattr(module, "PLACES", 10)
    file = tmp_path / "pytorch_model.bin"
    content = os.urandom(9000)
    file.write_bytes(content)
    before = digest(file)
    for place in (0, 99, 8999, 8900):
        file.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        assert digest(file) != before
    file.write_bytes(content + b"1")
    assert digest(file) != before


def test_what_decides_an_answer_and_what_does_not(folder: Path) -> None:
    before = fingerprint_of(folder)
    assert set(before) == {"config.json", "tokenizer.model", "model.safetensors"}
    for name in ("README.md", "LICENSE", ".gitattributes", "picture.png", "optimizer.pt"):
        (folder / name).write_text("x")
    (folder / "original").mkdir()
    (folder / "original" / "consolidated.00.pth").write_text("x")
    assert fingerprint_of(folder) == before
    for name in ("generation_config.json", "chat_template.jinja", "modeling_x.py", "vocab.txt"):
        known = identity(fingerprint_of(folder))
        (folder / name).write_text("x")
        assert identity(fingerprint_of(folder)) != known
    (folder / "additional_chat_templates").mkdir()
    (folder / "additional_chat_templates" / "tool.jinja").write_text("x")
    assert "additional_chat_templates/tool.jinja" in fingerprint_of(folder)
    assert set(fingerprint_of(folder, "adapter/")) == {
        f"adapter/{name}" for name in fingerprint_of(folder)
    }
    assert identity({}) == ""


def test_a_model_of_the_hub_is_found_in_its_cache(
    folder: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path_factory.mktemp("home")
    for name in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_HOME", str(home))
    assert model_folder(str(folder)) == folder
    assert model_folder("") is None
    assert model_folder("acme/model") is None
    repository = home / "hub" / "models--acme--model"
    (repository / "snapshots" / "abc123").mkdir(parents=True)
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text("abc123")
    found = repository / "snapshots" / "abc123"
    assert model_folder("acme/model") == model_folder("acme/model", "abc123") == found
    assert model_folder("acme/model", "v2") is None
