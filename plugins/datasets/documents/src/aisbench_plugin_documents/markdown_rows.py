"""Tables of Markdown as tables of HTML, as OmniDocBench makes them (``utils/table_utils.py``).

Each row becomes a table of its own first, and tables that follow each other are one. Cells that
hold a colon or three hyphens are taken for the line below a head, and are left out; so is a line
right above a table.
"""

from __future__ import annotations

import re

_ROW = re.compile(r"\|\s*.*?\s*\|\n", re.DOTALL)
_BELOW_HEAD = re.compile(":|---")
_COMMENT = re.compile(r"<!--[\s\S]*?-->")
_TABLE = re.compile(r"<table>[\s\S]*?</table>")
_FRAME = re.compile(r"</?t(?:able|head|body)>")
_FEWEST = 2


def with_html_tables(page: str) -> str:
    """The page with its tables in HTML, if it has two rows of one."""
    if len(_ROW.findall(page + "\n")) < _FEWEST:
        return page
    page = page.replace("\r", "") + "\n"
    merged = _merged(_ROW.sub(lambda match: _as_table(match[0]), page))
    return merged.replace("<table>", '<table border="1" >').replace(
        "<td>", '<td colspan="1" rowspan="1">'
    )


def _as_table(rows: str) -> str:
    lines = [line.strip() for line in rows.strip().split("\n")]
    head = "".join(f"      <th>{cell}</th>\n" for cell in _cells(lines[0]))
    body = "".join(
        "    <tr>\n" + "".join(f"      <td>{cell}</td>\n" for cell in _cells(line)) + "    </tr>\n"
        for line in lines[2:]
    )
    return (
        f"<table>\n  <thead>\n    <tr>\n{head}    </tr>\n  </thead>\n  <tbody>\n{body}"
        "  </tbody>\n</table>\n"
    )


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.split("|")[1:-1]]


def _merged(page: str) -> str:
    """Line by line, each looked at together with the one after it."""
    found: list[str] = []
    block = last = ""
    inside = False
    for line in page.split("\n"):
        if "<table>" in line:
            inside = True
            block += last
        elif inside:
            if not _BELOW_HEAD.search(last) and "</thead>" not in last:
                block += "\n" + last
            if "</table>" in last:
                inside = False
                found.append(_one_table(block))
                block = ""
        else:
            found.append(last)
        last = line
    if last and (inside or "</table>" in last):
        found.append(_one_table(f"{block}\n{last}"))
    elif last:
        found.append(last)
    return "\n".join(found)


def _one_table(block: str) -> str:
    lines: list[str] = []
    for table in _TABLE.findall(_COMMENT.sub("", block)):
        rows = [
            line.replace("<th>", "<td>").replace("</th>", "</td>") for line in table.split("\n")
        ]
        kept = [line for line in rows if not _FRAME.search(line)]
        if len(kept) > _FEWEST:
            lines += kept
    inside = "\n".join(lines)
    return f"\n\n<table>\n{inside}\n</table>\n\n"
