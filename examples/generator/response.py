"""How the company answers incidents: plan, runbooks and escalation matrix, who was on call, and what stood on the status page."""

from datetime import date, timedelta

from .clock import QUARTERS, at, later, stamp, workday
from .policies import _front

TIMES = [{"severity": severity, "acknowledge_minutes": minutes, "contain_hours": contain, "resolve_hours": resolve}
         for severity, minutes, contain, resolve in [("S1", 15, 2, 8), ("S2", 30, 4, 24), ("S3", 60, 8, 72), ("S4", 240, 24, 168)]]
BIAS_TIMES = [{"severity": severity, "acknowledge_minutes": minutes, "contain_hours": contain, "resolve_hours": 24 * days}
              for severity, minutes, contain, days in [("S1", 60, 8, 14), ("S2", 240, 24, 30), ("S3", 1440, 72, 60), ("S4", 2880, 240, 90)]]
ROTATIONS = {"primary": ["p-018", "p-010", "p-019", "p-012", "p-020", "p-013"], "secondary": ["p-003", "p-004", "p-014"]}


def write(repo):
    for name, front, body in [_plan(), _performance(), _adversarial(), _bias(), _privacy(), _communication(), _evidence()]:
        path = f"evidence/policies/{name}.md"
        repo.markdown(path, front, body)
        repo.manifest(path, "git.acme.example/acme/policies", at(workday(date.fromisoformat(front["approved_on"]) + timedelta(days=1)), 10, 5), "p-007")
    _matrix(repo)
    _on_call(repo)
    _contacts(repo)


def _table(heads, rows):
    return "\n".join([f"| {' | '.join(heads)} |", "|" + "---|" * len(heads), *(f"| {' | '.join(str(cell) for cell in row)} |" for row in rows)])


def _times(times=TIMES):
    return _table(["Severity", "Acknowledged within", "Contained within", "Resolved within"],
                  [(t["severity"], f"{t['acknowledge_minutes']} minutes", f"{t['contain_hours']} hours", f"{t['resolve_hours']} hours") for t in times])


def _plan():
    front = _front("incident-response", "Incident response plan", "plan", "2.3", "p-005", "p-021", "p-002", date(2026, 1, 16), date(2026, 1, 26), ["MEV-02"],
                   ("2.2", "2025-01-30", "2025-02-06"), incident_roles=["incident commander", "communications lead", "evidence custodian"],
                   related_documents=["incident-performance", "incident-adversarial", "incident-bias", "incident-privacy", "incident-escalation", "incident-communication"])
    return "incident-response", front, """# Incident response plan

## Roles

| Role | Does | Usually |
|---|---|---|
| incident commander | sets the severity, decides, keeps the log | model owner or head of platform |
| communications lead | writes to customers, has texts approved | support lead |
| evidence custodian | secures and holds what must be kept | head of security |

## Severities

S1: customers cannot work, or data of several customers is exposed. S2: a function is wrong or missing for customers. S3: noticeable, with a way around.
S4: hardly noticeable.

## Escalation

By the matrix in `incident-escalation`. Who doubts the severity calls the next level.

## Communication

By the plan in `incident-communication`. Nobody else writes to customers about an incident.

## Recovery

By the runbook of the category. A model goes back to the version before rather than being repaired in production.

## After the incident

S1 and S2 have a post-mortem within ten days; every quarter the trend is reviewed.
"""


def _performance():
    front = _front("incident-performance", "Runbook: degraded model performance", "runbook", "1.4", "p-010", "p-012", "p-003", date(2026, 1, 15), date(2026, 1, 22), ["INC-01"],
                   ("1.3", "2025-02-12", "2025-02-19"), incident_categories=["performance"],
                   detection_sources=["Daily quality metrics with floors", "Drift index of the features", "Tickets marked as wrong result"],
                   related_documents=["model-rollback", "incident-communication"], response_times=TIMES)
    return "incident-performance", front, f"""# Runbook: degraded model performance

## Detect

An alert on quality or drift, or two tickets on the same wrong result within a day, opens an incident. The alert is judged within three days in any case.

## Triage

The model owner on call looks at the metric by slice, at the last deployment and at the feeds, and sets the severity.

{_times()}

## Contain

If a deployment of the last seven days is the likely cause: roll back by `model-rollback`. Otherwise raise the threshold below which the manual way is taken.

## Recover

Find the data or the change behind it, train or repair, and release through the normal procedure. No test is skipped because of haste.

## Communicate

Customers whose results were wrong are told which results and since when, by the communication plan.

## Close

Closed when the metric has been above its floor for a day. S1 and S2 only after the meeting on the post-mortem has been called.
"""


def _adversarial():
    front = _front("incident-adversarial", "Runbook: poisoned data and attacks on models", "runbook", "1.2", "p-005", "p-021", "p-003", date(2026, 1, 20), date(2026, 1, 29),
                   ["INC-02"], ("1.1", "2025-03-11", "2025-03-18"), incident_categories=["poisoning", "adversarial"],
                   detection_sources=["Batch validation of deliveries", "Filter of the summary service", "Reports to security@acme.example"],
                   quarantine_step="catalogue set-state DATASET VERSION quarantined; training and quality jobs refuse the version from then on",
                   lineage_query="lineage downstream data/DATASET/VERSION --to models --deployed",
                   related_documents=["incident-evidence", "model-rollback"])
    return "incident-adversarial", front, """# Runbook: poisoned data and attacks on models

## Detect

A failed batch validation, a cluster of rows with the same odd text, answers of the summary service that follow a ticket's instructions, or a report.

## Quarantine the dataset version

Set the version to `quarantined` in the catalogue. Training and quality jobs refuse it from then on. The version is not deleted.

## Trace the lineage

Run the lineage query for each suspect version. Every deployed model in the answer is treated as touched until the contrary is shown.

## Stop an attack in progress

Limit the tenant or key to one call a minute, then block it. Prompts under attack get the strict filter. The head of security decides on blocking a customer.

## Retrain

From the last clean version, with the suspect rows out. The robustness suite is run twice: on the usual set and on the rows that were taken out.

## Keep evidence

Dataset snapshot, prompts, answers and logs go to the vault by `incident-evidence` before anything is repaired.
"""


def _bias():
    front = _front("incident-bias", "Runbook: findings and complaints of bias", "runbook", "1.1", "p-010", "p-014", "p-002", date(2026, 1, 15), date(2026, 1, 22), ["INC-03"],
                   ("1.0", "2025-03-24", "2025-04-01"), incident_categories=["bias"], response_times=BIAS_TIMES,
                   intake_channels=[{"name": "fairness@acme.example, named on the web site and in the product", "external": True},
                                    {"name": "Support tickets with the label fairness", "external": True},
                                    {"name": "Failed bias evaluation of a model or dataset", "external": False}])
    return "incident-bias", front, f"""# Runbook: findings and complaints of bias

## Intake

Anybody may write to fairness@acme.example; support marks tickets with the label `fairness`. Each failed bias evaluation is recorded within five days, also
when its result is accepted for the time being.

## Severity

S1 and S2 if persons are ranked or refused wrongly; S3 if a group gets worse results; S4 if the measurement is beyond a limit and no result has changed.

## Owner

The owner of the model, for datasets the head of data. The compliance manager sees every record.

## Timeline

{_times(BIAS_TIMES)}

Who complained gets a first answer within five days, and the result.

## Remedy and proof

A record is closed only when a later evaluation of the same model or dataset is within its limits. Its id stands in the record.
"""


def _privacy():
    clocks = [{"audience": "authority", "within_hours": 72, "basis": "GDPR Art. 33"},
              {"audience": "customers", "within_hours": 36, "basis": "Data processing agreement, section 9, and GDPR Art. 33(2)"},
              {"audience": "individuals", "within_hours": 120, "basis": "GDPR Art. 34, where the risk is high"}]
    front = _front("incident-privacy", "Privacy breach plan for AI systems", "plan", "1.3", "p-008", "p-007", "p-001", date(2026, 1, 14), date(2026, 1, 21), ["INC-04"],
                   ("1.2", "2025-02-03", "2025-02-10"), incident_categories=["privacy"], notification_clocks=clocks)
    table = _table(["Who", "Within", "Basis"], [(c["audience"], f"{c['within_hours']} hours", c["basis"]) for c in clocks])
    return "incident-privacy", front, f"""# Privacy breach plan for AI systems

## Training data

Rows with personal data that should not be there are taken out, the version is withdrawn, and the lineage query shows which models were trained on it.

## Prompts and outputs

Text of one customer shown to another is always a breach. The log of the tenant is secured, the cache is emptied, the filter is set to strict.

## Memorisation

If a model may repeat what it learned, it is probed with the openings of the rows concerned. If one comes back, the version leaves production.

## Notification

The clocks run from the moment the incident was detected.

{table}

Legal counsel decides within 48 hours whether anybody must be told, and writes the reason into the record. Who leads the incident does not decide.

## Records

The register of breaches is the incident list. It names parties by their role and holds no personal data.
"""


def _communication():
    def audience(name, severities, channels, hours, role):
        return {"audience": name, "severities": severities, "channels": channels, "within_hours": hours, "approver_role": role}

    audiences = [audience("customers", ["S1"], ["status page", "e-mail"], 1, "support-lead"), audience("customers", ["S2"], ["status page", "e-mail"], 4, "support-lead"),
                 audience("customers", ["S3", "S4"], ["status page", "e-mail"], 24, "support-lead"), audience("management", ["S1", "S2"], ["telephone"], 1, "head-of-platform"),
                 audience("public", ["S1"], ["web site"], 24, "chief-executive")]
    front = _front("incident-communication", "Communication plan for disruptions", "plan", "2.0", "p-022", "p-023", "p-001", date(2026, 1, 13), date(2026, 1, 20), ["IRP-02"],
                   ("1.4", "2025-01-21", "2025-01-28"), audiences=audiences)
    table = _table(["Audience", "Severity", "Channels", "Within", "Approved by"],
                   [(a["audience"], ", ".join(a["severities"]), ", ".join(a["channels"]), f"{a['within_hours']} hours", a["approver_role"]) for a in audiences])
    return "incident-communication", front, f"""# Communication plan for disruptions

## Audiences and time limits

{table}

The hours run from detection. Where customers noticed nothing, nobody is written to.

## Templates

First message: what does not work, since when, what customers can do meanwhile, when we write again. Last message: since when it works, what results were
wrong, what we change. No message promises a time that engineering has not named.

## Approval

The role in the table approves each text before it goes out; the product manager stands in for the support lead.

## Wrong results

When a model gave wrong results, the customers concerned get the list of these results, not only a notice of the disruption.
"""


def _evidence():
    front = _front("incident-evidence", "Keeping evidence of security incidents", "procedure", "1.1", "p-005", "p-021", "p-002", date(2026, 1, 19), date(2026, 1, 27), ["IRP-03"],
                   ("1.0", "2025-04-07", "2025-04-14"), items_to_preserve=["model_version", "prompts", "outputs", "logs", "dataset_snapshot", "configuration"],
                   hash_algorithm="SHA-256", custodian_role="head-of-security",
                   legal_hold="Legal counsel orders a hold in the case; until it is lifted in writing nothing of the case is destroyed, whatever the retention period")
    return "incident-evidence", front, """# Keeping evidence of security incidents

## What is preserved

The digest and registry entry of the model version, prompts and outputs of the time in question, logs of gateway and training, a snapshot of the dataset
version, and the configuration in force. Copies only: nothing is switched off in order to secure it.

## Fingerprint

SHA-256 at the moment of collection, written into the case before the item is opened.

## Custody

The head of security holds every item in the vault. Each hand-over is signed by both sides in the case, with the minute. Analysis works on copies.

## Legal hold

Legal counsel orders it in the case. Without a hold, items are destroyed two years after the case is closed, by two people.

## What never leaves the vault

Prompts, rows and logs. Elsewhere, this repository included, stand digests and places only.
"""


def _line(severity, level, role, person, backup, minutes, begin="2025-02-03", end=None):
    line = {"severity": severity, "level": level, "role": role, "person_id": person, "backup": backup, "within_minutes": minutes, "from": begin}
    return line | ({"to": end} if end else {})


def _matrix(repo):
    """The matrix, and the new version when the stand-in for severe incidents left in October."""
    common = [_line("S1", 2, "head of AI", "p-003", "p-005", 30), _line("S1", 3, "chief technology officer", "p-002", "p-001", 60),
              _line("S2", 1, "incident commander", "p-010", "p-004", 30), _line("S2", 2, "head of AI", "p-003", "p-005", 60),
              _line("S3", 1, "incident commander", "p-010", "p-004", 60), _line("S4", 1, "incident commander", "p-010", "p-018", 240)]
    before = _line("S1", 1, "incident commander", "p-004", "p-021", 15)
    after = [before | {"to": "2026-10-15"}, _line("S1", 1, "incident commander", "p-004", "p-027", 15, "2026-10-16")]
    first = _front("incident-escalation", "Escalation matrix", "procedure", "3.1", "p-005", "p-021", "p-002", date(2026, 1, 12), date(2026, 1, 19), ["IRP-01"],
                   ("3.0", "2025-01-27", "2025-02-03"), escalation_matrix=[before, *common])
    second = _front("incident-escalation", "Escalation matrix", "procedure", "3.2", "p-005", "p-027", "p-002", date(2026, 10, 12), date(2026, 10, 16), ["IRP-01"],
                    ("3.1", "2026-01-12", "2026-01-19"), escalation_matrix=[*after, *common])
    second["revisions"].insert(0, first["revisions"][0])
    previous = None
    for front, why in [(first, "Nothing changes against 3.0 but the telephone numbers, which stand in the paging tool."),
                       (second, "The stand-in for the first level of S1 changes on 16 October 2026, because p-021 leaves. Found in the check of leavers of 5 October.")]:
        lines = _table(["Severity", "Level", "Role", "Person", "Stand-in", "Called within", "From", "To"],
                       [(m["severity"], m["level"], m["role"], m["person_id"], m["backup"], f"{m['within_minutes']} minutes", m["from"], m.get("to", ""))
                        for m in front["escalation_matrix"]])
        path = f"evidence/policies/incident-escalation-{front['version']}.md"
        repo.markdown(path, front, f"""# Escalation matrix

## Who is called

{lines}

## How

Through the paging tool; after ten minutes without an answer by telephone. Whoever is called writes the minute into the incident.

## What is new in {front['version']}

{why}
""")
        repo.manifest(path, "git.acme.example/acme/policies", at(workday(date.fromisoformat(front["approved_on"]) + timedelta(days=1)), 9, 55), "p-007", supersedes=previous)
        previous = path


def _on_call(repo):
    """Weeks begin on Monday at nine; in two weeks of the year somebody swapped."""
    swaps = {("primary", date(2026, 4, 6)): "p-012", ("primary", date(2026, 8, 3)): "p-020"}
    weeks = [date(2025, 12, 29) + timedelta(days=7 * n) for n in range(54)]
    for quarter in QUARTERS:
        shifts = []
        for schedule, people in ROTATIONS.items():
            for number, monday in enumerate(weeks):
                if monday <= quarter.last and monday + timedelta(days=7) >= quarter.first:
                    person = swaps.get((schedule, monday), people[number % len(people)])
                    shifts.append({"schedule": schedule, "person_id": person, "from": stamp(at(monday, 9)), "to": stamp(at(monday + timedelta(days=7), 9))})
        captured = quarter.after(1, 7, 50)
        path = f"evidence/incidents/on-call-{quarter.name}.json"
        repo.json(path, {
            "system": "pager.acme.example", "resource_type": "on_call", "resource_id": "ai-platform", "environment": "production", "captured_at": stamp(captured),
            "method": "api", "command": f"GET /api/v2/schedules?since={quarter.first}&until={quarter.last}&final=true", "account": "acme",
            "settings": {"escalation_levels": [{"level": 1, "after_minutes": 0, "targets": ["primary"]}, {"level": 2, "after_minutes": 10, "targets": ["secondary"]},
                                               {"level": 3, "after_minutes": 25, "targets": ["p-002"]}], "shifts": shifts}})
        repo.manifest(path, "pager.acme.example", later(captured, minutes=4), "svc-collector", query=f"final shifts with overrides from {quarter.first} to {quarter.last}",
                      covers=quarter.covers())


CONTACTS = {  # day, hour, what came of it, what was wrong, and the action: text, owner, due, closed
    "2026-Q1": (date(2026, 2, 18), 14, "All eight people on the matrix answered, the slowest after six minutes; one private number was out of date.",
                "The private number of p-021 had changed in December", ("p-021", "2026-02-27", "2026-02-19", "SEC-411")),
    "2026-Q2": (date(2026, 5, 20), 20, "Tried in the evening: seven answered within ten minutes, p-001 after 35; a second number was added for the chief executive.",
                "The telephone of p-001 is silent after eight in the evening", ("p-001", "2026-06-05", "2026-05-22", "SEC-437")),
    "2026-Q3": (date(2026, 8, 19), 7, "Tried at seven in the holidays: everybody on duty answered, and for the two on leave the paging tool went on to the stand-ins as it should.", None, None),
    "2026-Q4": (date(2026, 11, 18), 12, "First check with p-027 as stand-in, who answered after two minutes; all others answered within five.", None, None),
}


def _contacts(repo):
    """Once a quarter everybody on the matrix is called without warning; each check answers for the days since the one before."""
    before = date(2025, 11, 19)
    for name, (day, hour, conclusion, issue, action) in CONTACTS.items():
        matrix = f"evidence/policies/incident-escalation-{'3.1' if day < date(2026, 10, 16) else '3.2'}.md"
        called = at(day, hour, 20)
        front = {"review_id": f"CC-{name}", "review_type": "contact_check", "period": name, "period_start": (before + timedelta(days=1)).isoformat(),
                 "period_end": (day - timedelta(days=1)).isoformat(), "reviewer": "p-005", "reviewed_at": stamp(later(called, minutes=55)),
                 "inputs": [{"path": matrix, "sha256": repo.hashes[matrix]}], "conclusion": conclusion, "issues": [], "actions": []}
        if issue:
            owner, due, closed, ticket = action
            front["issues"] = [{"id": "I-1", "text": issue}]
            front["actions"] = [{"id": "A-1", "issue_id": "I-1", "owner": owner, "due_on": due, "status": "closed", "closed_on": closed, "ticket": ticket}]
        path = f"evidence/incidents/contacts-{name}.md"
        found = f"\n\n## To be mended\n\n- {issue}." if issue else ""
        repo.markdown(path, front, f"# Contact check, {name}\n\n## Course\n\nThe paging tool called level by level from {called:%H:%M}, without warning.\n\n## Result\n\n{conclusion}{found}\n")
        repo.manifest(path, "git.acme.example/acme/compliance", at(workday(day + timedelta(days=9)), 9, 25), "p-007")
        before = day
