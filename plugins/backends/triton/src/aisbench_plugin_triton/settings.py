"""What a suite may say of these backends, besides the keys that every service has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from attrs import frozen

from aisbench.api import not_empty, setting

Datatype = Literal["BOOL", "INT32", "INT64", "UINT32", "UINT64", "FP32", "FP64", "BYTES"]


@frozen(kw_only=True)
class TritonSettings:
    """Keys of all backends."""

    version: str = setting(
        default="",
        help="the model's version; empty: the server's choice, mostly the newest",
        example="2",
    )
    input: str = setting(
        default="text_input",
        check=not_empty,
        help="the input that takes the prompt",
        example="PROMPT",
    )
    output: str = setting(
        default="text_output",
        check=not_empty,
        help="the output that has the answer",
        example="ANSWER",
    )
    strip_prompt: bool = setting(
        default=True,
        help="take the prompt away from the beginning of an answer that repeats it whole",
    )
    send_seed: bool = setting(default=True, help="send each request's seed")


@frozen(kw_only=True)
class TritonGenerateSettings(TritonSettings):
    """Keys of the generate extension."""

    dialect: Literal["tensorrtllm", "vllm", "parameters"] = setting(
        default="tensorrtllm",
        help="how settings are sent: as inputs of TensorRT-LLM's models; as vLLM's "
        "sampling_parameters; or all of them within `parameters`, for other models",
    )


@frozen(kw_only=True)
class TritonPictureSettings(TritonGenerateSettings):
    """Keys of the generate extension with pictures."""

    images: str = setting(
        default="image",
        check=not_empty,
        help="the input that takes the pictures, a list of contents in base64",
        example="image",
    )


@frozen(kw_only=True)
class TritonInferSettings(TritonSettings):
    """Keys of tensors."""

    batched: bool = setting(
        default=True,
        help="tensors have a batch dimension, as models with a max_batch_size above 0 want",
    )
    send_as: Literal["inputs", "parameters"] = setting(
        default="inputs", help="how settings are sent: a tensor each, or request parameters"
    )
    datatypes: Mapping[str, Datatype] = setting(
        factory=dict,
        help="types of input tensors that differ from TensorRT-LLM's (top_k is INT32 there)",
        example={"top_k": "UINT32"},
    )


@frozen(kw_only=True)
class TritonGrpcSettings(TritonSettings):
    """Keys of tensors over gRPC."""

    dialect: Literal["tensorrtllm", "vllm", "parameters"] = setting(
        default="tensorrtllm",
        help="how settings are sent: as inputs of TensorRT-LLM's models; as vLLM's "
        "sampling_parameters; or all of them as request parameters, for other models",
    )
    batched: bool | None = setting(
        default=None,
        help="tensors have a batch dimension, as models with a max_batch_size above 0 want; "
        "absent: yes, but for the dialect vllm",
        example=False,
    )
    datatypes: Mapping[str, Datatype] = setting(
        factory=dict,
        help="types of input tensors that differ from TensorRT-LLM's (top_k is INT32 there)",
        example={"top_k": "UINT32"},
    )
