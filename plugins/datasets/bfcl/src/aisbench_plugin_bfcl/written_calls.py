"""Calls that a model wrote into its text, read in the form that it was asked for.

What bfcl-eval's ``default_decode_ast_prompting`` reads is read the same here, but by parsers that
evaluate nothing and take time in proportion to the text: its own evaluates the operators of
Python calls, and has patterns that some texts make endless. Of its parsers only those of Java and
JavaScript are asked, which are grammars (tree-sitter), and only for texts of a length that their
recursion can bear.
"""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree

from aisbench.literals import (
    Attribute,
    Binary,
    Call,
    Constant,
    Display,
    Expression,
    LiteralError,
    MappingDisplay,
    Name,
    Subscript,
    Unary,
    parse,
    read_json,
    read_literal,
    source_of,
    value_of,
)
from aisbench_plugin_bfcl.brackets import Lists
from aisbench_plugin_bfcl.library import library

Calls = list[dict[str, dict[str, Any]]]

GRAMMAR_LENGTH = 10_000
"""Characters of Java or JavaScript: tree-sitter writes its tree recursively, and a hundred
thousand operators in a row end the process. The data set's calls have less than a thousand."""
_ARRAY_OF_OBJECTS = re.compile(r"\[\s*\{")
_ENDS = ("<functions>", "</functions>")


def read_calls(text: str, form: str, *, tagged: bool) -> Any:
    """What bfcl-eval makes of an answer: a list of {name: {argument: value}}, or something else
    where it found no calls. ``tagged`` calls stand between <TOOLCALL> and </TOOLCALL>.

    Raises any exception for a text that is not of the form.
    """
    text = text.strip("`\n ")
    text = text if text.startswith("[") else f"[{text}"
    text = text if text.endswith("]") else f"{text}]"
    if tagged:
        text = _between(text, "<TOOLCALL>", "</TOOLCALL>").strip()
    if form == "python":
        return _python(text.strip().strip("'"))
    if form == "json":
        return _json(text)
    if form in ("verbose_xml", "concise_xml"):
        inside = _between(text, *_ENDS)
        return _xml(f"{_ENDS[0]}{inside}{_ENDS[1]}", verbose=form == "verbose_xml")
    if len(text) > GRAMMAR_LENGTH:
        raise LiteralError(f"longer than {GRAMMAR_LENGTH} characters")
    return library().read_grammar(text[1:-1], form)


def _between(text: str, begin: str, end: str) -> str:
    start = text.find(begin)
    stop = text.find(end, start + len(begin))
    if start < 0 or stop < 0:
        raise LiteralError(f"no {begin} and {end}")
    return text[start + len(begin) : stop]


# -- Python, after ``ast_parse``, ``resolve_ast_call`` and ``resolve_ast_by_type``


def _python(text: str) -> Calls:
    tree = parse(text)
    if isinstance(tree, Call):
        return [_call(tree)]
    if not isinstance(tree, Display):
        raise LiteralError("no list of calls")
    return [_call(one) for one in tree.elements]


def _call(node: Expression) -> dict[str, dict[str, Any]]:
    """Arguments without a name are left out, as there."""
    if not isinstance(node, Call):
        raise LiteralError(f"{source_of(node)[:80]} is not a call")
    parts: list[str] = []
    function = node.function
    while isinstance(function, Attribute):
        parts.append(function.name)
        function = function.value
    if isinstance(function, Name):
        parts.append(function.name)
    arguments: Any = {one.name: _value(one.value) for one in node.keywords}
    return {".".join(reversed(parts)): arguments}


def _value(node: Expression) -> Any:
    """Names are texts, calls without named arguments are their own text, calls with them are
    {name: {argument: value}}, and what has a sign before it is negative, whatever the sign."""
    if isinstance(node, Constant):
        return "..." if node.value is ... else node.value
    if isinstance(node, Name):
        return node.name
    if isinstance(node, Unary):
        return _negative(node.operand)
    if isinstance(node, Binary):
        return value_of(node)
    if isinstance(node, Call):
        return _call(node) if node.keywords else source_of(node)
    if isinstance(node, Subscript):
        return f"{source_of(node.value)}[{source_of(node.index)}]"
    if isinstance(node, Display) and node.kind != "set":
        values = [_value(one) for one in node.elements]
        return values if node.kind == "list" else tuple(values)
    if isinstance(node, MappingDisplay):
        return _mapping(node)
    raise LiteralError(f"{source_of(node)[:80]} is not a value of an argument")


def _negative(operand: Expression) -> Any:
    if isinstance(operand, Constant) and isinstance(operand.value, (int, float, complex)):
        return -operand.value
    raise LiteralError(f"a sign before {source_of(operand)[:80]}")


def _mapping(node: MappingDisplay) -> dict[Any, Any]:
    found = {}
    for key, value in node.entries:
        if key is None:
            raise LiteralError("'**' in a dictionary")
        try:
            found[_value(key)] = _value(value)
        except TypeError as error:
            raise LiteralError(f"a key of a dictionary: {error}") from error
    return found


# -- JSON, after ``parse_json_function_call``


def _json(text: str) -> Calls:
    start, stop = text.find("["), text.rfind("]")
    text = text[start : stop + 1] if 0 <= start < stop else text
    text = _array_of_objects(text)
    try:
        values = read_json(text)
    except LiteralError:
        return []
    return [{one["function"]: one["parameters"]} for one in values if isinstance(one, dict)]


def _array_of_objects(text: str) -> str:
    r"""The part that ``\[\s*{.*?}\s*(?:,\s*{.*?}\s*)*\]`` finds, or all."""
    lists = Lists(text, "{", "}", "]", across_lines=True)
    for head in _ARRAY_OF_OBJECTS.finditer(text):
        end = lists.end(head.end())
        if end is not None:
            return text[head.start() : end]
    return text


# -- XML, after ``parse_verbose_xml_function_call`` and ``parse_concise_xml_function_call``


def _xml(text: str, *, verbose: bool) -> Calls:
    # It begins with its root element, so that it can declare no entities.
    root = ElementTree.fromstring(text)
    found = []
    for function in root.findall("function"):
        parent = function.find("params") if verbose else None
        arguments: Any = {}
        for one in (function if parent is None else parent).findall("param"):
            name = one.attrib.get("name") if verbose else one.attrib["name"]
            raw = one.attrib.get("value", "") if verbose else (one.text or "").strip()
            arguments[name] = _typed(raw, one.attrib.get("type", "string"))
        found.append({function.attrib["name"]: arguments})
    return found


def _typed(raw: str, kind: str) -> Any:
    if kind == "integer":
        return int(raw)
    if kind == "float":
        return float(raw)
    if kind == "boolean":
        return raw.lower() == "true"
    if kind == "null":
        return None
    if kind in ("array", "tuple", "object", "dict"):
        return read_literal(raw)
    return raw
