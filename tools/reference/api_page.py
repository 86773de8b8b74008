"""The reference of what plugins import, rendered from signatures and docstrings."""

from __future__ import annotations

import enum
import importlib
import inspect
import re
import typing
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import attrs

from aisbench import api

GROUPS: Mapping[str, Sequence[str]] = {
    "Offers": (
        "hookimpl", "API_VERSION", "Offer", "BackendOffer", "DatasetOffer", "TemplateOffer",
        "RetrieverOffer", "EvaluatorOffer", "PostprocessorOffer", "ReducerOffer",
        "LoadShapeOffer", "SummarizerOffer", "ObserverOffer", "DeviceSamplerOffer", "TunerOffer",
        "CommandOffer", "Capability",
        "Support", "Card",
        "Published", "PartGroup", "PartEvaluator", "Slicing", "Download",
    ),
    "Settings": (
        "setting", "Secret", "PathOrName", "above", "at_least", "between", "not_empty",
        "data_home",
    ),
    "Data sets": (
        "Dataset", "ChoosingDataset", "SubmittingDataset", "DialogueDataset",
        "FollowingDataset", "AsyncDialogueDataset", "AsyncFollowingDataset", "VaryingDataset",
        "SummingDataset",
        "Sample", "Variant", "load_variants", "open_dataset",
    ),
    "Prompts": (
        "Template", "Retriever", "Prompt", "Choice", "Message", "ContentPart", "Media",
        "MediaPlace", "Frames", "FrameSettings", "frames_setting", "Tool",
    ),
    "Answers and scores": (
        "Evaluator", "CheckingEvaluator", "TogetherEvaluator", "JudgedEvaluator", "Postprocessor",
        "Answer", "Step", "Vectors", "Classes",
        "Transcript", "Timing", "TokenLogprob", "Score", "Verdict", "Reading", "Measure",
    ),
    "Figures of many scores": (
        "Reducer", "ScoreGroup", "Figure", "Interval", "mean_interval", "student_t",
    ),
    "Backends": (
        "ServiceBackend", "LocalBackend", "DescribedBackend", "Decoder", "Request",
        "HttpRequest", "Response", "Usage", "FinishReason", "Thinking", "Scored", "SeenMedia",
        "ToolCall", "Fault", "FaultKind", "ServedModel", "ModelDescription", "SseParser",
        "SseEvent", "SigningBackend", "AdapterBackend",
    ),
    "Backends with a transport of their own": (
        "TransportBackend", "TransportConnection", "TransportAddress", "Tape", "TransportError",
        "ListingTransport", "WatchedTransport", "ShownTransport",
    ),
    "Load shapes": (
        "LoadShape", "LoadContext", "Schedule", "OpenLoop", "ClosedLoop", "VirtualClient",
        "TurnGap",
    ),
    "Summarizers and results": (
        "Summarizer", "Summary", "SuiteResult", "TaskResult", "Counts", "Anomaly", "OddAnswer",
        "GroupResult", "GroupMember", "result_json",
        "PerformanceResult", "Statistics", "Population", "RequestCounts", "Health",
        "LabelResult", "LabelledValue",
        "TokenLedger", "InputLedger", "OutputLedger", "TokenTotal", "TokenSources",
        "SloResult", "RequestLimitResult", "RunLimitResult", "SearchResult", "SearchProbe",
        "ServerMetrics", "ServerLevel", "ServerLatency", "LatencyGap", "SpeculativeDecoding",
        "PrefixCacheResult", "PrefixHits", "PrefixGroup", "PrefixOverTime", "TtftSplit",
        "SpeculationResult", "KindSpeculation", "SinglePhase",
        "LoadSeries", "TimeBins", "PhaseSpan", "ConcurrencyOverTime", "CountsOverTime",
        "PercentilesOverTime", "ValueCurve", "RequestTimeline", "RequestSpan", "ServerLine",
        "METRICS", "Metric",
    ),
    "Observers": (
        "Observer", "ProgressObserver", "RunStart", "ObservedTask", "RunProgress", "RunEnd",
    ),
    "Devices": (
        "DeviceSampler", "DeviceReading", "DevicesResult", "SampledDevice", "SamplerReport",
        "LevelSpread", "DeviceLine",
    ),
    "Tuning": (
        "Tuner", "TunerSession", "TuneSpace", "TuneVariable", "TuneTrial", "TuneResult",
        "TunePoint",
    ),
    "Tokens": ("TextTokenizer", "load_tokenizer", "ExactText", "PlainWords", "make_rows"),
    "Texts in the reader's language": (
        "wording", "Wording", "language", "Language", "translated", "command_parser",
    ),
    "Errors and types": ("AisbenchError", "DataError", "ExitCode", "JsonObject", "JsonValue"),
}  # fmt: skip
"""What an author writes -> the names of `aisbench.api` for it."""

WORDS: Mapping[str, str] = {
    "hookimpl": "Marks a function of a plugin module as the implementation of the hook of its "
    "name: `aisbench_backends`, `aisbench_datasets`, `aisbench_prompts`, `aisbench_evaluators`, "
    "`aisbench_load_shapes`, `aisbench_summarizers`, `aisbench_observers`, "
    "`aisbench_device_samplers`, `aisbench_tuners`, `aisbench_commands`. "
    "Each takes no argument and returns offers.",
    "API_VERSION": "The contract's version, as text. A plugin states the one that it was written "
    "for as `AISBENCH_API`.",
    "JsonObject": "A JSON object: a mapping from str to JsonValue.",
    "JsonValue": "Anything that JSON can hold: None, bool, int, float, str, sequences and "
    "mappings of them.",
    "Language": "`en` or `zh`.",
    "Schedule": "An OpenLoop or a ClosedLoop.",
    "METRICS": "The dictionary of all metrics of loads: name -> Metric.",
}
"""What is said of names that have no docstring of their own."""

MODULES = ("answers", "codec", "data", "literals", "sandbox", "tracking")
"""Public modules beside it."""

_ROLE = re.compile(r":(?:class|meth|attr|func|mod|data):`~?([^`]+)`")


def api_page() -> str:
    """The page. Raises ValueError for a name of the API that no group has, or two."""
    _check_groups()
    lines = [
        "# What plugins import",
        "",
        "Made from the code by `python -m tools.reference`. All of this stays as it is between",
        "major versions of the contract ([its rules](contract.md)); what is not here may",
        "change at any time.",
        "",
    ]
    for group, names in GROUPS.items():
        lines += [f"## {group}", ""]
        for name in names:
            lines += _entry(name, getattr(api, name))
    for name in MODULES:
        module = importlib.import_module(f"aisbench.{name}")
        lines += [f"## `aisbench.{name}`", "", _words(inspect.getdoc(module) or ""), ""]
        lines += ["| name | |", "|---|---|"]
        for one in module.__all__:
            lines.append(f"| `{one}` | {_first(getattr(module, one))} |")
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _check_groups() -> None:
    grouped = [name for names in GROUPS.values() for name in names]
    twice = sorted({name for name in grouped if grouped.count(name) > 1})
    odd = sorted(set(grouped) ^ set(api.__all__))
    if twice or odd:
        raise ValueError(f"tools/reference/api_page.py: in no group, or unknown: {odd}; {twice}")


def _entry(name: str, thing: Any) -> Iterator[str]:
    yield f"### {name}"
    yield ""
    if name in WORDS:
        yield WORDS[name]
        yield ""
    elif inspect.isclass(thing):
        doc = thing.__dict__.get("__doc__") or ""
        yield _words(inspect.cleandoc(doc))
        yield ""
        yield from _members(thing)
    elif inspect.isroutine(thing) or (callable(thing) and not typing.get_origin(thing)):
        yield f"`{name}{_signature(thing)}`"
        yield ""
        yield _words(inspect.getdoc(thing) or "")
        yield ""
    else:
        raise ValueError(f"tools/reference/api_page.py: WORDS lacks {name}")


def _members(cls: type) -> Iterator[str]:
    """Fields, members of an enumeration, and methods with what they say of themselves."""
    rows: list[str] = []
    if issubclass(cls, enum.Enum):
        rows = [f"`{cls.__name__}.{one.name}` (`{one.value!r}`)" for one in cls]
        yield ", ".join(rows)
        yield ""
        return
    if attrs.has(cls):
        for field in attrs.fields(cls):
            if not field.name.startswith("_") and field.init:
                rows.append(f"- `{field.name}: {_type(field.type)}`{_default(field)}")
    for name, member in cls.__dict__.items():
        if name.startswith("_"):
            continue
        target = member.fget if isinstance(member, property) else member
        target = getattr(target, "__func__", target)
        if not inspect.isfunction(target):
            continue
        words = " ".join((inspect.getdoc(target) or "").split())
        shown = f"`{name}`" if isinstance(member, property) else f"`{name}{_signature(target)}`"
        rows.append(f"- {shown}" + (f": {_words(words)}" if words else ""))
    if rows:
        yield "\n".join(rows)
        yield ""


def _default(field: attrs.Attribute[Any]) -> str:
    if field.default is attrs.NOTHING:
        return ""
    if isinstance(field.default, attrs.Factory):  # type: ignore[arg-type]
        return ", empty by default"
    if isinstance(field.default, (str, int, float, bool, tuple, type(None))):
        return f" = `{field.default!r}`"
    return ", with a default"


def _signature(function: Any) -> str:
    found = inspect.signature(function)
    kept = [one for one in found.parameters.values() if one.name not in ("self", "cls")]
    parts: list[str] = []
    star = False
    for one in kept:
        if one.kind is inspect.Parameter.KEYWORD_ONLY and not star:
            parts.append("*")
            star = True
        text = one.name
        if one.annotation is not inspect.Parameter.empty:
            text += f": {_type(one.annotation)}"
        if one.default is not inspect.Parameter.empty:
            text += " = ..."
        parts.append(text)
    back = found.return_annotation
    end = f" -> {_type(back)}" if back is not inspect.Signature.empty else ""
    return f"({', '.join(parts)}){end}"


def _type(kind: Any) -> str:
    text = kind if isinstance(kind, str) else inspect.formatannotation(kind)
    return re.sub(r"\b(?:\w+\.)+(\w+)", r"\1", text).replace("|", "or")


def _first(thing: Any) -> str:
    doc = inspect.getdoc(thing) if callable(thing) or inspect.ismodule(thing) else None
    if not doc:
        return "a value"
    return _words(" ".join(doc.split("\n\n")[0].split())).replace("|", "\\|")


def _words(text: str) -> str:
    """A docstring as Markdown: roles and double backquotes become code."""
    text = _ROLE.sub(lambda match: f"`{match[1].rpartition('.')[2]}`", text)
    return re.sub(r"``([^`]+)``", r"`\1`", text)
