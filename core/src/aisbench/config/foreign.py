"""Names that other tools use for settings of a suite, and what to write instead.

Whoever moves a configuration here brings its names along. Servers ignore most names that they do
not know, so that a limit by another tool's name would silently have no effect. So these names are
also refused where names are passed on to a server.

The names are those of AISBench and OpenCompass (model and data set configurations), evalscope
(``evalscope eval`` and ``perf``), lm-evaluation-harness and ``vllm bench serve``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Place = Literal["model", "generation", "dataset", "load", "suite"]

_LIMIT = "set generation.max_tokens of the model or of the data set"
_FLIGHT = "set `concurrency` of the model: requests in flight at once"
_RATE = '[load] with shape = "poisson" (or "constant") and rate: requests a second'
_ROWS = "set `limit` of the data set"
_REPEATS = "set `repeats` of the data set: each answer is a request of its own"
_CLOSED = '[load] with shape = "closed" and concurrency'
_URL = 'set url = "http://HOST:PORT" of the model'
_LORA = "name the adapter as `model`, in a [models.NAME] of its own for each adapter"
_SERVER_SIDE = (
    "it is an option of the server: give it where the server is started ([servers.NAME] command)"
)
_NAMED = "the name is that of the table: [models.NAME], [datasets.NAME]"
_KIND = 'models name their protocol: backend = "vllm-chat" (aisbench plugins list)'
_READ = (
    "how answers are read is set by `evaluator`, `evaluation` and `postprocess` of the data set; "
    "reasoning is separated already (`reasoning` of the model)"
)
_SAMPLING = "write sampling settings into [models.NAME.generation], in the server's own names"
_TOKENIZER = "set `tokenizer` of the model: a folder with tokenizer.json, or a name on the hub"
_NAME_THERE = "set `model`: its name on the server"
_TRUST = "it is the server's option: no code of a served model runs here"
_PATH_OF_MODEL = "set `model` (its name on the server) and `tokenizer` (its folder)"
_OWN_COLUMNS = (
    "prompts and columns are the variant's: change them with `variant` and `prompt`, or use "
    'dataset = "custom" with `columns`'
)
_META = 'dataset = "custom" reads your own file; its settings are keys of [datasets.NAME]'
_KEY = 'set api_key = "env:NAME" of the model, and export NAME'
_DURATION = "[load] duration: seconds"
_SLO = "[load] slo = { ttft_ms = 500, ... }"
_SHOTS = "set `shots` of the data set"
_TIMEOUT = "set timeout = { connect = , first_token = , total = } of the model, in seconds"
_THINKING = "write chat_template_kwargs = { enable_thinking = true } into generation"

_EVERYWHERE: Mapping[str, str] = {
    # AISBench and OpenCompass, models
    "abbr": _NAMED,
    "attr": "leave it out: whether a model is local or a service is said by its backend",
    "type": _KIND,
    "host_ip": _URL,
    "host_port": _URL,
    "enable_ssl": 'set url = "https://HOST:PORT" of the model',
    "base_url": _URL,
    "api_base": _URL,
    "openai_api_base": _URL,
    "api_url": _URL,
    "batch_size": _FLIGHT,
    "max_num_seqs": _SERVER_SIDE,
    "max_out_len": _LIMIT,
    "max_seq_len": (
        "leave it out: the server knows its context (a local model: `max_model_len` of its table)"
    ),
    "request_rate": _RATE,
    "query_per_second": _RATE,
    "rate_limit": _RATE,
    "traffic_cfg": "[load] has shapes for it: aisbench plugins list --kind load-shape",
    "use_timestamp": '[load] with shape = "trace" keeps the times of a trace',
    "pressure": _CLOSED,
    "pressure_time": _DURATION,
    "retry": "set retry = { attempts = 3 } of the model: attempts in all",
    "max_retries": "set retry = { attempts = 3 } of the model: attempts in all",
    "num_retries": "set retry = { attempts = 3 } of the model: attempts in all",
    "generation_kwargs": _SAMPLING,
    "generation_config": _SAMPLING,
    "gen_kwargs": _SAMPLING,
    "sampling_params": _SAMPLING,
    "model_kwargs": "each is a key of a local model's table: aisbench plugins show BACKEND",
    "model_args": "each is a key of the model's table: aisbench plugins show BACKEND",
    "run_cfg": "leave it out: a local model's devices are keys of its table",
    "lora_data_map_file": _LORA,
    "lora_path": _LORA,
    "lora_name": _LORA,
    "adapter_id": _LORA,
    "peft_path": "set `peft` of a local model; for a service, name the adapter as `model`",
    "num_return_sequences": _REPEATS,
    "num_samples": _REPEATS,
    "k_repeats": _REPEATS,
    "trust_remote_code": _TRUST,
    "pred_postprocessor": _READ,
    "dataset_postprocessor": _READ,
    "returns_tool_calls": "set `tool_parser` of the model if the server does not separate calls",
    "meta_template": "the server applies its chat template; a local model its own",
    "max_chunk_size": "leave it out: reads of any size are taken",
    "model_name": _NAME_THERE,
    "served_model_name": _NAME_THERE,
    "model_id": _NAME_THERE,
    "tokenizer_path": _TOKENIZER,
    "tokenizer_kwargs": _TOKENIZER,
    "openai_api_key": _KEY,
    "key": _KEY,
    "token": _KEY,
    # AISBench and OpenCompass, data sets
    "reader_cfg": _OWN_COLUMNS,
    "infer_cfg": _OWN_COLUMNS,
    "input_columns": _OWN_COLUMNS,
    "output_column": _OWN_COLUMNS,
    "eval_cfg": "set `evaluator`, `evaluation` and `metrics` of the data set",
    "judge_infer_cfg": 'a judge is a [models.NAME] with role = "judge", which `evaluation` names',
    "meta_json_conf": _META,
    "meta_path": _META,
    "test_range": _ROWS,
    "num_prompts": _ROWS,
    "num_prompt": _ROWS,
    # evalscope, lm-evaluation-harness, vllm bench
    "number": "[load] requests (performance), or `limit` of the data set (accuracy)",
    "parallel": _CLOSED + ", or sweep = { concurrency = [1, 8] } for several loads",
    "num_concurrent": _FLIGHT,
    "max_concurrency": _FLIGHT,
    "eval_batch_size": _FLIGHT,
    "max_workers": _FLIGHT,
    "num_fewshot": _SHOTS,
    "few_shot_num": _SHOTS,
    "fewshot": _SHOTS,
    "tasks": "each data set is a [datasets.NAME] table",
    "dataset_name": 'set dataset = "NAME" in [datasets.NAME] (aisbench datasets list)',
    "dataset_path": "set `path` of the data set: the folder of its files",
    "local_path": "set `path` of the data set: the folder of its files",
    "dataset_args": "each is a key of the data set's table: aisbench plugins show DATASET",
    "subset_list": "set `parts` of the data set",
    "tensor_parallel_size": _SERVER_SIDE,
    "pipeline_parallel_size": _SERVER_SIDE,
    "data_parallel_size": _SERVER_SIDE,
    "gpu_memory_utilization": _SERVER_SIDE,
    "quantization": _SERVER_SIDE,
    "enable_prefix_caching": _SERVER_SIDE,
    "max_gen_toks": _LIMIT,
    "max_length": _LIMIT,
    "max_prompt_length": "leave it out: the server refuses rows that do not fit",
    "burstiness": '[load] with shape = "gamma" and burstiness',
    "ramp_up": '[load] with shape = "linear-ramp" raises the load over time',
    "goodput": _SLO,
    "sla": _SLO,
    "read_timeout": _TIMEOUT,
    "connect_timeout": _TIMEOUT,
    "total_timeout": _TIMEOUT,
    "request_timeout": _TIMEOUT,
    "warmup": "[load] warm_up: requests before the measured ones",
    "num_warmups": "[load] warm_up: requests before the measured ones",
    "ignore_eos": "write ignore_eos = true into [models.NAME.generation] (vLLM's name)",
    "random_input_len": 'dataset = "synthetic" with input: tokens of a prompt',
    "random_output_len": 'dataset = "synthetic" with output: tokens of an answer',
    "enable_thinking": _THINKING,
    "judge_model_args": 'a judge is a [models.NAME] with role = "judge"',
    "do_sample": "leave it out for a served model: temperature = 0 is greedy",
    "until": "this protocol calls it stop: write stop = [...] into generation",
}

_HERE: Mapping[Place, Mapping[str, str]] = {
    "model": {
        **{
            name: f"write {name} into [models.NAME.generation]"
            for name in (
                *("temperature", "top_p", "top_k", "min_p", "max_tokens", "max_completion_tokens"),
                *("presence_penalty", "frequency_penalty", "repetition_penalty", "stop"),
                *("chat_template_kwargs", "reasoning_effort", "max_new_tokens"),
            )
        },
        "path": _PATH_OF_MODEL,
        "seed": "set `seed` of [suite]",
        "rate": _RATE,
        "limit": _ROWS,
        "n": _REPEATS,
        "repeats": _REPEATS,
        "shots": _SHOTS,
        "max_model_len": _SERVER_SIDE,
        "api-key": _KEY,
        "authorization": _KEY,
    },
    "generation": {
        "concurrency": _FLIGHT,
        "timeout": _TIMEOUT,
        "url": _URL,
        "path": _PATH_OF_MODEL,
        "repeats": _REPEATS,
        "api_key": _KEY,
        "authorization": _KEY,
        "headers": "set `headers` of the model",
        "limit": _ROWS,
        "rate": _RATE,
        "max_model_len": _SERVER_SIDE,
        "timeout_s": _TIMEOUT,
    },
    "dataset": {
        "n": _REPEATS,
        "k": 'name figures as metrics = ["pass@4"], and set repeats = 4',
        "concurrency": _FLIGHT,
        "temperature": "write it into generation = { ... } of the data set",
        "max_tokens": "write it into generation = { ... } of the data set",
        "timestamp": '[load] with shape = "trace" keeps the times of a trace',
        "model": "which models answer is said by [models] and [[exclude]]",
    },
    "load": {
        "num_requests": "set requests of [load]",
        "num_prompts": "set requests of [load]",
        "num_prompt": "set requests of [load]",
        "number": "set requests of [load]",
        "request_count": "set requests of [load]",
        "parallel": "set concurrency of [load], or sweep = { concurrency = [1, 8] }",
        "batch_size": "set concurrency of [load]",
        "request_rate": 'set shape = "poisson" (or "constant") and rate',
        "query_per_second": 'set shape = "poisson" (or "constant") and rate',
        "max_duration": "set duration of [load], in seconds",
        "pressure_time": "set duration of [load], in seconds",
        "benchmark_duration": "set duration of [load], in seconds",
        "warmup_requests": "set warm_up of [load]: requests before the measured ones",
        "goodput": "set slo = { ttft_ms = 500, ... }",
        "seed": "set `seed` of [suite]",
        "stream": "set `stream` of the model",
    },
    "suite": {
        "work_dir": "set `output`",
        "output_dir": "set `output`",
        "outputs": "set `output`",
        "concurrency": _FLIGHT,
        "limit": _ROWS,
        "repeats": _REPEATS,
        "max_num_workers": "set `models_at_once`; requests in flight are `concurrency` of a model",
        "debug": "give -v on the command line",
        "reuse": "give --resume on the command line",
    },
}


_MEANT: frozenset[str] = frozenset(
    {
        *("ignore_eos", "enable_thinking", "do_sample", "adapter_id", "lora_path", "priority"),
        *("quantization", "max_length", "key", "token", "until", "type", "attr", "tasks"),
    }
)
"""Names that some server has for a sampling setting, whatever other tools mean by them."""


def advice(place: Place, name: str) -> str:
    """What to write instead of ``name`` at ``place``; "" if no other tool uses it."""
    own = name.replace("-", "_").lower()
    if place == "generation" and own in _MEANT:
        return ""
    return _HERE[place].get(name) or _HERE[place].get(own) or _EVERYWHERE.get(own, "")
