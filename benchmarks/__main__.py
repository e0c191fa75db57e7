"""Run every case under both packages; compare the answers, then print times, ratios and peak memory.

``make bench`` runs it. The peer's interpreter comes from PEER_PYTHON. Results are also written to
``benchmarks/results/latest.json``.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

HERE = Path(__file__).parent
CASES = ("imports", "maps", "crab", "many_spectra")
NEEDS_DATA = {"crab"}


def run(python, case, package):
    """Run one case in a fresh process and return its report, after one run that warms the disk cache."""
    environment = {**os.environ, "PYTHONPATH": str(HERE / "cases"), "TQDM_DISABLE": "1"}
    command = [python, "-W", "ignore", str(HERE / "cases" / f"{case}.py"), package]
    if case == "imports":
        subprocess.run(command, env=environment, capture_output=True, check=False)
    process = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if process.returncode:
        raise SystemExit(f"{case} failed under {package}:\n{process.stderr[-3000:]}")
    return json.loads(process.stdout.splitlines()[-1])


def compare(case, ours, theirs):
    """Return a line for each answer that differs by more than its tolerance."""
    lines = []
    for name, answer in ours["answers"].items():
        mine, other = np.asarray(answer["value"], float), np.asarray(theirs["answers"][name]["value"], float)
        worst = float(np.max(np.abs(mine - other) / np.maximum(np.abs(other), 1e-300)))
        if not worst <= answer["rtol"]:
            lines.append(f"{case}: {name} differs by {worst:.2g} (allowed {answer['rtol']:g})")
    return lines


def main():
    """Run the benchmarks."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cases", nargs="*", help=f"which cases, of {', '.join(CASES)}; by default all")
    names = parser.parse_args().cases or list(CASES)
    console = Console(width=110)
    peer = os.environ.get("PEER_PYTHON")
    data = os.environ.get("GEMINGA_DATA") or os.environ.get("GAMMAPY_DATA")
    if data:
        os.environ["GEMINGA_DATA"] = os.environ["GAMMAPY_DATA"] = data
    table = Table(title=f"Geminga and peer, {os.cpu_count()} cores, Python {platform.python_version()}")
    for heading in (
        "case",
        "step",
        "peer first",
        "ours first",
        "peer warm",
        "ours warm",
        "ratio first",
        "ratio warm",
    ):
        table.add_column(heading, justify="left" if heading in ("case", "step") else "right")
    results, differences = {}, []
    for name in names:
        if name in NEEDS_DATA and not data:
            console.print(f"{name}: skipped, GEMINGA_DATA is not set")
            continue
        ours = run(sys.executable, name, "geminga")
        theirs = run(peer, name, "gammapy") if peer else None
        results[name] = {"geminga": ours, "peer": theirs}
        if theirs:
            differences += compare(name, ours, theirs)
        for step, mine in ours["seconds"].items():
            other = theirs["seconds"][step] if theirs else {}
            cells = [_seconds(other.get("first")), _seconds(mine["first"])]
            cells += [_seconds(other.get("warm")), _seconds(mine.get("warm"))]
            warm_peer = other.get("warm", other.get("first"))
            cells += [_ratio(other.get("first"), mine["first"]), _ratio(warm_peer, mine.get("warm"))]
            table.add_row(name, step, *cells)
        memory = f"peak memory {ours['peak_mb']:.0f} MB" + (
            f", peer {theirs['peak_mb']:.0f} MB" if theirs else ""
        )
        table.add_row(name, memory, *[""] * 6, end_section=True)
    for line in differences:
        console.print(f"[red]{line}[/red]")
    console.print(
        "answers agree" if results and not differences else "answers were not all compared or differ"
    )
    console.print(table)
    (HERE / "results").mkdir(exist_ok=True)
    (HERE / "results" / "latest.json").write_text(json.dumps(results, indent=1))
    sys.exit(1 if differences else 0)


def _seconds(value):
    return "" if value is None else f"{value:.3f} s" if value >= 0.1 else f"{1e3 * value:.2f} ms"


def _ratio(peer, ours):
    return "" if not peer or not ours else f"{peer / ours:.0f}x"


if __name__ == "__main__":
    main()
