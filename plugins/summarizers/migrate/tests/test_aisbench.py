"""AISBench's presets, flags and configs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from aisbench import check_suite
from aisbench_plugin_migrate.ais.command import from_command
from aisbench_plugin_migrate.ais.presets import configs, find_config
from aisbench_plugin_migrate.draft import Draft
from aisbench_plugin_migrate.mend import mended
from aisbench_plugin_migrate.options import FlagValues
from aisbench_plugin_migrate.tables.reading import table

Migrated = Callable[..., Draft]
MODELS = sorted(table("aisbench-models")["configs"])
CHAT = "ais_bench --models vllm_api_general_chat --datasets"
LOAD = "ais_bench --models vllm_api_stream_chat --datasets synthetic_gen --mode perf"


def model_file(tmp_path: Path, **keys: object) -> str:
    """A model config as AISBench's users write it, with other values for some keys."""
    base: dict[str, object] = {
        "attr": "service",
        "abbr": "m",
        "path": "",
        "model": "qwen",
        "stream": True,
        "request_rate": 0,
        "retry": 2,
        "api_key": "",
        "host_ip": "10.0.0.1",
        "host_port": 8000,
        "url": "",
        "max_out_len": 512,
        "batch_size": 16,
        "trust_remote_code": False,
    }
    lines = [f"        {key}={value!r}," for key, value in {**base, **keys}.items()]
    path = tmp_path / "my_model.py"
    path.write_text(
        "from ais_bench.benchmark.models import VLLMCustomAPIChat\n"
        "models = [\n    dict(\n        type=VLLMCustomAPIChat,\n"
        + "\n".join(lines)
        + "\n    )\n]\n"
        "summarizer = dict(attr='performance')\n",
        encoding="utf-8",
    )
    return str(path)


def load_of(tmp_path: Path, migrated: Migrated, **keys: object) -> dict[str, Any]:
    draft = migrated(inputs=(model_file(tmp_path, **keys),))
    load: dict[str, Any] = draft.tables()["load"]
    return load


def test_every_model_preset() -> None:
    words = ["--models", *MODELS, "--datasets", "gsm8k_gen"]
    draft = from_command("ais_bench", words, "", FlagValues())

    assert mended(draft) == ()
    without = {one.value: one.why for one in draft.left if one.key == "models"}
    assert set(without) == {"QwenImageEditModel", "VITAGenerateAPI"}
    assert len(draft.names("models")) == len(MODELS) - len(without)


@pytest.mark.not_quick
def test_every_data_set_config_is_a_section_or_a_reason() -> None:
    names = [one.name for one in configs().values()]
    words = ["--models", "vllm_api_general_chat", "vllm_api_general", "--datasets", *names]
    draft = from_command("ais_bench", words, "", FlagValues())

    problems = [one for one in mended(draft) if "does not exist" not in one.message]

    assert problems == []
    left = {one.value for one in draft.left if one.key == "datasets"}
    text = draft.text()
    for name in names:
        assert name in left or f"AISBench: {name}\n" in text, name


@pytest.mark.parametrize(
    "name", ["synthetic_gen_string", "sharegpt_gen", "mtbench_gen", "mooncake_trace_gen"]
)
def test_workloads(name: str) -> None:
    words = ["--models", "vllm_api_stream_chat", "--datasets", name, "--mode", "perf"]
    draft = from_command("ais_bench", words, "", FlagValues())

    assert [one for one in mended(draft) if "does not exist" not in one.message] == []
    assert draft.tables()["suite"]["mode"] == "performance"


def test_a_text_model_gets_the_text_variant(migrated: Migrated) -> None:
    draft = migrated("ais_bench --models vllm_api_general --datasets gsm8k_gen_4_shot_cot_str")

    assert draft.tables()["datasets"]["gsm8k"]["variant"] == "4-shot-cot-text"


def test_chat_and_text_models_together_get_a_data_set_each(migrated: Migrated) -> None:
    draft = migrated(
        "ais_bench --models vllm_api_general vllm_api_general_chat --datasets gsm8k_gen"
    )

    tables = draft.tables()
    assert sorted(tables["datasets"]) == ["gsm8k-chat", "gsm8k-text"]
    assert len(tables["exclude"]) == 2


def test_what_has_no_counterpart_is_told_and_the_rest_is_made(migrated: Migrated) -> None:
    draft = migrated(f"{CHAT} gedit_gen_0_shot_llmjudge gsm8k_gen")

    assert list(draft.tables()["datasets"]) == ["gsm8k"]
    assert 'dataset = "gedit"' in draft.left[0].why


def test_pictures_films_and_sounds(migrated: Migrated) -> None:
    """Each in AISBench's own words; settings that differ in it are other sets or variants."""
    draft = migrated(
        f"{CHAT} mmmu_gen mmmu_pro_vision_cot_gen videobench_gen_base64 vocalsound_gen textvqa_gen"
    )

    asked = [(one["dataset"], one["variant"]) for one in draft.tables()["datasets"].values()]
    assert asked == [
        ("mmmu", "0-shot-cot-chat"),
        ("mmmu-pro-vision", "0-shot-cot-vlmevalkit-chat"),
        ("videobench", "0-shot-frames-together-chat"),
        ("vocalsound", "0-shot-chat"),
        ("textvqa", "aisbench-chat"),
    ]


def test_flags(migrated: Migrated) -> None:
    draft = migrated(
        f"{CHAT} ceval_gen_5_shot_str --num-prompts 7 --work-dir out/x --merge-ds --debug "
        "--dump-eval-details -r"
    )

    tables = draft.tables()
    assert tables["suite"]["output"] == "out/x"
    assert tables["datasets"]["ceval"]["part_range"] == "0:7"
    told = {one.key for one in draft.left}
    assert told == {"--merge-ds", "--debug", "--dump-eval-details", "--reuse"}
    assert all(one.why for one in draft.left)


def test_pressure(migrated: Migrated) -> None:
    load = migrated(f"{LOAD} --pressure --pressure-time 30 --num-warmups 3").tables()["load"]

    assert load["shape"] == "pressure"
    assert (load["duration"], load["warm_up"], load["attempts"]) == (30, 3, 2)


def test_rate_zero_is_a_closed_loop(tmp_path: Path, migrated: Migrated) -> None:
    assert load_of(tmp_path, migrated, request_rate=0)["shape"] == "closed"


@pytest.mark.parametrize(
    ("rate", "shape"), [(0.0005, "closed"), (0.05, "traffic"), (5, "traffic")]
)
def test_rates(tmp_path: Path, migrated: Migrated, rate: float, shape: str) -> None:
    assert load_of(tmp_path, migrated, request_rate=rate)["shape"] == shape


def test_arrivals_are_poissons_unless_told_otherwise(tmp_path: Path, migrated: Migrated) -> None:
    load = load_of(tmp_path, migrated, request_rate=5)

    assert (load["burstiness"], load["max_concurrency"]) == (1, 16)


def test_traffic_cfg(tmp_path: Path, migrated: Migrated) -> None:
    traffic = {
        "burstiness": 0.5,
        "ramp_up_strategy": "linear",
        "ramp_up_start_rps": 1,
        "ramp_up_end_rps": 9,
    }
    load = load_of(tmp_path, migrated, request_rate=5, traffic_cfg=traffic)

    assert load["ramp_up_end_rps"] == 9
    assert load["burstiness"] == 0.5


def test_a_ramp_without_a_rate_is_told(tmp_path: Path, migrated: Migrated) -> None:
    traffic = {"ramp_up_strategy": "linear", "ramp_up_start_rps": 1, "ramp_up_end_rps": 9}
    draft = migrated(inputs=(model_file(tmp_path, request_rate=0, traffic_cfg=traffic),))

    assert draft.tables()["load"]["shape"] == "closed"
    assert "traffic_cfg" in {one.key for one in draft.left}


def test_keys_of_a_model(tmp_path: Path, migrated: Migrated) -> None:
    path = model_file(
        tmp_path,
        retry=5,
        path="/weights/q",
        enable_ssl=True,
        generation_kwargs={"temperature": 0.6, "num_return_sequences": 4, "seed": 7},
    )
    tables = migrated(inputs=(path,)).tables()

    model = tables["models"]["m"]
    assert model["url"] == "https://10.0.0.1:8000"
    assert (model["concurrency"], model["retry"], model["tokenizer"]) == (
        16,
        {"attempts": 5},
        "/weights/q",
    )
    assert model["generation"] == {"temperature": 0.6, "max_tokens": 512}
    assert tables["suite"]["seed"] == 7


def test_a_map_of_adapters_stays_one(tmp_path: Path, migrated: Migrated) -> None:
    (tmp_path / "map.json").write_text('{"0": "sql"}')
    given = {"lora_data_map_file": str(tmp_path / "map.json")}
    tables = migrated(inputs=(model_file(tmp_path, generation_kwargs=given),)).tables()
    # What the map does not name is answered by the model itself, there and here.
    assert tables["models"]["m"]["adapters"] == {"map": str(tmp_path / "map.json"), "rest": ""}
    assert "lora_data_map_file" not in tables["models"]["m"].get("generation", {})


def test_repeats_become_metrics(tmp_path: Path, migrated: Migrated) -> None:
    path = Path(model_file(tmp_path, generation_kwargs={"num_return_sequences": 4}))
    path.write_text(path.read_text().partition("summarizer")[0])
    (tmp_path / "sets.py").write_text(
        "with read_base():\n"
        "    from ais_bench.benchmark.configs.datasets.aime2024.aime2024_gen import "
        "aime2024_datasets\n"
        "datasets = aime2024_datasets\n"
    )
    tables = migrated(inputs=(str(path), str(tmp_path / "sets.py"))).tables()

    assert tables["datasets"]["aime-2024"]["repeats"] == 4
    assert "cons-half@4" in tables["datasets"]["aime-2024"]["metrics"]


@pytest.mark.parametrize("key", ["sk-abcdefghijklmnop", "a-team-secret", "Bearer xyzxyz"])
def test_keys_are_never_written(tmp_path: Path, migrated: Migrated, key: str) -> None:
    draft = migrated(inputs=(model_file(tmp_path, api_key=key, my_token=key),))

    assert draft.tables()["models"]["m"]["api_key"] == "env:API_KEY"
    assert key not in draft.text()
    assert key.removeprefix("Bearer ") not in draft.text()


def test_the_seeds_own_form_of_test_range(tmp_path: Path, migrated: Migrated) -> None:
    path = tmp_path / "task.py"
    path.write_text(
        "from mmengine.config import read_base\n"
        "with read_base():\n"
        "    from ais_bench.benchmark.configs.datasets.gsm8k.gsm8k_gen_0_shot_cot_str import (\n"
        "        gsm8k_datasets as g)\n"
        "    from ais_bench.benchmark.configs.models.vllm_api.vllm_api_general import models\n"
        "g[0]['abbr'] = 'demo_' + g[0]['abbr']\n"
        "g[0]['reader_cfg']['test_range'] = '[0:8]'\n"
        "models[0]['host_port'] = 9000\n"
        "datasets = g\n"
        "work_dir = 'outputs/demo'\n"
    )
    tables = migrated(inputs=(str(path),)).tables()

    assert tables["datasets"]["demo_gsm8k"]["range"] == "0:8"
    assert tables["models"]["vllm-api-general"]["url"] == "http://localhost:9000"
    assert tables["suite"]["output"] == "outputs/demo"


def test_a_data_set_that_is_written_out_is_known_by_its_class(
    tmp_path: Path, migrated: Migrated
) -> None:
    path = tmp_path / "ceval_mine.py"
    path.write_text(
        "from ais_bench.benchmark.datasets import CEvalDataset\n"
        "from ais_bench.benchmark.openicl.icl_retriever import FixKRetriever\n"
        "ceval_datasets = []\n"
        "for name in ['law', 'logic']:\n"
        "    ceval_datasets.append(dict(type=CEvalDataset, abbr='ceval-' + name, name=name,\n"
        "        path='/data/ceval', infer_cfg=dict(\n"
        "            ice_template=dict(template=f'{name}: {{question}}'),\n"
        "            retriever=dict(type=FixKRetriever, fix_id_list=[0, 1, 2, 3, 4]))))\n"
    )
    section = migrated(inputs=(str(path),)).tables()["datasets"]["ceval"]

    assert section["parts"] == ["law", "logic"]
    assert section["path"] == "/data/ceval"
    assert section["variant"] == "5-shot-chat"


def test_what_a_user_wrote_into_an_entry_is_told(tmp_path: Path, migrated: Migrated) -> None:
    path = tmp_path / "mine.py"
    path.write_text(
        "from x import GSM8KDataset, GenInferencer, MyEvaluator\n"
        "gsm8k_datasets = [dict(type=GSM8KDataset, abbr='g', path='/data/gsm8k', my_key=3,\n"
        "    infer_cfg=dict(prompt_template=dict(template='Q: {question}'),\n"
        "        inferencer=dict(type=GenInferencer, max_out_len=99, stopping_criteria=['x'])),\n"
        "    eval_cfg=dict(evaluator=dict(type=MyEvaluator)))]\n"
    )
    draft = migrated(inputs=(str(path),))

    told = {one.key for one in draft.left}
    assert told == {"my_key", "eval_cfg", "inferencer.stopping_criteria", "template"}
    assert draft.tables()["datasets"]["g"]["generation"] == {"max_tokens": 99}


def test_a_judge_becomes_a_model(migrated: Migrated) -> None:
    tables = migrated(f"{CHAT} aime2025_gen_0_shot_llmjudge").tables()

    assert tables["models"]["judge"]["role"] == "judge"
    assert tables["datasets"]["aime-2025"]["evaluation"] == {"judge": "judge"}


def test_synthetic_lengths(tmp_path: Path, migrated: Migrated) -> None:
    path = tmp_path / "synthetic_gen.py"
    path.write_text(
        "synthetic_config = {'Type': 'string', 'RequestCount': 50, 'StringConfig': {\n"
        "  'Input': {'Method': 'uniform', 'Params': {'MinValue': 10, 'MaxValue': 20}},\n"
        "  'Output': {'Method': 'gaussian', 'Params': {'Mean': 100, 'Var': 400, 'MinValue': 1,\n"
        "             'MaxValue': 200}}}}\n"
        "synthetic_datasets = [dict(abbr='synthetic', type=SyntheticDataset,\n"
        "                           config=synthetic_config)]\n"
    )
    tables = migrated(inputs=(str(path),)).tables()

    section = tables["datasets"]["synthetic"]
    assert section["rows"] == 50
    assert section["input"] == {"method": "uniform", "min": 10, "max": 20}
    assert section["output"]["stddev"] == 20
    assert tables["suite"]["mode"] == "performance"


def test_combinations_leave_pairs_out(tmp_path: Path, migrated: Migrated) -> None:
    path = tmp_path / "pairs.py"
    path.write_text(
        "with read_base():\n"
        "    from ais_bench.benchmark.configs.datasets.gsm8k.gsm8k_gen import gsm8k_datasets as "
        "g\n"
        "    from ais_bench.benchmark.configs.datasets.aime2024.aime2024_gen import "
        "aime2024_datasets as a\n"
        "    from ais_bench.benchmark.configs.models.vllm_api.vllm_api_general_chat import "
        "models as m\n"
        "    from ais_bench.benchmark.configs.models.vllm_api.vllm_api_stream_chat import models "
        "as s\n"
        "models = m + s\ndatasets = g + a\n"
        "model_dataset_combinations = [dict(models=m, datasets=g), dict(models=s, datasets=a)]\n"
    )
    tables = migrated(inputs=(str(path),)).tables()

    pairs = {(one["model"], one["dataset"]) for one in tables["exclude"]}
    assert pairs == {("vllm-api-general-chat", "aime-2024"), ("vllm-api-stream-chat", "gsm8k")}


@pytest.mark.parametrize(
    ("name", "dataset"),
    [
        ("gsm8k_gen_1d7fe4", "gsm8k"),
        ("mmlu_gen_4d595a", "mmlu"),
        ("ARC_c_ppl_a450bd", "arc-challenge"),
        ("obqa_gen_9069e4", "openbookqa"),
        ("commonsenseqa_gen_1da2d0", "commonsenseqa"),
        ("nonsense_gen_123456", ""),
    ],
)
def test_opencompass_names(name: str, dataset: str) -> None:
    found = find_config(name)

    assert (found.dataset if found else "") == dataset


def test_a_name_that_nobody_has_is_told(migrated: Migrated) -> None:
    draft = migrated(f"{CHAT} my_own_set gsm8k_gen")

    assert [(one.key, one.value) for one in draft.left] == [("datasets", "my_own_set")]
    assert "--root" in draft.left[0].why


def test_a_model_that_is_misspelt_is_an_error() -> None:
    words = ["--models", "vllm_api_genral_chat", "--datasets", "gsm8k_gen"]
    draft = from_command("ais_bench", words, "", FlagValues())

    assert draft.names("models") == []
    assert "vllm_api_general_chat" in draft.left[0].why


def test_opencompass_config(tmp_path: Path, migrated: Migrated) -> None:
    path = tmp_path / "eval_api.py"
    path.write_text(
        "from mmengine.config import read_base\n"
        "from opencompass.models import OpenAISDK\n"
        "from opencompass.partitioners import NaivePartitioner\n"
        "with read_base():\n"
        "    from opencompass.configs.datasets.gsm8k.gsm8k_gen_1d7fe4 import gsm8k_datasets\n"
        "models = [dict(abbr='gpt', type=OpenAISDK, path='gpt-4o', key='ENV', "
        "query_per_second=1,\n"
        "    openai_api_base='https://api.example.com/v1/', max_out_len=2048, batch_size=8,\n"
        "    meta_template=dict(round=[dict(role='HUMAN', api_role='HUMAN')]))]\n"
        "datasets = gsm8k_datasets\n"
        "infer = dict(partitioner=dict(type=NaivePartitioner))\n"
    )
    draft = migrated(inputs=(str(path),))

    model = draft.tables()["models"]["gpt"]
    assert model["url"] == "https://api.example.com"
    assert (model["model"], model["api_key"]) == ("gpt-4o", "env:OPENAI_API_KEY")
    assert {one.key for one in draft.left} == {"query_per_second", "meta_template"}
    assert draft.tool == "OpenCompass"


def test_data_folder(tmp_path: Path) -> None:
    (tmp_path / "set.py").write_text(
        "from ais_bench.benchmark.datasets import GSM8KDataset\n"
        "gsm8k_datasets = [dict(abbr='gsm8k', type=GSM8KDataset, "
        "path='ais_bench/datasets/gsm8k')]\n"
    )
    from aisbench_plugin_migrate.inputs import of_configs

    draft = of_configs([tmp_path / "set.py"], FlagValues(data=tmp_path / "all"))

    assert draft.tables()["datasets"]["gsm8k"]["path"] == str(tmp_path / "all" / "gsm8k")
    assert check_suite(draft.tables()) == ()
