"""Records what became of each attempt of one worker, and counts it."""

from __future__ import annotations

from collections.abc import Mapping

from aisbench.loadgen import attempt_rows
from aisbench.loadgen.attempt import Attempt
from aisbench.loadgen.shared_counters import COUNTERS, WorkerCounters
from aisbench.loadgen.spec import LoadSpec
from aisbench.store.recording.columns import ABSENT, AttemptOutcome, Phase
from aisbench.store.recording.writer import RecordingWriter
from aisbench.types.response import Response

_EVENTS = COUNTERS.index("events")
_TOKENS = COUNTERS.index("tokens")
_PLACES = {
    AttemptOutcome.SUCCESS: COUNTERS.index("done"),
    AttemptOutcome.FAILED: COUNTERS.index("failed"),
    AttemptOutcome.CANCELLED: COUNTERS.index("cancelled"),
}


class AttemptWriter:
    """Enters one worker's attempts into its recording and into its shared counters."""

    def __init__(
        self,
        spec: LoadSpec,
        recorder: RecordingWriter,
        counters: WorkerCounters,
        worker: int,
        replicas: dict[str, int],
    ) -> None:
        self._spec = spec
        self._recorder = recorder
        self._view = counters.view
        self._worker = worker
        self._replicas = replicas
        """Numbers of the replicas, by their urls."""
        self._counts_texts = bool(spec.service.tokenizer)
        self._labels: dict[tuple[tuple[str, str], ...], int] = {}
        """Numbers of the labels that requests had, in the order of their lines."""

    def enter(
        self,
        attempt: Attempt,
        response: Response,
        outcome: AttemptOutcome,
        final: bool,
    ) -> None:
        """Record an attempt that has ended; ``final`` if no other one follows it. Raises
        StoreError."""
        spec, recorder, view, reads = self._spec, self._recorder, self._view, attempt.reads
        fault = response.fault
        events = sum(reads[1::2])
        view[_EVENTS] += events
        if response.usage.completion_tokens is not None:
            view[_TOKENS] += response.usage.completion_tokens
        if final and attempt.phase is not Phase.WARM_UP:
            view[_PLACES[outcome]] += 1
        number = recorder.count
        assert attempt.replica is not None
        replica = self._replicas[attempt.replica.url]
        given = attempt.request.labels
        labels = self._number(given) if given else ABSENT
        recorder.add(
            attempt_rows.row(
                attempt, response, fault, outcome, final, events, self._worker, replica, labels
            ),
            reads,
        )  # fmt: skip
        if fault is not None or outcome is AttemptOutcome.CANCELLED:
            recorder.add_failure(number, attempt_rows.failure(attempt, fault, spec.redactor))
        kept = spec.keep_answers and attempt.phase is Phase.MEASURED and final
        if kept and outcome is not AttemptOutcome.CANCELLED:
            recorder.add_answer(attempt_rows.answer(attempt, response, fault, spec))
        if self._counts_texts and outcome is AttemptOutcome.SUCCESS:
            recorder.add_texts(attempt_rows.texts(number, attempt, response, spec.redactor))
        if recorder.full:
            recorder.flush()

    def _number(self, labels: Mapping[str, str]) -> int:
        """The number of a request's labels; their words are written once."""
        key = tuple(labels.items())
        number = self._labels.get(key)
        if number is None:
            number = self._labels[key] = len(self._labels)
            self._recorder.add_labels(attempt_rows.labels(labels, self._spec.redactor))
        return number
