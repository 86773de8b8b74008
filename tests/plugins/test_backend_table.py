"""The README's table of backends is what the installed ones declare."""

from __future__ import annotations

from pathlib import Path

from aisbench.cli.backends import backend_table
from aisbench.plugins.catalog import discover

README = Path(__file__).resolve().parents[2] / "README.md"


def test_the_table_is_up_to_date() -> None:
    """After a change: python tests/plugins/test_backend_table.py"""
    _, _, rest = README.read_text(encoding="utf-8").partition("<!-- backends -->\n")
    table, _, _ = rest.partition("\n<!-- end of backends -->")
    assert table == backend_table(discover())


def test_depends_and_local_models_are_told() -> None:
    lines = {line.split("`")[1]: line for line in backend_table(discover()).splitlines()[2:]}
    assert lines["vllm-chat"].count("| depends ") == 3
    assert lines["vllm-chat"].endswith("| yes |")
    assert lines["vllm-offline"].endswith("|  |")
    assert "without TTFT" in lines["triton-infer"]


if __name__ == "__main__":
    text = README.read_text(encoding="utf-8")
    before, mark, rest = text.partition("<!-- backends -->\n")
    after = rest.partition("<!-- end of backends -->")[2]
    table = backend_table(discover())
    README.write_text(f"{before}{mark}{table}\n<!-- end of backends -->{after}", encoding="utf-8")
