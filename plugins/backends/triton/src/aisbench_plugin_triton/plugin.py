"""What this plugin offers. Light on purpose: the codecs are imported when a suite names them."""

from __future__ import annotations

from collections.abc import Iterable

from aisbench.api import BackendOffer, Capability, Support, hookimpl

AISBENCH_API = "1.3"


@hookimpl
def aisbench_backends() -> Iterable[BackendOffer]:
    yield BackendOffer(
        name="triton-generate",
        summary="Plain text to Triton's generate extension (/v2/models/NAME/generate).",
        target="aisbench_plugin_triton.generate:TritonGenerateBackend",
        settings="aisbench_plugin_triton.settings:TritonGenerateSettings",
        capabilities={
            Capability.TEXT: Support.FULL,
            Capability.STREAM: Support.FULL,
            # Only Triton's vLLM backend tells counts, from 24.12 on.
            Capability.USAGE: Support.DEPENDS,
        },
    )
    yield BackendOffer(
        name="triton-pictures",
        summary="Pictures beside a text to Triton's vLLM backend (/v2/models/NAME/generate).",
        target="aisbench_plugin_triton.pictures:TritonPictureBackend",
        settings="aisbench_plugin_triton.settings:TritonPictureSettings",
        capabilities={
            Capability.CHAT: Support.DEPENDS,  # no template: turns in a row
            Capability.STREAM: Support.FULL,
            Capability.USAGE: Support.DEPENDS,
            Capability.IMAGES: Support.DEPENDS,
        },
    )
    yield BackendOffer(
        name="triton-infer",
        summary="Plain text as tensors to Triton and other KServe v2 servers (.../infer).",
        target="aisbench_plugin_triton.infer:TritonInferBackend",
        settings="aisbench_plugin_triton.settings:TritonInferSettings",
        capabilities={Capability.TEXT: Support.FULL},
    )
    yield BackendOffer(
        name="triton-grpc",
        summary="Plain text as tensors over gRPC, to Triton and other KServe v2 servers.",
        target="aisbench_plugin_triton.grpc_transport:TritonGrpc",
        settings="aisbench_plugin_triton.settings:TritonGrpcSettings",
        transport="own",
        schemes=("grpc", "grpcs"),
        capabilities={
            Capability.TEXT: Support.FULL,
            Capability.STREAM: Support.FULL,
            Capability.USAGE: Support.DEPENDS,
        },
    )
