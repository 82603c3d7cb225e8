"""How the machines, networks and gateways are set up, and what the scans of them found."""

import random
from datetime import timedelta

from .clock import END, MONTHS, START, at, days, later, stamp


def write(repo):
    pass


def _export(repo, name, month, runs, query):
    path = f"evidence/scans/{name}-{month.name}.jsonl"
    repo.jsonl(path, runs)
    repo.manifest(path, "scanner.acme.example", month.after(2, 7, 50), "svc-collector", query=f"{query}, {month.first} to {month.last}", records=len(runs),
                  covers=month.covers(), second_source={"name": "runs in the log of the scheduler", "records": len(runs)})
