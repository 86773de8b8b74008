"""lm-eval, evalscope, vllm bench, guidellm and aiperf."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from aisbench_plugin_migrate.draft import Draft

Migrated = Callable[..., Draft]


def test_lm_eval_command(migrated: Migrated) -> None:
    tables = migrated(
        "lm_eval",
        "--model",
        "local-chat-completions",
        "--model_args",
        "model=q,base_url=http://h:8000/v1/chat/completions,num_concurrent=8,max_retries=3",
        "--tasks",
        "gsm8k,ifeval",
        "--apply_chat_template",
        "--num_fewshot",
        "5",
        "--limit",
        "0.1",
        "--gen_kwargs",
        "temperature=0.6,until=['a','b']",
        "--log_samples",
        "--seed",
        "1,2,3,4",
    ).tables()

    assert tables["models"]["q"]["url"] == "http://h:8000"
    assert tables["models"]["q"]["concurrency"] == 8
    section = tables["datasets"]["lm-eval"]
    assert section["task"] == ["gsm8k", "ifeval"]
    assert (section["sample"], section["seed"], section["fewshot_seed"]) == (0.1, 1, 4)


def test_lm_eval_local_model(migrated: Migrated) -> None:
    tables = migrated(
        "lm_eval --model hf --model_args pretrained=EleutherAI/pythia-160m,dtype=float32 "
        "--tasks hellaswag --device cuda:0 --batch_size 8"
    ).tables()

    model = tables["models"]["pythia-160m"]
    assert (model["path"], model["dtype"], model["device"], model["batch_size"]) == (
        "EleutherAI/pythia-160m",
        "float32",
        "cuda:0",
        8,
    )


def test_lm_eval_yaml(tmp_path: Path, migrated: Migrated) -> None:
    path = tmp_path / "eval.yaml"
    path.write_text(
        yaml.safe_dump(
            {
                "model": "local-completions",
                "tasks": ["arc_easy", {"task": "boolq"}],
                "num_fewshot": 2,
                "model_args": {"model": "m", "base_url": "http://h:1/v1/completions"},
                "limit": 5,
                "wandb_args": {"project": "p"},
            }
        )
    )
    draft = migrated(inputs=(str(path),))

    section = draft.tables()["datasets"]["lm-eval"]
    assert section["task"] == ["arc_easy", "boolq"]
    assert section["num_fewshot"] == 2
    assert [one.key for one in draft.left] == ["--wandb_args"]


EVALSCOPE = {
    "model": "Qwen",
    "api_url": "http://h:8801/v1",
    "api_key": "sk-abcdefghijkl",
    "eval_type": "openai_api",
    "datasets": ["gsm8k", "arc", "general_qa", "nothing_known"],
    "limit": 10,
    "eval_batch_size": 4,
    "dataset_args": {
        "arc": {"subset_list": ["ARC-Easy"], "few_shot_num": 0},
        "general_qa": {"local_path": "rows"},
    },
    "generation_config": {"temperature": 0.6, "max_tokens": 100, "n": 3},
}


@pytest.mark.parametrize("suffix", ["yaml", "json"])
def test_evalscope_config(tmp_path: Path, suffix: str) -> None:
    from aisbench_plugin_migrate.inputs import drafts_of
    from aisbench_plugin_migrate.mend import mended
    from aisbench_plugin_migrate.options import FlagValues

    path = tmp_path / f"task.{suffix}"
    path.write_text(json.dumps(EVALSCOPE) if suffix == "json" else yaml.safe_dump(EVALSCOPE))
    (draft,) = drafts_of([str(path)], [], FlagValues())
    problems = mended(draft)

    assert [one.message for one in problems if "does not exist" not in one.message] == []
    tables = draft.tables()
    assert sorted(tables["datasets"]) == ["arc-easy", "custom", "gsm8k"]
    assert tables["datasets"]["gsm8k"]["repeats"] == 3
    assert tables["models"]["Qwen"]["generation"] == {"temperature": 0.6, "max_tokens": 100}
    assert "abcdefghijkl" not in draft.text()
    assert "nothing_known" in draft.text()


def test_evalscope_judge(migrated: Migrated) -> None:
    tables = migrated(
        "evalscope",
        "eval",
        "--model",
        "q",
        "--api-url",
        "http://h/v1",
        "--datasets",
        "simple_qa",
        "--judge-model-args",
        '{"model_id": "j", "api_url": "http://j/v1", "api_key": "secret1"}',
    ).tables()

    assert tables["models"]["judge"]["api_key"] == "env:JUDGE_API_KEY"
    assert tables["datasets"]["simpleqa"]["evaluation"] == {"judge": "judge"}


def load(draft: Draft) -> dict[str, Any]:
    table: dict[str, Any] = draft.tables()["load"]
    return table


VLLM = "vllm bench serve --model Qwen/Q --dataset-name random --random-input-len 100 "


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ("--num-prompts 20", {"shape": "burst", "size": 20, "requests": 20}),
        ("--max-concurrency 8", {"shape": "closed", "concurrency": 8, "requests": 1000}),
        ("--request-rate 4", {"shape": "poisson", "rate": 4, "rescale": True}),
        ("--request-rate 4 --burstiness 0.5", {"shape": "gamma", "burstiness": 0.5}),
        (
            "--request-rate 4 --ramp-up-strategy linear --ramp-up-start-rps 1 --ramp-up-end-rps 9",
            {"shape": "linear-ramp", "from_rate": 1, "to_rate": 9},
        ),
        ("--goodput ttft:500 tpot:50", {"slo": {"ttft_ms": 500, "tpot_ms": 50}}),
        ("--metric-percentiles 50,99.9", {"percentiles": [50, 99.9]}),
    ],
)
def test_vllm_loads(migrated: Migrated, flags: str, expected: dict[str, Any]) -> None:
    found = load(migrated(VLLM + flags))

    assert {key: found.get(key) for key in expected} == expected


def test_vllm_data_sets(migrated: Migrated) -> None:
    tables = migrated(
        f"{VLLM} --random-prefix-len 20 --random-range-ratio 0.5 --ignore-eos --seed 3 "
        "--backend openai-chat --endpoint /v1/chat/completions --base-url https://h.example/"
    ).tables()

    section = tables["datasets"]["synthetic"]
    assert section["input"] == {"method": "uniform", "min": 70, "max": 170}
    assert section["prefix"] == {"tokens": 20}
    assert "ignore_eos" not in section
    model = tables["models"]["Qwen-Q"]
    assert (model["backend"], model["url"]) == ("vllm-chat", "https://h.example")


def test_guidellm(migrated: Migrated) -> None:
    tables = migrated(
        "guidellm benchmark run --target http://h:8000 --profile concurrent --rate 1,8 "
        "--max-seconds 60 --processor ./q --data prompt_tokens=512,output_tokens=128,"
        'prompt_tokens_stdev=20 --backend-kwargs {"api_key":"sk-abcdefghijkl"}'
    ).tables()

    assert tables["load"]["sweep"] == {"concurrency": [1, 8]}
    assert tables["datasets"]["synthetic"]["input"]["stddev"] == 20
    assert tables["models"]["model"]["api_key"] == "env:API_KEY"


@pytest.mark.parametrize(
    "profile", ["synchronous", "throughput", "constant", "poisson", "sweep", "async"]
)
def test_guidellm_profiles(migrated: Migrated, profile: str) -> None:
    assert load(migrated(f"guidellm benchmark --target h:1 --rate-type {profile} --rate 4"))[
        "shape"
    ]


def test_guidellm_scenario(tmp_path: Path, migrated: Migrated) -> None:
    path = tmp_path / "scenario.yaml"
    path.write_text(
        yaml.safe_dump(
            {
                "target": "http://h:1",
                "profile": "poisson",
                "rate": [2, 4],
                "data": {"prompt_tokens": 10, "output_tokens": 5},
                "max_requests": 9,
            }
        )
    )

    assert load(migrated(inputs=(str(path),)))["sweep"] == {"rate": [2, 4]}


def test_aiperf(migrated: Migrated) -> None:
    draft = migrated(
        "aiperf",
        "profile",
        "-m",
        "Q",
        "-u",
        "h:8000",
        "--endpoint-type",
        "chat",
        "--streaming",
        "--concurrency",
        "16",
        "--request-count",
        "200",
        "--isl",
        "550",
        "--osl",
        "128",
        "--extra-inputs",
        "ignore_eos:true",
        "--goodput",
        "time_to_first_token:500",
        "--header",
        "Authorization: Bearer abcdef",
        "-H",
        "X-Team: eval",
        "--ui",
        "none",
    )
    tables = draft.tables()

    model = tables["models"]["Q"]
    assert model["headers"] == {"X-Team": "eval"}
    assert model["api_key"] == "env:API_KEY"
    assert model["generation"] == {"ignore_eos": True}
    assert tables["load"]["slo"] == {"ttft_ms": 500}
    assert "abcdef" not in draft.text()


def test_aiperf_trace(migrated: Migrated, tmp_path: Path) -> None:
    trace = tmp_path / "trace.jsonl"
    trace.write_text('{"timestamp": 0, "input_length": 5, "output_length": 2, "hash_ids": [1]}\n')
    tables = migrated(
        f"aiperf profile -m Q --input-file {trace} --custom-dataset-type mooncake_trace "
        "--fixed-schedule --tokenizer ./q"
    ).tables()

    assert tables["load"]["shape"] == "trace"
    assert tables["datasets"]["mooncake"]["path"] == str(trace)


def test_evalscope_perf(migrated: Migrated) -> None:
    tables = migrated(
        "evalscope perf --url http://h:8000/v1/chat/completions --parallel 1 10 --number 10 100 "
        "--model Q --api openai --dataset random --min-prompt-length 100 --max-prompt-length 200 "
        "--max-tokens 50 --tokenizer-path ./q"
    ).tables()

    assert tables["load"]["sweep"] == {"concurrency": [1, 10]}
    assert tables["load"]["requests"] == 100
    assert tables["datasets"]["synthetic"]["input"] == {
        "method": "uniform",
        "min": 100,
        "max": 200,
    }


def test_evalscope_search(migrated: Migrated) -> None:
    found = load(
        migrated(
            "evalscope",
            "perf",
            "--url",
            "http://h/v1/chat/completions",
            "--model",
            "Q",
            "--dataset",
            "random",
            "--sla-auto-tune",
            "--sla-variable",
            "parallel",
            "--sla-params",
            '[{"p99_ttft": "<=2"}]',
            "--sla-upper-bound",
            "64",
            "--tokenizer-path",
            "./q",
        )
    )

    assert found["search"]["key"] == "concurrency"
    assert found["slo"] == {"ttft_p99_ms": 2000}


def test_flags_with_equal_signs_and_underscores(migrated: Migrated) -> None:
    found = load(migrated("vllm bench serve --model=Q --num_prompts=7 --max-concurrency=3"))

    assert (found["requests"], found["concurrency"]) == (7, 3)


def test_an_unknown_flag_is_told(migrated: Migrated) -> None:
    draft = migrated("vllm bench serve --model Q --max-concurrency 2 --no-such-flag 5")

    assert [one.key for one in draft.left] == ["--no-such-flag"]


GUIDELLM_RUN = """
guidellm run \\
  --backend kind=openai_http,target=h:8,request_format=/v1/completions,extras.body.top_k=1 \\
  --profile kind=concurrent,streams=[1,8],warmup=0.1 --constraint kind=max_requests,count=50 \\
  --constraint kind=max_error_rate,rate=0.1 --data-loader kind=pytorch,samples=30 \\
  --data kind=synthetic_text,prompt_tokens=100,output_tokens=20,prefix_tokens=10,prefix_count=3
"""


def test_guidellm_run(migrated: Migrated) -> None:
    draft = migrated(inputs=(GUIDELLM_RUN,))
    tables = draft.tables()

    model, section = tables["models"]["model"], tables["datasets"]["synthetic"]
    assert (model["backend"], model["url"]) == ("vllm-completions", "http://h:8")
    assert model["generation"] == {"top_k": 1}
    assert (section["input"], section["rows"]) == (110, 30)
    assert section["prefix"] == {"tokens": 10, "groups": 3}
    assert tables["load"]["sweep"] == {"concurrency": [1, 8]}
    assert (tables["load"]["requests"], tables["load"]["warm_up"]) == (50, 5)
    assert draft.left == []


def test_guidellm_scenarios_of_both_forms(tmp_path: Path, migrated: Migrated) -> None:
    path = tmp_path / "new.yaml"
    data = [{"kind": "synthetic_text", "prompt_tokens": 9, "output_tokens": 3}]
    spec = {"backend": {"target": "http://h:1"}, "profile": {"kind": "poisson"}, "data": data}
    loads = [{"profile.rate": 2}, {"profile.rate": 4}]
    path.write_text(yaml.safe_dump({"spec": spec, "benchmarks": loads}))
    tables = migrated(inputs=(str(path),)).tables()
    own = migrated("guidellm run --config chat --backend kind=openai_http,target=h:1").tables()

    assert tables["load"]["sweep"] == {"rate": [2, 4]}
    assert tables["datasets"]["synthetic"]["output"] == 3
    assert own["datasets"]["synthetic"]["input"]["mean"] == 512


def test_aiperf_config_and_other_names(tmp_path: Path, migrated: Migrated) -> None:
    path = tmp_path / "aiperf.yaml"
    endpoint = {"url": "http://h:8000/v1/chat/completions", "streaming": True}
    prompts = {"isl": 50, "osl": {"mean": 30, "stddev": 10}}
    dataset = {"type": "synthetic", "entries": 5, "prompts": prompts}
    phases = [
        {"name": "w", "type": "concurrency", "excludeFromResults": True, "requests": 2},
        {"name": "p", "type": "poisson", "rate": 5.0, "concurrency": 8, "duration": 30},
    ]
    benchmark = {"model": "m", "endpoint": endpoint, "dataset": dataset, "phases": phases}
    path.write_text(yaml.safe_dump({"schemaVersion": "2.0", "benchmark": benchmark}))
    tables = migrated(inputs=(str(path),)).tables()
    flags = "--prompt-output-tokens-mean 30 --vllm-burstiness 2 --arrival-pattern gamma"
    other = migrated(f"aiperf profile -m m --request-rate 5 {flags}").tables()

    wanted = {"shape": "poisson", "rate": 5, "max_concurrency": 8, "warm_up": 2, "grace": 30}
    assert {key: tables["load"].get(key) for key in wanted} == wanted
    assert tables["datasets"]["synthetic"]["output"]["stddev"] == 10
    assert other["load"]["burstiness"] == 2
    assert other["datasets"]["synthetic"]["output"] == 30


def test_limits_of_evalscope_perf_have_units(migrated: Migrated) -> None:
    line = (
        "evalscope perf --url u:1 --model m --dataset random --tokenizer-path ./q "
        "--sla-auto-tune --sla-params "
        """'{"p90_ttft": "<=800", "avg_tpot": "<0.05", "p99_latency": "<=2500ms"}'"""
    )
    found = load(migrated(inputs=(line,)))

    assert found["slo"] == {"ttft_p90_ms": 800, "tpot_mean_ms": 50, "e2el_p99_ms": 2500}


def test_vllm_asks_for_whole_answers_of_random_prompts(migrated: Migrated) -> None:
    random = migrated(VLLM).tables()["datasets"]["synthetic"]
    repeated = migrated("vllm bench serve --model m --dataset-name prefix_repetition").tables()

    assert "ignore_eos" not in random
    assert repeated["datasets"]["synthetic"]["ignore_eos"] is False


def test_lm_eval_with_a_chat_template_asks_in_messages(migrated: Migrated) -> None:
    line = (
        "lm_eval --model local-completions --tasks gsm8k --apply_chat_template --model_args "
        "model=m,base_url=http://h:1/v1/completions,max_length=4096,tokenized_requests=False "
        """--gen_kwargs "until=['a','b,c']" """
    )
    draft = migrated(inputs=(line,))
    tables = draft.tables()

    assert tables["models"]["m"]["backend"] == "openai-chat"
    section = tables["datasets"]["lm-eval"]
    assert (section["max_length"], section["gen_kwargs"]) == (4096, {"until": ["a", "b,c"]})
    assert [one.key for one in draft.left] == ["model_args.tokenized_requests"]


def test_a_variable_without_a_value_is_named_alone() -> None:
    from aisbench_plugin_migrate.inputs import drafts_of
    from aisbench_plugin_migrate.options import FlagValues

    arguments = '{"model": "$M", "base_url": "http://h/v1", "api_key": "secret-one"}'
    line = f"lm_eval --model local-completions --tasks x --model_args '{arguments}'"
    text = drafts_of([line], [], FlagValues())[0].text()

    assert "# --model_args: $M is a variable without a value here" in text
    assert "secret-one" not in text


@pytest.mark.parametrize(
    "line",
    [
        """guidellm run --backend '{"target":"h:1","kind":"openai_http","api_key":"XYZ"}'""",
        """lm_eval --model_args '{"api_key": "XYZ", "model": "m"}' --model local-completions""",
        """aiperf profile -m m --api-key XYZ --extra-inputs '{"token": "XYZ"}'""",
        """evalscope perf --model m --url h:1 --dataset-args "{'access_token': 'XYZ'}" """,
    ],
)
def test_keys_in_tables_are_not_written(line: str) -> None:
    from aisbench_plugin_migrate.inputs import drafts_of
    from aisbench_plugin_migrate.options import FlagValues

    draft = drafts_of([line], [], FlagValues())[0]

    assert "XYZ" not in draft.text()
    assert all("XYZ" not in one.line() for one in draft.left)


def test_adapters_of_vllm_bench_become_a_mix(migrated: Migrated) -> None:
    tables = migrated(
        "vllm bench serve --model m --base-url http://h:8000 --dataset-name random "
        "--num-prompts 9 --lora-modules sql chat"
    ).tables()
    (section,) = tables["datasets"].values()
    assert section["adapters"] == {"share": {"sql": 1, "chat": 1}}
