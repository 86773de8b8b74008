"""The evaluator ``acme-exact``."""

from __future__ import annotations

from aisbench.api import Answer, Sample, Score, Verdict


class AcmeExact:
    """Right when the text is the target."""

    def score(self, sample: Sample, answer: Answer) -> Score:
        text = answer.text.strip()
        if not text:
            return Score(value=0.0, verdict=Verdict.UNPARSED, reason="the answer is empty")
        right = text == sample.target
        verdict = Verdict.RIGHT if right else Verdict.WRONG
        return Score(value=float(right), verdict=verdict, extracted=text)
