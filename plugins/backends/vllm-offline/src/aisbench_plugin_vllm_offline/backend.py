"""The backend: requests in, responses as they are finished."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs

from aisbench.api import (
    AisbenchError,
    Fault,
    FaultKind,
    FinishReason,
    JsonObject,
    Request,
    Response,
    Scored,
    Usage,
)
from aisbench.codec import Rendered, Renderer, Unfit
from aisbench_plugin_vllm_offline.sampling import NAMES, sampling
from aisbench_plugin_vllm_offline.settings import OfflineSettings

log = logging.getLogger(__name__)

WAITING = 4
"""Times ``max_num_seqs``: so many requests are with the engine, so that it never waits for one and
prompts need not all be in memory as ids."""

_REASONS = {"stop": FinishReason.STOP, "length": FinishReason.LENGTH}


class OfflineBackend:
    """``vllm.LLM`` with its own continuous batching: the engine gets a new request whenever one
    is finished, whatever its length."""

    def __init__(self, settings: OfflineSettings) -> None:
        self._settings = settings
        self._llm: Any = None
        self._renderer: Renderer | None = None
        self._adapter: Any = None
        self._made = 0

    def refused(self, generation: JsonObject) -> Mapping[str, str]:
        return NAMES.refused(generation)

    def files(self) -> Sequence[Path]:
        path = Path(self._settings.path)
        return sorted(path.glob("*.json")) if path.is_dir() else ()

    def open(self) -> str:
        settings = self._settings
        os.environ.setdefault("VLLM_LOGGING_LEVEL", "WARNING")
        # This process has threads, which a fork would not survive.
        os.environ.setdefault("VLLM_WORKER_MULTIPROC_METHOD", "spawn")
        try:
            import vllm
        except ImportError as error:
            raise AisbenchError(
                f"vllm-offline needs vLLM, which is not installed here ({error})",
                hint="pip install vllm, or the build of your hardware: "
                "https://docs.vllm.ai/en/latest/getting_started/installation",
            ) from error
        try:
            self._llm = vllm.LLM(**_arguments(settings))
        except Exception as error:
            # vLLM raises everything from ValueError to its own: the last line says why.
            text = str(error).strip().splitlines()
            raise AisbenchError(
                f"vLLM cannot load {settings.path}: {text[-1] if text else type(error).__name__}",
                hint="vLLM's own messages are above; check path, dtype, max_model_len and "
                "gpu_memory_utilization",
            ) from error
        if settings.lora:
            from vllm.lora.request import LoRARequest

            self._adapter = LoRARequest("adapter", 1, settings.lora)
        self._renderer = Renderer(
            tokenizer=self._llm.get_tokenizer(),
            processor=_processor(settings),
            template=_template(settings),
            arguments=settings.template_arguments,
        )
        return _name(settings)

    def answer(self, requests: Sequence[Request]) -> Iterator[tuple[int, Response]]:
        engine = self._llm.llm_engine
        waiting = iter(enumerate(requests))
        running: dict[str, tuple[int, Rendered, Request]] = {}
        most = WAITING * self._settings.max_num_seqs
        try:
            over = False
            while not over or running:
                while not over and len(running) < most:
                    item = next(waiting, None)
                    if item is None:
                        over = True
                        break
                    place, request = item
                    try:
                        self._add(engine, running, place, request)
                    except Exception as error:
                        if not _is_refusal(error):
                            raise
                        yield place, _failed(str(error))
                for output in engine.step() if running else ():
                    if output.finished and output.request_id in running:
                        place, rendered, request = running.pop(output.request_id)
                        yield place, self._read(output, rendered, request)
        finally:
            if running:
                engine.abort_request(list(running))

    def close(self) -> None:
        llm, self._llm, self._renderer = self._llm, None, None
        if llm is None:
            return
        try:
            # The engine runs in a process of its own; without this it lives as long as we do.
            llm.llm_engine.engine_core.shutdown()
        except Exception as error:  # noqa: BLE001 - what is over must not break the run
            log.debug("vLLM could not be shut down: %r", error)

    def _add(
        self,
        engine: Any,
        running: dict[str, tuple[int, Rendered, Request]],
        place: int,
        request: Request,
    ) -> None:
        from vllm import SamplingParams
        from vllm.sampling_params import RequestOutputKind

        assert self._renderer is not None
        rendered = self._renderer.render(request.prompt)
        params = SamplingParams(output_kind=RequestOutputKind.FINAL_ONLY, **sampling(request))
        self._made += 1
        name = str(self._made)
        engine.add_request(name, _prompt(rendered), params, lora_request=self._adapter)
        running[name] = (place, rendered, request)

    def _read(self, output: Any, rendered: Rendered, request: Request) -> Response:
        (completion,) = output.outputs
        ids = output.prompt_token_ids or ()
        if completion.finish_reason in ("abort", "error"):
            return _failed(f"vLLM gave the request up ({completion.finish_reason})")
        usage = Usage(
            prompt_tokens=len(ids),
            completion_tokens=len(completion.token_ids),
            cached_tokens=output.num_cached_tokens,
        )
        if request.prompt.continuation is not None:
            assert self._renderer is not None
            scored = _score(output.prompt_logprobs, ids, rendered.scored)
            if scored is None:
                return _failed("vLLM told no log-probability of a token of the continuation")
            decode = self._renderer.tokenizer.decode
            shown = tuple(decode([one]) for one in ids[rendered.scored :])
            usage = attrs.evolve(usage, completion_tokens=0)
            return Response(scored=attrs.evolve(scored, tokens=shown), usage=usage)
        return Response(
            text=completion.text,
            finish_reason=_REASONS.get(completion.finish_reason, FinishReason.OTHER),
            usage=usage,
        )


def _arguments(settings: OfflineSettings) -> dict[str, Any]:
    found: dict[str, Any] = {
        "model": str(settings.path),
        "dtype": settings.dtype,
        "max_num_seqs": settings.max_num_seqs,
        "tensor_parallel_size": settings.tensor_parallel_size,
        "gpu_memory_utilization": settings.gpu_memory_utilization,
        "enforce_eager": settings.enforce_eager,
        "trust_remote_code": settings.trust_remote_code,
        "disable_log_stats": True,
        "seed": 0,
    }
    optional = {
        "tokenizer": str(settings.tokenizer_path),
        "revision": settings.revision,
        "quantization": settings.quantization,
        "max_model_len": settings.max_model_len,
    }
    found |= {name: value for name, value in optional.items() if value}
    if settings.lora:
        found |= {"enable_lora": True, "max_lora_rank": settings.lora_rank}
    return {**found, **settings.engine}


def _prompt(rendered: Rendered) -> dict[str, Any]:
    if rendered.images:
        return {"prompt": rendered.text, "multi_modal_data": {"image": rendered.images}}
    return {"prompt_token_ids": rendered.ids}


def _template(settings: OfflineSettings) -> str | None:
    if settings.chat_template is None:
        return None
    try:
        return settings.chat_template.read_text(encoding="utf-8")
    except OSError as error:
        raise AisbenchError(
            f"chat_template: {settings.chat_template}: {error.strerror or error}"
        ) from error


def _processor(settings: OfflineSettings) -> Any:
    """What knows how pictures are written; None for models of text alone."""
    from transformers import AutoProcessor, PreTrainedTokenizerBase

    try:
        found = AutoProcessor.from_pretrained(
            str(settings.tokenizer_path or settings.path),
            revision=settings.revision or None,
            trust_remote_code=settings.trust_remote_code,
        )
    except Exception as error:  # noqa: BLE001 - models of text alone fail in many ways
        log.debug("no processor: %r", error)
        return None
    # Models of text alone give their tokenizer.
    return None if isinstance(found, PreTrainedTokenizerBase) else found


def _name(settings: OfflineSettings) -> str:
    """Weights that differ must not share a name: stored answers are found by it."""
    name = str(settings.path)
    for more in (settings.revision, settings.quantization, str(settings.lora)):
        name += f"@{more}" if more else ""
    return name


def _score(entries: Any, ids: Sequence[int], begin: int) -> Scored | None:
    """``entries`` has for each token of the prompt None or a table of ids, its own among them."""
    values: list[float] = []
    greedy = True
    for place in range(begin, len(ids)):
        entry = entries[place] if entries and place < len(entries) else None
        own = entry.get(ids[place]) if entry else None
        if own is None:
            return None
        values.append(min(0.0, float(own.logprob)))
        greedy = greedy and own.rank == 1
    return Scored(logprobs=tuple(values), greedy=greedy) if values else None


def _is_refusal(error: Exception) -> bool:
    """vLLM's own word for a prompt or setting that it does not take was ValueError once."""
    return isinstance(error, (Unfit, ValueError)) or type(error).__name__ == "VLLMValidationError"


def _failed(message: str) -> Response:
    return Response(fault=Fault(kind=FaultKind.LOCAL, message=message))
