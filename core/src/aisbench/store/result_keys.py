"""The keys of a load's results in JSON: in summary.json, and in the files of summarizers."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Optional, Union

import attrs

from aisbench.types import ledger, slo_result
from aisbench.types.json import JsonObject, JsonValue
from aisbench.types.performance import PerformanceResult, SearchProbe, SearchResult
from aisbench.types.server_metrics import LatencyGap, Number, ServerLatency, ServerMetrics

if TYPE_CHECKING:
    # Plugins import this module with the api, and most of them have no use for a converter.
    import cattrs

SPARSE: tuple[type[Any], ...] = (ServerLatency, LatencyGap, ServerMetrics, SearchProbe)
"""Servers publish very different things, and loads have very different figures: of these classes
only what is known is written."""

FULL = tuple(
    one
    for module in (ledger, slo_result)
    for one in vars(module).values()
    if attrs.has(one) and one.__module__ == module.__name__
)
"""Classes of which every key is written: what is unknown of them is told as null."""

PARTS = ("ledger", "server", "slo")
"""Of a result: an empty object where there is none."""


def result_json(result: PerformanceResult | SearchResult) -> dict[str, Any]:
    """A result under the keys of summary.json (of search.json), all of them, for files of a
    summarizer's own. Numbers may be NaN or infinite, which JSON does not know."""
    made: dict[str, Any] = _whole().unstructure(result)
    if isinstance(result, PerformanceResult):
        for name in PARTS:
            made[name] = made[name] or {}
    return made


@lru_cache(maxsize=1)
def _whole() -> cattrs.Converter:
    import cattrs

    made = cattrs.Converter()
    pass_json(made)
    register_results(made)
    return made


def register_results(made: cattrs.Converter) -> None:
    """Teach a converter the classes of results whose keys are not simply all their fields."""
    from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override

    for one in (Number, Optional[Number], type(None), Union[int, str, None]):  # noqa: UP007, UP045 - as cattrs sees them
        _pass_through(made, one)
    for cls in FULL:
        made.register_unstructure_hook(
            cls, make_dict_unstructure_fn(cls, made, _cattrs_omit_if_default=False)
        )
    for cls in SPARSE:
        renamed: Any = {"read_from": override(rename="from")} if cls is ServerMetrics else {}
        made.register_unstructure_hook(
            cls, make_dict_unstructure_fn(cls, made, _cattrs_omit_if_default=True, **renamed)
        )
        made.register_structure_hook(cls, make_dict_structure_fn(cls, made, **renamed))


def pass_json(made: cattrs.Converter) -> None:
    """Leave values of the JSON types as they are, in both directions."""
    for alias in (JsonValue, JsonObject):
        _pass_through(made, alias)


def _pass_through(made: cattrs.Converter, alias: object) -> None:
    def is_alias(cls: Any) -> bool:
        return bool(cls == alias)

    def same(value: Any, _: Any = None) -> Any:
        return value

    made.register_structure_hook_func(is_alias, same)
    made.register_unstructure_hook_func(is_alias, same)
