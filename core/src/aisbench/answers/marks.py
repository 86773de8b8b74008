"""What marks a statement as the answer, in many languages: "the answer is", 答案是. Pure.

Everything here is searched in lower case. Patterns are grouped by the words that they need, so
that a few searches for a word suffice for most sentences.
"""

from __future__ import annotations

import enum
import re
from functools import lru_cache

from attrs import frozen

# The traditional characters of the words looked for, each beside its simplified one.
_TRADITIONAL = str.maketrans(
    "選擇應該為項錯誤確對題結論綜這個認覺說實際還見顯於僅給評卻並無關係間從後會沒幾過",
    "选择应该为项错误确对题结论综这个认觉说实际还见显于仅给评却并无关系间从后会没几过",
)


def simplified(text: str) -> str:
    """``text`` with simplified characters for the words that are searched for here."""
    return text if text.isascii() else text.translate(_TRADITIONAL)


class Kind(enum.Enum):
    """How an answer is marked, the surest kind first."""

    BOX = "in a box"
    TAG = "in answer tags"
    FIELD = "in a field called answer"
    HASHES = "behind ####"
    LABEL = "behind a label"
    HEADING = "under a heading"
    PHRASE = "stated"
    CHOOSES = "chosen"
    CORRECTION = "corrected"
    CONCLUSION = "concluded"


SURE = frozenset(Kind) - {Kind.CONCLUSION, Kind.CORRECTION}
"""Marks that only answers have; the others also begin other sentences."""


@frozen
class Mark:
    """A mark from ``start`` to ``end`` of a statement's text; what it marks follows."""

    kind: Kind
    start: int
    end: int


DECORATION = r"[\s>*_#\"'`({\[,.:|~=•·●◦▪■□◆–—✅✔️👉➡→-]{0,16}"
_ADJECTIVE = (
    r"(?:final|correct|right|best|true|proper|appropriate|accurate|likely|most\s\w+|chosen|"
    r"selected|only|single|false|incorrect|wrong|untrue|odd|short|suggested|actual|overall|predicted|expected|"
    r"valid)\s"
)
_THE = r"(?:the|my|our|your|this|its)\s"
_NOUN = (
    r"(?:choice|option|response|selection|solution|conclusion|verdict|pick|decision|letter|key)"
)
_MORE = (
    r"(?:one|explanation|description|match|fit|statement|sentence|claim|term|candidate|exception|"
    r"vote|odd\sone(?:\sout)?)"
)
_VERB = (
    r"(?:\b(?:is|are|was|be|becomes|equals|remains|comes\sto|(?:would|should|must|will|can|could)"
    r"(?:\snot)?\sbe|can't\sbe|cannot\sbe|shouldn't\sbe|isn't|wasn't)\b|'s\b|[:=→]|->|=>)"
    r"(?:\s?:)?"
)
_PHRASES = (
    # No sentence ends between the noun and its verb, and no other noun of the kind begins.
    re.compile(
        rf"\banswers?\b(?:(?!\banswer|\boption|\bbecause\b|\bdepend)[^.:=?!;\n→]){{0,70}}?{_VERB}"
    ),
    re.compile(
        rf"\b(?:{_THE}(?:{_ADJECTIVE}){{0,3}}|(?:{_ADJECTIVE}){{1,3}})(?:{_NOUN}|{_MORE})\b"
        rf"(?:(?!\boption|\bbecause\b|\bwas\b)[^.:=?!;,\n→]){{0,50}}?{_VERB}"
    ),
)
_LABEL = re.compile(
    rf"^{DECORATION}(?:\d{{1,2}}[.)]\s?)?(?:so|thus|therefore|hence)?,?\s?(?:{_THE})?"
    rf"(?:{_ADJECTIVE}){{0,3}}(?:answers?|ans|{_NOUN}|final|result|prediction|output)\s?"
    r"(?:\([^()\n]{0,40}\)|key|choice|option|letter)?[\s*_\"'`)]{0,4}"
    r"(?:[:=→|]|->|=>|\s[-–—](?=\s))"
)
_BARE_LABEL = re.compile(
    rf"^{DECORATION}(?:final\s|my\s|the\s|correct\s){{0,2}}(?:answer|ans)\s(?=[(\[\"']?[a-z][)\]\"']?\W*$)"
)
_FIELD = re.compile(
    r"[\"'](?:final_?answer|answer|correct_?(?:answer|option|choice)|choice|option|prediction|"
    r"选项|答案)[\"']\s?[:=]\s?"
)
_HASHES = re.compile(r"#{4,}(?!#)")
_CHOOSES = re.compile(
    r"\b(?:i|we|i'd|we'd|i'll|we'll|i'm|i've|let's|one|you|to|would|should|must|will|can|so|thus|"
    r"therefore|and|then|cannot|can't|not)\s(?:\w{1,12}\s){0,2}"
    r"(?:choose|select|pick|chose|selected|picked|choosing|selecting|picking|go(?:ing)?\s(?:with|for)|"
    r"went\s(?:with|for)|opt(?:ed|ing)?\sfor|vote\sfor|settle\son|lean(?:ing)?\stowards?|say|answer|"
    r"guess|mark)\b"
    rf"|^{DECORATION}(?:choose|select|pick|mark|choosing|selecting)\b"
    r"|\b(?:my|best|final)\s(?:best\s|final\s)?(?:guess|bet)(?:\swould\sbe|\sis|:)?"
)
_CONCLUSION = re.compile(
    r"\b(?:therefore|thus|hence|so(?!\s(?:is|are|does|do|was)\b)|consequently|accordingly|conclusion|in\sconclusion|in\ssummary|"
    r"to\s(?:conclude|sum\sup)|overall|finally|ultimately|final|conclude\sthat|concluded?|"
    r"leaves(?:\sus\swith)?|leaving(?:\sus\swith)?|left\swith|(?:points?|corresponds?|leads?)\s(?:us\s)?to|"
    r"(?:it|this|that|which|what\sremains)(?:'s|\s(?:is|was|must\sbe|has\sto\sbe|should\sbe|would\sbe|will\sbe|"
    r"can\sonly\sbe|means|isn't|cannot\sbe|can't\sbe))|i\s(?:think|believe|guess|suppose)|must\sbe|"
    r"probably|likely|definitely|clearly|obviously|certainly|surely|namely|yes|right|okay|this\sone)\b"
    r"(?:[\s,:]{0,3}(?:it(?:'s|\sis|\smust\sbe|\shas\sto\sbe|\sshould\sbe)|only|that|just|probably|likely|"
    r"definitely|is|the))?[\s,:]"
)
_CORRECTION = re.compile(
    rf"(?:^{DECORATION}|[.,;…!?→—(-]\s?)(?:(?:(?:oh\s|ah\s)?no|nope|wait|actually|sorry|oops|hmm+|hold\son|correction|scratch\sthat|"
    r"on\s(?:second|further)\s(?:thought|reflection)|my\smistake|my\sbad|rather(?!\sthan)|i\smean|i\smeant|"
    r"i\sshould\shave\ssaid|let\sme\scorrect(?:\sthat|\smyself)?|edit|apologies)\b[\s,.:;!—–-]{0,3}"
    r"(?:it(?:'s|\sis|\sshould\sbe)\s)?)+"
)

# -- Chinese

_ZH_VERB = (
    r"(?:不应该?[是选]|不[是为选]|并?非|不可能是|不能[是选]|应该?[是为选]|就?是|便是|即[是为]?|"
    r"(?<![因认作成以行])为|等于|选择?(?!项|择?题)|[:=→]|->)"
)
_ZH_PHRASE = re.compile(
    rf"(?:答案|正解|正确的?(?:选项|答案|选择|一项|说法|是)|最终(?:的)?(?:选择|结果)|(?<![a-z])(?:选项|选择|回答|结论|最佳选项|结果)(?={_ZH_VERB}))"
    rf"[^。\n:=→A-Za-z0-9]{{0,12}}?{_ZH_VERB}{{1,2}}[:]?"
)
_ZH_LABEL = re.compile(
    rf"^{DECORATION}(?:\d{{1,2}}[.)、]\s?)?(?:本题|此题|该题|我的|最终|最后|正确|标准|参考|最佳|综上|所以|因此|故)?的?"
    rf"(?:答案|正解|答|解答|结论|选项|选择|结果|正确选项)[\s\]\")*_]{{0,4}}(?:[:=→]|(?=[\s\]])\]?\s?(?=[a-z0-9(\[\"]))"
)
_ZH_BRACKETS = re.compile(r"\[(?:本题|正确|最终|参考|标准)?答案\][\s:]{0,3}")
_ZH_BARE = re.compile(rf"^{DECORATION}(?:答案|正确答案|最终答案)[\s\"(\[]{{0,3}}(?=[a-z0-9$(\\])")
_ZH_CHOOSES = re.compile(
    r"(?<![别非可单多任挑筛])(?:不|不应|不能)?选(?:择)?(?!项|择|自|出|题|手|举|取|修|用|拔|区)(?:选项)?"
    r"|我(?:会|想)?选"
)
_ZH_CONCLUSION = re.compile(
    r"我(?:认为|觉得|想|猜)(?:答案|应该?)?(?:是|选|为)?|(?:因此|所以|故|综上(?:所述)?|由此可见|可见|可知|得出|总之|最终|于是|显然|应该?是|应为|应选|而是|只有|只能是|只剩下?)[是选为,:]?"
    r"|(?<![不并但可总还只若凡于正像算即就便])(?:就|便|即)?是(?=[\s(\[\"]{0,2}[a-z](?![a-z]))"
    r"|的[是为有]"
)
_ZH_CORRECTION = re.compile(
    rf"(?:^{DECORATION}|[.,;…!?→:。，；(（—-]\s?)(?:(?:[啊哦呃]?不(?:对)?(?=[,，。!])|错了|等等|等一下|更正|修正|纠正|"
    r"抱歉|对不起|(?:我|刚才)?(?:说|看|算|搞|弄|写|想)错了|重新考虑|准确(?:地)?说|(?:实际上|其实)(?=[,，]?(?:应该?[是为]|答案|正确)))[\s,.:;!。，—–-]{0,3}"
    r"(?:应该?|还)?(?:[是为选])?)+"
)

# -- other languages: German, French, Spanish, Portuguese, Italian, Dutch, Polish, Czech, Swedish,
# Turkish, Vietnamese, Indonesian, Romanian, Russian, Ukrainian, Arabic, Hindi, Japanese, Korean,
# Thai

_IS = (
    r"(?:ist|lautet|wäre|est|serait|es|sería|é|seria|è|sarebbe|is|jest|to|je|är|er|olarak|là|"
    r"adalah|este|هي|هو|है|คือ)"
)
_OTHER_NOUN = (
    r"(?:antwort|lösung|réponse|reponse|respuesta|resposta|risposta|antwoord|odpowied[zź]|odpověď|"
    r"svar(?:et)?|cevap|yanıt|câu\strả\slời|đáp\sán|jawaban(?:nya)?|răspuns(?:ul)?|"
    r"ответ|відповідь|الإجابة|الجواب|उत्तर|जवाब|คำตอบ)"
)
_OTHER = (
    re.compile(
        rf"(?<!\w){_OTHER_NOUN}(?!\w)[^.:=?!;\n]{{0,40}}?(?:(?<!\w){_IS}(?!\w)|[:=→]|\s[—–-]\s)\s?:?"
    ),
    re.compile(
        r"(?:คำตอบคือ|उत्तर\s(?=[a-z]\W)|cevap\s(?=[a-z]'|[a-z]\W)|(?:正しい|適切な)(?:選択肢|もの|答え)?の?は|答えは|正解は|解答は|正しい答えは|答え?\s?[:=]|正解\s?[:=]|解答\s?[:=]|答案は|"
        r"(?:정답|답|답변)(?:은|는|이|:|\s:)|correcta\ses(?:\sla)?|correcte\sest(?:\sla)?|"
        r"correta\sé(?:\sa)?|corretta\sè(?:\sla)?|richtig\sist|правильный\s(?:вариант|ответ)\s?[-—–:])"
    ),
)
_OTHER_CHOOSES = re.compile(
    r"\b(?:ich\s(?:wähle|würde\s\w*\s?wählen)|je\s(?:choisis|choisirais)|(?:yo\s)?elijo|escojo|"
    r"escolho|scelgo|ik\skies|wybieram|vyberu|выбираю|я\sвыбираю)\b"
)

_RETRACTS = re.compile(
    r"\b(?:that|this|it|which)(?:'s|\sis|\scan't\sbe|\scannot\sbe|\sisn't|\swas|\swasn't|\sseems|"
    r"\slooks|\sdoesn't\s(?:seem|look|sound)|\scan\snot\sbe)\s(?P<not>not\s)?(?:\w+\s){0,2}?"
    r"(?P<what>right|correct|wrong|incorrect|mistaken|a\smistake|an\serror)\b"
    r"|\bi\s(?:made\sa\s|was\s|am\s|'m\s|have\s)?(?:an?\s)?(?:mistake|mistaken|wrong|error|"
    r"miscalculated|misread|forgot|miscounted|overlooked)\b"
    r"|\bi\s(?:withdraw|retract|take)\s(?:it|that|this|my|what)\b"
    r"|(?:现在|我)?(?:收回|撤回|作废)(?!了?吗)"
    r"|^\W*(?:wait|hmm+|no|hold\son|oops)(?:\W+(?:wait|no|hmm+|actually))*\W*$"
    r"|^\W*(?:等等|啊|哦|呃|不|,|，|\s)*(?:这(?:样|个)?|那)?(?:好像|似乎|还是)?(?:不对|错了|有误|不正确|不是这样)\W*$"
    r"|^\W*(?:算|看|说|弄|搞|写|想|数)错了"
    r"|(?:我|刚才|前面)[^。，,]{0,6}(?:错了|弄错|算错|看错|说错|搞错|忘了|漏了)"
)
_HEADING = re.compile(
    rf"^{DECORATION}(?:\d{{1,2}}[.)]\s?)?(?:the\s|my\s|so,?\s(?:the\s)?)?(?:{_ADJECTIVE}){{0,2}}"
    r"(?:answers?|conclusion|result|choice|option|selection|solution|verdict|"
    r"本题答案|我的答案|最终答案|正确答案|参考答案|标准答案|答案|结论|正确选项|最终结论|最终选择|答|"
    r"antwort|réponse|respuesta|resposta|risposta|ответ|答え|正解|정답|답)"
    r"(?:\s(?:is|to\sthe\s(?:question|problem)|as\sfollows|in\sshort))?[\s*_\"'\]`#:=)]{0,8}$"
)


_WORDS = (
    ("answer", _PHRASES[:1], Kind.PHRASE),
    ("####", (_HASHES,), Kind.HASHES),
    (None, _PHRASES[1:], Kind.PHRASE),
    (None, (_LABEL, _BARE_LABEL), Kind.LABEL),
    (None, (_FIELD,), Kind.FIELD),
    (None, (_CHOOSES,), Kind.CHOOSES),
    (None, (_CORRECTION,), Kind.CORRECTION),
    (None, (_CONCLUSION,), Kind.CONCLUSION),
)
_WIDE: tuple[tuple[tuple[re.Pattern[str], ...], Kind], ...] = (
    ((_ZH_PHRASE,), Kind.PHRASE),
    ((_ZH_LABEL, _ZH_BARE, _ZH_BRACKETS), Kind.LABEL),
    ((_ZH_CHOOSES,), Kind.CHOOSES),
    ((_ZH_CORRECTION,), Kind.CORRECTION),
    ((_ZH_CONCLUSION,), Kind.CONCLUSION),
)
_CUES = re.compile(
    r"answer|\bans\b|choice|option|response|selection|solution|conclu|verdict|pick|decision|letter"
    r"|one\b|final|result|prediction|output|choos|select|guess|\bbet\b|\bgo(?:ing)?\swith|went\swith"
    r"|opt\s|opted|vote|settle|lean|say\b|mark|thus|hence|\bso\b|therefore|consequently|accordingly"
    r"|summary|overall|ultimately|leav|left\swith|points?\sto|corresponds?|leads?\s|\bit\b|it's|this"
    r"|that|which|remains|i\s(?:think|believe|suppose)|must|probably|likely|definitely|clearly"
    r"|obviously|certainly|surely|namely|\bno\b|nope|wait|actually|sorry|oops|hmm|hold\son|correct"
    r"|scratch|second\sthought|reflection|mistake|my\sbad|rather(?!\sthan)|i\smean|edit|apologies|####|chose"
    r"|a\s?:|statement|exception|\bodd\b|explanation|description|match|\bfit\b|claim|\bterm\b"
    r"|candidate|\bkey\b|\byes\b|\bright\b|okay|sentence"
)


_PLAIN = re.compile(
    r"\s?(?:so\s|therefore,?\s|thus,?\s)?the\s(?:final\s|correct\s|right\s|best\s)?answer\s(?:is|:)"
    r"(?=[^a-z]{0,8}[a-z0-9]{1,6}[^a-z]{0,8}$)"
)


def marks_of(lower: str) -> list[Mark]:
    """The marks of a sentence in lower case, in order. Two may mark the same words."""
    return list(_marks_of(lower))


@lru_cache(maxsize=512)  # an answer that runs away says the same again and again
def _marks_of(lower: str) -> list[Mark]:
    lower = simplified(lower)
    found: list[Mark] = []
    if (plain := _PLAIN.match(lower)) is not None:
        # Most answers end in this way, and no other mark can follow.
        return [Mark(Kind.PHRASE, 0, plain.end())]
    if _CUES.search(lower) is not None:
        for word, patterns, kind in _WORDS:
            if word is None or word in lower:
                for pattern in patterns:
                    found += [
                        Mark(kind, one.start(), one.end()) for one in pattern.finditer(lower)
                    ]
    if not lower.isascii():
        for wide, kind in _WIDE:
            for pattern in wide:
                found += [Mark(kind, one.start(), one.end()) for one in pattern.finditer(lower)]
    found += _other(lower)
    found.sort(key=_place)
    return found


def _place(mark: Mark) -> tuple[int, int]:
    return mark.end, mark.start


_OTHER_WORDS = re.compile(
    rf"{_OTHER_NOUN}|答え|正解|解答|答案は|正しい|適切|정답|답|corr?ect?[ea]|corret[ao]|richtig|правильн|wähle|chois|elijo|escojo|"
    r"escolho|scelgo|kies|wybieram|vyberu|выбираю"
)


def _other(lower: str) -> list[Mark]:
    if _OTHER_WORDS.search(lower) is None:
        return []
    found = [
        Mark(Kind.PHRASE, one.start(), one.end())
        for pattern in _OTHER
        for one in pattern.finditer(lower)
    ]
    found += [Mark(Kind.CHOOSES, one.start(), one.end()) for one in _OTHER_CHOOSES.finditer(lower)]
    return found


@lru_cache(maxsize=256)
def is_heading(line: str) -> bool:
    """Whether a line (in lower case) is just a heading under which an answer stands."""
    return len(line) < 60 and _HEADING.match(simplified(line)) is not None


@lru_cache(maxsize=512)
def retracts(lower: str) -> bool:
    """Whether a sentence takes back what was said before it: "that can't be right", 这不对."""
    match = _RETRACTS.search(simplified(lower))
    if match is None:
        return False
    what = match.group("what")
    if what in ("right", "correct"):
        phrase = match.group()
        return (
            bool(match.group("not"))
            or "n't" in phrase
            or "cannot" in phrase
            or "can not" in phrase
        )
    return not match.group("not") if what else True
