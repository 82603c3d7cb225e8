#!/usr/bin/env python3
"""Writes the evidence of the example, `acme-ai`: the same bytes on every run.

    python examples/generate.py [TARGET]        (default: examples/acme-ai)

Needs Python 3.11 or newer and `pip install pytest==9.2.0`, which writes the JUnit reports.
It owns `evidence/` and `exceptions.yaml` of the target; everything else there is kept by hand.
"""

import shutil
import sys
from pathlib import Path

sys.dont_write_bytecode = True
HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from generator import access, changes, data, detection, disposal, drift, exceptions, exercises, incidents, infrastructure, models, monitoring, policies, posture, probes, registry, response, reviews, runs, scans, system, training, vendors  # noqa: E402
from generator.emit import Repository  # noqa: E402


def main():
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "acme-ai"
    if (target / "evidence").is_dir():
        shutil.rmtree(target / "evidence")
    repo = Repository(target)
    made, repo.change_ids = changes.write(repo)
    for part in (policies, system, access, data, disposal, models, incidents, infrastructure, detection, monitoring, drift, response, exercises):
        part.write(repo)
    registry.write(repo)
    training.write(repo)
    vendors.write(repo)
    scans.write(repo, made)
    posture.write(repo)
    probes.write(repo)
    runs.write(repo)
    reviews.write(repo, made)
    exceptions.write(repo, made)


if __name__ == "__main__":
    main()
