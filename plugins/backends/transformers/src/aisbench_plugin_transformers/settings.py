"""What a suite may say of this backend, besides the keys that every local model has."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from attrs import frozen

from aisbench.api import JsonObject, PathOrName, at_least, not_empty, setting


@frozen(kw_only=True)
class HfSettings:
    """Keys of the backend."""

    path: PathOrName = setting(
        check=not_empty, help="the model: a folder, or a name on the hub", example="./models/qwen"
    )
    tokenizer_path: PathOrName = setting(
        default=PathOrName(),
        help="its tokenizer, where it is elsewhere",
        example="./models/qwen-tokenizer",
    )
    revision: str = setting(default="", help="branch, tag or commit on the hub", example="main")
    peft: PathOrName = setting(
        default=PathOrName(), help="an adapter (PEFT) on top of it", example="./adapters/qwen-lora"
    )
    loras: Mapping[str, PathOrName] = setting(
        factory=dict,
        help="LoRA adapters (PEFT) by the names that `adapter` and `adapters` ask for",
        example={"sql": "./adapters/qwen-sql"},
    )
    dtype: Literal["auto", "float32", "float16", "bfloat16"] = setting(
        default="auto", help="type of the weights; auto: as stored"
    )
    logits_dtype: Literal["", "float32"] = setting(
        default="",
        help="float32: the last layer computes in it, whatever the weights are; empty: as they",
    )
    device: str = setting(
        default="auto",
        help="cpu, cuda, cuda:1, npu, mps; auto: the best that is here",
        example="cuda:1",
    )
    device_map: str = setting(
        default="",
        help='how layers are spread over several devices, such as "auto" (needs accelerate); '
        "empty: all on `device`",
        example="auto",
    )
    attention: str = setting(
        default="",
        help="attn_implementation, such as sdpa or flash_attention_2; empty: the model's",
        example="sdpa",
    )
    trust_remote_code: bool = setting(
        default=False, help="run code that comes with the model (unsafe)"
    )
    batch_size: int = setting(
        default=16,
        check=at_least(1),
        help="prompts at once; halved by itself when memory runs out, and kept so",
    )
    max_length: int | None = setting(
        default=None,
        check=at_least(2),
        help="tokens of prompt and answer; absent: the model's",
        example=4096,
    )
    truncate: Literal["error", "left", "middle"] = setting(
        default="error",
        help="a prompt that leaves no room for the answer fails, or loses its beginning or "
        "middle; so does one before a continuation that is scored",
    )
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
        help="passed to the processor of a model of pictures, sounds or films, such as "
        "{ min_pixels = 3136 }",
        example={"min_pixels": 200704},
    )
    video_processor: JsonObject = setting(
        factory=dict,
        help="passed to its video processor besides, such as { fps = 2.0, max_frames = 64 }",
        example={"fps": 1.0},
    )
