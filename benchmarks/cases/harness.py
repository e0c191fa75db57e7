"""What every case uses: timers, memory, and the modules of the package under test.

A case runs in a fresh process as ``python case.py PACKAGE``; it may import nothing of the project except this file.
"""

import importlib
import json
import resource
import sys
import time
import warnings

warnings.simplefilter("ignore")


class Case:
    """Modules of one package by short name, and measured seconds by step."""

    def __init__(self):
        self.package = sys.argv[1]
        self.seconds = {}
        self.answers = {}

    def module(self, name):
        return importlib.import_module(f"{self.package}.{name}")

    def timed(self, step, function, repeat=0):
        """Run a function; keep its first time and, with `repeat`, the best of further runs."""
        start = time.perf_counter()
        result = function()
        self.seconds[step] = {"first": time.perf_counter() - start}
        warm = []
        for _ in range(repeat):
            start = time.perf_counter()
            function()
            warm.append(time.perf_counter() - start)
        if warm:
            self.seconds[step]["warm"] = min(warm)
        return result

    def answer(self, name, value, rtol):
        """Keep a number or list to be compared with the other package."""
        values = [float(v) for v in value] if hasattr(value, "__len__") else float(value)
        self.answers[name] = {"value": values, "rtol": rtol}

    def report(self):
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps({"seconds": self.seconds, "answers": self.answers, "peak_mb": peak}))
