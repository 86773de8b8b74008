"""One module of two: what a plugin file offers, and the code behind it."""

from __future__ import annotations

import ast


def merged(code: str, offers: str) -> str:
    """``code`` with the offers behind its imports, the imports of both as one block.

    Both are modules with a docstring, imports, and then everything else.
    """
    first, second = ast.parse(code), ast.parse(offers)
    imports: dict[str, set[str]] = {}
    for tree in (first, second):
        for node in tree.body:
            if isinstance(node, ast.ImportFrom):
                imports.setdefault(f"from {node.module} import", set()).update(
                    alias.name for alias in node.names
                )
            elif isinstance(node, ast.Import):
                imports.setdefault("import", set()).update(alias.name for alias in node.names)
    return "\n".join(
        [
            f'"""{ast.get_docstring(first)}"""',
            "",
            *_import_lines(imports),
            "",
            *_rest(offers, second),
            "",
            "",
            *_rest(code, first),
            "",
        ]
    )


def _import_lines(imports: dict[str, set[str]]) -> list[str]:
    """Sorted as linters want them: __future__, the standard library, others, aisbench."""
    blocks: dict[int, list[str]] = {}
    plain = [f"import {name}" for name in sorted(imports.pop("import", ()))]
    if plain:
        blocks[1] = plain
    for head in sorted(imports, key=lambda one: one.split()[1]):
        module = head.split()[1]
        names = sorted(imports[head], key=lambda one: (not one.isupper(), one.islower(), one))
        line = f"{head} {', '.join(names)}"
        if len(line) > 88:
            line = "\n".join([f"{head} (", *(f"    {name}," for name in names), ")"])
        top = module.split(".")[0]
        rank = {"__future__": 0, "attrs": 2, "aisbench": 3}.get(top, 1)
        blocks.setdefault(rank, []).append(line)
    return "\n\n".join("\n".join(blocks[rank]) for rank in sorted(blocks)).split("\n")


def _rest(text: str, tree: ast.Module) -> list[str]:
    """The lines behind the docstring and the imports."""
    head = max(
        (
            node.end_lineno or 0
            for place, node in enumerate(tree.body)
            if isinstance(node, (ast.Import, ast.ImportFrom)) or not place
        ),
        default=0,
    )
    return "\n".join(text.split("\n")[head:]).strip("\n").split("\n")
