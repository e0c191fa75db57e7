"""What every case uses: timers, memory, and the modules of the package under test.

A case runs in a fresh process as ``python case.py PACKAGE [STEP]``; it may import nothing of the project except the
files of this folder.
"""

import importlib
import json
import os
import resource
import sys
import time
import warnings

warnings.simplefilter("ignore")


class Case:
    """Modules of one package by short name, and measured seconds by step."""

    def __init__(self):
        self.package = sys.argv[1]
        self.step = sys.argv[2] if len(sys.argv) > 2 else None
        self.inputs = os.environ.get("BENCHMARK_INPUTS")
        self.seconds = {}
        self.answers = {}
        self.counts = {}
        self.bounds = {}

    def repeats(self, number):
        """Return how often to repeat a step that takes the peer long: `number` times, never for the peer."""
        return number if self.package == "geminga" else 0

    def module(self, name):
        return importlib.import_module(f"{self.package}.{name}")

    def timed(self, step, function, repeat=0):
        """Run a function; keep its first time and, with `repeat`, the best of further runs.

        The processor time says more than the clock where others use the machine.
        """
        result, wall, cpu = _run(function)
        self.seconds[step] = {"first": wall, "cpu": cpu}
        further = [_run(function)[1:] for _ in range(repeat)]
        if further:
            wall, cpu = (min(values) for values in zip(*further, strict=True))
            self.seconds[step] |= {"warm": wall, "warm_cpu": cpu}
        return result

    def bound(self, step, what, function, repeat=5):
        """Time the part of a step that no code can do without, and say what it is."""
        self.bounds[step] = {"what": what, "cpu": min(_run(function)[2] for _ in range(repeat))}

    def since_start(self, step):
        """Keep the time since this process was started."""
        elapsed = time.time() - float(os.environ["BENCHMARK_START"])
        self.seconds[step] = {"first": elapsed, "cpu": time.process_time()}

    def answer(self, name, value, rtol=0.0, atol=0.0):
        """Keep a number or list to be compared with the other package, within ``atol + rtol * |other|``."""
        self.answers[name] = {"value": _plain(value), "rtol": rtol, "atol": _plain(atol)}

    def report(self):
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        kept = ("seconds", "answers", "counts", "bounds")
        print(json.dumps({name: getattr(self, name) for name in kept} | {"peak_mb": peak}))


def _run(function):
    """Return the result of a function, and the seconds of the clock and of the processor that it took."""
    start, cpu = time.perf_counter(), time.process_time()
    result = function()
    return result, time.perf_counter() - start, time.process_time() - cpu


def _plain(value):
    return [float(v) for v in value] if hasattr(value, "__len__") else float(value)
