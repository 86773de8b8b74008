"""Which statements of an answer are beside it: checks, notes, sources, offers, what if. Pure."""

from __future__ import annotations

import enum
import re
from collections.abc import Sequence

from aisbench.answers import Act, Kind, Statement


class Aside(enum.Enum):
    """How much of the text a statement turns away from the answer."""

    NO = 0
    ALONE = 1
    LINE = 2
    """It and the rest of its line."""
    PARAGRAPH = 3
    REST = 4
    """It and all that follows."""


_DECORATION = r"[\s>*_#|•·(\[\"'✓✔✅📝💡⚠️ℹ-]{0,12}"
_HEADED = re.compile(
    rf"^{_DECORATION}(?:final\s|my\s|the\s|total\s)?(?:notes?|nb|n\.b\.|p\.?s\.?|confidence(?:\s\w+)?|sources?|"
    r"references?|citations?|hints?|tips?|remarks?|warning|disclaimer|caveat|assumptions?|scores?|difficulty|"
    r"time(?:\s(?:taken|used|spent|elapsed))?|duration|dates?|tokens?(?:\sused)?|versions?|rating|grade|"
    r"categor\w+|topics?|level|steps|word\scount|id|points|certainty|probability(?:\sof\s\w+)?|"
    r"fun\sfact|ps|example|disclosure|status|feedback|author|edition|isbn|next(?:\sstep)?|follow-?up|"
    r"(?:page|figure|fig\.|table|exercise|chapter|section|equation|image)\s?[\d.]+)\s?(?:\([^()]{0,30}\))?\s?[*_]{0,3}"
    r"(?:[:=|]|\s[-—]\s)"
    r"|^[\s>*_#|(\[]{0,8}(?:注意?|备注|说明|置信度|可信度|把握(?:程度)?|参考(?:资料|文献)?|来源|出处|资料|难度|用时|耗时|时间|"
    r"日期|提示|得分|评分|分数|字数|页码|版本|知识点|考点|点评|温馨提示|拓展|延伸|下一步|[图表]\s?\d+)\s?[*_\])】]{0,3}[:：|]"
)
_CHECK = re.compile(
    rf"^{_DECORATION}(?:(?:now,?\s|and\s|so\s)?(?:let(?:'s|\sus|\sme)|we\scan|you\scan|i\scan|to|i'll|just\sto|a\squick|quick|"
    r"sanity)\s(?:also\s|now\s|quickly\s)?)?(?:double[-\s]?|sanity[-\s]?|cross[-\s]?|re-?)?(?:check|verify|verif\w+|proof|confirm|"
    r"checked|checking|test)\w{0,4}\b(?!\sout)"
    r"|^[\s>*_#(\[]{0,8}(?:我们(?:来)?|再|可以|来|下面)?(?:验算|检验|验证|检查|核对|反过来|代入检验|复核)"
)
_EXPLAINS = re.compile(
    rf"^{_DECORATION}(?:(?:detailed\s|brief\s|short\s|my\s|the\s|here\sis\s(?:the|my|an)\s|step[-\s]by[-\s]step\s|full\s)?"
    r"(?:explanations?|reason(?:s|ing)?|rationale|justification|working|workings|calculation|derivation|"
    r"how\sit\sworks|solution|details|steps|method|breakdown|background|why)\s?[*_]{0,3}(?:[:=]|$|\s[-—]\s)"
    r"|(?:to\ssee\swhy|here's\s(?:why|how)|the\sreason|explanation)\b)"
    r"|^[\s>*_#(\[【]{0,8}(?:解析|分析|理由|原因|解释|解题(?:过程|思路)|过程|思路|详解|推理|说明)\s?[*_\])】]{0,3}(?:[:：]|$)"
)
_BECAUSE = re.compile(
    rf"^{_DECORATION}(?:(?:this|that|it)(?:'s|\sis)\s)?because\b(?!.{{0,300}}(?:=|,\sso\b))"
    r"|^[\s>*_#(\[]{0,8}(?:因为|由于|这是因为)(?!.{0,300}(?:=|所以|因此|故))"
)
_FOOTNOTE = re.compile(r"^\s*(?:\[\^?\d{1,3}\]|\*{1,3}(?=\s)|†|\^\d)(?=\s*:?\s*\S)(?!\s*$)")
_CLOSING = re.compile(
    r"\b(?:let\sme\sknow|feel\sfree|hope\s(?:this|that|it|you)|ask\sme|happy\sto|i(?:'m|\sam)\s(?:\w+\s){0,2}?(?:\d+\s?%|sure|"
    r"certain|confident|happy|glad)|(?:\d+\s?%|percent)\s(?:sure|certain|confident|chance|confidence)|confidence|"
    r"confident|would\syou\slike|do\syou\swant|shall\si|want\sme\sto|thank|good\sluck|"
    r"try\s(?:another|these|this|more)|see\s(?:step|page|table|figure|section|also|chapter)|"
    r"(?:that|this|it)\stook\s(?:me\s)?\d|rounded\sto|significant\sfigures|textbook|this\s(?:holds|assumes|problem\sis)|"
    r"(?:prices|figures|data)\sare\s(?:those|from|of))\b"
    r"|\b(?:certainty|note\sthat|footnote)\b|希望(?!小学)|需要我|置信度|可信度|把握|告诉我|如有|随时|祝|的把握|有把握|我确定|欢迎|请(?:告诉|继续|参考|参见|见|注意)|选自|出自|摘自|参见"
)
_WHAT_IF = re.compile(
    rf"^{_DECORATION}(?:(?:next|now|and|but|then|also|for\sexample|however|suppose|similarly|conversely|otherwise),?\s)?"
    r"(?:if|had|were|suppose|imagine|should|unless|even\sif|what\sif|assuming|let's\ssay|say)\b.{0,80}?"
    r"\b(?:another|more|again|further|next|instead|were|had|would|additional|extra|later|fewer|less)\b"
    rf"|^{_DECORATION}(?:next|tomorrow|later|afterwards|next\s\w+|the\snext\s\w+|in\sthe\snext\s\w+),?\s"
    r"|^[\s>*_#(\[]{0,8}(?:那么)?(?:如果|假如|假设|要是|倘若|若)[^,，。]{0,20}?(?:再|又|另|还|继续|不|没)"
    r"|^[\s>*_#(\[]{0,8}(?:接下来|下一步|明天|后天|下周|下个月|以后|往后|此后|将来|之后还|再过|接着再|随后再)"
)
_AMONG = re.compile(
    r"^[\s>*_#(\[]{0,8}(?:其中|of\s(?:these|those|them|which)\b|among\s(?:these|those|them)\b)"
)
_REFUSES = re.compile(
    r"\b(?:cannot|can't|can\snot|could\snot|couldn't|unable\sto|impossible\sto|not\spossible\sto|hard\sto)\s(?:be\s)?"
    r"(?:determined?|answer(?:ed)?|calculated?|solved?|computed?|say|tell|know|find|found|help|figure)"
    r"|\b(?:not|isn't|aren't|without|in)\s?(?:enough|sufficient)\s(?:information|data|details)|insufficient|"
    r"not\senough\b|\bneed(?:s|ed)?\s(?:to\sknow|more\s(?:information|data|details|context))|"
    r"\b(?:don't|do\snot)\sknow\b|"
    r"\b(?:facts?|information|data|details?|conditions?|values?)\s(?:is|are)\smissing|more\s(?:information|data|details)|\bunclear\b|"
    r"please\s(?:provide|give|tell|specify|clarify)|isn't\s(?:given|stated|specified)|not\s(?:given|stated|specified|"
    r"provided|mentioned)|as\san\sexercise"
    r"|无法|不能(?:确定|计算|回答|得出)|还?需要(?:知道|更多)|没有(?:说|给|提供|足够)|不知道|不清楚|缺少|条件不足|信息不足|"
    r"不够|请(?:提供|补充|说明)|未(?:给|说|提|知)|"
    r"不全|不充分|无从|没法|不足以|缺乏|没(?:给|说)|算不出|需要(?:先)?了解"
)
_TELLS_TO = re.compile(
    rf"^{_DECORATION}(?:\d{{1,2}}[.)]\s|step\s\d+:?\s)?(?:first,?\s|then,?\s|next,?\s|just\s|simply\s|please\s)?"
    r"(?:multiply|divide|add|subtract|take|calculate|compute|find|use|count|sum|combine|consider|start|try|"
    r"see|note|remember|recall|apply|solve|convert|determine|look)\b(?!.{0,300}(?:=|\bequals\b|\bto\sget\b|"
    r"\bgiv(?:es|ing)\b|\bwhich\sis\b|\bmakes\b))"
    r"|^[\s>*_#(\[]{0,8}(?:先|首先|只要|只需|可以|应该)?(?:先)?(?:用|把|将|从|求)[^=得为是]{0,60}(?:乘|除|减|加)[^=得为是]{0,30}$"
)
_WRONG = re.compile(
    r"\b(?:that|this|it|which|my\s\w+)(?:'s|\s(?:is|was|must\sbe|can't\sbe|seems|looks))\s(?:\w+\s){0,2}?"
    r"(?:wrong|incorrect|not\sright|not\scorrect|a\smistake|an\serror|false)"
    r"|\bi\s(?:made|forgot|miscalculated|misread|miscounted|was\swrong|missed|overlooked|got\sthat\swrong)\b"
    r"|\b(?:should|must|ought\sto)\s(?:have\sbeen|read)\b|\b(?:correction|erratum|corrected)\b"
    r"|(?<!不)算错|说错|写错|看错|错了|有误|不对|更正|纠正|改为|修正|应当?[是为改]|口误|笔误|重新(?:算|计算)|重算"
    r"|\bmake\sthat\b|\btake\sthat\sback\b|\blet\sme\s(?:redo|recompute|recalculate|correct|fix)\b"
)
TRAILS = re.compile(
    r"(?:\b(?:so|therefore|thus|hence|then|and|but|is|are|was|because|which|the|of|to|a|we|minus|plus)|"
    r"[,:=+×÷*-]|所以|因此|然后|等于|那么|再|即)\s*$",
    re.IGNORECASE,
)
"""How a text ends that was not finished."""


_PARENTHESES = re.compile(r"(?<=\S)\s?\([^()\n]{0,200}\)(?=\W*$)")


_REPORTS = re.compile(
    r"\b(?:some(?:one|body)?|many|most|other)\s(?:people|students|would|may|might|will|could|think|get|say|believe)\b"
    r"|\b(?:students?|people|one|you)\s(?:\w+\s)?(?:might|may|often|sometimes|usually|could|tend)\b"
    r"|\b(?:common|typical|frequent|usual|easy)\s(?:mistakes?|errors?)|\btempt\w+|misconception|naive"
    r"|有(?:些|的)?(?:人|同学|学生)|很多(?:人|同学)|同学[们]?(?:会|可能|容易|常)|容易|常见|易错|误以为|错误(?:做法|解法|答案)|"
    r"别人|不少"
)


_HEADS = ((_HEADED, Aside.LINE), (_CHECK, Aside.PARAGRAPH), (_EXPLAINS, Aside.REST))
"""How a statement begins that turns away from the answer, and how much of the text it takes
along."""


def aside(one: Statement) -> Aside:
    """Whether ``one`` turns from the answer to something beside it."""
    if one.act in (Act.ASKS, Act.RESTATES, Act.QUOTES):
        return Aside.ALONE
    lower = _without_last_parentheses(one.lower)
    stripped = lower.strip()
    if stripped[:1] in "([" and stripped.rstrip(".。!")[-1:] in ")]" and len(stripped) > 3:
        return Aside.ALONE
    if _FOOTNOTE.match(lower) and not stripped.endswith("]"):
        return Aside.LINE
    for head, kind in _HEADS:
        if head.match(lower):
            return kind
    if _CLOSING.search(lower) or _BECAUSE.match(lower):
        return Aside.ALONE
    # With an equation they are a solution's step.
    if "=" not in lower and (_WHAT_IF.match(lower) or _AMONG.match(lower)):
        return Aside.ALONE
    return Aside.NO


def _without_last_parentheses(lower: str) -> str:
    return lower if "(" not in lower else _PARENTHESES.sub("", lower) or lower


def refuses(one: Statement) -> bool:
    """Whether ``one`` says that no answer can be given, or only how it would be found."""
    return _REFUSES.search(one.lower) is not None or _TELLS_TO.match(one.lower) is not None


def reports(one: Statement) -> bool:
    """Whether ``one`` says what others think, or what is often done wrong."""
    return _REPORTS.search(one.lower) is not None


def tells_to(one: Statement) -> bool:
    """Whether ``one`` says what to do: multiply, then subtract."""
    return _TELLS_TO.match(one.lower) is not None


def takes_back(one: Statement) -> bool:
    """Whether ``one`` says that what stands before it is wrong."""
    return _WRONG.search(one.lower) is not None


def main_statements(told: Sequence[Statement]) -> list[Statement]:
    """``told`` without what is beside the answer, as long as something is left."""
    kept: list[Statement] = []
    numbered = False
    until: Aside | None = None
    line = -1
    for one in told:
        if one.marks and one.marks[0].kind is Kind.BOX:
            continue
        if until is Aside.REST:
            continue
        if until is Aside.LINE and one.line == line:
            continue
        if until is Aside.PARAGRAPH and one.line - line <= 1 and not _concludes(one):
            line = one.line
            continue
        until = None
        kind = aside(one)
        if kind is Aside.NO or (kind in (Aside.REST, Aside.PARAGRAPH) and not numbered):
            kept.append(one)
            numbered = numbered or re.search(r"[0-9一二三四五六七八九十]", one.text) is not None
            continue
        if kind is not Aside.ALONE:
            until, line = kind, one.line
    return kept


def _concludes(one: Statement) -> bool:
    return any(mark.kind in (Kind.CONCLUSION, Kind.LABEL, Kind.PHRASE) for mark in one.marks)
