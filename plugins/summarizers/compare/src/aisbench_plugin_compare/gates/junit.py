"""Decisions as JUnit XML, which CI systems show."""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.etree import ElementTree

from aisbench.api import Wording, wording
from aisbench_plugin_compare.gates.deciding import Decision

_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(decisions: Sequence[Decision], seconds: float) -> bytes:
    """A test suite with a test case for each decision; a failed gate is a failure."""
    english = wording("aisbench_plugin_compare", "en")
    failed = sum(one.failed for one in decisions)
    counts = {
        "name": "aisbench compare",
        "tests": str(len(decisions)),
        "failures": str(failed),
        "errors": "0",
        "time": f"{seconds:.3f}",
    }
    root = ElementTree.Element("testsuites", counts)
    suite = ElementTree.SubElement(root, "testsuite", {**counts, "skipped": "0"})
    for one in decisions:
        case = ElementTree.SubElement(
            suite,
            "testcase",
            {
                "classname": _plain(f"{one.against}.{one.difference.name}"),
                "name": _plain(one.gate.text),
                "time": "0",
            },
        )
        said = _plain(sentence(one, english))
        if one.failed:
            element = ElementTree.SubElement(case, "failure", {"type": "gate", "message": said})
            element.text = said
        else:
            ElementTree.SubElement(case, "system-out").text = said
    ElementTree.indent(root)
    found: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return found + b"\n"


def sentence(one: Decision, words: Wording) -> str:
    """What was decided, in a line."""
    found = one.difference
    interval = "" if one.low is None else f" [{one.low:+.4g}, {one.high:+.4g}]"
    change = {
        "drops": words.text("drop"),
        "rises": words.text("rise"),
        "differs": words.text("difference"),
    }[one.gate.change]
    text = words.text(
        "{name}: {left} -> {right}; {change} {by}, limit {sign} {limit}",
        name=found.name,
        left=f"{found.left:.6g}",
        right=f"{found.right:.6g} {found.unit}".rstrip(),
        change=change,
        by=f"{one.change:.4g} {one.unit}{interval}",
        sign=one.gate.sign,
        limit=f"{one.limit:g} {one.unit}".rstrip(),
    )
    if one.gate.significantly:
        p = words.text("unknown") if found.adjusted is None else f"{found.adjusted:.3g}"
        text += words.text(", p {p} (adjusted)", p=p)
    if one.straddles:
        text += words.text(
            "; the interval holds the limit: another run might be decided otherwise"
        )
    return text


def _plain(text: str) -> str:
    return _NO_XML.sub("\ufffd", text)
