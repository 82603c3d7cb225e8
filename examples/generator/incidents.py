"""Incidents of the year with their figures and notices, the one post-mortem, the quarterly trend reviews and the rollback drills."""

from datetime import date, datetime, timedelta

from .clock import MONTHS, QUARTERS, at, later, stamp
from .world import BY_VERSION, ROLLED_BACK_AT

# day, hour, severity, category, system, title, customer impact, hours to resolution, minutes from its start to detection, channel of the notice to customers
HAPPENED = [
    (date(2026, 1, 19), 9, "S4", "performance", "ticket-router", "Queue names out of date on two tickets", "None; corrected by support", 3, 190, None),
    (date(2026, 3, 4), 13, "S3", "availability", "churn-risk", "Scores late by four hours after a node failure", "Lists were of the day before until noon", 4, 17, "status page"),
    (date(2026, 3, 24), 10, "S4", "third_party", "ticket-summary", "Summaries unavailable for 40 minutes", "Staff read tickets in full", 1, 9, "status page"),
    (date(2026, 6, 18), 10, "S2", "performance", "ticket-router", "English tickets routed to German queues", "About 310 English tickets of two customers waited up to nine hours longer", 1, None, "status page"),
    (date(2026, 7, 22), 15, "S3", "privacy", "ticket-router", "Phone numbers in two training rows", "None; rows were removed before training", 5, 222, None),
    (date(2026, 9, 8), 8, "S4", "availability", "doc-extract", "Slow answers during a certificate rotation", "Booking proposals took up to 20 seconds", 1, 11, "status page"),
    (date(2026, 10, 6), 11, "S3", "performance", "doc-extract", "Net and gross swapped for one supplier", "11 proposals corrected by bookkeepers", 26, 1630, "e-mail"),
    (date(2026, 10, 29), 14, "S4", "third_party", "ticket-summary", "Summaries in the wrong language", "Staff switched summaries off for an hour", 2, 24, "status page"),
    (date(2026, 12, 9), 9, "S4", "availability", "churn-risk", "Missing list for one tenant", "One account team waited until eleven", 2, 7, "e-mail"),
]
INTAKE = {1: "employee", 4: "customer_complaint", 5: "audit", 7: "customer_complaint", 8: "customer_complaint"}
PAGE_TEXTS = {
    2: (["Churn risk"], "The lists of today are late; those of yesterday are shown. We expect the new ones this afternoon."),
    3: (["Ticket summary"], "Summaries are not available at the moment. Tickets are complete and routed as usual."),
    4: (["Ticket router"], "Since Tuesday some English tickets went to German queues. We are going back to the version before; please look into your German queues."),
    6: (["Document extraction"], "Booking proposals take up to 20 seconds. No proposal is lost."),
    8: (["Ticket summary"], "Some summaries come in another language than the ticket. Summaries can be switched off under Settings, Tickets."),
}


def _incident(number, happened):
    day, hour, severity, category, system, title, impact, hours, unseen, channel = happened
    detected = at(day, hour, 12)
    severe = severity == "S2"
    resolved = later(ROLLED_BACK_AT, minutes=35) if severe else later(detected, hours=hours)
    started = BY_VERSION["ticket-router 2.3.0"].deployed_at if severe else later(detected, minutes=-unseen)
    commander = "p-004" if system == "churn-risk" else "p-010"
    name = f"INC-2026-{number:03}"
    record = {
        "incident_id": name, "title": title, "category": category, "severity": severity, "started_at": stamp(started), "detected_at": stamp(detected),
        "declared_at": stamp(later(detected, minutes=9)), "acknowledged_at": stamp(later(detected, minutes=12)),
        "contained_at": stamp(ROLLED_BACK_AT if severe else later(detected, minutes=35)), "resolved_at": stamp(resolved), "closed_at": stamp(later(resolved, hours=26)),
        "commander": commander, "intake": INTAKE.get(number, "monitoring"), "systems": [system], "personal_data": category == "privacy", "customer_impact": impact,
        "customers_affected": channel is not None, "escalations": [{"level": 1, "person_id": commander, "at": stamp(later(detected, minutes=4 + number % 5))}],
        "notifications": []}
    limit = 4 if severe else 24
    if channel:
        record["notifications"].append(_notice(detected, limit, channel, 34 + 7 * number))
    if severe:
        record["escalations"].append({"level": 2, "person_id": "p-003", "at": stamp(later(detected, minutes=26))})
        record["notifications"].append(_notice(detected, limit, "e-mail", 180))
    if category == "privacy":
        record["notification_decision"] = {"required": False, "approver": "p-008", "decided_at": stamp(later(detected, hours=18, minutes=20)),
                                           "reason": "The rows never left the company and were deleted the same day; no risk to the persons"}
    record["evidence_refs"] = ["evidence/monitoring/metrics-2026-06.csv"] if severe else []
    if severe:
        record["postmortem_ref"] = f"evidence/incidents/postmortems/{name}.md"
    record |= {"source_alerts": ["AL-20260618-1"] if severe else [], "status": "closed"}
    return day, record


def _notice(detected, limit, channel, minutes):
    return {"party": "customers concerned", "audience": "customers", "channel": channel, "due_at": stamp(later(detected, hours=limit)),
            "sent_at": stamp(later(detected, minutes=minutes)), "approved_by": "p-022" if detected.month == 10 else "p-023"}


def _bias_records():
    """Findings and complaints of bias, kept in the same tool under ids of their own; closed when a later evaluation is within its limits."""
    def record(name, day, hour, title, severity, detected, resolved, owner, intake, impact, remedy, **more):
        opened = at(day, hour, 40)
        return day, {
            "incident_id": name, "title": title, "category": "bias", "severity": severity, "detected_at": stamp(detected), "declared_at": stamp(opened),
            "acknowledged_at": stamp(later(opened, minutes=25)), "contained_at": stamp(later(opened, hours=3)), "resolved_at": stamp(resolved),
            "closed_at": stamp(later(resolved, hours=20)), "commander": owner, "intake": intake} | more | {
            "personal_data": False, "customer_impact": impact, "customers_affected": False,
            "escalations": [{"level": 1, "person_id": "p-010", "at": stamp(later(detected, minutes=50))}], "notifications": [], "remediation": remedy,
            "evidence_refs": [], "source_alerts": [], "status": "closed"}

    return [
        record("BIA-2026-001", date(2026, 6, 1), 9, "English tickets labelled less often than German ones in the training set of the router", "S4", at(date(2026, 6, 1), 9, 10),
               at(date(2026, 6, 26), 16, 15), "p-006", "evaluation", "None known when the record was opened; see INC-2026-004",
               {"type": "data_corrected", "description": "English tickets of twelve more months labelled, the set balanced by language", "change_id": None,
                "verified_eval_id": "EV-2026-06-26-router-training-2026-06-bias"},
               systems=["ticket-router"], dataset_id="router-training", eval_id="EV-2026-05-29-router-training-2026-05-bias"),
        record("BIA-2026-002", date(2026, 8, 12), 11, "Complaint: accounts in Austria seem to be listed as at risk more often", "S4", at(date(2026, 8, 12), 10, 55),
               at(date(2026, 9, 8), 13, 50), "p-010", "customer_complaint", "One customer asked why nine of its ten listed accounts are Austrian",
               {"type": "retrained", "description": "No limit was exceeded; the nine accounts shared a price change. Version 4.0.0, with monotone contract features, was measured by language again",
                "change_id": None, "verified_eval_id": "EV-2026-09-08-churn-risk-4.0.0-bias"},
               systems=["churn-risk"], model_id="churn-risk"),
    ]


def write(repo):
    found = _bias_records()
    for (_, record), version in zip(found, ("ticket-router 2.3.1", "churn-risk 4.0.0")):
        record["remediation"]["change_id"] = repo.change_ids[version]
    numbered = sorted([_incident(n, h) for n, h in enumerate(HAPPENED, 1)] + found, key=lambda one: one[1]["declared_at"])
    for month in MONTHS:
        these = [record for day, record in numbered if month.first <= day <= month.last]
        path = f"evidence/incidents/incidents-{month.name}.jsonl"
        repo.jsonl(path, these)
        signed = month.after(2, 13, 30)
        nil = None if these else {"statement": "No incident was detected or reported in this month; alerts and support tickets were checked.", "signed_by": "p-004",
                                  "signed_on": signed.date().isoformat()}
        repo.manifest(path, "incidents.acme.example", signed, "p-007", query=f"all incidents declared from {month.first} to {month.last}, any severity and state",
                      records=len(these), covers=month.covers(), second_source={"name": "alerts and support tickets marked as incident", "records": len(these)}, nil_return=nil)
    _security_cases(repo)
    _statistics(repo, numbered)
    _status_page(repo, numbered)
    _postmortem(repo)
    _trends(repo, numbered)
    _drills(repo)


def _security_cases(repo):
    """The case system of the security team: no case of these categories was opened in the year, which somebody signs for each quarter."""
    statements = [
        "No case was opened. Two reports to security@acme.example were about the web site and belong to no model.",
        "No case was opened. The weak result of the June probes is a risk (R-013), not an attack: no ticket of a customer was written to mislead.",
        "No case was opened. The blocked calls of 11 August came from a customer's faulty script, which the customer confirmed.",
        "No case was opened. The log of the summary filter was read through for November and December; nothing pointed to an attack.",
    ]
    for quarter, statement in zip(QUARTERS, statements):
        path = f"evidence/incidents/security-{quarter.name}.jsonl"
        repo.jsonl(path, [])
        signed = quarter.after(3, 10, 15)
        repo.manifest(path, "cases.security.acme.example", signed, "p-007", query=f"cases of type security, adversarial or poisoning opened from {quarter.first} to {quarter.last}, any state",
                      records=0, covers=quarter.covers(), second_source={"name": "mailbox security@acme.example, messages marked as case", "records": 0},
                      nil_return={"statement": statement, "signed_by": "p-005", "signed_on": signed.date().isoformat()})


COUNTED = {"security", "adversarial", "poisoning", "privacy"}


def _statistics(repo, numbered):
    """The figures of each month as reported to management, also for months without an incident."""
    columns = ["from", "to", "severity", "incidents", "detect_minutes_total", "resolve_minutes_total", "mttd_minutes", "mttr_minutes"]

    def minutes(record, begin, end):
        return int((datetime.fromisoformat(record[end]) - datetime.fromisoformat(record[begin])).total_seconds() // 60)

    for month in MONTHS:
        rows = []
        for severity in ("S1", "S2", "S3", "S4"):
            these = [r for day, r in numbered if month.first <= day <= month.last and r["severity"] == severity and r["category"] in COUNTED]
            detect = sum(minutes(r, "started_at", "detected_at") for r in these)
            resolve = sum(minutes(r, "detected_at", "resolved_at") for r in these)
            row = {"from": month.first.isoformat(), "to": month.last.isoformat(), "severity": severity, "incidents": len(these),
                   "detect_minutes_total": detect, "resolve_minutes_total": resolve}
            rows.append(row | ({"mttd_minutes": detect // len(these), "mttr_minutes": resolve // len(these)} if these else {}))
        path = f"evidence/incidents/statistics-{month.name}.csv"
        repo.csv(path, columns, rows)
        repo.manifest(path, "reports.acme.example", month.after(4, 9, 15), "p-007", query=f"incident figures of {month.name}, as shown in the monthly report", records=len(rows),
                      covers=month.covers())


def _status_page(repo, numbered):
    """What customers could read; everything else was told by e-mail."""
    entries = []
    for number, (components, text) in PAGE_TEXTS.items():
        record = next(r for _, r in numbered if r["incident_id"] == f"INC-2026-{number:03}")
        sent = next(n["sent_at"] for n in record["notifications"] if n["channel"] == "status page")
        entries.append({"page_id": f"sp-{410 + 3 * number}", "incident_id": record["incident_id"], "components": components, "started_at": record["started_at"],
                        "published_at": sent, "resolved_at": stamp(later(datetime.fromisoformat(record["resolved_at"]), minutes=6)), "text": text})
    for quarter in QUARTERS:
        these = [e for e in entries if quarter.first.isoformat() <= e["published_at"][:10] <= quarter.last.isoformat()]
        path = f"evidence/incidents/status-page-{quarter.name}.jsonl"
        repo.jsonl(path, these)
        repo.manifest(path, "status.acme.example", quarter.after(1, 8, 30), "svc-collector", query=f"everything published from {quarter.first} to {quarter.last}",
                      records=len(these), covers=quarter.covers())


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
    "2026-Q2": "One severe incident, found by a customer before us. Detection, not repair, was the weak side: repair took half an hour. The bias record of 1 June had pointed at the same gap in English tickets; it was weighed as minor because no result had changed yet.",
    "2026-Q3": "Two minor incidents. Both were found by our own checks, the effect of the paging introduced after June. The complaint of bias named nine accounts; what they shared was a price change, which the next version handles better.",
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
