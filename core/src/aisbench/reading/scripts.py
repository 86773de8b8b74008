"""Scripts of letters, and the languages that are written in them."""

from __future__ import annotations

import functools
import itertools
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator

_BLOCKS: tuple[tuple[int, int, str], ...] = (
    (0x0400, 0x052F, "Cyrillic"),
    (0x0530, 0x058F, "Armenian"),
    (0x0590, 0x05FF, "Hebrew"),
    (0x0600, 0x06FF, "Arabic"),
    (0x0750, 0x077F, "Arabic"),
    (0x0900, 0x0963, "Devanagari"),
    (0x0966, 0x097F, "Devanagari"),
    (0x0980, 0x09FF, "Bengali"),
    (0x0A00, 0x0A7F, "Gurmukhi"),
    (0x0A80, 0x0AFF, "Gujarati"),
    (0x0B00, 0x0B7F, "Odia"),
    (0x0B80, 0x0BFF, "Tamil"),
    (0x0C00, 0x0C7F, "Telugu"),
    (0x0C80, 0x0CFF, "Kannada"),
    (0x0D00, 0x0D7F, "Malayalam"),
    (0x0D80, 0x0DFF, "Sinhala"),
    (0x0E00, 0x0E7F, "Thai"),
    (0x0E80, 0x0EFF, "Lao"),
    (0x0F00, 0x0FFF, "Tibetan"),
    (0x1000, 0x109F, "Burmese"),
    (0x10A0, 0x10FF, "Georgian"),
    (0x1100, 0x11FF, "Hangul"),
    (0x1200, 0x139F, "Ethiopic"),
    (0x1780, 0x17FF, "Khmer"),
    (0x1800, 0x18AF, "Mongolian"),
    (0x3041, 0x309F, "kana"),
    (0x30A1, 0x30FA, "kana"),
    (0x3131, 0x318E, "Hangul"),
    (0x3400, 0x4DBF, "Han"),
    (0x4E00, 0x9FFF, "Han"),
    (0xAC00, 0xD7A3, "Hangul"),
    (0xF900, 0xFAFF, "Han"),
    (0xFB50, 0xFDCF, "Arabic"),
    (0xFE70, 0xFEFC, "Arabic"),
)
"""First and last code points; Unicode 15, Blocks.txt. Latin and Greek letters are left out, as all
texts may have them, and the danda, with which several scripts end sentences."""

_STARTS = [first for first, _, _ in _BLOCKS]
_LETTERS = re.compile(
    "[" + "".join(f"{chr(first)}-{chr(last)}" for first, last, _ in _BLOCKS) + "]+"
)

_QUOTED = re.compile(r"""[(\[（「『【《〈“‘"'`«][^\n]*[)\]）」』】》〉”’"'`»]""")
_ENDS = 8000
"""Characters at each end of a text in which languages are looked for."""

_LANGUAGES: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"chinese|mandarin|cantonese|中文|汉语|pinyin", ("Han",)),
    (r"japanese|日语|日文|日本語|kanji|hiragana|katakana", ("Han", "kana")),
    (r"korean|韩语|韩文|朝鲜语|hangul|한국어", ("Hangul",)),
    (r"russian|ukrainian|bulgarian|serbian|belarusian|kazakh|kyrgyz|macedonian|mongolian|tajik|tatar|uzbek|"
     r"俄语|俄文|cyrillic",
     ("Cyrillic",)),
    (r"arabic|persian|farsi|urdu|pashto|sindhi|uyghur|kurdish|\bdari\b|kashmiri|阿拉伯|波斯",
     ("Arabic",)),
    (r"hebrew|yiddish|希伯来", ("Hebrew",)),
    (r"hindi|marathi|nepali|sanskrit|maithili|bhojpuri|konkani|devanagari|印地", ("Devanagari",)),
    (r"bengali|bangla|assamese|meitei|manipuri|孟加拉", ("Bengali",)),
    (r"punjabi|gurmukhi", ("Gurmukhi", "Arabic")),
    (r"gujarati", ("Gujarati",)),
    (r"odia|oriya", ("Odia",)),
    (r"tamil|泰米尔", ("Tamil",)),
    (r"telugu|泰卢固", ("Telugu",)),
    (r"kannada", ("Kannada",)),
    (r"malayalam", ("Malayalam",)),
    (r"sinhala", ("Sinhala",)),
    (r"\bthai\b|泰语|泰文", ("Thai",)),
    (r"\blao\b|老挝", ("Lao",)),
    (r"tibetan|dzongkha|藏语", ("Tibetan",)),
    (r"burmese|myanmar|\bshan\b|缅甸", ("Burmese",)),
    (r"georgian", ("Georgian",)),
    (r"armenian", ("Armenian",)),
    (r"amharic|tigrinya", ("Ethiopic",)),
    (r"khmer|高棉", ("Khmer",)),
)  # fmt: skip
"""Names of languages, English and Chinese, and the scripts in which one answers to them."""


def passages(text: str) -> Iterator[tuple[str, str]]:
    """The runs of letters of other scripts than Latin and Greek: script and letters. Those that
    are quoted, in brackets, quotation marks or code, are left out."""
    for found in _LETTERS.finditer(text):
        if _QUOTED.match(text, max(0, found.start() - 1), found.end() + 1):
            continue
        for name, letters in itertools.groupby(found[0], _script):
            yield name, "".join(letters)


def scripts(text: str) -> frozenset[str]:
    """The scripts of a text, but for Latin and Greek. Japanese has two: kana brings Han along."""
    if text.isascii():
        return frozenset()
    found = frozenset(map(_script, frozenset("".join(_LETTERS.findall(text)))))
    return found | {"Han"} if "kana" in found else found


def absent(names: Iterable[str], text: str) -> frozenset[str]:
    """Those of some scripts of which a text has no letter. Kana brings Han along."""
    if text.isascii():
        return frozenset(names)
    return frozenset(
        name
        for name in names
        if not _letters_of(name).search(text)
        and not (name == "Han" and _letters_of("kana").search(text))
    )


@functools.cache
def _letters_of(script: str) -> re.Pattern[str]:
    ranges = (f"{chr(first)}-{chr(last)}" for first, last, name in _BLOCKS if name == script)
    return re.compile(f"[{''.join(ranges)}]")


def wanted(text: str) -> frozenset[str]:
    """The scripts of the languages that a text names, at its ends where it is long."""
    if len(text) > 2 * _ENDS:
        text = f"{text[:_ENDS]}\n{text[-_ENDS:]}"
    folded = text.casefold()
    return frozenset(
        name for pattern, names in _LANGUAGES if re.search(pattern, folded) for name in names
    )


@functools.lru_cache(maxsize=1 << 14)
def _script(letter: str) -> str:
    return _BLOCKS[bisect_right(_STARTS, ord(letter)) - 1][2]
