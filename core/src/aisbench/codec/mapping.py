"""Generation settings in a protocol's own names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from attrs import field, frozen

from aisbench.codec.stops import stop_list
from aisbench.types.json import JsonObject, JsonValue

_EVERYWHERE: Mapping[str, str] = {
    "model": "set `model` of the model's table, outside of generation",
    "stream": "set `stream` of the model's table, outside of generation",
    "seed": "set `seed` of [suite]: each repeat gets a seed of its own from it",
    "n": "set `repeats` of the data set: each answer is a request of its own",
    "best_of": "set `repeats` of the data set: each answer is a request of its own",
}


@frozen(kw_only=True)
class Names:
    """What a protocol knows: everything else is refused, since such servers ignore it silently.

    ``known`` are its own names, ``renamed`` the field's common ones and what they are here,
    ``advice`` what to do instead of others.
    """

    protocol: str
    known: frozenset[str]
    renamed: Mapping[str, str] = field(factory=dict)
    advice: Mapping[str, str] = field(factory=dict)

    def refused(self, generation: JsonObject) -> dict[str, str]:
        """Name -> what to do, of the settings that cannot be sent."""
        found = {}
        for name in generation:
            if wish := self.advice.get(name) or _EVERYWHERE.get(name):
                found[name] = wish
            elif name == "stop":
                if stop_list(generation[name]) is None:
                    found[name] = "write `stop` as a string or a list of strings"
            elif name in self.renamed:
                if self.renamed[name] in generation:
                    found[name] = f"{self.renamed[name]} is given too: it is the same"
            elif name not in self.known:
                found[name] = (
                    f"{self.protocol} does not know it; it knows {', '.join(self._all())}"
                )
        return found

    def translated(self, generation: JsonObject) -> dict[str, JsonValue]:
        """All but ``stop``, in the protocol's names."""
        return {
            self.renamed.get(name, name): value
            for name, value in generation.items()
            if name != "stop"
        }

    def _all(self) -> Iterable[str]:
        return sorted({*self.known, *self.renamed, "stop"})


def greedy_by_flag(parameters: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """``parameters`` for protocols that want ``temperature`` above 0 and have the flag
    ``do_sample`` (Text Generation Inference, MindIE): temperature 0 means greedy search, which
    is asked for by the flag. Changed in place, and returned."""
    if parameters.get("temperature") == 0:
        del parameters["temperature"]
        parameters.setdefault("do_sample", False)
    elif "temperature" in parameters:
        parameters.setdefault("do_sample", True)
    return parameters
