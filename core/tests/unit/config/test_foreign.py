"""Names of other tools are refused with what to write instead, wherever they stand."""

from __future__ import annotations

from pathlib import Path

import pytest

from aisbench.base.errors import ConfigError
from aisbench.config.foreign import Place, advice
from aisbench.config.planner import make_plan
from aisbench.config.source import read_source
from aisbench.plugins.discovery import discover

MODEL = '[models.m]\nbackend = "vllm-chat"\nurl = "http://127.0.0.1:9"\n'
DATASET = '[datasets.d]\ndataset = "gsm8k-demo"\n'
LOAD = '[suite]\nmode = "performance"\n[load]\nshape = "closed"\nconcurrency = 1\n'


def problems(tmp_path: Path, text: str) -> str:
    path = tmp_path / "s.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        make_plan(read_source(path), discover())
    return str(caught.value)


AISBENCH = {
    "num_return_sequences": "repeats",
    "lora_data_map_file": "adapter",
    "batch_size": "concurrency",
    "max_out_len": "max_tokens",
    "request_rate": "rate",
    "host_ip": "url",
    "host_port": "url",
    "trust_remote_code": "server's",
    "generation_kwargs": "generation",
    "max_seq_len": "context",
    "query_per_second": "rate",
    "pred_postprocessor": "postprocess",
    "abbr": "name",
    "meta_json_conf": "custom",
    "retry": "attempts",
}
OTHERS = {
    "max_gen_toks": "max_tokens",
    "tensor_parallel_size": "server",
    "num_prompts": "limit",
    "parallel": "concurrency",
    "number": "requests",
    "max_concurrency": "concurrency",
    "served_model_name": "model",
    "tokenizer_path": "tokenizer",
    "num_fewshot": "shots",
    "base_url": "url",
}


@pytest.mark.parametrize(("name", "words"), {**AISBENCH, **OTHERS}.items())
@pytest.mark.parametrize("place", ["model", "generation", "dataset", "load"])
def test_refused_everywhere_with_advice(
    name: str, words: str, place: Place, tmp_path: Path
) -> None:
    line = f"{name} = 4\n"
    if (place, name) == ("model", "retry"):
        assert "its keys are: attempts" in problems(tmp_path, MODEL + line + DATASET)
        return
    if (place, name) == ("load", "max_concurrency"):
        return  # a key of ours
    told = problems(
        tmp_path,
        {
            "model": MODEL + line + DATASET,
            "generation": MODEL + f"[models.m.generation]\n{line}" + DATASET,
            "dataset": MODEL + DATASET + line,
            "load": LOAD + line + MODEL + DATASET,
        }[place],
    )
    assert name in told
    # In one place it is the data set's, in another the load's: what matters is that it is said.
    assert advice(place, name) in told
    assert words in told or place in ("load", "generation")


def test_what_a_model_calls_its_folder(tmp_path: Path) -> None:
    text = MODEL.replace("vllm-chat", "tgi-generate") + f'path = "{tmp_path}"\nattr = "service"\n'
    told = problems(tmp_path, text + DATASET)
    assert "models.m.path: is not a key here\n  help: set `model`" in told
    assert "models.m.attr: is not a key here\n  help: leave it out" in told
    # Where `path` is the route of the server, a folder is none.
    told = problems(tmp_path, MODEL + f'path = "{tmp_path}"\n' + DATASET)
    assert "names a folder here: set `model`" in told


def test_sampling_settings_beside_generation(tmp_path: Path) -> None:
    told = problems(tmp_path, MODEL + "temperature = 0.5\n" + DATASET)
    assert "write temperature into [models.NAME.generation]" in told


def test_secrets_do_not_hide_in_generation(tmp_path: Path) -> None:
    told = problems(tmp_path, MODEL + 'generation = { api_key = "sk-abcdef" }\n' + DATASET)
    assert "env:NAME" in told
    assert "sk-abcdef" not in told


@pytest.mark.parametrize("name", ["max_new_tokens", "do_sample", "until", "stop_sequences"])
def test_names_of_other_protocols(name: str, tmp_path: Path) -> None:
    told = problems(tmp_path, MODEL + f"generation = {{ {name} = 4 }}\n" + DATASET)
    assert f"models.m.generation.{name}: is refused by vllm-chat" in told


@pytest.mark.parametrize(
    "name", ["max_tokens", "temperature", "top_k", "ignore_eos", "min_tokens", "adapter_id"]
)
def test_names_that_servers_know_are_nobodys(name: str) -> None:
    assert advice("generation", name) == ""


def test_dashes_and_capitals() -> None:
    assert advice("load", "request-rate") == advice("load", "request_rate") != ""
    assert advice("model", "MAX_OUT_LEN") == advice("model", "max_out_len")
