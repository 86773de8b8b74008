"""What the user told the command besides its inputs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from attrs import frozen


@frozen
class FlagValues:
    """Where things are that inputs only name."""

    roots: tuple[Path, ...] = ()
    """Checkouts of AISBench or OpenCompass."""
    data: Path | None = None
    """The folder of data sets, AISBench's ais_bench/datasets."""
    folder: Path = Path()
    """The folder of the input: where relative names are looked up."""

    def data_path(self, named: str) -> Path | None:
        """Where a path of a config is on this machine; None where it is not known."""
        tail = named.removeprefix("ais_bench/datasets/")
        if Path(named).is_absolute():
            return Path(named)
        if self.data is not None:
            return self.data / tail
        return next((root / named for root in self.roots if (root / named).exists()), None)

    def config_folders(self) -> Iterator[Path]:
        """Folders that may hold models/, datasets/ and summarizers/."""
        for root in self.roots:
            for inner in (
                "",
                "configs",
                "ais_bench/benchmark/configs",
                "opencompass/configs",
                "ais_bench/configs",
            ):
                if (root / inner).is_dir():
                    yield root / inner

    def config_file(self, kind: str, name: str) -> Path | None:
        """The config file of that name and kind: models, datasets or summarizers."""
        wanted = f"{name.lower()}.py"
        for folder in self.config_folders():
            if not (folder / kind).is_dir():
                continue
            for path in sorted((folder / kind).rglob("*.py")):
                if path.name.lower() == wanted:
                    return path
        return None
