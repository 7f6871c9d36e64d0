#!/usr/bin/env python3
"""Start-up cost of `edgectl --version` beside its peer `iotedgedev --version`.

Usage: startup.py EDGECTL IOTEDGEDEV

Prints, for each, the user+sys CPU milliseconds and the wall milliseconds of the median run (a warm-up run is not counted), the ratio
of the CPU figures, and the size of our binary. The two are run in turn, so that a busy machine is busy for both.
"""

import os
import resource
import statistics
import subprocess
import sys
import time


def run(program):
    """Returns (CPU ms, wall ms) of one `PROGRAM --version`."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    subprocess.run([program, "--version"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = (after.ru_utime - before.ru_utime) + (after.ru_stime - before.ru_stime)
    return cpu * 1000, wall * 1000


def main():
    ours, peer = sys.argv[1:3]
    runs = {ours: [], peer: []}
    for round_number in range(11):
        for program, results in runs.items():
            result = run(program)
            if round_number:
                results.append(result)
    cpu = {program: statistics.median(result[0] for result in results) for program, results in runs.items()}
    wall = {program: statistics.median(result[1] for result in results) for program, results in runs.items()}
    print(f"edgectl    --version: {cpu[ours]:8.2f} ms CPU, {wall[ours]:8.2f} ms wall")
    print(f"iotedgedev --version: {cpu[peer]:8.2f} ms CPU, {wall[peer]:8.2f} ms wall")
    print(f"ratio of CPU: {cpu[peer] / cpu[ours]:.0f} times less; binary: {os.path.getsize(ours) / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
