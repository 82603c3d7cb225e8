"""What people looked at and concluded: the monthly analysis of the log, and the board that reviews model changes."""

import json

from .clock import MONTHS, later, stamp

# what was seen in the log of each month, beyond the counts
SEEN = [
    "The refused reading of a secret came from a script that still used the old path; it was corrected the same day.",
    "A platform engineer tried to open a shell in serving without a ticket and was refused, as the policy wants it; he opened one and went through the gateway.",
    "The head of data tried to approve her own export. The rule of two held, and the chief technology officer approved it an hour later.",
    "Nobody was refused. The heartbeat of the log arrived from all three systems on every day, so the silence is real.",
    "Deleting a model version is nobody's right, and the registry refused it. The old version is kept for rollbacks, which the engineer had not known.",
    "Two refusals: a secret was asked for in the haste of the rollback on 18 June, and an export lacked its second approver.",
    "No refusals. The share of rotations rose, because the certificates of the gateway were renewed; each has its ticket.",
    "One refused shell in serving, by a colleague back from leave whose group had been changed meanwhile. The group is right as it is now.",
    "A change of permissions in the registry was refused outside the maintenance window and repeated within it.",
    "Nothing was refused in October. The account of the security engineer who left on the fifteenth shows no action after that day.",
    "One refused reading in the training namespace: the secret had been moved the day before and the runbook was behind. It is corrected.",
    "Shortening the retention of ticket tables needs the legal counsel, so the attempt of 3 December was refused; the request came with her approval a week later.",
]


def write(repo, changes):
    for number, month in enumerate(MONTHS):
        _log_analysis(repo, month, SEEN[number])


def _log_analysis(repo, month, seen):
    """Counts of the privileged log by outcome, made again from the extract by a security engineer who has no account in it."""
    path = f"evidence/logs/privileged-{month.name}.jsonl"
    events = [json.loads(line) for line in (repo.root / path).read_text().splitlines()]
    outcomes = {name: sum(e["outcome"] == value for e in events) for name, value in (("allowed", "success"), ("denied", "denied"), ("failed", "failure"))}
    actors = len({e["actor"] for e in events})
    reviewed = month.after(4, 11, 20 + month.first.month)
    conclusion = f"{outcomes['allowed']} of {len(events)} attempts by {actors} accounts were allowed in {month.first:%B}, all by accounts of the listings. {seen}"
    front = {
        "review_id": f"LA-{month.name}", "review_type": "log_analysis", "period": month.name, "period_start": month.first.isoformat(), "period_end": month.last.isoformat(),
        "reviewer": "p-021" if month.first.month < 10 else "p-027", "reviewed_at": stamp(reviewed),
        "query": "index=privileged, count by outcome and actor; joined with the newest account listings on system and account",
        "inputs": [{"path": path, "sha256": repo.hashes[path]}], "counts": [{"input_sha256": repo.hashes[path], "events": len(events)} | outcomes],
        "conclusion": conclusion, "issues": [], "actions": []}
    by_system = sorted({e["system"] for e in events})
    rows = [f"| {s} | " + " | ".join(str(sum(e["system"] == s and e["outcome"] == o for e in events)) for o in ("success", "denied", "failure")) + " |" for s in by_system]
    table = "\n".join(["| System | Allowed | Denied | Failed |", "|---|---|---|---|", *rows])
    target = f"evidence/logs/analysis-{month.name}.md"
    repo.markdown(target, front, f"# Access in the log, {month.first:%B} {month.first:%Y}\n\n## Counts\n\n{table}\n\n## What was seen\n\n{seen}\n")
    repo.manifest(target, "git.acme.example/acme/compliance", later(reviewed, hours=3), front["reviewer"])
