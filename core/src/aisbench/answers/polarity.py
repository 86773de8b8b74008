"""Whether a stretch of a sentence is stated, denied, doubted or called right or wrong. Pure.

It depends on the words before it in its clause ("not", "rather than", 排除), and on what is said
of it afterwards ("is incorrect", "fits", 错误).
"""

from __future__ import annotations

import enum
import re

from aisbench.answers.marks import simplified


class Polarity(enum.Enum):
    """What a sentence does with one of its words."""

    PLAIN = "mentioned"
    RIGHT = "called right"
    DENIED = "denied"
    """Or only said by others, or supposed contrary to fact."""
    WRONG = "called wrong"
    """Explicitly: incorrect, eliminated, 错误."""
    FAILS = "said not to be or do something"
    HEDGED = "doubted"
    """Possible, supposed, or what somebody else may think."""


REACH = 90
"""Characters before and after a stretch that are examined."""

_CLAUSE = re.compile(
    r"[;.!?。；！？\n]|\b(?:but|whereas|while|although|though|however|because|since|therefore|"
    r"thus|hence|so(?!\s(?:is|are|does|do)\b)|yet|then)\b|\b(?:rather|instead)\b(?!\s(?:than|of))"
    r"|而是|而应|但是?|所以|因此|故而?选?|因为|应该?[是选为]|[,，]|\b(?:sino|sondern|mas|mais|ma|но|а|c'est)\b"
)
_CONTRAST = re.compile(
    r"\b(?:but|however|sino|sondern|mais|mas|ma|но|c'est|it(?:'s|\sis|\smust\sbe|\sshould\sbe)|whereas|so|because|since|therefore)\b"
    r"|\b(?:rather|instead)\b(?!\s(?:than|of))|[;.!?。；！？]"
    r"|而是|而应|但是?|(?<!不)应该?[是选为]|所以|因此"
)
_NOT = re.compile(
    r"\b(?:not|never|cannot|neither|nor|without|except|excepting|excluding|unlike|"
    r"rather\sthan|instead\sof|as\sopposed\sto|other\sthan|rul(?:e[sd]?|ing)\s(?:it\s)?out|"
    r"eliminat\w{1,4}|exclud\w{1,3}|discard\w{0,3}|reject\w{0,3}|dismiss\w{0,3}|cross(?:ed|ing)?\s(?:out|off)|"
    r"avoid|doubt\w{0,2}|no\sway|hardly|far\sfrom|wrong|incorrect|false|unlikely|impossible|no\slonger|nicht|kein\w{0,2}|keine|pas|jamais|non|não|nunca|не|нет|no\s(?:es|era|puede|creo))\b|n't\b"
    r"|不要|别选|不认为|不觉得|不同意|不大可能|不太可能|不是|并不|不选|不应|不该|不能|不会|不可能|不属于|不对|不正确|不符|不包括|不为|并非|而非|而不|"
    r"绝非|排除|错误|错的|有误|除了|除去|剔除|淘汰|否定|否决|干扰"
)
# Answers to a question for the wrong option: "the incorrect one is B", 错误的是B.
_FALSE = re.compile(
    r"\b(?:wrong|incorrect|false|untrue|inaccurate|(?:not|isn't|aren't|never)\s(?:\w{1,12}\s){0,2}?"
    r"(?:true|correct|right|accurate|valid|part|possible|included))\b|\bexcept\w{0,3}\b"
    r"|(?:不正确|不对|错误|错|有误|不属于|不符合?|不恰当|不当|不包括|不能|不会|不可能|不是|不宜|不应|不得|除外)(?=[^,，。是]{0,24}的?(?:[是为有一选]|$))"
)
_HEDGE = re.compile(
    r"\b(?:might|may|could|possibly|perhaps|maybe|either|if|suppose|assum\w+|unless|whether|unsure|"
    r"not\ssure|would\sbe\sif|seems?|looks?\slike|appears?|vielleicht|"
    r"peut-être|quizás|talvez)\b"
    r"|可能|也许|或许|大概|假设|假如|如果|若|看似|似乎|(?<=[a-z])项?还是|是否|不确定"
)
# What others think, or was thought before, is not what the answer itself says.
_REPORTED = re.compile(
    r"\b(?:some(?:one|body)?|many|others?|often|most\s(?:people|students)|initially|at\sfirst|"
    r"originally|first\sthought|tempting|tempted|mistake\w*|trap|distractors?|misconception|"
    r"(?:first|initial|earlier|previous|original)(?=\W*$)|thought|so\s(?:is|are|does|do)|students?|people|popular)\b"
    r"|有人|有些人|有的人|很多人|不少人|误以为|误选|易错|起初|一开始|最初|原本|本来以为"
)
# A condition reaches over the comma behind it: "if it were red, the answer would be B".
_WERE = re.compile(
    r"\b(?:if|unless|suppos\w+|assum\w+)\b.*\b(?:were|would|had)\b|\bwere\b.*\bwould\b"
)
_IF = re.compile(r"\b(?:if|unless|were|suppos\w+|assum\w+|provided)\b|如果|假如|假设|要是|倘若|若")
_FIRM = re.compile(r"\b(?:most\slikely|in\ssome)\b|最可能|不可能")
_DOUBT = re.compile(f"{_NOT.pattern}|{_HEDGE.pattern}|{_REPORTED.pattern}")
_SILENT = " \t\n*_\"'`)]}>.,;!。，、|$"
_STOP = re.compile(
    r"[;.!?。；！？\n]|[(（](?=\s?(?:not\b|rather|不是|而不|而非|并非))|[,，、](?!\s?(?:which|that|it)\b)|\b(?:but|because|since|as|while|whereas|so|"
    r"although|though|therefore|thus|hence|and|or|with|when|if|for|than)\b|\b(?:it|this|that|they)\s(?:is|was|are)\b"
    r"|但|因为|所以|因此|而|故|由于"
)
_SOFT_AFTER = re.compile(
    r"n't\b|\b(?:not|cannot|never|fails?\s|lacks?\b|contradicts?|neither)\b|不(?!错)|没(?!错)|并非|ではなく|无法|无关|"
    r"아니|아닙|ではな|じゃな|ではありません|неверн"
)
_WRONG_AFTER = re.compile(
    r"(?:^|\b(?:is|are|was|were|be|being|been|seems?|looks?|isn't|gets?|:|=|-)|[\s:=(\[–—-])\s{0,2}"
    r"(?:\w{1,12}ly\s|also\s|both\s|all\s|just\s|therefore\s|thus\s|the\s|an?\s|obviously\s){0,3}"
    r"(?:not\s(?:\w+\s){0,3}?(?:correct|right|true|valid|possible|answer)|n't\s(?:\w+\s){0,2}?(?:correct|right|true|valid)|"
    r"wrong|incorrect|incorrectly|mistakes?|errors?|false|invalid|eliminated|ruled\sout|excluded|rejected|discarded|out|impossible|"
    r"irrelevant|inconsistent|unlikely|untrue|inaccurate|distractors?|dismissed|no(?=\W*$)|not\sit|falsch|faux|fausse|incorrecta?)(?!\w)"
    r"|isn't\s(?:\w+\s){0,2}?(?:correct|right|true)|doesn't\sfit|does\snot\sfit|[❌✗✘×❎]"
    r"|(?:错误|错的|不对|不正确|有误|(?<!没)错|(?<!先)排除|不成立|不符合?(?:题意|要求)?|不恰当|不当选|不选|说法不)"
)
_RIGHT_AFTER = re.compile(
    r"(?:^|\b(?:is|are|was|must\sbe|should\sbe|would\sbe|has\sto\sbe|remains|seems|looks|appears\sto\sbe|:|=|-)|[\s:=(\[–—-])\s{0,2}"
    r"(?:\w{1,12}ly\s|also\s|therefore\s|thus\s|indeed\s|the\s|our\s|my\s|an?\s|only\s|one\s|most\s|single\s){0,4}"
    r"(?:correct|right|true|yes|best|better|answers?|accurate|appropriate|valid|fits|winner|richtig|correcte|correcta?|exact)(?!\w)"
    r"|\b(?:fits|is\sour\sanswer|it\sis|this\sis\sit|remains|wins|is\W*$|is\s(?:the\s)?(?:most\s\w+|exception|odd\sone)|makes\smore\ssense|is\sthe\sonly|preferable)\b|[✓✔✅☑√]"
    r"|(?:(?<!不)正确|(?<!不)符合|(?<![不反相])对(?![于应比称此])|当选|恰当|合适|为答案|是答案|成立|没错|莫属|更准确|[:：]\s?是\W*$)"
)


def polarity(
    text: str,
    start: int,
    end: int,
    *,
    since: int | None = None,
    until: int | None = None,
    wrong_wanted: bool = False,
) -> Polarity:
    """What a sentence in lower case does with ``text[start:end]``.

    ``since`` is where the mark before it begins, if there is one: then only a contrast ("but",
    而是) takes a denial back. ``until`` is where the next stretch of its kind begins. Where the
    question asks for what is wrong (``wrong_wanted``), "the incorrect one is" denies nothing.
    """
    text = simplified(text)
    before = text[max(0, (start if since is None else since) - 2 * REACH) : start]
    doubted = _DOUBT.search(before) is not None
    denials = 0
    clause = ""
    if doubted:
        # Nothing of this kind precedes most words, and the rest is skipped for them.
        clause = _clause(before) if since is None else _last(_CONTRAST, text[since:start])
        denials = _denials(clause, wrong_wanted)
        if denials == 1 or _found(_REPORTED, clause):
            return Polarity.DENIED
    sign = _sign_before(text, start)
    if sign is not None:
        return sign
    after = text[end : end + REACH if until is None else min(until, end + REACH)]
    following = after.strip(_SILENT)
    if following:
        # The sign behind "A." or "(A):" does not end a clause.
        stop = _STOP.search(after, len(after) - len(after.lstrip(" ).:]\"'*")))
        following = after if stop is None else after[: stop.start()]
        if _WRONG_AFTER.search(following) is not None:
            return Polarity.WRONG
        if _SOFT_AFTER.search(following) is not None:
            return Polarity.FAILS
    if doubted:
        if denials or _found(_HEDGE, clause):
            return Polarity.HEDGED
        if since is not None:
            lead = _clause(text[max(0, since - REACH) : since])
            if _found(_REPORTED, lead) or _denials(lead, wrong_wanted) == 1:
                return Polarity.DENIED
            if _WERE.search(text) is not None:
                return Polarity.DENIED
            if _found(_HEDGE, lead) or _IF.search(text[:since]) is not None:
                return Polarity.HEDGED
    if following and _RIGHT_AFTER.search(following) is not None:
        return Polarity.RIGHT if _WERE.search(text) is None else Polarity.DENIED
    return Polarity.PLAIN


def _clause(text: str) -> str:
    return _last(_CLAUSE, text)


def _last(pattern: re.Pattern[str], text: str) -> str:
    """The text behind the last match."""
    end = 0
    for match in pattern.finditer(text):
        end = match.end()
    return text[end:]


def _found(pattern: re.Pattern[str], clause: str) -> bool:
    """Whether a pattern is found, apart from words that only look like it."""
    if pattern.search(clause) is None:
        return False
    return pattern.search(_FIRM.sub("", clause)) is not None


def _denials(clause: str, wrong_wanted: bool) -> int:
    """How many denials count: 0, 1, or 2 where the last one denies another: "cannot rule out"."""
    if wrong_wanted:
        clause = _FALSE.sub("", clause)
    if _NOT.search(clause) is None:
        return 0
    found = list(_NOT.finditer(clause))
    double = len(found) > 1 and found[-1].start() - found[-2].end() <= 12
    return 2 if double else 1


def _sign_before(text: str, start: int) -> Polarity | None:
    """What a tick or a cross right before it says."""
    before = text[max(0, start - 4) : start].rstrip(" *_(\"'[:")[-1:]
    if before and before in "✅✔✓☑√":
        return Polarity.RIGHT
    return Polarity.WRONG if before and before in "❌✗✘✖❎×" else None
