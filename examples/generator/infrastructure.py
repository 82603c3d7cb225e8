"""How the machines, networks and gateways are set up, and what the scans of them found."""

import random
from datetime import timedelta

from .clock import END, MONTHS, START, at, days, later, stamp

ACCOUNT = "account/acme"
# findings of the posture scan: rule, resource, severity, first seen and fixed as (month, day)
POSTURE = [
    ("storage_bucket_kms_encryption", "s3://acme-scratch", "medium", (2, 12), (2, 17)),
    ("storage_bucket_access_logging", "s3://acme-invoices", "low", (3, 26), (4, 8)),
    ("loadbalancer_tls_policy_current", "lb/internal-reports", "high", (6, 18), (6, 22)),
    ("iam_access_key_unused_90_days", "user/report-export", "medium", (8, 6), (8, 10)),
    ("kms_key_rotation_enabled", "kms/acme/scratch", "medium", (11, 5), (11, 11)),
]
SLA = {"critical": 7, "high": 30, "medium": 90}


def write(repo):
    _posture(repo)


def _finding(number, prefix, row, day):
    """A finding as the run of a day reports it: open, fixed since the run before, or no longer listed."""
    rule, resource, severity, seen, fixed = row
    seen, fixed = START.replace(month=seen[0], day=seen[1]), START.replace(month=fixed[0], day=fixed[1])
    if day < seen or day - timedelta(days=7) >= fixed:
        return None
    found = {"id": f"{prefix}-F{number}", "rule": rule, "resource": resource, "severity": severity, "status": "open" if day <= fixed else "fixed",
             "first_seen": seen.isoformat(), "owner": "p-018"}
    if severity in SLA:
        found["due_on"] = (seen + timedelta(days=SLA[severity])).isoformat()
    if day > fixed:
        found |= {"closed_on": fixed.isoformat(), "ticket": f"OPS-{730 + number}"}
    return found


def _posture(repo):
    """Each Thursday night the whole account is compared with the benchmark."""
    runs = []
    for day in days(START, END):
        if day.weekday() == 3:
            rng = random.Random(f"posture {day}")
            findings = [f for n, row in enumerate(POSTURE, 1) if (f := _finding(n, "PO", row, day))]
            failed, total = sum(f["status"] != "fixed" for f in findings), 412 + day.month * 3 + rng.randint(0, 2)
            runs.append((day, {
                "scan_id": f"PO-{day}", "scan_type": "posture", "tool": "prowler", "tool_version": "5.8.1" if day.month < 7 else "5.11.0", "target": ACCOUNT,
                "account": "acme", "environment": "production", "benchmark": "CIS 5.0", "run_at": stamp(at(day, 3, rng.randint(4, 19))), "completed": True,
                "evaluated": {"total": total, "passed": total - failed, "failed": failed}, "findings": findings}))
    for month in MONTHS:
        _export(repo, "posture", month, [run for day, run in runs if month.first <= day <= month.last], "all runs of the posture scan")


def _export(repo, name, month, runs, query):
    path = f"evidence/scans/{name}-{month.name}.jsonl"
    repo.jsonl(path, runs)
    repo.manifest(path, "scanner.acme.example", month.after(2, 7, 50), "svc-collector", query=f"{query}, {month.first} to {month.last}", records=len(runs),
                  covers=month.covers(), second_source={"name": "runs in the log of the scheduler", "records": len(runs)})
