"""The backend: requests in, responses as they are finished."""

from __future__ import annotations

import logging
import os
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs
from attrs import frozen

from aisbench.api import (
    AisbenchError,
    Fault,
    FaultKind,
    FinishReason,
    JsonObject,
    ModelDescription,
    Prompt,
    Request,
    Response,
    SeenMedia,
    Usage,
)
from aisbench.codec import (
    Rendered,
    Renderer,
    Unfit,
    adapter_asked,
    asked_logprobs,
    joined,
    pieces_of,
    refused_adapter,
    refused_logprobs,
    within,
    without_adapter,
)
from aisbench_plugin_vllm_offline import loading
from aisbench_plugin_vllm_offline.media import counted, given, multi_modal_data
from aisbench_plugin_vllm_offline.sampling import NAMES, read_own, sampling
from aisbench_plugin_vllm_offline.scoring import generated, score
from aisbench_plugin_vllm_offline.settings import OfflineSettings

log = logging.getLogger(__name__)

WAITING = 4
"""Times ``max_num_seqs``: so many requests are with the engine, so that it never waits for one and
prompts need not all be in memory as ids."""

_REASONS = {"stop": FinishReason.STOP, "length": FinishReason.LENGTH}


@frozen
class _Asked:
    """One prompt that is with the engine: of which request, and which piece of its text."""

    place: int
    request: Request
    rendered: Rendered
    piece: int = 0
    pieces: int = 1
    given: tuple[SeenMedia, ...] = ()


class OfflineBackend:
    """``vllm.LLM`` with its own continuous batching: the engine gets a new request whenever one
    is finished, whatever its length."""

    def __init__(self, settings: OfflineSettings) -> None:
        self._settings = settings
        self._llm: Any = None
        self._renderer: Renderer | None = None
        self._adapters: dict[str, Any] = {}
        """By name; "" answers where a request names none."""
        self._made = 0
        self._own: JsonObject = {}
        self._description = ModelDescription()
        self._most: int | None = None
        """Tokens that the engine takes, an answer's first included; None: unknown."""

    def refused(self, generation: JsonObject) -> Mapping[str, str]:
        return (
            NAMES.refused(without_adapter(generation))
            | refused_adapter(generation, self._settings.loras)
            | refused_logprobs(generation)
        )

    def files(self) -> Sequence[Path]:
        path = Path(self._settings.path)
        return sorted(path.glob("*.json")) if path.is_dir() else ()

    def check(self, prompts: Sequence[Prompt]) -> None:
        loading.check(self._settings, prompts)

    def describe(self) -> ModelDescription:
        return self._description

    def open(self) -> str:
        settings = self._settings
        os.environ.setdefault("VLLM_LOGGING_LEVEL", "WARNING")
        # This process has threads, which a fork would not survive.
        os.environ.setdefault("VLLM_WORKER_MULTIPROC_METHOD", "spawn")
        try:
            import vllm
        except ImportError as error:
            raise loading.not_installed(error) from error
        loading.check_files(settings)
        template = loading.template_of(settings)
        unchecked = loading.check_tensors(settings)
        before = loading.fingerprint(settings)
        try:
            self._llm = vllm.LLM(**loading.arguments(settings))
        except Exception as error:
            # vLLM raises everything from ValueError to its own: the last line says why.
            text = str(error).strip().splitlines()
            raise AisbenchError(
                f"vLLM cannot load {settings.path}: {text[-1] if text else type(error).__name__}",
                hint="vLLM's own messages are above; check path, dtype, max_model_len and "
                "gpu_memory_utilization",
            ) from error
        self._adapters = _adapters(settings)
        self._renderer = Renderer(
            tokenizer=self._llm.get_tokenizer(),
            processor=loading.processor(settings),
            template=template,
            arguments=settings.template_arguments,
        )
        self._describe(before, unchecked)
        return _name(settings)

    def _describe(self, before: Mapping[str, str], unchecked: str) -> None:
        fingerprint = loading.fingerprint(self._settings)
        if before and fingerprint != before:
            raise AisbenchError(
                f"{self._settings.path}: its files changed while they were loaded",
                hint="wait until whatever writes there is done",
            )
        config = self._llm.llm_engine.model_config
        own = read_own(loading.generation_config(self._settings, config))
        self._own = own.values
        self._most = config.max_model_len
        self._description = loading.description(own, fingerprint, config.dtype, unchecked)

    def answer(self, requests: Sequence[Request]) -> Iterator[tuple[int, Response]]:
        if not self._settings.loras:
            yield from self._answered(requests)
            return
        # Never in one step: without Triton's kernels (on the CPU) vLLM 0.32 lets the adapter of
        # its last slot answer requests that name none, where others of the step name one.
        for named in (False, True):
            places = [
                place
                for place, one in enumerate(requests)
                if bool(adapter_asked(one.generation)) is named
            ]
            for place, response in self._answered([requests[place] for place in places]):
                yield places[place], response

    def _answered(self, requests: Sequence[Request]) -> Iterator[tuple[int, Response]]:
        engine = self._llm.llm_engine
        waiting = self._prompts(requests)
        running: dict[str, _Asked] = {}
        held: dict[int, dict[int, Response]] = defaultdict(dict)
        most = WAITING * self._settings.max_num_seqs
        try:
            over = False
            while not over or running:
                while not over and len(running) < most:
                    asked = next(waiting, None)
                    if asked is None:
                        over = True
                        break
                    if isinstance(asked, tuple):
                        yield asked
                        continue
                    try:
                        self._add(engine, running, asked)
                    except Exception as error:
                        if not _is_refusal(error):
                            raise
                        yield from _collect(held, asked, _failed(str(error)))
                for output in engine.step() if running else ():
                    if output.finished and output.request_id in running:
                        asked = running.pop(output.request_id)
                        yield from _collect(held, asked, self._read(output, asked))
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

    def _prompts(self, requests: Sequence[Request]) -> Iterator[_Asked | tuple[int, Response]]:
        """What is to be put to the engine; of prompts that cannot be, what went wrong."""
        assert self._renderer is not None
        for place, request in enumerate(requests):
            try:
                pieces = self._pieces(self._renderer.render(request.prompt), request.prompt)
            except Unfit as error:
                yield place, _failed(str(error))
                continue
            for number, piece in enumerate(pieces):
                yield _Asked(place, request, piece, number, len(pieces))

    def _pieces(self, rendered: Rendered, prompt: Prompt) -> Sequence[Rendered]:
        """Windows of what is too long. The engine wants room for a token behind every prompt.
        Raises Unfit."""
        length = prompt.length if prompt.continuation is not None else None
        if length is not None and (not self._most or length <= self._most):
            return within(rendered, length - 2, rolling=prompt.rolling)
        if prompt.rolling and self._most and len(rendered.ids) >= self._most:
            return pieces_of(rendered, self._most - 2)
        return [rendered]

    def _add(self, engine: Any, running: dict[str, _Asked], asked: _Asked) -> None:
        from vllm import SamplingParams
        from vllm.sampling_params import RequestOutputKind

        prompt = self._prompt(asked.rendered)
        params = SamplingParams(
            output_kind=RequestOutputKind.FINAL_ONLY,
            **sampling(asked.request, self._own, len(prompt["prompt_token_ids"])),
        )
        self._made += 1
        name = str(self._made)
        adapter = self._adapters.get(adapter_asked(asked.request.generation))
        engine.add_request(name, prompt, params, lora_request=adapter)
        told = given(prompt.get("multi_modal_data", {}))
        running[name] = attrs.evolve(asked, given=told)

    def _prompt(self, rendered: Rendered) -> dict[str, Any]:
        """A chat's template has written the special tokens already: of a text vLLM would put
        them before it once more, so it gets ids. Raises Unfit."""
        if not rendered.media:
            return {"prompt_token_ids": rendered.ids}
        assert self._renderer is not None
        tokenizer, processor = self._renderer.tokenizer, self._renderer.processor
        begin = getattr(tokenizer, "bos_token", None) or ""
        begun = bool(begin) and rendered.text.startswith(begin)
        ids = tokenizer.encode(rendered.text, add_special_tokens=not begun)
        contents = multi_modal_data(rendered.media, processor, self._settings.video)
        return {"prompt_token_ids": ids, "multi_modal_data": contents}

    def _read(self, output: Any, asked: _Asked) -> Response:
        (completion,) = output.outputs
        ids = output.prompt_token_ids or ()
        if completion.finish_reason in ("abort", "error"):
            return _failed(f"vLLM gave the request up ({completion.finish_reason})")
        usage = Usage(
            prompt_tokens=len(ids),
            completion_tokens=len(completion.token_ids),
            cached_tokens=output.num_cached_tokens,
        )
        assert self._renderer is not None
        told = counted(asked.given, self._renderer.processor, ids)
        if asked.request.prompt.continuation is not None:
            own = asked.rendered.own
            begin = len(ids) - len(own) if own else asked.rendered.scored
            if own and list(ids[begin:]) != own:
                return _failed("vLLM made other tokens of the continuation than its tokenizer")
            scored = score(output.prompt_logprobs, ids, begin)
            if scored is None:
                return _failed("vLLM told no log-probability of a token of the continuation")
            decode = self._renderer.tokenizer.decode
            shown = tuple(decode([one]) for one in ids[begin:])
            usage = attrs.evolve(usage, completion_tokens=0)
            return Response(scored=attrs.evolve(scored, tokens=shown), usage=usage, seen=told)
        return Response(
            seen=told,
            text=completion.text,
            finish_reason=_REASONS.get(completion.finish_reason, FinishReason.OTHER),
            usage=usage,
            tokens=generated(completion, asked_logprobs(asked.request.generation)),
        )


def _adapters(settings: OfflineSettings) -> dict[str, Any]:
    """The engine's own descriptions of adapters."""
    if not (settings.lora or settings.loras):
        return {}
    from vllm.lora.request import LoRARequest

    if settings.lora:
        return {"": LoRARequest("adapter", 1, settings.lora)}
    return {
        name: LoRARequest(name, number, str(path))
        for number, (name, path) in enumerate(settings.loras.items(), 1)
    }


def _collect(
    held: dict[int, dict[int, Response]], asked: _Asked, response: Response
) -> Iterator[tuple[int, Response]]:
    """The request's response, when the last of its pieces is there."""
    pieces = held[asked.place]
    pieces[asked.piece] = response
    if len(pieces) == asked.pieces:
        del held[asked.place]
        yield asked.place, joined([one for _, one in sorted(pieces.items())])


def _name(settings: OfflineSettings) -> str:
    """Weights that differ must not share a name: stored answers are found by it."""
    name = str(settings.path)
    for more in (settings.revision, settings.quantization, str(settings.lora)):
        name += f"@{more}" if more else ""
    return name


def _is_refusal(error: Exception) -> bool:
    """vLLM's own word for a prompt or setting that it does not take was ValueError once."""
    return isinstance(error, (Unfit, ValueError)) or type(error).__name__ == "VLLMValidationError"


def _failed(message: str) -> Response:
    return Response(fault=Fault(kind=FaultKind.LOCAL, message=message))
