"""Weights that are not whole stop the run; and two models are never taken for one."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from tiny_models import text_model

from aisbench.api import AisbenchError, Message, PathOrName, Prompt, Request
from aisbench_plugin_transformers.backend import HfBackend
from aisbench_plugin_transformers.settings import HfSettings


@pytest.fixture
def folder(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy that may be spoilt."""
    made = tmp_path / "model"
    shutil.copytree(text_model(tmp_path_factory), made)
    return made


def backend(folder: Path, **settings: Any) -> HfBackend:
    return HfBackend(HfSettings(path=PathOrName(folder), dtype="float32", **settings))


def refused(made: HfBackend) -> str:
    with pytest.raises(AisbenchError) as caught:
        made.open()
    made.close()
    return str(caught.value)


def changed(folder: Path, change: Any) -> None:
    """The tensors as ``change`` makes them."""
    from safetensors.torch import load_file, save_file

    file = folder / "model.safetensors"
    tensors = load_file(file)
    change(tensors)
    save_file(tensors, file, metadata={"format": "pt"})


LOST = "model.layers.1.mlp.down_proj.weight"


def test_missing_tensors_stop_it_by_name(folder: Path) -> None:
    changed(folder, lambda tensors: tensors.pop(LOST))
    said = refused(backend(folder))
    assert LOST in said
    assert "1 tensors of the model are not in its files" in said
    assert "Qwen2ForCausalLM" in said


def test_tensors_of_another_shape_stop_it(folder: Path) -> None:
    def change(tensors: dict[str, Any]) -> None:
        tensors[LOST] = tensors[LOST][:, :100].contiguous()

    changed(folder, change)
    assert f"{LOST} 64x100 instead of 64x128" in refused(backend(folder))


def test_a_tied_last_layer_is_not_missing(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "tie_word_embeddings": True}))
    changed(folder, lambda tensors: tensors.pop("lm_head.weight"))
    made = backend(folder)
    made.open()
    assert made.describe().warnings == ()
    made.close()


def test_tensors_without_a_place_are_warned_of(folder: Path) -> None:
    def change(tensors: dict[str, Any]) -> None:
        tensors["model.layers.7.mlp.down_proj.weight"] = tensors[LOST].clone()

    changed(folder, change)
    made = backend(folder)
    made.open()
    (warning,) = made.describe().warnings
    assert "model.layers.7.mlp.down_proj.weight" in warning
    made.close()


def test_files_that_are_cut_or_missing_are_told_before_anything_is_loaded(folder: Path) -> None:
    file = folder / "model.safetensors"
    whole = file.read_bytes()
    file.write_bytes(whole[:-1000])
    for tell in (refused, lambda made: _checked(made, [])):
        said = tell(backend(folder))
        assert "model.safetensors" in said
        assert f"it has {len(whole) - 1000} bytes, and its tensors take {len(whole)}" in said
    file.unlink()
    index = {"weight_map": {LOST: "model-00001-of-00002.safetensors"}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    assert "model-00001-of-00002.safetensors" in refused(backend(folder))


def _checked(made: HfBackend, prompts: list[Prompt]) -> str:
    with pytest.raises(AisbenchError) as caught:
        made.check(prompts)
    return str(caught.value)


def test_chats_without_a_template_are_told_before_anything_is_loaded(
    folder: Path, tmp_path: Path
) -> None:
    for file in folder.glob("*template*"):
        file.unlink()
    config = json.loads((folder / "tokenizer_config.json").read_text())
    config.pop("chat_template", None)
    (folder / "tokenizer_config.json").write_text(json.dumps(config))
    chat = Prompt(messages=(Message(role="user", content="Hi"),))
    said = _checked(backend(folder), [Prompt(text="x"), chat])
    assert "no chat template" in said
    assert "`chat_template`" in said
    backend(folder).check([Prompt(text="x")])
    template = tmp_path / "own.jinja"
    template.write_text("{{ messages[0].content }}")
    backend(folder, chat_template=template).check([chat])


def test_whatever_decides_an_answer_is_in_the_fingerprint(folder: Path, tmp_path: Path) -> None:
    def known(**settings: Any) -> dict[str, str]:
        made = backend(folder, **settings)
        made.open()
        found = dict(made.describe().fingerprint)
        made.close()
        return found

    first = known()
    assert {"model.safetensors", "config.json", "generation_config.json", "tokenizer.json"} <= set(
        first
    )
    assert known() == first
    (folder / "README.md").write_text("Words.")
    assert known() == first

    def change(tensors: dict[str, Any]) -> None:
        tensors[LOST][3, 3] += 1e-3

    changed(folder, change)
    second = known()
    assert {name for name in first if first[name] != second[name]} == {"model.safetensors"}
    (folder / "generation_config.json").write_text('{"repetition_penalty": 1.1}')
    third = known()
    assert {name for name in first if third[name] != second[name]} == {"generation_config.json"}
    template = tmp_path / "own.jinja"
    template.write_text("{{ messages[0].content }}")
    one = known(chat_template=template)
    template.write_text("{{ messages[0].content }}!")
    assert known(chat_template=template)["chat_template"] != one["chat_template"]


def _adapter(folder: Path, to: Path, layers: tuple[int, ...] = (0, 1)) -> Path:
    import peft
    import torch
    from transformers import AutoModelForCausalLM

    torch.manual_seed(1)
    model = AutoModelForCausalLM.from_pretrained(folder)
    config = peft.LoraConfig(
        r=2, target_modules=["q_proj", "v_proj"], layers_to_transform=list(layers),
        init_lora_weights=False,
    )  # fmt: skip
    peft.get_peft_model(model, config).save_pretrained(to)
    return to


# Both are peft's: of what it asks transformers for, and of tensors that we name ourselves.
@pytest.mark.filterwarnings("ignore::FutureWarning", "ignore:Found missing adapter keys")
def test_adapters_are_whole_and_known(folder: Path, tmp_path: Path) -> None:
    pytest.importorskip("peft")
    from safetensors.torch import load_file, save_file

    adapter = _adapter(folder, tmp_path / "adapter")
    made = backend(folder, peft=PathOrName(adapter))
    made.open()
    assert made._loaded is not None
    fingerprint = made.describe().fingerprint
    assert {"adapter/adapter_model.safetensors", "adapter/adapter_config.json"} <= set(fingerprint)
    made.close()
    file = adapter / "adapter_model.safetensors"
    tensors = load_file(file)
    lost = next(name for name in tensors if "layers.1.self_attn.q_proj.lora_B" in name)
    save_file({name: one for name, one in tensors.items() if name != lost}, file)
    assert lost in refused(backend(folder, peft=PathOrName(adapter)))
    save_file({**tensors, lost.replace("layers.1", "layers.5"): tensors[lost].clone()}, file)
    said = refused(backend(folder, peft=PathOrName(adapter)))
    assert "have no place in the model" in said
    assert "layers.5" in said


@pytest.mark.filterwarnings("ignore::FutureWarning", "ignore:Found missing adapter keys")
def test_several_adapters_answer_as_each_alone(folder: Path, tmp_path: Path) -> None:
    """The model itself among them, generating and scoring, in one call."""
    pytest.importorskip("peft")
    paths = {
        name: PathOrName(_adapter(folder, tmp_path / name, layers))
        for name, layers in {"one": (0,), "both": (0, 1)}.items()
    }

    def asked(*names: str) -> list[Request]:
        prompts = [Prompt(text="I was"), Prompt(text="I was", continuation=" not there at all")]
        return [
            Request(
                key=f"{name}{at}", sample_id="s", repeat=0, turn=0, model="", prompt=prompt,
                generation={"max_tokens": 12, **({"adapter_id": name} if name else {})},
                stream=False, seed=None,
            )
            for name in names
            for at, prompt in enumerate(prompts)
        ]  # fmt: skip

    def answers(made: HfBackend, requests: list[Request]) -> list[tuple[Any, ...]]:
        made.open()
        found = dict(made.answer(requests))
        made.close()
        assert not any(one.fault for one in found.values())
        return [
            (one.text, None if one.scored is None else round(one.scored.total, 3))
            for _, one in sorted(found.items())
        ]

    together = answers(backend(folder, loras=paths), asked("one", "", "both", "one"))
    paths_alone = (PathOrName(), paths["one"], paths["both"])
    alone = [answers(backend(folder, peft=path), asked("")) for path in paths_alone]
    assert together == [*alone[1], *alone[0], *alone[2], *alone[1]]
    assert len({scored for _, (_, scored) in alone}) == 3

    made = backend(folder, loras=paths)
    assert "it has one, both" in made.refused({"adapter_id": "two"})["adapter_id"]
    assert made.refused({"adapter_id": "one"}) == {}
    assert "set loras" in backend(folder).refused({"adapter_id": "one"})["adapter_id"]
    assert "given both" in refused(backend(folder, loras=paths, peft=paths["one"]))
