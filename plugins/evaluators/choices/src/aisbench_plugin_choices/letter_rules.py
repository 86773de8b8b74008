"""Other people's rules for the letter of an answer, to set figures beside theirs. Pure.

Each takes the answer's text and the texts of the options (empty ones where they are not known),
and gives a letter, or None where it finds none; none guesses. Behaviour after

- ``mmmu``: ``mmmu/utils/eval_utils.py`` of github.com/MMMU-Benchmark/MMMU (X. Yue et al. 2024)
- ``mmmu-pro``: ``mmmu-pro/evaluate.py``, there
- ``mmstar``: ``eval/vlmeval/evaluate/mmstar.py`` of github.com/MMStar-Benchmark/MMStar
- ``vlmevalkit``: ``can_infer`` (``vlmeval/utils/matching_util.py`` of
  github.com/open-compass/VLMEvalKit)
- ``vlmevalkit-videomme``: ``extract_characters_regex`` (``vlmeval/dataset/utils/videomme.py``)
- ``lmms-eval``: ``extract_mcq_answer`` (``lmms_eval/tasks/_task_utils/mcq_extract.py`` of
  github.com/EvolvingLMMs-Lab/lmms-eval)
- ``lmms-eval-vocalsound``: ``get_answer`` (``lmms_eval/tasks/vocalsound/utils.py``, there)
- ``aisbench-mmmu``, ``aisbench-videomme``, ``aisbench-videobench``, ``aisbench-first-character``:
  ``ais_bench/benchmark/datasets/{mmmu,videomme,videobench,vocalsound}.py`` of
  github.com/AISBench/benchmark
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from string import ascii_uppercase

LetterRule = Callable[[str, Sequence[str]], "str | None"]


def mmmu(text: str, options: Sequence[str]) -> str | None:
    """The last ``(X)``; else the last X between blanks; else, of more than five words, the last
    text of an option."""
    said = _peeled(text, ",.!?;:'")
    letters = ascii_uppercase[: len(options)]
    for form in ("({})", " {} "):
        found = [(said.rfind(form.format(one)), one) for one in letters]
        if letter := _last(found):
            return letter
    return _by_text(said, options)


def mmmu_pro(text: str, options: Sequence[str]) -> str | None:
    """The one letter that stands behind the last "Answer:"; else ``(X)``, ``X `` and ``X.``. Of
    several found without brackets the last between blanks counts, or the first in the
    alphabet."""
    letters = ascii_uppercase[: len(options)]
    at = text.rfind("Answer:")
    if at != -1:
        after = [one for one in letters if one in text[at + len("Answer:") :]]
        if len(after) == 1:
            return after[0]
    said = _peeled(text, ",.!?;:'")
    if letter := _last([(said.rfind(f"({one})"), one) for one in letters]):
        return letter
    for form in ("{} ", "{}."):
        if found := [one for one in letters if form.format(one) in said]:
            return max(found, key=lambda one: said.rfind(f" {one} "))
    return _by_text(said, options)


def _peeled(text: str, marks: str) -> str:
    """Without each mark at the ends, one after the other, and with blanks around."""
    for one in marks:
        text = text.strip(one)
    return f" {text} "


def _last(found: Sequence[tuple[int, str]]) -> str | None:
    """The letter that stands last; the first of those at one place."""
    place = max((at for at, _ in found), default=-1)
    return None if place == -1 else next(one for at, one in found if at == place)


def _by_text(said: str, options: Sequence[str]) -> str | None:
    if len(said.split()) <= 5:
        return None
    lower = said.lower()
    pairs = zip(ascii_uppercase, options)  # noqa: B905 - as many letters as there are options
    return _last([(lower.rfind(one.lower()), letter) for letter, one in pairs])


def mmstar(text: str, options: Sequence[str]) -> str | None:
    """The first character; or that behind "(", "option " or "the answer is " at the begin."""
    said = text.lower().strip().replace("\n", " ")
    letters = ascii_uppercase[: len(options)].lower()
    for before in ("", "(", "option ", "the answer is "):
        if said.startswith(before) and said[len(before) : len(before) + 1] in [*letters]:
            return said[len(before)].upper()
    return None


_REFUSED = (
    "Sorry, I can't help with images of people yet.", "I can't process this file.",
    "I'm sorry, but without the image provided", "Cannot determine the answer",
    "Failed to obtain answer via API",
)  # fmt: skip
_ANSWER_IS = re.compile(r"(?:correct\s+)?answer\s+is\s+\**([ABCD])\**", re.IGNORECASE)
_MARKS = str.maketrans(dict.fromkeys(".()[],:;!*#{}", " "))


def vlmevalkit(text: str, options: Sequence[str]) -> str | None:
    """The only letter that stands alone, within the last five words; else "answer is X"; else the
    only option whose text is in an answer that is not much longer than all options."""
    if any(one in text for one in _REFUSED):
        return None
    letters = ascii_uppercase[: len(options)]
    words = text.translate(_MARKS).split()
    alone = [one for one in letters if one in words]
    if len(alone) == 1 and words.index(alone[0]) > len(words) - 5:
        return alone[0]
    stated = _ANSWER_IS.search(text)
    if stated is not None and stated[1].upper() in letters:
        return stated[1].upper()
    lower = text.lower()
    if len(lower) > 2 * sum(map(len, options)):
        return None
    named = [letters[at] for at, one in enumerate(options) if one.lower() in lower]
    return named[0] if len(named) == 1 else None


_PREFIXES = (
    "The best answer is", "The correct answer is", "The answer is", "The answer",
    "The best option is", "The correct option is", "Best answer:", "Best option:", "Answer:",
    "Option:",
)  # fmt: skip
_GLUED = (
    *_PREFIXES[:4], "The best option isThe correct option is", "Best answer:Best option:",
    *_PREFIXES[8:],
)  # fmt: skip
"""As VLMEvalKit has them: two commas are missing in its list."""


def vlmevalkit_videomme(text: str, options: Sequence[str]) -> str | None:
    """The first capital A to D, once known beginnings are taken out."""
    return _first_left(text, _GLUED)


def aisbench_videomme(text: str, options: Sequence[str]) -> str | None:
    """As VLMEvalKit's, with the beginnings that it means."""
    return _first_left(text, _PREFIXES)


def _first_left(text: str, prefixes: Sequence[str]) -> str | None:
    for one in prefixes:
        text = text.replace(one, "")
    found = re.search("[ABCD]", text)
    return found[0] if found else None


_PHRASES = (
    "the answer is", "answer is", "the correct answer is", "correct answer is",
    "the best answer is", "best answer is", "the correct option is", "correct option is",
    "the best option is", "best option is", "the choice is", "choice is", "the correct choice is",
    "correct choice is", "i choose", "i select", "i pick", "my answer is", "my choice is",
    "옵션", "정답은", "답은", "답:", "答案是", "答案为", "选", "答えは",
)  # fmt: skip
_BEHIND = ("({})", "{}.", "{}:", "{})", "{} ")


def lmms_eval(text: str, options: Sequence[str]) -> str | None:
    """The letter at the begin, at the end, behind a phrase such as "answer is", in brackets, or
    before a mark, in this order; of several of one kind the last; else any."""
    if not text.strip():
        return None
    letters = ascii_uppercase[: len(options)]
    said = text.strip()
    for one in ",.!?;:'\"":
        said = said.strip(one)
    padded, core = f" {said} ", said.strip()
    if core[:1] in [*letters] and not core[1:2].isalpha():
        return core[0]
    if core[-1:] in [*letters] and (len(core) == 1 or not core[-2].isalpha()):
        return core[-1]
    lower = padded.lower()
    behind = [
        (padded.find(one, at + len(phrase)), one)
        for phrase in _PHRASES
        if (at := lower.find(phrase)) != -1
        for one in letters
    ]
    if letter := _last(behind):
        return letter
    for form in (*_BEHIND, "{}"):
        if letter := _last([(padded.rfind(form.format(one)), one) for one in letters]):
            return letter
    return None


_SOUNDS = ("laughter", "sniff", "throat", "cough", "sigh", "sneeze")


def lmms_eval_vocalsound(text: str, options: Sequence[str]) -> str | None:
    """The first of VocalSound's names, in lmms-eval's order, that stands anywhere."""
    name = next((one for one in _SOUNDS if one in text.lower()), None)
    places = [at for at, one in enumerate(options) if name and one.lower().startswith(name)]
    return ascii_uppercase[places[0]] if places else None


_LINE = re.compile(r"^ANSWER\s*:\s*([A-Za-z\d ,]+)\s*(?:$|\n|\.)", re.IGNORECASE | re.MULTILINE)
_ANYWHERE = re.compile(r"ANSWER\s*:\s*([A-Za-z\d ,]+)(?:[^\w]|\n|$|\.)", re.IGNORECASE)


def aisbench_mmmu(text: str, options: Sequence[str]) -> str | None:
    """What stands behind "ANSWER:", if it is a letter of an option and nothing else; without that
    mark the last capital letter of any kind."""
    letters = ascii_uppercase[: len(options)]
    found = _LINE.search(text) or _ANYWHERE.search(text)
    if found is None:
        return next((one for one in reversed(text) if one.isupper()), None)
    said = found[1].strip()
    return said if len(said) == 1 and said in letters else None


def aisbench_videobench(text: str, options: Sequence[str]) -> str | None:
    """The first of A to F, in the alphabet's order, that stands anywhere."""
    return next((one for one in "ABCDEF" if one in text), None)


def aisbench_first_character(text: str, options: Sequence[str]) -> str | None:
    """The first character, if it is a letter of an option."""
    return text[:1] if text[:1] in [*ascii_uppercase[: len(options)]] else None


LETTER_RULES: Mapping[str, LetterRule] = {
    "mmmu": mmmu,
    "mmmu-pro": mmmu_pro,
    "mmstar": mmstar,
    "vlmevalkit": vlmevalkit,
    "vlmevalkit-videomme": vlmevalkit_videomme,
    "lmms-eval": lmms_eval,
    "lmms-eval-vocalsound": lmms_eval_vocalsound,
    "aisbench-mmmu": aisbench_mmmu,
    "aisbench-videomme": aisbench_videomme,
    "aisbench-videobench": aisbench_videobench,
    "aisbench-first-character": aisbench_first_character,
}
GUESSING = frozenset({"mmmu", "mmmu-pro"})
"""Those whose authors draw a random option where nothing is found."""
