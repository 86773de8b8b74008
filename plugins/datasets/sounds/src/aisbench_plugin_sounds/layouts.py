"""VocalSound's rows: the authors' files, AISBench's folder of sounds, lmms-eval's Parquet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from aisbench.api import DataError
from aisbench.data import Row, read_table

CLASSES: Mapping[str, str] = {
    "laughter": "Laughter",
    "sigh": "Sigh",
    "cough": "Cough",
    "throatclearing": "Throat clearing",
    "sneeze": "Sneeze",
    "sniff": "Sniff",
}
"""As names of files have them, and as people call them."""
_AGES = {1: "18 to 25", 2: "26 to 48", 3: "49 to 80"}
"""Groups of lmms-eval's rows."""


def vocalsound(file: Path, split: str, part: str) -> Iterator[Row]:
    """One row of a sound itself, or the rows of a table."""
    if file.suffix.lower() == ".wav":
        yield Row(str(file), _of_name(str(file), file))
    elif file.suffix == ".json":
        for row in read_table(file, records="data"):
            # Paths are meant from the folder above, or from where the authors had them.
            name = Path(str(row.cells["wav"]))
            homes = (file.parent.parent / name, file.parent.parent / "audio_16k" / name.name)
            sound = next((one for one in homes if one.is_file()), homes[0])
            yield Row(row.place, _of_name(row.place, sound))
    else:
        for number, row in enumerate(read_table(file, files=["audio"])):
            cells = dict(row.cells)
            speaker = str(cells["spk_id"])
            yield Row(row.place, {
                "id": str(number), "sound": cells["audio"], "answer": cells["answer"],
                "sex": _sex(speaker), "age": _AGES.get(int(cells["age_group"]), "not known"),
            })  # fmt: skip


def _of_name(place: str, sound: Path) -> dict[str, Any]:
    """``f0003_0_sigh.wav``: the speaker, a number, the class. Raises DataError."""
    speaker, _, rest = sound.stem.partition("_")
    name = rest.rpartition("_")[2]
    if name not in CLASSES:
        raise DataError(
            f"{place}: {sound.name} names no sound: its end must be one of {', '.join(CLASSES)}",
            hint="files are called SPEAKER_NUMBER_SOUND.wav",
        )
    return {
        "id": sound.stem, "sound": str(sound), "answer": CLASSES[name], "sex": _sex(speaker),
        "age": "not known",
    }  # fmt: skip


def _sex(speaker: str) -> str:
    return {"f": "female", "m": "male"}.get(speaker[:1], "not known")
