"""Everything a plugin may import from core. What is not here may change at any time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aisbench.base.errors import AisbenchError, DataError, ExitCode
from aisbench.base.sse import SseEvent, SseParser
from aisbench.config.open_offer import open_dataset
from aisbench.contract.datasets import (
    AsyncDialogueDataset,
    AsyncFollowingDataset,
    ChoosingDataset,
    Dataset,
    DialogueDataset,
    FollowingDataset,
    SubmittingDataset,
    SummingDataset,
    VaryingDataset,
)
from aisbench.contract.decoders import Decoder
from aisbench.contract.device_samplers import DeviceSampler
from aisbench.contract.evaluators import (
    CheckingEvaluator,
    Evaluator,
    JudgedEvaluator,
    Postprocessor,
    Reducer,
    TogetherEvaluator,
)
from aisbench.contract.hooks import hookimpl
from aisbench.contract.local_backends import DescribedBackend, LocalBackend
from aisbench.contract.observers import (
    ObservedTask,
    Observer,
    ProgressObserver,
    RunEnd,
    RunStart,
)
from aisbench.contract.prompts import Retriever, Template
from aisbench.contract.service_backends import AdapterBackend, ServiceBackend, SigningBackend
from aisbench.contract.shapes import LoadShape
from aisbench.contract.summarizers import Summarizer, Summary
from aisbench.contract.transports import (
    ListingTransport,
    ShownTransport,
    Tape,
    TransportBackend,
    TransportConnection,
    WatchedTransport,
)
from aisbench.contract.tuners import Tuner, TunerSession
from aisbench.contract.versions import API_VERSION
from aisbench.metrics.dictionary import DICTIONARY as METRICS
from aisbench.metrics.intervals import Interval, mean_interval, student_t
from aisbench.metrics.metric import Metric
from aisbench.prompting.frame_settings import FrameSettings, frames_setting
from aisbench.prompting.variants import load_variants
from aisbench.settings.fields import (
    PathOrName,
    Secret,
    above,
    at_least,
    between,
    data_home,
    not_empty,
    setting,
)
from aisbench.store.result_keys import result_json
from aisbench.tokens.exact_text import ExactText, PlainWords, make_rows
from aisbench.tokens.tokenizer import TextTokenizer, load_tokenizer
from aisbench.types.anomaly import Anomaly, OddAnswer
from aisbench.types.answer import Answer, Step, Transcript
from aisbench.types.devices import (
    DeviceReading,
    DevicesResult,
    LevelSpread,
    SampledDevice,
    SamplerReport,
)
from aisbench.types.download import Download
from aisbench.types.figure import Figure
from aisbench.types.groups import GroupMember, GroupResult
from aisbench.types.http import HttpRequest
from aisbench.types.json import JsonObject, JsonValue
from aisbench.types.ledger import (
    InputLedger,
    OutputLedger,
    TokenLedger,
    TokenSources,
    TokenTotal,
)
from aisbench.types.load import (
    ClosedLoop,
    LoadContext,
    OpenLoop,
    Schedule,
    TurnGap,
    VirtualClient,
)
from aisbench.types.local import ModelDescription
from aisbench.types.media import Frames, Media, MediaPlace
from aisbench.types.offer import (
    BackendOffer,
    Capability,
    Card,
    CommandOffer,
    DatasetOffer,
    DeviceSamplerOffer,
    EvaluatorOffer,
    LoadShapeOffer,
    ObserverOffer,
    Offer,
    PartEvaluator,
    PartGroup,
    PostprocessorOffer,
    Published,
    ReducerOffer,
    RetrieverOffer,
    Slicing,
    SummarizerOffer,
    Support,
    TemplateOffer,
    TunerOffer,
)
from aisbench.types.performance import (
    Health,
    LabelledValue,
    LabelResult,
    PerformanceResult,
    Population,
    RequestCounts,
    SearchProbe,
    SearchResult,
    Statistics,
)
from aisbench.types.prefix_cache import (
    KindSpeculation,
    PrefixCacheResult,
    PrefixGroup,
    PrefixHits,
    PrefixOverTime,
    SpeculationResult,
    TtftSplit,
)
from aisbench.types.prompt import Choice, ContentPart, Message, Prompt
from aisbench.types.request import Request
from aisbench.types.response import (
    Fault,
    FaultKind,
    FinishReason,
    Response,
    Scored,
    SeenMedia,
    Thinking,
    TokenLogprob,
    Usage,
)
from aisbench.types.results import Counts, SuiteResult, TaskResult
from aisbench.types.run_progress import RunProgress
from aisbench.types.sample import Sample
from aisbench.types.score import Measure, Reading, Score, ScoreGroup, Verdict
from aisbench.types.series import (
    ConcurrencyOverTime,
    CountsOverTime,
    DeviceLine,
    LoadSeries,
    PercentilesOverTime,
    PhaseSpan,
    RequestSpan,
    RequestTimeline,
    ServerLine,
    TimeBins,
    ValueCurve,
)
from aisbench.types.served import ServedModel
from aisbench.types.server_metrics import (
    LatencyGap,
    ServerLatency,
    ServerLevel,
    ServerMetrics,
    SpeculativeDecoding,
)
from aisbench.types.single_phase import SinglePhase
from aisbench.types.slo_result import RequestLimitResult, RunLimitResult, SloResult
from aisbench.types.timing import Timing
from aisbench.types.tools import Tool, ToolCall
from aisbench.types.transport import TransportAddress, TransportError
from aisbench.types.tuning import TunePoint, TuneResult, TuneSpace, TuneTrial, TuneVariable
from aisbench.types.variant import Variant
from aisbench.types.vectors import Classes, Vectors
from aisbench.wording.catalogue import Wording, wording
from aisbench.wording.language import Language, language
from aisbench.wording.lines import translated
from aisbench.wording.spoken import command_parser

__all__ = [
    "API_VERSION",
    "METRICS",
    "AdapterBackend",
    "AisbenchError",
    "Anomaly",
    "Answer",
    "AsyncDialogueDataset",
    "AsyncFollowingDataset",
    "BackendOffer",
    "Capability",
    "Card",
    "CheckingEvaluator",
    "Choice",
    "ChoosingDataset",
    "Classes",
    "ClosedLoop",
    "CommandOffer",
    "ConcurrencyOverTime",
    "ContentPart",
    "Counts",
    "CountsOverTime",
    "DataError",
    "Dataset",
    "DatasetOffer",
    "Decoder",
    "DescribedBackend",
    "DeviceLine",
    "DeviceReading",
    "DeviceSampler",
    "DeviceSamplerOffer",
    "DevicesResult",
    "DialogueDataset",
    "Download",
    "Evaluator",
    "EvaluatorOffer",
    "ExactText",
    "ExitCode",
    "Fault",
    "FaultKind",
    "Figure",
    "FinishReason",
    "FollowingDataset",
    "FrameSettings",
    "Frames",
    "GroupMember",
    "GroupResult",
    "Health",
    "HttpRequest",
    "InputLedger",
    "Interval",
    "JsonObject",
    "JsonValue",
    "JudgedEvaluator",
    "KindSpeculation",
    "LabelResult",
    "LabelledValue",
    "Language",
    "LatencyGap",
    "LevelSpread",
    "ListingTransport",
    "LoadContext",
    "LoadSeries",
    "LoadShape",
    "LoadShapeOffer",
    "LocalBackend",
    "Measure",
    "Media",
    "MediaPlace",
    "Message",
    "Metric",
    "ModelDescription",
    "ObservedTask",
    "Observer",
    "ObserverOffer",
    "OddAnswer",
    "Offer",
    "OpenLoop",
    "OutputLedger",
    "PartEvaluator",
    "PartGroup",
    "PathOrName",
    "PercentilesOverTime",
    "PerformanceResult",
    "PhaseSpan",
    "PlainWords",
    "Population",
    "Postprocessor",
    "PostprocessorOffer",
    "PrefixCacheResult",
    "PrefixGroup",
    "PrefixHits",
    "PrefixOverTime",
    "ProgressObserver",
    "Prompt",
    "Published",
    "Reading",
    "Reducer",
    "ReducerOffer",
    "Request",
    "RequestCounts",
    "RequestLimitResult",
    "RequestSpan",
    "RequestTimeline",
    "Response",
    "Retriever",
    "RetrieverOffer",
    "RunEnd",
    "RunLimitResult",
    "RunProgress",
    "RunStart",
    "Sample",
    "SampledDevice",
    "SamplerReport",
    "Schedule",
    "Score",
    "ScoreGroup",
    "Scored",
    "SearchProbe",
    "SearchResult",
    "Secret",
    "SeenMedia",
    "ServedModel",
    "ServerLatency",
    "ServerLevel",
    "ServerLine",
    "ServerMetrics",
    "ServiceBackend",
    "ShownTransport",
    "SigningBackend",
    "SinglePhase",
    "Slicing",
    "SloResult",
    "SpeculationResult",
    "SpeculativeDecoding",
    "SseEvent",
    "SseParser",
    "Statistics",
    "Step",
    "SubmittingDataset",
    "SuiteResult",
    "Summarizer",
    "SummarizerOffer",
    "Summary",
    "SummingDataset",
    "Support",
    "Tape",
    "TaskResult",
    "Template",
    "TemplateOffer",
    "TextTokenizer",
    "Thinking",
    "TimeBins",
    "Timing",
    "TogetherEvaluator",
    "TokenLedger",
    "TokenLogprob",
    "TokenSources",
    "TokenTotal",
    "Tool",
    "ToolCall",
    "Transcript",
    "TransportAddress",
    "TransportBackend",
    "TransportConnection",
    "TransportError",
    "TtftSplit",
    "TunePoint",
    "TuneResult",
    "TuneSpace",
    "TuneTrial",
    "TuneVariable",
    "Tuner",
    "TunerOffer",
    "TunerSession",
    "TurnGap",
    "Usage",
    "ValueCurve",
    "Variant",
    "VaryingDataset",
    "Vectors",
    "Verdict",
    "VirtualClient",
    "WatchedTransport",
    "Wording",
    "above",
    "at_least",
    "between",
    "command_parser",
    "data_home",
    "frames_setting",
    "hookimpl",
    "language",
    "load_tokenizer",
    "load_variants",
    "make_rows",
    "mean_interval",
    "not_empty",
    "open_dataset",
    "result_json",
    "setting",
    "student_t",
    "translated",
    "wording",
]

if not TYPE_CHECKING:  # a type checker would take it for a name of anything

    def __getattr__(name: str) -> Any:
        """What the contract will lose is still here, with a warning."""
        from aisbench.contract.deprecations import deprecated_name

        return deprecated_name(name)
