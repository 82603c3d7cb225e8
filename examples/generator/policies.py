"""Policies, procedures and runbooks in force, and who acknowledged the ethics policy."""

from datetime import date, timedelta

from .clock import QUARTERS, at, workday
from .emit import pdf
from .models import OPPORTUNITY, PARITY
from .world import PEOPLE, PLATFORM, WAREHOUSE

ETHICS_VERSION = "2.1"

# what each job may hold on the systems where people work with data and models
ROLES = {
    PLATFORM: {"ml-engineer": ["developer"], "data-scientist": ["developer"], "data-engineer": ["developer"], "model-owner": ["reviewer"],
               "head-of-ai": ["developer", "reviewer"], "platform-engineer": ["admin", "developer"], "head-of-platform": ["admin"],
               "release-manager": ["deployer"], "head-of-security": ["auditor"], "security-engineer": ["auditor"]},
    WAREHOUSE: {"ml-engineer": ["reader"], "data-scientist": ["reader"], "data-engineer": ["modeller", "reader"], "head-of-data": ["admin"],
                "product-manager": ["reader"], "support-lead": ["reader"], "head-of-security": ["auditor"], "security-engineer": ["auditor"]},
}


def _front(name, title, doc_type, version, owner, author, approver, approved, effective, satisfies, previous, **more):
    """Front matter with the revision in force and the one before it."""
    old_version, old_approved, old_effective = previous
    return {
        "id": name, "title": title, "doc_type": doc_type, "version": version, "status": "approved", "owner": owner, "author": author,
        "approver": approver, "approved_on": approved.isoformat(), "effective_from": effective.isoformat(), "last_reviewed_on": approved.isoformat(),
        "review_interval_months": 12, "classification": "internal", "satisfies": satisfies,
        "revisions": [
            {"version": old_version, "approver": approver, "approved_on": old_approved, "effective_from": old_effective,
             "effective_to": (effective - timedelta(days=1)).isoformat()},
            {"version": version, "approver": approver, "approved_on": approved.isoformat(), "effective_from": effective.isoformat()}],
    } | more


def write(repo):
    for name, front, body in [_ethics(), _testing(), _rollback(), _access()]:
        path = f"evidence/policies/{name}.md"
        repo.markdown(path, front, body)
        repo.manifest(path, "git.acme.example/acme/policies", at(workday(date.fromisoformat(front["approved_on"]) + timedelta(days=1)), 9, 40), "p-007")
    _break_glass(repo)
    _acknowledgements(repo)


def _ethics():
    front = _front("ai-ethics", "AI Ethics and Bias Prevention Policy", "policy", ETHICS_VERSION, "p-002", "p-007", "p-001", date(2026, 1, 8), date(2026, 1, 15),
                   ["POL-01"], ("2.0", "2025-01-20", "2025-02-01"),
                   fairness_metrics=[{"metric": "demographic_parity_difference", "direction": "at_most", "threshold": PARITY, "attribute": "language"},
                                     {"metric": "equal_opportunity_difference", "direction": "at_most", "threshold": OPPORTUNITY, "attribute": "language"}],
                   protected_attributes=["age_band", "gender", "language"])
    return "ai-ethics", front, f"""# AI Ethics and Bias Prevention Policy

## Scope

Every model that Acme trains, buys or serves, and everyone who works on one, employees and contractors alike.

## Roles and duties

The chief technology officer owns this policy. Each model has an owner who answers for its card, its tests and its limits. The compliance manager keeps
the register and may stop a release.

## Prohibited uses

No model decides alone about a person. No model rates staff, infers feelings, or is trained on data that people were not told about.

## Protected attributes

Language, age band and gender. Our data rarely holds the last two, because it describes companies. Where an attribute cannot be measured, the evaluation says why.

## Fairness metrics and thresholds

| Metric | Between | Limit |
|---|---|---|
| demographic parity difference | languages | at most {PARITY} |
| equal opportunity difference | languages | at most {OPPORTUNITY} |

Slices under 200 cases count as not measured. A version beyond a limit is not released.

## Escalation

Anyone may stop a release by writing to the model owner and the compliance manager. If they disagree, the chief technology officer decides within two days.

## Exceptions

Only the chief executive grants an exception, in writing, for at most 90 days, with the reason and what protects people meanwhile.
"""


def _testing():
    front = _front("model-testing", "Model test procedure", "procedure", "1.4", "p-003", "p-012", "p-002", date(2026, 1, 13), date(2026, 1, 19), ["CHM-02"],
                   ("1.3", "2025-02-10", "2025-02-17"),
                   required_suites=[{"tier": "high", "suites": ["performance", "bias", "robustness"]}, {"tier": "medium", "suites": ["performance", "bias"]},
                                    {"tier": "low", "suites": ["performance", "bias"]}])
    return "model-testing", front, """# Model test procedure

## Scope

Each model version before it may carry the alias `production`.

## Suites by tier

| Tier | Suites |
|---|---|
| high | performance, bias, robustness |
| medium | performance, bias |
| low | performance, bias |

## How a run counts

The suite runs in the pipeline on the digest that will be deployed. All tests pass and none is skipped. The report and its manifest are kept with the evidence.

## When a test fails

The version is not released. The owner corrects it or, in an emergency, asks for an exception before the release.
"""


def _rollback():
    front = _front("model-rollback", "Model rollback runbook", "runbook", "1.2", "p-004", "p-018", "p-002", date(2026, 1, 14), date(2026, 1, 19), ["CHM-04"],
                   ("1.1", "2025-03-03", "2025-03-10"),
                   triggers=["Error rate above 2 % for ten minutes", "Quality metric below its floor on a daily point", "Decision of the model owner"],
                   decision_role="model owner on call", target_rto_minutes=30)
    return "model-rollback", front, """# Model rollback runbook

## Triggers

Error rate above 2 % for ten minutes, a quality metric below its floor on a daily point, or the decision of the model owner.

## Who decides

The model owner on call; if not reached within ten minutes, the head of platform.

## Steps

1. Open a change of type model with `rollback_of` and the reason.
2. Have it approved by somebody who did not write it; by telephone if need be, recorded at once.
3. Point the alias `production` at the version before.
4. Watch error rate, latency and queue shares for an hour.

## Target

The version before serves again within 30 minutes of the decision.
"""


def _access():
    matrix = [{"job_role": role, "system": system, "roles": held} for system in sorted(ROLES) for role, held in sorted(ROLES[system].items())]
    front = _front("access-control", "Access control policy", "policy", "3.0", "p-005", "p-021", "p-002", date(2026, 1, 9), date(2026, 1, 15), ["ACC-01"],
                   ("2.2", "2025-01-27", "2025-02-03"), role_matrix=matrix)
    lines = "\n".join(f"| {m['system']} | {m['job_role']} | {', '.join(m['roles'])} |" for m in matrix)
    return "access-control", front, f"""# Access control policy

## Rules

Access comes from roles only, is asked for in the request system and approved by the manager or the owner of the system. Every person signs in with a
second factor. Accounts close at the end of the last working day. Reviews take place each quarter; what is revoked is gone within 24 hours.

## Role matrix

| System | Job | Roles |
|---|---|---|
{lines}
"""


def _break_glass(repo):
    """The one document that is kept as signed, in PDF; its fields stand in the manifest."""
    front = _front("break-glass", "Emergency access procedure", "procedure", "1.1", "p-005", "p-021", "p-002", date(2026, 1, 12), date(2026, 1, 19), ["ACC-04"],
                   ("1.0", "2025-01-27", "2025-02-03"), section_titles=["Purpose", "Use", "After use", "Records"])
    path = "evidence/policies/break-glass.pdf"
    front["revisions"][-1]["sha256"] = repo.bytes(path, pdf("Emergency access procedure", [
        "Version 1.1, approved on 12 January 2026 by p-002, in force from 19 January 2026.", "",
        "1. Purpose", "One sealed emergency account for each system, for the case that nobody can sign in the usual way.", "",
        "2. Use", "Two people open the seal together. The ticket is opened before, or within an hour after, the first use.", "",
        "3. After use", "The password is changed and sealed again on the same day. Security reviews every action within two days.", "",
        "4. Records", "The log of the emergency accounts is exported each month, also when it is empty.",
    ]))
    repo.manifest(path, "sign.acme.example", at(date(2026, 1, 13), 9, 40), "p-007", attributes=front)


def _acknowledgements(repo):
    columns = ["person_id", "document_id", "document_version", "assigned_on", "due_on", "acknowledged_on"]
    for quarter in QUARTERS:
        rows = []
        for number, person in enumerate(PEOPLE):
            assigned = date(2026, 1, 15) if person.hired < date(2026, 1, 15) else person.hired
            if quarter.first <= assigned <= quarter.last:
                done = workday(assigned + timedelta(days=1 + number * 5 % 19))
                rows.append({"person_id": person.id, "document_id": "ai-ethics", "document_version": ETHICS_VERSION, "assigned_on": assigned.isoformat(),
                             "due_on": (assigned + timedelta(days=30)).isoformat(), "acknowledged_on": done.isoformat()})
        path = f"evidence/training/acknowledgements-{quarter.name}.csv"
        repo.csv(path, columns, rows)
        repo.manifest(path, "learn.acme.example", quarter.after(2, 10), "p-007", query=f"assignments from {quarter.first} to {quarter.last}, all people",
                      records=len(rows), covers=quarter.covers())
