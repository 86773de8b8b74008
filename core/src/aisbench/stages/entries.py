"""The journal's row of a request: without secrets, whatever the server sent."""

from __future__ import annotations

import attrs
import orjson
from attrs import frozen

from aisbench.engine.sender import Attempts
from aisbench.store.redactor import Redactor
from aisbench.store.rows import VERSION, FailedAttempt, Prediction, converter, dump_row
from aisbench.types.request import Request
from aisbench.types.response import Response


@frozen
class Entries:
    """Makes the rows of one session."""

    session: int
    redactor: Redactor

    def entry(self, request: Request, attempts: Attempts) -> tuple[bytes, Response]:
        """A row of the journal, and the answer as it stands in it."""
        row = Prediction(
            v=VERSION,
            key=request.key,
            sample=request.sample_id,
            repeat=request.repeat,
            turn=request.turn,
            seed=request.seed,
            url=attempts.url,
            session=self.session,
            prompt=request.prompt,
            response=self._clean(attempts.response),
            timing=attempts.timing,
            failures=self._failures(attempts) if attempts.failures else (),
        )
        line = dump_row(row)
        cleaned = self.redactor.row(line)
        if cleaned is not line:
            row = converter().structure(orjson.loads(cleaned), Prediction)
        return cleaned, row.response

    def _failures(self, attempts: Attempts) -> tuple[FailedAttempt, ...]:
        return tuple(
            FailedAttempt(url=attempt.url, timing=attempt.timing, fault=fault)
            for attempt in attempts.failures
            if (fault := self._clean(attempt.response).fault) is not None
        )

    def _clean(self, response: Response) -> Response:
        fault = response.fault
        if fault is None:
            return response
        return attrs.evolve(response, fault=self.redactor.fault(fault))
