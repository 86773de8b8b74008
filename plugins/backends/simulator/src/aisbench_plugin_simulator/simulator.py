"""The state of one running server."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from aisbench.api import AisbenchError
from aisbench_plugin_simulator.adapters import AdapterSlots
from aisbench_plugin_simulator.admission import Seats
from aisbench_plugin_simulator.answer_book import AnswerBook, load_answers
from aisbench_plugin_simulator.config import change
from aisbench_plugin_simulator.journal import ServerJournal
from aisbench_plugin_simulator.media_checking import MediaChecker
from aisbench_plugin_simulator.metrics import Metrics
from aisbench_plugin_simulator.prefix_cache import PrefixCache
from aisbench_plugin_simulator.settings import AT_START, SimulatorSettings
from aisbench_plugin_simulator.speculation import SpeculationCounts
from aisbench_plugin_simulator.uploaded import UploadedFiles


class Simulator:
    """Settings, what the model knows, and what was seen. Raises DataError for bad answers."""

    def __init__(self, settings: SimulatorSettings) -> None:
        self.settings = settings
        self.book = _book(settings)
        self.journal = ServerJournal()
        self.metrics = Metrics()
        self.checker = MediaChecker()
        self.uploads = UploadedFiles()
        self.seats = Seats()
        self.adapters = AdapterSlots()
        self.prefixes = PrefixCache(settings.block_size, settings.blocks)
        self.speculation = SpeculationCounts()

    def configure(self, values: Mapping[str, Any]) -> None:
        """Change settings; requests in flight keep theirs. Raises AisbenchError."""
        if fixed := AT_START & values.keys():
            raise AisbenchError(f"{', '.join(sorted(fixed))}: cannot change while the server runs")
        settings = change(self.settings, values)
        if "answers" in values:
            self.book = _book(settings)
        if (settings.block_size, settings.blocks) != (self.prefixes.size, self.prefixes.most):
            self.prefixes = PrefixCache(settings.block_size, settings.blocks)
        self.settings = settings


def _book(settings: SimulatorSettings) -> AnswerBook | None:
    return None if settings.answers is None else load_answers(settings.answers)


SIMULATOR = web.AppKey("simulator", Simulator)
