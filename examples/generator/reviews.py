"""What people looked at and concluded: the monthly analysis of the log, and the board that reviews model changes."""

import json

from .clock import MONTHS, QUARTERS, at, later, stamp
from .world import BY_VERSION

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


# the board's review of each change of tier high or medium: reviewer, how long the meeting took, topics not met or not applicable, conclusion, conditions
BOARD = {
    "ticket-router 2.2.0": ("p-003", 40, {}, "The new tickets bring four per cent fewer reassignments offline. The two billing queues are small; their share is watched.", []),
    "churn-risk 3.5.0": ("p-010", 75, {"limitations": ("not_met", "Accounts under twelve weeks lose their score, and the card did not say so yet.")},
                         "Falling usage shows a month earlier on last year's cancellations. Account teams must hear beforehand which accounts vanish from the list.",
                         [("Add the missing score of young accounts to the card", "p-012", "2026-03-16", "2026-03-11"), ("Tell the account teams before the release", "p-022", "2026-03-16", "2026-03-13")]),
    "ticket-router 2.3.0": ("p-003", 55, {"fairness": ("not_met", "The suite compares rates between languages; the accuracy per language was not shown. Weighting in training is taken as enough for now.")},
                            "Short tickets gain clearly. The result per language is open, and the first day decides.",
                            [("Watch the share of each queue hourly on the first day", "p-024", "2026-06-17", "2026-06-17")]),
    "ticket-router 2.3.1": ("p-003", 90, {}, "Read against the post-mortem of INC-2026-004: English tickets are now as accurate as German ones, and the suite would have stopped 2.3.0.", []),
    "churn-risk 4.0.0": ("p-010", 110, {"rollback": ("not_applicable", "The list format changes with the release, so going back means the old list as well; rehearsed on staging instead.")},
                         "Explanations no longer turn around when a contract is extended. Large accounts move in the ranking; the sample of thirty was read one by one with the account teams.",
                         [("Keep the old list beside the new one for two weeks", "p-022", "2026-09-29", "2026-09-29")]),
    "churn-risk 4.1.0": ("p-003", 35, {}, "Contract value drifted with the prices of September, inside the limits. The ranking of the first hundred accounts changes by four places at most.", []),
}
TOPICS = [("data", "Is the training data recorded, approved and free of the known faults?"), ("performance", "Is the version better than the one it replaces where customers look?"),
          ("fairness", "Does the result hold for every group and language?"), ("limitations", "Does the card name every new limit?"), ("rollback", "Can the version be taken back within the time of the runbook?")]


TARGET = 0.98  # of the checks of a dataset version that must pass
INITIATIVES = {
    "QI-2026-1": ("support-tickets", "Move the language check of ticket exports into the masking job, which sees the whole text", "p-016", "2026-05-29", "2026-05-18"),
    "QI-2026-2": ("router-training", "Draw the training set of the router by language, so that English never falls below 18 per cent", "p-015", "2026-07-31", "2026-07-20"),
    "QI-2026-3": ("invoice-scans", "Agree with the supplier on one invoice in four with a two-column layout", "p-006", "2026-10-30", "2026-10-02"),
    "QI-2026-4": ("product-usage", "Count the accounts whose proxies send no events, beside the rate itself", "p-025", "2027-03-31", None),
}
# what the quarter's figures showed, with the initiatives listed
QUALITY = {
    "2026-Q1": ("Every dataset version passed every check. Tickets in a third language stop the export each month although masking sets them aside; that check is to move.", ["QI-2026-1"]),
    "2026-Q2": ("Router training data of June failed once, with 11 per cent English where 18 are wanted, and passed after it was drawn again. The drawing itself must change.",
                ["QI-2026-1", "QI-2026-2"]),
    "2026-Q3": ("All versions of the quarter passed, the router's first set drawn by language among them. Two-column invoices are rare in the scans and will matter in October.",
                ["QI-2026-2", "QI-2026-3"]),
    "2026-Q4": ("The delivery of October held one two-column invoice in four, as agreed. Nothing fell below its target; blind spots in usage data come next.", ["QI-2026-3", "QI-2026-4"]),
}


def write(repo, changes):
    _quality_rates(repo)
    for quarter in QUARTERS:
        _quality_review(repo, quarter, *QUALITY[quarter.name])
    for version, review in BOARD.items():
        _board_review(repo, BY_VERSION[version], *review)
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


def _board_review(repo, version, reviewer, minutes, other, conclusion, conditions):
    """The checklist of the model board for one version, finished before the change was approved."""
    reviewed = later(version.evaluated_at, hours=2, minutes=minutes)
    reports = sorted(p for p in repo.hashes if p.startswith(f"evidence/tests/{version.model.id}-{version.version}/") and p.rsplit("/", 1)[1][:-4] in version.tests())
    checklist = []
    for topic, question in TOPICS:
        answer, comment = other.get(topic, ("met", None))
        checklist.append({"id": topic, "question": question, "answer": answer} | ({"comment": comment} if comment else {}))
    front = {
        "review_id": f"MR-{version.model.id}-{version.version}", "review_type": "model_change", "change_id": repo.change_ids[version.id], "subject_digest": version.digest,
        "author": version.author, "reviewer": reviewer, "reviewed_at": stamp(reviewed), "inputs": [{"path": p, "sha256": repo.hashes[p]} for p in reports],
        "checklist": checklist, "decision": "approved_with_conditions" if conditions else "approved", "conclusion": conclusion, "issues": [],
        "actions": [{"id": f"A-{n}", "text": text, "owner": owner, "due_on": due, "status": "closed", "closed_on": closed}
                    for n, (text, owner, due, closed) in enumerate(conditions, 1)]}
    path = f"evidence/models/reviews/{version.model.id}-{version.version}.md"
    noted = "\n".join(f"- {topic}: {comment}" for topic, (_, comment) in other.items()) or "Every topic is met; the reports were read test by test."
    repo.markdown(path, front, f"# Board review of {version.model.title} {version.version}\n\n## Noted\n\n{noted}\n\n## Conclusion\n\n{conclusion}\n")
    closed = max([later(reviewed, hours=2).date().isoformat()] + [a["closed_on"] for a in front["actions"]])
    repo.manifest(path, "git.acme.example/acme/model-reviews", later(reviewed, hours=2 if closed == reviewed.date().isoformat() else 24 * 24), reviewer)


def _quality_rates(repo):
    """The pass rate of each dataset version validated in a month, over all its runs, in the month of the last of them."""
    counts = {}
    for path in sorted(p for p in repo.hashes if p.startswith("evidence/data/quality/") and p.endswith(".json")):
        result = json.loads((repo.root / path).read_text())
        found = counts.setdefault((result["dataset_id"], result["dataset_version"]), {"passed": 0, "evaluated": 0, "month": ""})
        found["passed"] += sum(c["success"] for c in result["checks"])
        found["evaluated"] += result["evaluated"]
        found["month"] = max(found["month"], result["run_at"][:7])
    columns = ["metric_id", "subject_id", "subject_version", "environment", "ts", "value", "unit", "target", "estimate", "numerator", "denominator"]
    for month in MONTHS:
        rows = [{"metric_id": "dq_pass_rate", "subject_id": dataset, "subject_version": version, "environment": "production", "ts": stamp(at(month.last, 20)),
                 "value": round(c["passed"] / c["evaluated"], 4), "unit": "ratio", "target": TARGET, "estimate": False, "numerator": c["passed"], "denominator": c["evaluated"]}
                for (dataset, version), c in sorted(counts.items()) if c["month"] == month.name]
        path = f"evidence/data/quality-rates-{month.name}.csv"
        repo.csv(path, columns, rows)
        signed = month.after(2, 8, 50)
        nil = None if rows else {"statement": "No dataset version was validated in this month, because no training was prepared.", "signed_by": "p-006", "signed_on": signed.date().isoformat()}
        repo.manifest(path, "quality.acme.example", signed, "svc-quality", query=f"checks passed and evaluated per dataset version, last run from {month.first} to {month.last}",
                      records=len(rows), covers=month.covers(), second_source={"name": "dataset versions validated, per catalogue", "records": len(rows)}, nil_return=nil)


def _quality_review(repo, quarter, conclusion, listed):
    """The head of data goes through the figures of the quarter and the initiatives that are open or were finished in it."""
    reviewed = quarter.after(4, 10, 30)
    months = [m for m in MONTHS if quarter.first <= m.first <= quarter.last]
    inputs = [f"evidence/data/quality-rates-{m.name}.csv" for m in months]
    actions = []
    for name in listed:
        dataset, text, owner, due, closed = INITIATIVES[name]
        done = closed is not None and closed < reviewed.date().isoformat()
        actions.append({"id": name, "text": text, "metric_id": "dq_pass_rate", "subject_id": dataset, "owner": owner, "due_on": due, "status": "closed" if done else "open"}
                       | ({"closed_on": closed} if done else {}) | ({"change_id": repo.change_ids["checks"]} if done and name == "QI-2026-1" else {}))
    front = {
        "review_id": f"QR-{quarter.name}", "review_type": "data_quality_improvement", "period": quarter.name, "period_start": quarter.first.isoformat(),
        "period_end": quarter.last.isoformat(), "reviewer": "p-006", "reviewed_at": stamp(reviewed), "inputs": [{"path": p, "sha256": repo.hashes[p]} for p in inputs],
        "conclusion": conclusion, "issues": [], "actions": actions}
    rows = "\n".join(f"| {a['id']} | {a['subject_id']} | {a['text']} | {a['due_on']} | {a['status']} |" for a in actions)
    path = f"evidence/data/quality-review-{quarter.name}.md"
    repo.markdown(path, front, f"# Data quality, {quarter.name}\n\n## Figures\n\n{conclusion}\n\n## Initiatives\n\n| Id | Dataset | What | Due | State |\n|---|---|---|---|---|\n{rows}\n")
    repo.manifest(path, "git.acme.example/acme/compliance", later(reviewed, hours=3), "p-006", covers=quarter.covers())
