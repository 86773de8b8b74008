"""docs/reference/suite.md: every key of a suite, of core and of every plugin of the repository."""

from __future__ import annotations

from collections.abc import Iterator

from aisbench.config.load_keys import LoadSettings
from aisbench.config.observer_keys import ObserverSettings
from aisbench.config.rerun_keys import RerunSection
from aisbench.config.suite import (
    DatasetSettings,
    Exclusion,
    LocalSettings,
    PluginsSection,
    ServerSettings,
    ServiceSettings,
    SuiteSection,
)
from aisbench.plugins.catalog import Catalog, Listed
from aisbench.plugins.targets import settings_class
from aisbench.types.offer import BackendOffer, LoadShapeOffer
from tools.reference.keys import keys_of
from tools.reference.speaking import Speaker, english
from tools.reference.tables import key_table, plain

SECTIONS: tuple[tuple[str, str, type], ...] = (
    ("suite", "`[suite]`: what concerns the whole run.", SuiteSection),
    (
        "models.NAME, reached over HTTP",
        "`[models.NAME]` with a [backend](#backends) that speaks to a server: `backend`, the keys "
        "of that backend, and these.",
        ServiceSettings,
    ),
    (
        "models.NAME, in this process",
        "`[models.NAME]` with a backend that loads the weights itself (`hf`, `vllm-offline`): "
        "`backend`, the keys of that backend, and these.",
        LocalSettings,
    ),
    (
        "datasets.NAME",
        "`[datasets.NAME]`: `dataset` names one of the [data sets](#data-sets), whose own keys "
        "stand beside these.",
        DatasetSettings,
    ),
    (
        "load",
        "`[load]`, when `suite.mode` is `performance` or `both`: `shape` names one of the "
        "[load shapes](#load-shapes) (without it: `closed`), whose own keys stand beside these.",
        LoadSettings,
    ),
    (
        "servers.NAME",
        "`[servers.NAME]`: a program that is started before the run and stopped after it; a "
        'model names it with `server = "NAME"`.',
        ServerSettings,
    ),
    ("exclude", "`[[exclude]]`: pairs of model and data set that are left out.", Exclusion),
    (
        "rerun",
        "`[rerun]`: what [`aisbench rerun`](../how-to/choose-rows.md#ask-again-what-went-wrong) "
        "writes into the suite of the run that it makes.",
        RerunSection,
    ),
    (
        "observers.NAME",
        "`[observers.NAME]`: `observer` names one of the [observers](#observers), whose own keys "
        "stand beside these; without it NAME does. [Track runs](../how-to/track.md).",
        ObserverSettings,
    ),
    ("plugins", "`[plugins]`: which installed plugins are not loaded.", PluginsSection),
)

KINDS: tuple[tuple[str, str, str], ...] = (
    ("backend", "Backends", 'Named by `backend = "..."` of a model.'),
    ("load-shape", "Load shapes", 'Named by `shape = "..."` of `[load]`.'),
    ("dataset", "Data sets", 'Named by `dataset = "..."` of a data set.'),
    (
        "template",
        "Templates",
        "Named by `template` of a data set, mostly by its variant; their keys stand in `prompt`.",
    ),
    ("retriever", "Retrievers", "Named by `retriever`; their keys stand in `retrieval`."),
    ("evaluator", "Evaluators", "Named by `evaluator`; their keys stand in `evaluation`."),
    (
        "postprocessor",
        "Post-processors",
        'Named in `postprocess`, with keys as `{ use = "NAME", KEY = ... }`.',
    ),
    (
        "reducer",
        "Metrics",
        "Named in `metrics`. The numbers of a name are its keys: `pass@5` is `pass@k` with "
        "`k = 5`.",
    ),
    ("summarizer", "Summarizers", "Named by `summarizer` of a `[[summarizers]]`."),
    ("observer", "Observers", "Named by `observer` of an `[observers.NAME]`, or by that name."),
)

_HEAD = """# Every key of a suite

<!-- made by `python -m tools.reference`; from the settings classes -->

A suite is a TOML file; [from nothing to a compared result](../tutorial/first-run.md) walks
through one. Where a key holds a table, its keys follow it: `timeout.connect` may be written
as `timeout = { connect = 20 }` or as a table `[models.NAME.timeout]`. `[]` stands for each
entry of a list, `NAME` for a name of your own. *Absent* means that a key without a value has
a meaning of its own, given in its line. Units stand in brackets.

A key that is not here is refused, with the nearest one that is. Any key can be set from the
command line: `--set models.qwen.concurrency=8`. Secrets are references to the environment
(`"env:NAME"`). Relative paths are taken from the folder of the suite. `aisbench schema`
prints all of this for editors, `aisbench plugins show NAME` for one name."""


def suite_page(catalog: Catalog, say: Speaker = english) -> str:
    """The page. Headings are English in every language: others link to them. Raises ValueError
    for a key without an example."""
    return "\n\n".join([say(_HEAD), *_parts(catalog, say)]) + "\n"


def _parts(catalog: Catalog, say: Speaker) -> Iterator[str]:
    for heading, words, cls in SECTIONS:
        yield f"## {heading}"
        yield say(words)
        yield key_table(keys_of(cls, say), say)
    for kind, heading, words in KINDS:
        yield f"## {heading}"
        yield say(words)
        for listed in sorted(catalog.of_kind(kind), key=lambda one: one.offer.name):
            yield from _offer(listed, say)


def _offer(listed: Listed, say: Speaker) -> Iterator[str]:
    offer = listed.offer
    yield f"### {offer.name}"
    core = listed.dist == "aisbench"
    where = say("part of core") if core else f"{say('from')} `{listed.dist}`"
    remarks = [plain(say(offer.summary, listed.package)), f"({where}"]
    if isinstance(offer, BackendOffer):
        remarks.append(f"; {say('in this process' if offer.local else 'over HTTP')})")
    elif isinstance(offer, LoadShapeOffer) and offer.strength:
        remarks.append(f"; {say('searches vary')} `{offer.strength}`)")
    else:
        remarks.append(")")
    yield f"{remarks[0]} {''.join(remarks[1:])}"
    own = settings_class(listed)
    yield key_table(keys_of(own, say), say) if own else say("No keys of its own.")
