"""The samplers themselves: programs in the tools' place, and a library in NVML's."""

from __future__ import annotations

import sys
import types
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, ClassVar

import device_outputs as outputs
import pytest

from aisbench.api import DataError
from aisbench_plugin_devices.ascend import AscendSampler
from aisbench_plugin_devices.dcgm import DcgmSampler, DcgmSettings
from aisbench_plugin_devices.nvidia_smi import NvidiaSmiSampler
from aisbench_plugin_devices.nvml import NvmlSampler, NvmlSettings
from aisbench_plugin_devices.programs import ProgramSettings
from aisbench_plugin_devices.rocm import RocmSampler, RocmSettings
from aisbench_testkit.conformance import DeviceSamplerConformance, PackagingConformance


class TestNvml(DeviceSamplerConformance):
    offer = "nvml"


class TestAscend(DeviceSamplerConformance):
    offer = "ascend"
    settings: ClassVar[dict[str, Any]] = {"tool": "/no/npu-smi"}


class TestPackaging(PackagingConformance):
    distribution = "aisbench-plugin-devices"


def program(folder: Path, name: str, text: str, code: int = 0) -> Path:
    """A program that writes its arguments into a file, and prints a text."""
    path = folder / name
    path.write_text(
        f"#!{sys.executable}\nimport pathlib, sys, time\n"
        f"pathlib.Path({str(folder / 'asked')!r}).write_text(' '.join(sys.argv[1:]))\n"
        f"if {code} == -1: time.sleep(9)\n"
        f"sys.{'stderr' if code else 'stdout'}.write({text!r})\nsys.exit({code})\n"
    )
    path.chmod(0o755)
    return path


def test_tools_are_asked_here_and_elsewhere(tmp_path: Path) -> None:
    tool = str(program(tmp_path, "npu-smi", outputs.NPU_SMI))
    one = AscendSampler(ProgramSettings(tool=tool, devices=(2,)))
    one.open()
    assert [it.power_w for it in one.read()] == [88.9]
    assert (tmp_path / "asked").read_text() == "info"
    there = program(tmp_path, "ssh", outputs.NVIDIA_SMI)
    far = NvidiaSmiSampler(ProgramSettings(prefix=(str(there), "gpu-host")))
    far.open()
    assert len(far.read()) == 2
    assert (tmp_path / "asked").read_text().startswith("gpu-host nvidia-smi --query-gpu=index,")
    dmon = DcgmSampler(DcgmSettings(tool=str(program(tmp_path, "dcgmi", outputs.DMON))))
    assert dmon.read()[0].energy_j == 5551899.58
    assert (tmp_path / "asked").read_text() == "dmon -e 155,156,252,250,203,150,100,101 -c 1"


def test_rocm_takes_the_tool_that_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DataError, match="amd-smi is not there; rocm-smi is not there"):
        RocmSampler(RocmSettings()).open()
    program(tmp_path, "rocm-smi", outputs.ROCM_SMI)
    old = RocmSampler(RocmSettings())
    old.open()
    assert [one.device for one in old.read()] == ["0", "1"]
    program(tmp_path, "amd-smi", outputs.AMD_SMI)
    new = RocmSampler(RocmSettings())
    new.open()
    assert [one.power_w for one in new.read()] == [542]


def test_what_a_tool_fails_with_is_told(tmp_path: Path) -> None:
    def told(tool: Path | str, timeout: float = 5.0) -> str:
        with pytest.raises(DataError) as caught:
            AscendSampler(ProgramSettings(tool=str(tool), timeout=timeout)).open()
        return caught.value.message

    assert told("/no/npu-smi") == "/no/npu-smi is not there"
    refused = program(tmp_path, "refused", "dcmi module initialize failed. ret is -8005", 1)
    assert told(refused).endswith("ended with code 1: dcmi module initialize failed. ret is -8005")
    assert told(program(tmp_path, "slow", "", -1), 0.3).endswith("no answer within 0.3 s")
    assert "npu-smi prints no NPU" in told(program(tmp_path, "other", "hello"))


@contextmanager
def exporter(text: str, status: int = 200) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/metrics"
    finally:
        server.shutdown()
        server.server_close()


def test_an_exporter_is_read() -> None:
    with exporter(outputs.EXPORTER) as url:
        one = DcgmSampler(DcgmSettings(url=url, devices=("GPU-a",)))
        one.open()
        assert [it.power_w for it in one.read()] == [250.5]
    with exporter("", 404) as url, pytest.raises(DataError, match="cannot be read: Not Found"):
        DcgmSampler(DcgmSettings(url=url)).open()
    with pytest.raises(DataError, match="cannot be read"):
        DcgmSampler(DcgmSettings(url="http://127.0.0.1:1/metrics")).open()
    with pytest.raises(DataError, match="is no http:// address"):
        DcgmSampler(DcgmSettings(url="file:///etc/hostname")).open()


class FakeNvml(types.ModuleType):
    """The library's functions that are used, of two GPUs: the second tells little."""

    NVML_ERROR_NOT_SUPPORTED, NVML_ERROR_NO_PERMISSION, NVML_ERROR_GPU_IS_LOST = 3, 4, 15
    NVML_TEMPERATURE_GPU, NVML_CLOCK_SM, NVML_CLOCK_MEM = 0, 1, 2

    class NVMLError(Exception):
        def __init__(self, value: int) -> None:
            super().__init__(
                {3: "Not Supported", 9: "Driver Not Loaded", 15: "GPU is lost"}[value]
            )
            self.value = value

    def __init__(self, fails: int = 0) -> None:
        super().__init__("pynvml")
        self.fails = fails
        self.energy = 1_000_000
        self.open = 0
        self.lost = False

    def nvmlInit(self) -> None:
        if self.fails:
            raise self.NVMLError(self.fails)
        self.open += 1

    def nvmlShutdown(self) -> None:
        self.open -= 1

    def nvmlDeviceGetCount(self) -> int:
        return 2

    def nvmlDeviceGetHandleByIndex(self, index: int) -> int:
        return index

    def nvmlDeviceGetName(self, handle: int) -> bytes:
        return b"NVIDIA H100"

    def nvmlDeviceGetUUID(self, handle: int) -> str:
        return f"GPU-{handle}"

    def nvmlDeviceGetPowerUsage(self, handle: int) -> int:
        if self.lost:
            raise self.NVMLError(15)
        return 250_125

    def nvmlDeviceGetTotalEnergyConsumption(self, handle: int) -> int:
        if handle == 1:
            raise self.NVMLError(3)
        self.energy += 500
        return self.energy

    def nvmlDeviceGetMemoryInfo(self, handle: int) -> Any:
        return types.SimpleNamespace(used=2**30, total=80 * 2**30)

    def nvmlDeviceGetUtilizationRates(self, handle: int) -> Any:
        return types.SimpleNamespace(gpu=97, memory=40)

    def nvmlDeviceGetTemperature(self, handle: int, kind: int) -> int:
        return 61

    def nvmlDeviceGetClockInfo(self, handle: int, kind: int) -> int:
        return {1: 1980, 2: 2619}[kind]


def test_nvml(monkeypatch: pytest.MonkeyPatch) -> None:
    library = FakeNvml()
    monkeypatch.setitem(sys.modules, "pynvml", library)
    one = NvmlSampler(NvmlSettings())
    one.open()
    first, second = one.read()
    assert (first.power_w, first.energy_j, second.energy_j) == (250.125, 1000.5, None)
    assert (first.name, first.uuid, first.clock_mhz) == ("NVIDIA H100", "GPU-0", 1980)
    assert (first.memory_bytes, first.utilisation_percent) == (2**30, 97)
    assert one.read()[0].energy_j == 1001.0
    library.lost = True
    with pytest.raises(DataError, match="GPU 0: GPU is lost"):
        one.read()
    one.close()
    assert library.open == 0
    chosen = NvmlSampler(NvmlSettings(devices=("GPU-1",)))
    library.lost = False
    chosen.open()
    assert [it.device for it in chosen.read()] == ["1"]
    with pytest.raises(DataError, match="there is no device 5"):
        NvmlSampler(NvmlSettings(devices=(5,))).open()


def test_nvml_without_a_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", FakeNvml(fails=9))
    with pytest.raises(DataError, match="NVML cannot be used: Driver Not Loaded"):
        NvmlSampler(NvmlSettings()).open()


def test_nvml_of_this_machine() -> None:
    """The real library: it reads, or says why not."""
    one = NvmlSampler(NvmlSettings())
    try:
        one.open()
    except DataError as error:
        assert error.message.startswith("NVML cannot be used")
        return
    assert one.read()
    one.close()
