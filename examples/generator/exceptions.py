"""The register of exceptions: the one deviation of the year, found and recorded by the company itself."""

from . import disposal, exercises, monitoring, probes, scans, system, vendors
from .clock import stamp


def write(repo, changes):
    late = next(c for c in changes if c["change_id"] == repo.change_ids["late"])
    month = late["deployed_at"].strftime("%Y-%m")
    normal = sum(not c["emergency"] and c["deployed_at"] <= late["approved_at"] for c in changes)
    repo.yaml("exceptions.yaml", {"exceptions": [{
        "id": "EX-2026-001", "control": "DEV-02", "check": "reviewed-before-deployment", "record": late["change_id"],
        "path": f"evidence/changes/changes-{month}.jsonl", "occurred_on": late["deployed_at"].date().isoformat(),
        "found_on": late["approved_at"].date().isoformat(), "found_by": "p-011",
        "cause": f"The deployment of {stamp(late['deployed_at'])} was started from the branch of the pull request instead of main; the gate looked at the checks and not at the review.",
        "extent": f"One change. All {normal} changes since 1 January 2026 without emergency were compared with their approvals; no other was deployed before it was approved.",
        "compensating_control": "The change was reviewed on the next morning without objections and had passed all tests before; the canary showed no rise in errors.",
        "response": "From 1 June 2026 the deployment platform refuses builds from any branch but main.",
        "owner": "p-004", "approver": "p-002", "approved_on": "2026-05-27", "expires_on": "2027-06-30",
    }, *scans.deviations(), *disposal.deviations(), *monitoring.deviations(), *exercises.deviations(), *system.deviations(), *vendors.deviations(), *probes.deviations()]})
