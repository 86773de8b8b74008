"""Outputs in the forms that the tools have, with numbers of our own."""

from __future__ import annotations

import json

NVIDIA_SMI = """\
0, NVIDIA H100 80GB HBM3, GPU-11111111-0000-4000-8000-000000000001, 412.57, 70123, 81559, 98, 61, 1980, 2619
1, NVIDIA H100 80GB HBM3, GPU-11111111-0000-4000-8000-000000000002, [N/A], 4, 81559, 0, 33, 345, [Not Supported]
"""  # noqa: E501

DMON = """\
#Entity   POWER             TOTEC             FBUSD        FBTTL        GPUTL        TMPTR        SMCLK        MMCLK
ID        W                 mJ                                                   C
GPU 0     412.570           5551899580        70123        81559        98           61           1980         2619
GPU 1     N/A               N/A               4            81559        0            33           345          N/A
"""  # noqa: E501

EXPORTER = """\
# HELP DCGM_FI_DEV_SM_CLOCK SM clock frequency (in MHz).
# TYPE DCGM_FI_DEV_SM_CLOCK gauge
DCGM_FI_DEV_SM_CLOCK{gpu="0",UUID="GPU-a",pci_bus_id="00000000:00:07.0",device="nvidia0",modelName="NVIDIA L40S",Hostname="h"} 1980
DCGM_FI_DEV_SM_CLOCK{gpu="1",UUID="GPU-b",device="nvidia1",modelName="NVIDIA L40S",Hostname="h"} 345
# HELP DCGM_FI_DEV_MEM_CLOCK Memory clock frequency (in MHz).
# TYPE DCGM_FI_DEV_MEM_CLOCK gauge
DCGM_FI_DEV_MEM_CLOCK{gpu="0",UUID="GPU-a",modelName="NVIDIA L40S"} 9223372036854775794
# HELP DCGM_FI_DEV_GPU_TEMP GPU temperature (in C).
# TYPE DCGM_FI_DEV_GPU_TEMP gauge
DCGM_FI_DEV_GPU_TEMP{gpu="0",UUID="GPU-a",modelName="NVIDIA L40S"} 61
# HELP DCGM_FI_DEV_POWER_USAGE Power draw (in W).
# TYPE DCGM_FI_DEV_POWER_USAGE gauge
DCGM_FI_DEV_POWER_USAGE{gpu="0",UUID="GPU-a",modelName="NVIDIA L40S"} 250.500000
DCGM_FI_DEV_POWER_USAGE{gpu="1",UUID="GPU-b",modelName="NVIDIA L40S",GPU_I_PROFILE="2g.20gb",GPU_I_ID="3"} 55.011000
DCGM_FI_DEV_POWER_USAGE{gpu="1",UUID="GPU-b",modelName="NVIDIA L40S",GPU_I_PROFILE="2g.20gb",GPU_I_ID="5"} 55.011000
# HELP DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION Total energy consumption since boot (in mJ).
# TYPE DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION counter
DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION{gpu="0",UUID="GPU-a",modelName="NVIDIA L40S"} 5551899580
# HELP DCGM_FI_DEV_GPU_UTIL GPU utilization (in %).
# TYPE DCGM_FI_DEV_GPU_UTIL gauge
DCGM_FI_DEV_GPU_UTIL{gpu="0",UUID="GPU-a",modelName="NVIDIA L40S"} 98
# HELP DCGM_FI_DEV_FB_FREE Framebuffer memory free (in MiB).
# TYPE DCGM_FI_DEV_FB_FREE gauge
DCGM_FI_DEV_FB_FREE{gpu="0",UUID="GPU-a",modelName="NVIDIA L40S"} 1000
# HELP DCGM_FI_DEV_FB_USED Framebuffer memory used (in MiB).
# TYPE DCGM_FI_DEV_FB_USED gauge
DCGM_FI_DEV_FB_USED{gpu="0",UUID="GPU-a",modelName="NVIDIA L40S"} 3000
DCGM_FI_DEV_FB_USED{gpu="1",UUID="GPU-b",modelName="NVIDIA L40S",GPU_I_ID="3"} 100
DCGM_FI_DEV_FB_USED{gpu="1",UUID="GPU-b",modelName="NVIDIA L40S",GPU_I_ID="5"} 200
"""  # noqa: E501


def watts(value: float) -> dict[str, object]:
    return {"value": value, "unit": "W"}


AMD_GPU = {
    "gpu": 0,
    "usage": {"gfx_activity": {"value": 87, "unit": "%"}, "umc_activity": "N/A"},
    "power": {"socket_power": watts(542), "gfx_voltage": "N/A"},
    "clock": {
        "gfx_0": {"clk": {"value": 1200, "unit": "MHz"}, "max_clk": {"value": 2100}},
        "gfx_1": {"clk": {"value": 2100, "unit": "MHz"}},
        "mem_0": {"clk": {"value": 900, "unit": "MHz"}},
        "vclk_0": {"clk": {"value": 29, "unit": "MHz"}},
    },
    "temperature": {"edge": "N/A", "hotspot": {"value": 71, "unit": "C"}},
    "mem_usage": {
        "total_vram": {"value": 196592, "unit": "MB"},
        "used_vram": {"value": 121344, "unit": "MB"},
    },
    "energy": {"total_energy_consumption": {"value": 962825.097, "unit": "J"}},
}  # fmt: skip
AMD_SMI = "WARNING: user is not in the render group\n" + json.dumps([AMD_GPU], indent=2)
AMD_SMI_7 = json.dumps(
    {"gpu_data": [{"gpu": 3, "power": {"socket_power": 41}, "energy": "N/A", "usage": "N/A"}]}
)
ROCM_SMI = json.dumps(
    {
        "card1": {
            "Unique ID": "0x719d230578348e8c",
            "Card Series": "Instinct MI250X",
            "Temperature (Sensor junction) (C)": "35.0",
            "sclk clock speed:": "(800Mhz)",
            "mclk clock speed:": "(1600Mhz)",
            "Average Graphics Package Power (W)": "92.0",
            "GPU use (%)": "7",
            "VRAM Total Memory (B)": "68702699520",
            "VRAM Total Used Memory (B)": "11587584",
            "Energy counter": "62929744071539",
            "Accumulated Energy (uJ)": "962825096297.4",
        },
        "card0": {
            "Unique ID": "N/A",
            "Current Socket Graphics Package Power (W)": "N/A",
            "Accumulated Energy (uJ)": "0.0",
        },
        "system": {"Driver version": "6.2.4"},
    }
)

NPU_SMI = """\
+------------------------------------------------------------------------------------------------+
| npu-smi 24.1.0                   Version: 24.1.0                                               |
+---------------------------+---------------+----------------------------------------------------+
| NPU   Name                | Health        | Power(W)    Temp(C)           Hugepages-Usage(page)|
| Chip                      | Bus-Id        | AICore(%)   Memory-Usage(MB)  HBM-Usage(MB)        |
+===========================+===============+====================================================+
| 0     910B3               | OK            | 93.6        40                0    / 0             |
| 0                         | 0000:C1:00.0  | 35          0    / 0          3352 / 65536         |
+===========================+===============+====================================================+
| 2     910B3               | Alarm         | 88.9        39                0    / 0             |
| 0                         | 0000:C2:00.0  | 0           1197 / 13553      4    / 32768         |
+===========================+===============+====================================================+
+---------------------------+---------------+----------------------------------------------------+
| NPU     Chip              | Process id    | Process name             | Process memory(MB)      |
+===========================+===============+====================================================+
| 0       0                 | 1234          | python                   | 3300                    |
+===========================+===============+====================================================+
"""

NPU_SMI_310 = """\
+--------------------------------------------------------------------------------------------------------+
| npu-smi 25.3.rc1                                 Version: 25.3.rc1                                     |
+-------------------------------+-----------------+------------------------------------------------------+
| NPU     Name                  | Health          | Power(W)     Temp(C)           Hugepages-Usage(page) |
| Chip    Device                | Bus-Id          | AICore(%)    Memory-Usage(MB)                        |
+===============================+=================+======================================================+
| 6       310P3                 | OK              | NA           50                0     / 0             |
| 0       0                     | 0000:84:00.0    | 12           1839 / 21525                            |
+===============================+=================+======================================================+
"""  # noqa: E501

NPU_SMI_A3 = """\
| NPU   Name                | Health        | Power(W)    Temp(C)           Hugepages-Usage(page)|
| Chip  Phy-ID              | Bus-Id        | AICore(%)   Memory-Usage(MB)  HBM-Usage(MB)        |
+===========================+===============+====================================================+
| 0     Ascend910           | OK            | 165.1       36                0    / 0             |
| 0     0                   | 0000:9D:00.0  | 20          0    / 0          3100 / 65536         |
+------------------------------------------------------------------------------------------------+
| 0     Ascend910           | OK            | -           38                0    / 0             |
| 1     1                   | 0000:9F:00.0  | 40          0    / 0          2900 / 65536         |
+===========================+===============+====================================================+
"""
