"""From lm-eval's documents and instances to samples, and from samples to prompts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from aisbench.api import DataError, JsonValue, Message, Prompt, Sample
from aisbench_plugin_lm_eval.harness import WantedTasks
from aisbench_plugin_lm_eval.loading import ChatText
from aisbench_plugin_lm_eval.plain import plain
from aisbench_plugin_lm_eval.settings import LmEvalSettings
from aisbench_plugin_lm_eval.stored import kept

MOST_STOPS = 4
"""Of a chat: lm-eval's local-chat-completions sends no more, as OpenAI takes no more."""
RENAMED = {"max_gen_toks": "max_tokens", "until": "", "do_sample": "", "max_tokens": "max_tokens"}


def samples_of(
    name: str, task: Any, wanted: WantedTasks, settings: LmEvalSettings, *, alone: bool
) -> Iterator[Sample]:
    """One for each document, with all its requests. Raises DataError for documents that no run
    can keep. ``alone``: no other task is asked."""
    about: dict[str, JsonValue] = {"task": name, "wanted": wanted.as_json(), "kept": kept(task)}
    for doc_id, instances in _by_document(task).items():
        first = instances[0]
        requests = _Requests(f"task {name}, document {doc_id}", settings)
        for instance in instances:
            requests.add(instance)
        yield Sample(
            id=f"{name}/{doc_id}",
            part="" if alone else name,
            target=_target(task, first.doc),
            fields={
                "question": _question(task, first.doc) or f"{name}/{doc_id}",
                "doc": _document(name, doc_id, first.doc),
                "contexts": requests.contexts,
                "requests": requests.found,
                "lm_eval": {**about, "doc_id": doc_id},
            },
        )


def prompts_of(sample: Sample) -> Iterator[Prompt]:
    """What is asked about a sample, in lm-eval's order, each as often as the task says."""
    contexts: Any = sample.fields["contexts"]
    requests: Any = sample.fields["requests"]
    for request in requests:
        prompt = _prompt(contexts[request["context"]], request)
        for _ in range(request["repeats"]):
            yield prompt


def _prompt(context: Any, request: Mapping[str, Any]) -> Prompt:
    keys: dict[str, Any] = {
        "continuation": request.get("continuation"),
        "rolling": request["type"] == "loglikelihood_rolling",
        "stop": tuple(request.get("stop", ())),
        "generation": request.get("generation", {}),
    }
    if "continuation" in request:
        keys |= {"border": request["border"], "length": request["length"]}
    if isinstance(context, str):
        return Prompt(text=context, **keys)
    messages = tuple(Message(role=one["role"], content=one["content"]) for one in context)
    return Prompt(messages=messages, **keys)


class _Requests:
    """The requests of one document. Contexts are kept once: choices share them."""

    def __init__(self, where: str, settings: LmEvalSettings) -> None:
        self._where = where
        self._settings = settings
        self._places: dict[str, int] = {}
        self.contexts: list[JsonValue] = []
        self.found: list[JsonValue] = []

    def add(self, instance: Any) -> None:
        kind, arguments = instance.request_type, instance.args
        if len(arguments) > 2:
            raise DataError(f"{self._where}: a request has pictures or sounds")
        request: dict[str, JsonValue] = {
            "type": kind,
            "idx": instance.idx,
            "repeats": instance.repeats or 1,
        }
        if kind == "generate_until":
            context, own = arguments
            request.update(self._sampling(own, chat=isinstance(context, ChatText)))
        elif kind == "loglikelihood_rolling":
            context = self._scored(request, "", arguments[0])
        else:
            context = self._scored(request, arguments[0], arguments[1])
        request["context"] = self._place(context)
        self.found.append(request)

    def _scored(self, request: dict[str, JsonValue], context: Any, continuation: str) -> Any:
        """The context of a text whose probability is wanted; its tokens are its own, as lm-eval
        makes them."""
        if continuation == "":
            raise DataError(f"{self._where}: a text to be scored is empty: it has no probability")
        request["continuation"] = continuation
        request["border"] = "apart" if context == "" else "counted"
        request["length"] = self._settings.max_length
        return self._settings.prefix if context == "" else context

    def _place(self, context: Any) -> int:
        if self._settings.apply_chat_template and not isinstance(context, (ChatText, str)):
            raise DataError(f"{self._where}: the prompt is a {type(context).__name__}")
        known = self._places.get(context)
        if known is None:
            known = self._places[context] = len(self.contexts)
            chat = isinstance(context, ChatText)
            self.contexts.append(plain(context.messages) if chat else str(context))
        return known

    def _sampling(self, own: Mapping[str, Any], *, chat: bool) -> dict[str, JsonValue]:
        """As lm-eval's completions model makes a request of ``generation_kwargs``."""
        stop = own.get("until") or []
        stop = [stop] if isinstance(stop, str) else list(stop)
        generation: dict[str, JsonValue] = {
            "max_tokens": own.get("max_tokens", own.get("max_gen_toks"))
            or self._settings.max_gen_toks,
            "temperature": 0,
        }
        generation.update({key: plain(value) for key, value in own.items() if key not in RENAMED})
        # An empty one would end every answer at once.
        stop = [one for one in stop if one][: MOST_STOPS if chat else None]
        return {"generation": generation, "stop": stop}


def _by_document(task: Any) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for instance in task.instances:
        found.setdefault(instance.doc_id, []).append(instance)
    return found


def _document(name: str, doc_id: int, document: Any) -> JsonValue:
    try:
        return plain(document)
    except TypeError as error:
        raise DataError(f"task {name}, document {doc_id}: {error}") from error


def _target(task: Any, document: Any) -> JsonValue:
    """The reference, to look at: scores are made of the document."""
    try:
        return plain(task.doc_to_target(document))
    except Exception:  # noqa: BLE001 - it is not needed, whatever is wrong with it
        return None


def _question(task: Any, document: Any) -> str:
    """The question without examples and choices, to look at."""
    try:
        text = task.doc_to_text(document)
    except Exception:  # noqa: BLE001 - it is not needed, whatever is wrong with it
        return ""
    return text if isinstance(text, str) else ""


def tasks_of(samples: Sequence[Sample]) -> dict[str, Sample]:
    """The first sample of each task."""
    found: dict[str, Sample] = {}
    for sample in samples:
        about: Any = sample.fields["lm_eval"]
        found.setdefault(about["task"], sample)
    return found
