"""Incidents of the year, the one post-mortem, the quarterly trend reviews and the rollback drills."""

from datetime import date, timedelta

from .clock import MONTHS, QUARTERS, at, later, stamp
from .world import ROLLED_BACK_AT

# day, hour, severity, category, system, title, customer impact, hours to resolution
HAPPENED = [
    (date(2026, 1, 19), 9, "S4", "performance", "ticket-router", "Queue names out of date on two tickets", "None; corrected by support", 3),
    (date(2026, 3, 4), 13, "S3", "availability", "churn-risk", "Scores late by four hours after a node failure", "Lists were of the day before until noon", 4),
    (date(2026, 3, 24), 10, "S4", "third_party", "ticket-summary", "Summaries unavailable for 40 minutes", "Staff read tickets in full", 1),
    (date(2026, 6, 18), 10, "S2", "performance", "ticket-router", "English tickets routed to German queues", "About 310 English tickets of two customers waited up to nine hours longer", 1),
    (date(2026, 7, 22), 15, "S3", "privacy", "ticket-router", "Phone numbers in two training rows", "None; rows were removed before training", 5),
    (date(2026, 9, 8), 8, "S4", "availability", "doc-extract", "Slow answers during a certificate rotation", "Booking proposals took up to 20 seconds", 1),
    (date(2026, 10, 6), 11, "S3", "performance", "doc-extract", "Net and gross swapped for one supplier", "11 proposals corrected by bookkeepers", 26),
    (date(2026, 10, 29), 14, "S4", "third_party", "ticket-summary", "Summaries in the wrong language", "Staff switched summaries off for an hour", 2),
    (date(2026, 12, 9), 9, "S4", "availability", "churn-risk", "Missing list for one tenant", "One account team waited until eleven", 2),
]


def _incident(number, happened):
    day, hour, severity, category, system, title, impact, hours = happened
    detected = at(day, hour, 12)
    severe = severity == "S2"
    resolved = later(ROLLED_BACK_AT, minutes=35) if severe else later(detected, hours=hours)
    number = f"INC-2026-{number:03}"
    record = {
        "incident_id": number, "title": title, "category": category, "severity": severity, "detected_at": stamp(detected), "declared_at": stamp(later(detected, minutes=9)),
        "acknowledged_at": stamp(later(detected, minutes=12)), "contained_at": stamp(ROLLED_BACK_AT if severe else later(detected, minutes=35)), "resolved_at": stamp(resolved),
        "closed_at": stamp(later(resolved, hours=26)), "commander": "p-004" if system == "churn-risk" else "p-010", "systems": [system],
        "personal_data": category == "privacy", "customer_impact": impact,
        "notifications": [{"party": "customers concerned", "due_at": stamp(later(detected, hours=24)), "sent_at": stamp(later(detected, hours=3))}] if severe else []}
    if category == "privacy":
        record["notification_decision"] = {"required": False, "approver": "p-008", "reason": "The rows never left the company and were deleted the same day; no risk to the persons"}
    record["evidence_refs"] = ["evidence/monitoring/metrics-2026-06.csv"] if severe else []
    if severe:
        record["postmortem_ref"] = f"evidence/incidents/postmortems/{number}.md"
    record |= {"source_alerts": ["AL-20260618-1"] if severe else [], "status": "closed"}
    return day, record


def write(repo):
    numbered = [_incident(n, h) for n, h in enumerate(HAPPENED, 1)]
    for month in MONTHS:
        these = [record for day, record in numbered if month.first <= day <= month.last]
        path = f"evidence/incidents/incidents-{month.name}.jsonl"
        repo.jsonl(path, these)
        signed = month.after(2, 13, 30)
        nil = None if these else {"statement": "No incident was detected or reported in this month; alerts and support tickets were checked.", "signed_by": "p-004",
                                  "signed_on": signed.date().isoformat()}
        repo.manifest(path, "incidents.acme.example", signed, "p-007", query=f"all incidents declared from {month.first} to {month.last}, any severity and state",
                      records=len(these), covers=month.covers(), second_source={"name": "alerts and support tickets marked as incident", "records": len(these)}, nil_return=nil)
    _postmortem(repo)
    _trends(repo, numbered)
    _drills(repo)


def _postmortem(repo):
    front = {
        "incident_id": "INC-2026-004", "author": "p-013", "reviewers": ["p-003", "p-005"], "held_at": stamp(at(date(2026, 6, 23), 10)),
        "published_at": stamp(at(date(2026, 6, 25), 16, 30)),
        "root_cause": "The new encoder was chosen on German tickets; no test looked at the result per language, and English is a fifth of the tickets",
        "contributing_factors": ["The bias analysis of the training data had found too few English tickets; weighting was taken as enough",
                                 "The daily metric fell below its floor on 17 June, and the alert went to a channel nobody read at night"],
        "detection_gap": "The alert fired on 17 June at 06:05; a customer wrote on 18 June before anybody had looked",
        "actions": [
            {"id": "A-1", "owner": "p-012", "due_on": "2026-07-10", "status": "closed", "closed_on": "2026-07-03", "ticket": "ML-231"},
            {"id": "A-2", "owner": "p-018", "due_on": "2026-07-03", "status": "closed", "closed_on": "2026-06-29", "ticket": "OPS-388"},
            {"id": "A-3", "owner": "p-013", "due_on": "2026-07-17", "status": "closed", "closed_on": "2026-07-14", "ticket": "ML-232"}],
        "model_improvement": {"change_id": repo.change_ids["ticket-router 2.3.1"]}}
    path = "evidence/incidents/postmortems/INC-2026-004.md"
    repo.markdown(path, front, """# English tickets routed to German queues

## What happened

On 16 June version 2.3.0 of the ticket router went to production. From then until the rollback on 18 June at 11:42, English tickets of two customers
were assigned to German queues and passed on by hand.

## Why

The encoder was compared on the whole hold-out set, of which four fifths are German. The result per language, had anybody looked, was below the floor.

## What we change

- A-1: the performance suite has a test per language, with the floor of the model.
- A-2: alerts on quality metrics page the model owner on call.
- A-3: version 2.3.1, trained with a balanced English set.
""")
    repo.manifest(path, "git.acme.example/acme/post-mortems", at(date(2026, 7, 17), 9, 10), "p-013")


TRENDS = {
    "2026-Q1": "Three minor incidents, of which none repeats another. The node failure of March showed that the nightly scores have no second try; planned for April.",
    "2026-Q2": "One severe incident, found by a customer before us. Detection, not repair, was the weak side: repair took half an hour.",
    "2026-Q3": "Two minor incidents. Both were found by our own checks, the effect of the paging introduced after June.",
    "2026-Q4": "Three minor incidents, one of them around document extraction and a new supplier layout. Summaries depend on one provider; a second is under test.",
}


def _trends(repo, numbered):
    for index, quarter in enumerate(QUARTERS):
        months = MONTHS[3 * index:3 * index + 3]
        inputs = [f"evidence/incidents/incidents-{m.name}.jsonl" for m in months]
        reviewed = quarter.after(6, 11)
        conclusion = TRENDS[quarter.name]
        front = {
            "review_id": f"ITR-{quarter.name}", "review_type": "incident_trend", "period": quarter.name, "period_start": quarter.first.isoformat(),
            "period_end": quarter.last.isoformat(), "reviewer": "p-002", "reviewed_at": stamp(reviewed),
            "inputs": [{"path": p, "sha256": repo.hashes[p]} for p in inputs], "conclusion": conclusion, "issues": [], "actions": []}
        rows = [f"| {r['incident_id']} | {r['severity']} | {r['category']} | {r['title']} |" for day, r in numbered if quarter.first <= day <= quarter.last]
        path = f"evidence/incidents/trend-{quarter.name}.md"
        table = "\n".join(["| Incident | Severity | Category | Title |", "|---|---|---|---|", *rows])
        repo.markdown(path, front, f"# Incident trend, {quarter.name}\n\n## Incidents\n\n{table}\n\n## Conclusion\n\n{conclusion}\n")
        repo.manifest(path, "git.acme.example/acme/compliance", later(reviewed, hours=24), "p-007")


def _drills(repo):
    drills = [
        ("2026-H1", date(2026, 5, 19), "churn-risk", "3.5.0", "3.4.0", 14, ["The runbook named a panel that has moved"],
         [{"id": "A-1", "owner": "p-018", "due_on": "2026-06-05", "status": "closed", "closed_on": "2026-05-22", "ticket": "OPS-361"}]),
        ("2026-H2", date(2026, 11, 10), "doc-extract", "1.2.0", "1.1.0", 11, ["Approval by telephone was recorded ten minutes late"],
         [{"id": "A-1", "owner": "p-011", "due_on": "2026-12-04", "status": "closed", "closed_on": "2026-11-20", "ticket": "OPS-842"}]),
    ]
    for name, day, model, begin, end, minutes, findings, actions in drills:
        front = {
            "exercise_id": f"DR-{name}", "type": "rollback_drill", "scenario_category": "performance", "plan_id": "model-rollback", "plan_version": "1.2",
            "held_on": day.isoformat(), "facilitator": "p-004", "participants": ["p-010", "p-011", "p-018", "p-019"],
            "objectives": [{"id": "O-1", "text": "The version before serves again within 30 minutes", "met": True},
                           {"id": "O-2", "text": "The approval is on record before the alias moves", "met": name.endswith("H1")}],
            "findings": findings, "actions": [a | {"issue_id": "O-2"} if name.endswith("H2") else a for a in actions], "model_id": model,
            "from_version": begin, "to_version": end, "target_rto_minutes": 30, "measured_rto_minutes": minutes}
        path = f"evidence/resilience/rollback-drill-{name}.md"
        repo.markdown(path, front, f"""# Rollback drill, {name}

## Course

On the staging gateway {model} went from {begin} back to {end}, announced to nobody but the facilitator. From the alarm to the first answer of {end} it
took {minutes} minutes.

## Findings

- {findings[0]}
""")
        repo.manifest(path, "git.acme.example/acme/compliance", at(day + timedelta(days=13), 9, 30), "p-011")
