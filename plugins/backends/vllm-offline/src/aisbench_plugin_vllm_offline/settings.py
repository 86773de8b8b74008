"""What a suite may say of this backend, besides the keys that every local model has."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from attrs import frozen

from aisbench.api import JsonObject, PathOrName, above, at_least, between, not_empty, setting


@frozen(kw_only=True)
class FilmSampling:
    """Keys of ``video``, as vLLM's ``media_io_kwargs`` has them."""

    num_frames: int = setting(
        default=32, check=at_least(1), help="so many frames of a film, at equal distances"
    )
    fps: float | None = setting(
        default=None,
        check=above(0),
        help="as many as so many a second make, if these are fewer",
        example=2.0,
    )


@frozen(kw_only=True)
class OfflineSettings:
    """Keys of the backend; those with a name of vLLM's are passed to ``vllm.LLM``."""

    path: PathOrName = setting(
        check=not_empty, help="the model: a folder, or a name on the hub", example="./models/qwen"
    )
    tokenizer_path: PathOrName = setting(
        default=PathOrName(),
        help="its tokenizer, where it is elsewhere",
        example="./models/qwen-tokenizer",
    )
    revision: str = setting(default="", help="branch, tag or commit on the hub", example="main")
    dtype: Literal["auto", "float32", "float16", "bfloat16"] = setting(
        default="auto", help="type of the weights"
    )
    quantization: str = setting(
        default="", help="how the weights are quantized; empty: as stored", example="awq"
    )
    max_model_len: int | None = setting(
        default=None,
        check=at_least(1),
        help="tokens of prompt and answer; absent: the model's",
        example=8192,
    )
    max_num_seqs: int = setting(default=256, check=at_least(1), help="answers made at once")
    tensor_parallel_size: int = setting(
        default=1, check=at_least(1), help="devices that share each layer"
    )
    gpu_memory_utilization: float = setting(
        default=0.9, check=between(0.05, 1), help="share of a device's memory that is taken"
    )
    enforce_eager: bool = setting(default=False, help="do without compiled graphs: starts sooner")
    trust_remote_code: bool = setting(
        default=False, help="run code that comes with the model (unsafe)"
    )
    lora: PathOrName = setting(
        default=PathOrName(), help="a LoRA adapter for all answers", example="./adapters/qwen-lora"
    )
    loras: Mapping[str, PathOrName] = setting(
        factory=dict,
        help="LoRA adapters by the names that `adapter` and `adapters` ask for",
        example={"sql": "./adapters/qwen-sql"},
    )
    lora_rank: int = setting(default=16, check=above(0), help="the largest rank of an adapter")
    chat_template: Path | None = setting(
        default=None,
        help="a Jinja file, instead of the tokenizer's own template",
        example="template.jinja",
    )
    template_arguments: JsonObject = setting(
        factory=dict,
        help="passed to the chat template, such as { enable_thinking = false }",
        example={"enable_thinking": False},
    )
    processor: JsonObject = setting(
        factory=dict,
        help="vLLM's mm_processor_kwargs, passed to the processor of a model of pictures, sounds "
        "or films, such as { max_pixels = 1003520 }",
        example={"max_pixels": 1003520},
    )
    video: FilmSampling = setting(
        factory=FilmSampling,
        help="which frames of a film the model sees",
        example={"num_frames": 16},
    )
    engine: JsonObject = setting(
        factory=dict, help="further arguments of vllm.LLM", example={"swap_space": 8}
    )
