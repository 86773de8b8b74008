"""What the tools print, read: whole, damaged, and with nothing where a number should be."""

from __future__ import annotations

from collections.abc import Callable

import device_outputs as outputs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aisbench.api import DataError, DeviceReading
from aisbench_plugin_devices.ascend import parse_info
from aisbench_plugin_devices.dcgm import parse_dmon, parse_exposition
from aisbench_plugin_devices.nvidia_smi import parse_csv
from aisbench_plugin_devices.readings import MIB, chosen, not_negative, number
from aisbench_plugin_devices.rocm import parse_amd_smi, parse_rocm_smi

PARSERS: dict[str, tuple[Callable[[str], list[DeviceReading]], str]] = {
    "nvidia-smi": (parse_csv, outputs.NVIDIA_SMI),
    "dmon": (parse_dmon, outputs.DMON),
    "exporter": (parse_exposition, outputs.EXPORTER),
    "amd-smi": (parse_amd_smi, outputs.AMD_SMI),
    "rocm-smi": (parse_rocm_smi, outputs.ROCM_SMI),
    "npu-smi": (parse_info, outputs.NPU_SMI),
}


def test_nvidia_smi() -> None:
    first, second = parse_csv(outputs.NVIDIA_SMI)
    assert first == DeviceReading(
        device="0", name="NVIDIA H100 80GB HBM3",
        uuid="GPU-11111111-0000-4000-8000-000000000001",
        power_w=412.57, memory_bytes=70123 * MIB, memory_total_bytes=81559 * MIB,
        utilisation_percent=98, temperature_c=61, clock_mhz=1980, memory_clock_mhz=2619,
    )  # fmt: skip
    assert (second.power_w, second.memory_clock_mhz, second.clock_mhz) == (None, None, 345)


def test_dcgm() -> None:
    first, second = parse_dmon(outputs.DMON)
    assert (first.power_w, first.energy_j, first.memory_bytes) == (412.57, 5551899.58, 70123 * MIB)
    assert (first.memory_total_bytes, first.utilisation_percent) == (81559 * MIB, 98)
    assert (second.device, second.power_w, second.energy_j) == ("1", None, None)
    first, second = parse_exposition(outputs.EXPORTER)
    assert first == DeviceReading(
        device="0", name="NVIDIA L40S", uuid="GPU-a", power_w=250.5, energy_j=5551899.58,
        memory_bytes=3000 * MIB, memory_total_bytes=4000 * MIB, utilisation_percent=98,
        temperature_c=61, clock_mhz=1980, memory_clock_mhz=None,
    )  # fmt: skip
    # A GPU that is divided: the power of the whole once, the memory of its instances together.
    assert (second.power_w, second.memory_bytes) == (55.011, 300 * MIB)


def test_rocm() -> None:
    (one,) = parse_amd_smi(outputs.AMD_SMI)
    assert one == DeviceReading(
        device="0", power_w=542, energy_j=962825.097, memory_bytes=121344 * MIB,
        memory_total_bytes=196592 * MIB, utilisation_percent=87, temperature_c=71,
        clock_mhz=2100, memory_clock_mhz=900,
    )  # fmt: skip
    (seven,) = parse_amd_smi(outputs.AMD_SMI_7)
    assert seven == DeviceReading(device="3", power_w=41)
    none, old = parse_rocm_smi(outputs.ROCM_SMI)
    assert (none.device, none.power_w, none.energy_j, none.uuid) == ("0", None, None, "")
    assert old == DeviceReading(
        device="1", name="Instinct MI250X", uuid="0x719d230578348e8c", power_w=92,
        energy_j=962825.0962974001, memory_bytes=11587584, memory_total_bytes=68702699520,
        utilisation_percent=7, temperature_c=35, clock_mhz=800, memory_clock_mhz=1600,
    )  # fmt: skip


def test_ascend() -> None:
    first, second = parse_info(outputs.NPU_SMI)
    assert first == DeviceReading(
        device="0", name="910B3", power_w=93.6, memory_bytes=3352 * MIB,
        memory_total_bytes=65536 * MIB, utilisation_percent=35, temperature_c=40,
    )  # fmt: skip
    assert (second.device, second.power_w, second.memory_bytes) == ("2", 88.9, 4 * MIB)
    (inference,) = parse_info(outputs.NPU_SMI_310)
    assert inference == DeviceReading(
        device="6", name="310P3", power_w=None, memory_bytes=1839 * MIB,
        memory_total_bytes=21525 * MIB, utilisation_percent=12, temperature_c=50,
    )  # fmt: skip
    (card,) = parse_info(outputs.NPU_SMI_A3)
    assert card == DeviceReading(
        device="0", name="Ascend910", power_w=165.1, memory_bytes=6000 * MIB,
        memory_total_bytes=2 * 65536 * MIB, utilisation_percent=30, temperature_c=38,
    )  # fmt: skip
    both = parse_info(outputs.NPU_SMI_A3.replace("| -  ", "| 99 "))
    assert [(one.device, one.power_w) for one in both] == [("0:0", 165.1), ("0:1", 99.0)]


@pytest.mark.parametrize("name", PARSERS)
@pytest.mark.parametrize("text", ["", "command not found", "{}", "[]", "null", '{"gpu_data": 3}'])
def test_what_is_no_output_is_an_error(name: str, text: str) -> None:
    with pytest.raises(DataError):
        PARSERS[name][0](text)


@pytest.mark.parametrize("name", PARSERS)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_damaged_output_gives_readings_or_an_error(name: str, data: st.DataObject) -> None:
    parse, text = PARSERS[name]
    begin = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(begin, min(len(text), begin + 60)))
    put = data.draw(st.sampled_from(["", "[N/A]", "\x00", "|", "\n", "{", "NaN", "1e999", '"']))
    whole = [one.device for one in parse(text)]
    try:
        found = parse(text[:begin] + put + text[end:])
    except DataError:
        return
    assert len(found) <= len(whole) + 2
    for one in found:
        for value in (one.power_w, one.energy_j, one.memory_bytes, one.utilisation_percent):
            assert value is None or 0 <= value < 2**63


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12.5 W", 12.5), ("(800Mhz)", 800), ("[N/A]", None), ("NA", None), ("-", None),
        ("", None), ("[Not Supported]", None), ("nan", None), ("1e999", None), (True, None),
        (None, None),
        (9223372036854775794, None), ("-7", -7), (3, 3),
    ],
)  # fmt: skip
def test_numbers(text: object, value: float | None) -> None:
    assert number(text) == value
    assert not_negative(text) == (None if value == -7 else value)


def test_the_choice_of_devices() -> None:
    found = [DeviceReading(device=one, uuid=f"GPU-{one}") for one in ("0", "1:0", "1:1", "10")]
    assert [one.device for one in chosen(found, [])] == ["0", "1:0", "1:1", "10"]
    assert [one.device for one in chosen(found, [1])] == ["1:0", "1:1"]
    assert [one.device for one in chosen(found, ["GPU-0", "1:1"])] == ["0", "1:1"]
    with pytest.raises(DataError, match="there is no device 7"):
        chosen(found, [0, 7])
