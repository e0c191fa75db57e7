"""Run one script under both packages, only the name of the package exchanged, and compare what they print."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np

SCRIPTS = Path(__file__).parent / "scripts"
PACKAGES = ("geminga", "gammapy")

# The peer samples the area of a region with pixels.
ROUGH = {"solid_angle": 1e-3}


def run(package, script, folder) -> dict:
    """Run a script of `scripts/` in a folder under one package; return the JSON of its last line."""
    python = sys.executable if package == "geminga" else os.environ["PEER_PYTHON"]
    code = (SCRIPTS / f"{script}.py").read_text(encoding="utf-8").replace("geminga", package)
    # The package of this process, wherever it was found.
    own = os.environ.get("PYTHONPATH") if package == "geminga" else None
    path = os.pathsep.join(filter(None, [str(SCRIPTS), own]))
    environment = {**os.environ, "PYTHONPATH": path, "MPLBACKEND": "Agg", "TQDM_DISABLE": "1"}
    if "GEMINGA_DATA" in environment:
        environment["GAMMAPY_DATA"] = environment["GEMINGA_DATA"]
    process = subprocess.run(
        [python, "-W", "ignore", "-c", code],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 0, f"{script} failed under {package}:\n{process.stderr[-3000:]}"
    return json.loads(process.stdout.splitlines()[-1])


def errors(result) -> dict:
    """Return the items of a script that ended with an error."""
    return {
        name: value for name, value in result.items() if isinstance(value, str) and value.startswith("ERROR")
    }


def differences(ours, theirs, rtol, place="") -> list[str]:
    """Return one line for each number or word that differs between two nested results."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        lines = [f"{place}/{key}: only in one" for key in ours.keys() ^ theirs.keys()]
        for key in ours.keys() & theirs.keys():
            lines += differences(ours[key], theirs[key], ROUGH.get(key, rtol), f"{place}/{key}")
        return lines
    if isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        return [
            line
            for number, pair in enumerate(zip(ours, theirs, strict=True))
            for line in differences(*pair, rtol, f"{place}/{number}")
        ]
    is_number = all(isinstance(v, int | float) and not isinstance(v, bool) for v in (ours, theirs))
    if is_number and np.isclose(ours, theirs, rtol=rtol, atol=1e-300, equal_nan=True):
        return []
    return [] if ours == theirs else [f"{place}: ours {ours!r}, peer {theirs!r}"]


def assert_interchange(topic, writer, folder, rtol=1e-6, peer_cannot_write=(), peer_cannot_read=()):
    """Let one package write the files of a topic; let both read them, and compare what they found.

    Parameters
    ----------
    topic : str
        Of ``scripts/TOPIC_write.py`` and ``scripts/TOPIC_read.py``.
    writer : {"geminga", "gammapy"}
    folder : path
    rtol : float
        Allowed relative difference of numbers.
    peer_cannot_write, peer_cannot_read : collection of str
        Items that the peer fails to write, or fails to read or reads wrongly. Geminga must be able to.
    """
    failed = errors(run(writer, f"{topic}_write", folder))
    if writer == "gammapy":
        failed = {name: text for name, text in failed.items() if name not in peer_cannot_write}
    ours, theirs = (run(package, f"{topic}_read", folder) for package in PACKAGES)
    lines = [f"{name} is not written by {writer}: {text}" for name, text in failed.items()]
    lines += [f"{name} is not read by us: {text}" for name, text in errors(ours).items()]
    assert ours, "nothing was read"
    for name in sorted((ours.keys() | theirs.keys()) - errors(ours).keys()):
        found = differences(ours.get(name), theirs.get(name), rtol, name)
        if name in peer_cannot_read:
            # A row of this list that is not needed any more shall be taken out.
            found = [] if found else [f"{name} is read by the peer after all"]
        lines += found
    assert not lines, f"{len(lines)} differences:\n" + "\n".join(lines[:80])
