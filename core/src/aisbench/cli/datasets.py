"""`aisbench datasets`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from aisbench import plugins
from aisbench.cli import options
from aisbench.errors import AisbenchError, ExitCode
from aisbench.types.offer import DatasetOffer


def main(words: Sequence[str]) -> int:
    """List data sets, or fetch the files of one."""
    parser = options.parser("datasets", "List data sets, and fetch their files.")
    actions = parser.add_subparsers(dest="action", metavar="ACTION")
    actions.add_parser("list", help="the data sets of the installed plugins (the default)")
    fetch = actions.add_parser("fetch", help="download and check the files of a data set")
    fetch.add_argument("name")
    fetch.add_argument("--into", type=Path, help="folder (default: where the data set looks)")
    fetch.add_argument(
        "--mirror", metavar="URL", help="take the files, by name, from this folder on the web"
    )
    args = parser.parse_args(words)
    catalog = plugins.discover()
    if args.action == "fetch":
        return _fetch(args.name, args.into, args.mirror, catalog)
    for one in catalog.of_kind("dataset"):
        assert isinstance(one.offer, DatasetOffer)
        note = "  [can be fetched]" if one.offer.downloads else ""
        print(f"{one.offer.name}  ({one.dist} {one.version})  {one.offer.summary}{note}")
    return ExitCode.OK


def _fetch(name: str, into: Path | None, mirror: str | None, catalog: plugins.Catalog) -> int:
    from aisbench.download import fetch_files
    from aisbench.settings import data_home

    offer, listed = catalog.find(DatasetOffer, name)
    if not offer.downloads:
        raise AisbenchError(
            f"{name} has no files to fetch",
            hint=f"aisbench plugins show {name} tells where its data comes from",
        )
    folder = into or data_home() / offer.name
    for path in fetch_files(plugins.downloads_of(listed), folder, mirror):
        print(f"ok: {path}")
    return ExitCode.OK
