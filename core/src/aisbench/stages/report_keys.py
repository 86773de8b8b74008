"""What a load is reported with, which a suite may change between sessions: percentiles, limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import attrs
import orjson

from aisbench.config.plan import LoadPoint, Task
from aisbench.store.recording.documents import write_document
from aisbench.store.recording.folder import LoadFolder
from aisbench.store.run import RunFolder
from aisbench.store.seals import unseal

REPORT_KEYS = ("percentiles", "window", "slo", "itl", "prefix_cache")
"""Settings of a load that change nothing of what is sent, only what is made of the recording."""


def reported_as(point: LoadPoint) -> Mapping[str, Any]:
    """The settings of a load's report, as load.json has them."""
    settings = attrs.asdict(point.settings)
    made: dict[str, Any] = orjson.loads(orjson.dumps({key: settings[key] for key in REPORT_KEYS}))
    return made


def report_as(run: RunFolder, folder: LoadFolder, point: LoadPoint) -> bool:
    """Have an earlier session's load reported as the suite wants it now; whether that is new.
    Raises StoreError."""
    document, wanted = folder.document(), reported_as(point)
    if wanted == {key: document.settings.get(key) for key in REPORT_KEYS}:
        return False
    unseal(run, folder.load_json)
    settings = {**document.settings, **wanted}
    write_document(folder.load_json, attrs.evolve(document, settings=settings))
    return True


def within_other_limits(
    run: RunFolder, task: Task, labels: Sequence[str], point: LoadPoint
) -> bool:
    """Whether loads of an earlier session were held against another SLO than the suite's."""
    slo = reported_as(point)["slo"]
    folders = (LoadFolder(run.load(task.model.name, task.dataset.name, one)) for one in labels)
    return any(
        one.load_json.exists() and one.document().settings.get("slo") != slo for one in folders
    )
