"""`aisbench datasets`."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from aisbench.base.errors import AisbenchError, ExitCode
from aisbench.cli import options
from aisbench.declared.offers import DeclaredOffer
from aisbench.plugins.catalog import Catalog
from aisbench.plugins.targets import downloads_of
from aisbench.types.offer import DatasetOffer
from aisbench.wording.spoken import say, tell


def main(words: Sequence[str]) -> int:
    """List data sets, show one, or fetch the files of one."""
    parser = options.parser("datasets", "List data sets, show one, and fetch their files.")
    actions = parser.add_subparsers(dest="action", metavar="ACTION")
    every = actions.add_parser("list", help="the data sets of the installed plugins (the default)")
    form = every.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="everything about them, as JSON")
    form.add_argument("--markdown", action="store_true", help="as a page of documentation")
    show = actions.add_parser("show", help="everything about one data set")
    show.add_argument("name", help="its name, or the path of its TOML file")
    fetch = actions.add_parser("fetch", help="download and check the files of a data set")
    fetch.add_argument("name", help="its name, or the path of its TOML file")
    fetch.add_argument("--into", type=Path, help="folder (default: where the data set looks)")
    fetch.add_argument(
        "--mirror", metavar="URL", help="take the files, by name, from this folder on the web"
    )
    fetch.add_argument(
        "--timeout", type=_above_zero, default=3600, metavar="S", help="for one file (3600 s)"
    )
    fetch.add_argument(
        "--max-size", type=_above_zero, default=8192, metavar="MB", help="of one file (8192 MB)"
    )
    options.add_plugins(parser)
    for one in (every, show, fetch):
        options.add_plugins(one, below=True)
    args = parser.parse_args(words)
    catalog = options.catalog_of(args)
    if args.action == "fetch":
        return _fetch(args, catalog)

    from aisbench.cli.catalogue import describe, lines_of, listing, page

    if args.action == "show":
        from aisbench.plugins.files import find_dataset

        say("\n".join(lines_of(find_dataset(catalog, args.name))))
    elif getattr(args, "json", False):
        print(json.dumps([describe(one) for one in catalog.of_kind("dataset")], indent=2))
    elif getattr(args, "markdown", False):
        say(page(catalog))
    else:
        say("\n".join(listing(catalog)))
    options.tell_problems(catalog)
    return ExitCode.OK


def _above_zero(text: str) -> float:
    value = float(text)
    if not 0 < value <= 1e9:
        raise ValueError(text)
    return value


def _fetch(args: argparse.Namespace, catalog: Catalog) -> int:
    from aisbench.data.download import DownloadBounds, fetch_files
    from aisbench.plugins.files import find_dataset
    from aisbench.settings.fields import data_home

    name: str = args.name
    listed = find_dataset(catalog, name)
    offer = listed.offer
    assert isinstance(offer, DatasetOffer)
    if not offer.downloads:
        raise AisbenchError(
            f"{name} has no files to fetch",
            hint=f"aisbench datasets show {name} tells where its files are and how they lie; name "
            "their folder as `path`",
        )
    own = isinstance(offer, DeclaredOffer) and offer.folder
    folder = args.into or (Path(own) if own else data_home() / offer.name)
    bounds = DownloadBounds(seconds=args.timeout, size=int(args.max_size * (1 << 20)))
    for path in fetch_files(downloads_of(listed), folder, args.mirror, bounds):
        tell(f"ok: {path}")
    return ExitCode.OK
