"""Run every case under both packages; compare the answers, then print times, ratios and peak memory.

``make bench`` runs it. The peer's interpreter comes from PEER_PYTHON. Results are also written to
``benchmarks/results/latest.json``.

``python -m benchmarks cubes`` runs a group, ``python -m benchmarks cube_fit:point`` one step of a case. Some fits take
the peer minutes: with ``--reuse-peer`` its last results are taken from that file.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

HERE = Path(__file__).parent
LATEST = HERE / "results" / "latest.json"
FITS = ("point", "two_sources", "eight_sources", "spectral_only", "flux_points", "first_call")
#: The jobs of each group: a case, or a case and one of its steps.
GROUPS = {
    "basics": ("imports", "maps", "crab", "many_spectra"),
    "cubes": ("cube_reduction", *(f"cube_fit:{step}" for step in FITS), "cube_npred", "cube_joint"),
    "memory": ("cube_memory:10", "cube_memory:100"),
    "scaling": ("cube_scaling:sources", "cube_scaling:datasets", "cube_scaling:pixels"),
}
NEEDS_DATA = {"crab", "cube_reduction", "cube_fit", "cube_joint", "cube_memory"}
#: What `cube_inputs` writes for a job.
INPUTS = {
    "cube_fit:point": "stacked",
    "cube_fit:two_sources": "two_sources",
    "cube_fit:eight_sources": "eight_sources",
    "cube_fit:spectral_only": "two_sources",
    "cube_fit:flux_points": "stacked",
    "cube_fit:first_call": "two_sources",
    "cube_joint": "runs",
}


def jobs_of(names):
    """Return the jobs of groups, cases and steps, in order."""
    every = [job for group in GROUPS.values() for job in group]
    jobs = []
    for name in names or GROUPS:
        found = GROUPS.get(name) or [job for job in every if name in (job, job.split(":")[0])]
        if not found:
            raise SystemExit(f"cases must be of {', '.join([*GROUPS, *every])}, got {name!r}.")
        jobs += [job for job in found if job not in jobs]
    return jobs


def run(python, job, package):
    """Run one job in a fresh process and return its report; imports run twice, to warm the disk cache."""
    case, *step = job.split(":")
    environment = {**os.environ, "PYTHONPATH": _path(package), "TQDM_DISABLE": "1"}
    command = [python, "-W", "ignore", str(HERE / "cases" / f"{case}.py"), package, *step]
    if case == "imports":
        subprocess.run(command, env=environment, capture_output=True, check=False)
    environment["BENCHMARK_START"] = str(time.time())
    process = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if process.returncode:
        raise SystemExit(f"{job} failed under {package}:\n{process.stderr[-3000:]}")
    return json.loads(process.stdout.splitlines()[-1])


def _path(package):
    """Return where modules are looked for: the cases, and the path of this process for its own package."""
    own = os.environ.get("PYTHONPATH") if package == "geminga" else None
    return os.pathsep.join(filter(None, [str(HERE / "cases"), own]))


@contextmanager
def inputs(jobs):
    """Write the inputs that the jobs share into a folder that lives as long as they run."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["BENCHMARK_INPUTS"] = folder
        for kind in sorted({INPUTS[job] for job in jobs if job in INPUTS}):
            run(sys.executable, f"cube_inputs:{kind}", "geminga")
        yield


def compare(case, ours, theirs):
    """Return a line for each answer that differs by more than its tolerance."""
    lines = []
    for name, answer in ours["answers"].items():
        if name not in theirs["answers"]:
            continue  # The peer does not run the large sizes.
        mine, other = np.asarray(answer["value"], float), np.asarray(theirs["answers"][name]["value"], float)
        allowed = np.asarray(answer.get("atol", 0.0)) + answer["rtol"] * np.abs(other)
        worst = float(np.max(np.abs(mine - other) / np.maximum(allowed, 1e-300)))
        if not worst <= 1:
            lines.append(f"{case}: {name} differs by {worst:.3g} times what is allowed")
    return lines


def measure(job, peer, known):
    """Return the reports of both packages; the peer's is None without an interpreter, or a known one."""
    if peer and known and known.get("peer"):
        theirs = known["peer"]
    else:
        theirs = run(peer, job, "gammapy") if peer else None
    return {"geminga": run(sys.executable, job, "geminga"), "peer": theirs}


def main():
    """Run the benchmarks."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "cases", nargs="*", help=f"groups ({', '.join(GROUPS)}), cases or steps; by default all"
    )
    parser.add_argument("--reuse-peer", action="store_true", help="take the peer's results of last time")
    arguments = parser.parse_args()
    console = Console(width=160)
    peer = os.environ.get("PEER_PYTHON")
    data = os.environ.get("GEMINGA_DATA") or os.environ.get("GAMMAPY_DATA")
    if data:
        os.environ["GEMINGA_DATA"] = os.environ["GAMMAPY_DATA"] = data
    jobs = jobs_of(arguments.cases)
    skipped = [job for job in jobs if job.split(":")[0] in NEEDS_DATA and not data]
    if skipped:
        console.print(f"skipped, GEMINGA_DATA is not set: {', '.join(skipped)}")
    jobs = [job for job in jobs if job not in skipped]
    known = json.loads(LATEST.read_text()) if LATEST.exists() else {}
    results, differences = {}, []
    with inputs(jobs):
        for job in jobs:
            results[job] = measure(job, peer, known.get(job) if arguments.reuse_peer else None)
            if results[job]["peer"]:
                differences += compare(job, results[job]["geminga"], results[job]["peer"])
            LATEST.parent.mkdir(exist_ok=True)
            LATEST.write_text(json.dumps({**known, **results}, indent=1))
    for line in differences:
        console.print(f"[red]{line}[/red]")
    compared = results and all(result["peer"] for result in results.values())
    console.print(
        "answers agree" if compared and not differences else "answers were not all compared or differ"
    )
    console.print(report(results))
    for line in limits(results):
        console.print(line)
    sys.exit(1 if differences else 0)


def report(results):
    """Return a table of times by job and step, with the peak memory of each job."""
    table = Table(title=f"Geminga and peer, {os.cpu_count()} cores, Python {platform.python_version()}")
    table.add_column("step")
    for heading in (
        "peer first",
        "(cpu)",
        "ours first",
        "(cpu)",
        "peer warm",
        "ours warm",
        "first",
        "cpu",
        "warm",
        "cpu",
    ):
        table.add_column(heading, justify="right")
    for job, result in results.items():
        ours, theirs = result["geminga"], result["peer"]
        for step, mine in ours["seconds"].items():
            other = theirs["seconds"].get(step, {}) if theirs else {}
            cells = [other.get("first"), other.get("cpu"), mine["first"], mine.get("cpu")]
            cells += [other.get("warm"), mine.get("warm")]
            warm_peer = other.get("warm", other.get("first"))
            ratios = [(other.get(name), mine.get(name)) for name in ("first", "cpu")]
            ratios.append((warm_peer, mine.get("warm")))
            ratios.append((other.get("warm_cpu", other.get("cpu")), mine.get("warm_cpu")))
            table.add_row(step, *map(_seconds, cells), *(_ratio(*pair) for pair in ratios))
        notes = [f"peak {ours['peak_mb']:.0f} MB" + (f", peer {theirs['peak_mb']:.0f} MB" if theirs else "")]
        for name, number in ours.get("counts", {}).items():
            notes.append(
                f"{number} {name}"
                + (f", peer {theirs['counts'][name]}" if theirs and name in theirs["counts"] else "")
            )
        table.add_row(f"[dim]{job}: {'; '.join(notes)}[/dim]", end_section=True)
    return table


def _seconds(value):
    return "" if value is None else f"{value:.3f} s" if value >= 0.1 else f"{1e3 * value:.2f} ms"


def _ratio(peer, ours):
    if not peer or not ours:
        return ""
    return f"{peer / ours:.1f}x" if peer < 9.95 * ours else f"{peer / ours:.0f}x"


def limits(results):
    """Return a line for each step that is compared with what no code can do without, in processor time."""
    lines = []
    for result in results.values():
        ours, theirs = result["geminga"], result["peer"]
        for step, bound in ours.get("bounds", {}).items():
            times = [report["seconds"][step] if report else {} for report in (ours, theirs)]
            own, other = (one.get("warm_cpu", one.get("cpu")) for one in times)
            line = f"{step}: {_seconds(own)}, of which {bound['what']} {_seconds(bound['cpu'])}"
            lines.append(line + (f"; at the limit {_ratio(other, bound['cpu'])}" if other else ""))
    return lines


if __name__ == "__main__":
    main()
