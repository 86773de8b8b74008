"""What is odd about an answer, found without a model and without the reference being right.

A note beside the outcome, never a verdict. The kinds are those of AISBench's detector (rare
characters, garbled text, repetition, NaN) and those that users of served models meet besides; the
rules are our own. All are linear in the text.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from aisbench.reading.loops import LEAST_TIMES, loop_of, new_share
from aisbench.reading.scripts import absent, passages, scripts, wanted
from aisbench.types.anomaly import Anomaly, OddAnswer
from aisbench.types.prompt import Prompt
from aisbench.types.response import FinishReason, Response, Thinking, TokenLogprob
from aisbench.types.sample import Sample

SHOWN = 60
"""Characters of evidence."""
FOREIGN_LETTERS = 2
"""Fewer in a row may be a symbol, unless there are many rows."""
MANY_ROWS = 8
FEW_FOREIGN = 0.2
"""A share of the text that may be of a language which the text itself names, as a quoted word."""
MANY_SCRIPTS = 4
"""Scripts that nobody asked for, in one answer: noise rather than a change of language."""
SAME = 40
"""Times that one character comes in a row at the end of a text, as the pattern below counts;
before the end it must come 200 times, as masks, paddings and repunits are no fault."""
FLAT = 24
"""Tokens in a row with one and the same log-probability: what logits of NaN or zero leave."""
WINDOW = 32
"""Tokens of a passage whose mean log-probability is looked at."""
UNLIKELY = -5.0
"""A mean that no sampling gives: of each token, less than 1 in 150."""

_NOISE = re.compile(
    "[\ufffd\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f-\x84\x86-\x9f\ue000-\uf8ff\ufdd0-\ufdef\ufffe\uffff]"
)
"""Replacement characters, control characters (but for escapes, which some terminals' output has),
private and no characters."""
_MISREAD = re.compile(
    "(?:Ã[\x80-\xbf]|â€[\u0080-\u00bf\u2018-\u201e\u2122\u0153]|Â[\xa0-\xbf]|ï¿½)"
)
"""UTF-8 that was read as Latin-1 or Windows-1252."""
_MISREAD_SIGN = re.compile("[ÃâÂï]")
_RULES = r"\s\-=_*~#.·─━═+|/%^;<>█▓▒░…—0"
"""Of what rules and bars are made, and the zeros of a number."""
_TWICE = re.compile(rf"([^{_RULES}])\1")
_SAME = re.compile(rf"(0[xX])?([^{_RULES}])\2{{39}}(?:\2{{160}}|\2*\Z)")
"""One character again and again, and what makes it a mask such as 0xfff..."""
_SCATTERED = re.compile(r"(?<![A-Za-z])(?:[A-Za-z] ){14,200}")
LONG_WORD = 48
_LONG = re.compile(r"[A-Za-z]{48,}")
_COMMON = re.compile(r"the|and|ing|tion|is|of|that|to", re.I)
_WITHHELD = (FinishReason.CONTENT_FILTER, FinishReason.REFUSAL)
_NOT_A_NUMBER = frozenset(
    {"nan", "inf", "-inf", "+inf", "infinity", "-infinity", "null", "none", "undefined"}
)
_LAST_WORD = re.compile(r"[A-Za-z]{6,}\Z")
"""Shorter ones are words themselves too often: "hand" of "handcuffs"."""
_ENDINGS = frozenset(
    ("e", "s", "d", "r", "y", "n", "es", "ed", "er", "ers", "en", "al", "ly", "ing", "ings", "ion")
)
"""What words end in: "program" is not "programs", cut."""


def anomalies(
    sample: Sample, prompt: Prompt, response: Response, turn: int = 0
) -> list[OddAnswer]:
    """What is odd about one response to ``prompt``. Nothing, where it failed or was withheld,
    where a given text was scored, and where nothing was generated."""
    if response.fault is not None or response.scored is not None or response.refusal:
        return []
    if not response.generated:
        return []
    if response.finish_reason in _WITHHELD:
        return []
    found: dict[Anomaly, str] = {}
    if not response.text.strip():
        found[Anomaly.EMPTY] = _empty(prompt, response)
    ended = response.finish_reason is FinishReason.STOP
    for text in (response.text, response.reasoning):
        if text:
            _look(found, text, sample, prompt, ended=ended)
    if ended and not response.tool_calls and Anomaly.BROKEN_WORDS not in found:
        found[Anomaly.BROKEN_WORDS] = _cut_word(response.text, prompt)
    if response.tokens:
        _look_at_tokens(found, response.tokens)
    return [
        OddAnswer(kind=kind, evidence=_shown(evidence), turn=turn)
        for kind, evidence in found.items()
        if evidence
    ]


def _empty(prompt: Prompt, response: Response) -> str:
    """Why there is no text; nothing where calls or the outcome say it. To functions that are
    offered, silence is an answer: that none of them is to be called."""
    cut = response.finish_reason is FinishReason.LENGTH
    if prompt.tools or response.tool_calls or cut or response.thinking is Thinking.UNFINISHED:
        return ""
    return "after reasoning" if response.reasoning else "no text at all"


def _look(
    found: dict[Anomaly, str], text: str, sample: Sample, prompt: Prompt, *, ended: bool
) -> None:
    if same := _same(text, sample, prompt):
        found[Anomaly.NAN] = f"{same} at least {SAME} times"
    elif len(text) < 40 and text.strip().casefold() in _NOT_A_NUMBER:
        if not _meant(text.strip().casefold(), sample, prompt):
            found[Anomaly.NAN] = text.strip()
    elif (loop := loop_of(text, ended=ended)) is not None:
        # What a question has again and again may be quoted.
        if loop[0] * LEAST_TIMES not in prompt.words:
            found[Anomaly.REPETITION] = f"{loop[1]} x {_shown_unit(loop[0])}"
    elif (share := new_share(text, ended=ended)) is not None:
        found[Anomaly.REPETITION] = f"its end compresses to {share:.1%}: {text.strip()[-SHOWN:]}"
    ascii_ = text.isascii()
    if noise := _noise(text, prompt, ascii_=ascii_):
        found[Anomaly.GARBLED] = noise
    if not ascii_:
        _look_at_scripts(found, text, sample, prompt)
    if words := _words(text):
        found[Anomaly.BROKEN_WORDS] = words


def _shown_unit(unit: str) -> str:
    """A unit from the beginning of a sentence, a line or a word on."""
    for end in ("\n", ". ", "。", " "):
        if unit.strip().count(end):
            start = unit.index(end, len(unit) - len(unit.lstrip())) + len(end)
            return (unit[start:] + unit[:start]).strip()[:SHOWN]
    return unit.strip()[:SHOWN]


def _same(text: str, sample: Sample, prompt: Prompt) -> str:
    """The character that the text does not leave, or stays with for very long."""
    # Of a run of one character, every twentieth shows that it is one.
    if _TWICE.search(text[:: SAME // 2]) is None:
        return ""
    run = _SAME.search(text.rstrip())
    if run is None or run[1]:
        return ""
    asked = run[2] * (SAME // 2) in f"{prompt.words}\n{_reference(sample)}"
    return "" if asked else run[2]


def _meant(said: str, sample: Sample, prompt: Prompt) -> bool:
    """A word such as "none" that the reference has, or the prompt as an answer that may be."""
    target = "" if sample.target is None else str(sample.target)
    known = f"{target}\n{prompt.words}".casefold()
    return re.search(rf"(?<!\w){re.escape(said)}(?!\w)", known) is not None


def _noise(text: str, prompt: Prompt, *, ascii_: bool) -> str:
    plain = text.replace("\n", "").replace("\t", "").isprintable() and "\ufffd" not in text
    noise = [] if plain else _NOISE.findall(text)
    # A character may be cut in two at the very end; a single one elsewhere was in what it quotes.
    if len(noise) >= 2:
        asked = frozenset(prompt.words)
        noise = [one for one in noise if one not in asked]
    if len(noise) >= 2:
        codes = ", ".join(f"U+{ord(one):04X}" for one in dict.fromkeys(noise[:40]))
        return f"{len(noise)} of {codes}"
    if ascii_:
        return ""
    misread = _MISREAD.findall(text) if _MISREAD_SIGN.search(text) else []
    if len(misread) < 3 or _MISREAD.search(prompt.words):
        return ""
    return f"{len(misread)} such as {misread[0]}"


def _look_at_scripts(found: dict[Anomaly, str], text: str, sample: Sample, prompt: Prompt) -> None:
    if not (foreign := _foreign(text, sample, prompt)):
        return
    strange = [(name, letters) for name, letters in passages(text) if name in foreign]
    if not strange:
        return
    if len({name for name, _ in strange}) >= MANY_SCRIPTS:
        found[Anomaly.GARBLED] = f"letters of {', '.join(sorted(foreign))}"
        return
    if sum(len(letters) for _, letters in strange) < FEW_FOREIGN * len(text):
        named = wanted(text)
        strange = [one for one in strange if one[0] not in named]
    name, letters = max(strange, key=lambda one: len(one[1]), default=("", ""))
    if len(letters) >= FOREIGN_LETTERS or len(strange) >= MANY_ROWS:
        found[Anomaly.SCRIPT] = f"{name}: {letters}"


def _foreign(text: str, sample: Sample, prompt: Prompt) -> frozenset[str]:
    """The scripts of a text that nothing asks for. What a picture or a sound says is not known."""
    have, asked = scripts(text), prompt.words
    if not have or not asked or prompt.media:
        return frozenset()
    if not (foreign := absent(have, asked)) or not (foreign := foreign - wanted(asked)):
        return frozenset()
    return absent(foreign, _reference(sample))


def _reference(sample: Sample) -> str:
    return " ".join(map(str, (sample.target, *sample.fields.values())))


def _words(text: str) -> str:
    blanks = " " * 12
    if blanks in text[::2] or blanks in text[1::2]:
        for row in _SCATTERED.finditer(text):
            # Bases, grades and alphabets stand like that, too, and have no English in them.
            if _english(row[0].replace(" ", ""), 2):
                return row[0][:SHOWN]
    if max(map(len, text.split()), default=0) < LONG_WORD:
        return ""
    for run in _LONG.finditer(text):
        # Genes and hashes are long and have no English in them; names in code have capitals.
        if _english(run[0], 3) and sum(map(str.isupper, run[0])) <= len(run[0]) // 16:
            return run[0]
    return ""


def _english(letters: str, least: int) -> bool:
    return len(set(_COMMON.findall(letters.lower()))) >= least


def _cut_word(text: str, prompt: Prompt) -> str:
    """The last word, where it is the beginning of a word that the text or the prompt has and
    stands nowhere else. Only after whole sentences, which the model would have gone on with."""
    if len(text) < 80 or (last := _LAST_WORD.search(text[-40:])) is None:
        return ""
    cut = last[0]
    before = text[: -len(cut)]
    if not re.search(r"[.!?:]\s", before) or not re.search(r"[A-Za-z,] \Z", before):
        return ""
    around = f"{before} {prompt.words}"
    if re.search(rf"(?<![A-Za-z]){cut}(?![A-Za-z])", around):
        return ""
    whole = re.search(rf"(?<![A-Za-z]){cut}([a-z]{{2,12}})(?![A-Za-z])", around)
    if whole is None or whole[1] in _ENDINGS:
        return ""
    return f"{cut}, as in {whole[0]}"


def _look_at_tokens(found: dict[Anomaly, str], tokens: tuple[TokenLogprob, ...]) -> None:
    values = [one.logprob for one in tokens]
    impossible = sum(not math.isfinite(value) for value in values)
    if impossible:
        found[Anomaly.NAN] = f"{impossible} tokens without a probability"
        return
    for value, length in _equal_runs(values):
        if length >= FLAT and value < -0.01:
            found[Anomaly.NAN] = f"{length} tokens in a row of log-probability {value:g}"
            return
    total = math.fsum(values[:WINDOW])
    lowest, place = total, 0
    for at in range(WINDOW, len(values)):
        total += values[at] - values[at - WINDOW]
        if total < lowest:
            lowest, place = total, at - WINDOW + 1
    if len(values) >= WINDOW and lowest / WINDOW < UNLIKELY:
        passage = "".join(one.token for one in tokens[place : place + WINDOW])
        found[Anomaly.UNLIKELY] = f"mean log-probability {lowest / WINDOW:.1f}: {passage}"


def _equal_runs(values: list[float]) -> Iterator[tuple[float, int]]:
    start = 0
    for at in range(1, len(values) + 1):
        if at == len(values) or values[at] != values[start]:
            yield values[start], at - start
            start = at


def _shown(evidence: str) -> str:
    return evidence if len(evidence) <= 2 * SHOWN else evidence[: 2 * SHOWN - 1] + "…"
