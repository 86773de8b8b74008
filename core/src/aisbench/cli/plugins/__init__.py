"""`aisbench plugins`: a module for each of its actions."""

from __future__ import annotations

from collections.abc import Sequence

from aisbench.base.errors import ExitCode
from aisbench.cli import options
from aisbench.cli.plugins import check, manifest, new, try_
from aisbench.plugins.catalog import KINDS
from aisbench.wording.spoken import say


def main(words: Sequence[str]) -> int:
    """List, show, doctor or check."""
    parser = options.parser("plugins", "List, show and check what is installed.")
    actions = parser.add_subparsers(dest="action", metavar="ACTION")
    listing = actions.add_parser("list", help="everything that plugins offer (the default)")
    listing.add_argument("--kind", choices=KINDS, help="only this kind")
    listing.add_argument("--json", action="store_true", help="as JSON")
    show = actions.add_parser("show", help="settings of what is offered under a name")
    show.add_argument("name", help="a name, or the path of a TOML or Python file")
    actions.add_parser("backends", help="what each backend can do, as a Markdown table")
    actions.add_parser("doctor", help="what is broken, and how to mend it")
    checking = actions.add_parser("check", help="run the conformance kit on distributions")
    check.add_arguments(checking)
    writing = actions.add_parser("new", help="write a package, or one file, to begin with")
    new.add_arguments(writing)
    stating = actions.add_parser("manifest", help="write what a plugin offers beside its code")
    manifest.add_arguments(stating)
    trying = actions.add_parser("try", help="prompts, requests and scores of a few rows")
    try_.add_arguments(trying)
    for one in (
        listing,
        show,
        trying,
        checking,
        actions.choices["doctor"],
        actions.choices["backends"],
    ):
        options.add_plugins(one, below=True)
    options.add_plugins(parser)
    args = parser.parse_args(words)
    if args.action == "new":
        return new.write_new(args)
    if args.action == "manifest":
        return manifest.write_manifest(args)
    if args.action == "check":
        return check.check_plugin(args)  # plugins are imported in processes of their own
    if args.action == "try":
        return try_.try_named(args)
    catalog = options.catalog_of(args, keep_broken=args.action == "doctor")
    if args.action == "show":
        from aisbench.cli.plugins.show import show_named

        return show_named(args.name, catalog)
    if args.action == "backends":
        from aisbench.cli.backends import backend_table

        say(backend_table(catalog))
        options.tell_problems(catalog)
        return ExitCode.OK
    if args.action == "doctor":
        from aisbench.cli.plugins.doctor import diagnose

        return diagnose(catalog)
    from aisbench.cli.plugins.list_ import show_list

    return show_list(args, catalog)
