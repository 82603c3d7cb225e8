"""Policies, procedures and runbooks in force, and who acknowledged the ethics policy."""

from datetime import date, timedelta

from .clock import QUARTERS, at, workday
from .emit import pdf
from .models import OPPORTUNITY, PARITY
from .world import ACCOUNT, PEOPLE, PLATFORM, WAREHOUSE

ETHICS_VERSION = "2.1"

# what each job may hold on the systems where people work with data and models
ROLES = {
    PLATFORM: {"ml-engineer": ["developer"], "data-scientist": ["developer"], "data-engineer": ["developer"], "model-owner": ["reviewer"],
               "head-of-ai": ["developer", "reviewer"], "platform-engineer": ["admin", "developer"], "head-of-platform": ["admin"],
               "release-manager": ["deployer"], "head-of-security": ["auditor"], "security-engineer": ["auditor"]},
    WAREHOUSE: {"ml-engineer": ["reader"], "data-scientist": ["reader"], "data-engineer": ["modeller", "reader"], "head-of-data": ["admin"],
                "product-manager": ["reader"], "support-lead": ["reader"], "head-of-security": ["auditor"], "security-engineer": ["auditor"]},
    ACCOUNT: {"platform-engineer": ["operator"], "head-of-platform": ["admin"], "head-of-security": ["auditor"], "security-engineer": ["auditor"]},
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
    for name, front, body in [_ethics(), _testing(), _rollback(), _access(), _development(), _governance(), _transparency(), _risk()]:
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


SUITES = [{"tier": "high", "suites": ["performance", "bias", "robustness"]}, {"tier": "medium", "suites": ["performance", "bias"]}, {"tier": "low", "suites": ["performance", "bias"]}]


def _development():
    front = _front("model-development", "Model development and deployment policy", "policy", "2.0", "p-003", "p-010", "p-002", date(2026, 1, 12), date(2026, 1, 19),
                   ["POL-02"], ("1.5", "2025-02-03", "2025-02-10"), required_suites=SUITES,
                   change_rules={"required_reviewers": 1, "emergency_approval_days": 2, "approver_roles": ["model-owner", "engineering-lead", "release-manager"]})
    return "model-development", front, """# Model development and deployment policy

## Lifecycle stages

Idea, data, training, evaluation, release, operation, withdrawal. A model enters the next stage when its owner signs the card of the stage; a model without
an owner stays where it is.

## Roles

The model owner answers for purpose, card and release. Engineers build and test. The release manager deploys and holds the calendar. Nobody approves what
they wrote themselves.

## Review and approval

A change to a model needs the approval of one person who wrote none of it, in the role of model owner, engineering lead or release manager, given after the
last push and before the deployment.

## Test gates

| Tier | Suites that must pass on the files to be deployed |
|---|---|
| high | performance, bias, robustness |
| medium | performance, bias |
| low | performance, bias |

How suites are run stands in the model test procedure.

## Rollback

Every change says how to go back. The version before stays deployable for 90 days. The runbook names triggers and who decides.

## Emergency changes

Only to end harm to customers. One person may deploy at once; the approval follows within two days, and the change is discussed in the next weekly meeting.

## Decommissioning

A model is withdrawn when its owner says so or nobody has called it for 60 days. Its endpoint closes, its row in the register gets a date, its weights are kept
for a year and then deleted.
"""


def _governance():
    classes = [
        {"name": "public", "meaning": "Published by a register or by Acme itself"},
        {"name": "internal", "meaning": "Counters and figures that name no customer and no person", "retention_days": 1095},
        {"name": "confidential", "meaning": "Data of customers and whatever could identify a person", "retention_days": 730},
        {"name": "restricted", "meaning": "Keys, contracts and personnel files; never used for training", "retention_days": 365}]
    criteria = [
        {"check": "row_count_in_range", "limit": "Within a fifth of the month before", "severity": "error"},
        {"check": "not_null", "limit": "No row without an id", "severity": "error"},
        {"check": "unique", "limit": "No id twice", "severity": "error"},
        {"check": "fresh_within_days", "limit": "Exported at most 7 days ago", "severity": "error"},
        {"check": "mean_in_range", "limit": "Within three standard deviations of the last twelve batches", "severity": "warning"}]
    front = _front("data-governance", "Data governance policy for training data", "policy", "1.3", "p-006", "p-015", "p-002", date(2026, 1, 13), date(2026, 1, 20),
                   ["POL-03"], ("1.2", "2025-02-17", "2025-03-01"), data_classes=classes, quality_criteria=criteria)
    kept = "\n".join(f"| {c['name']} | {c['meaning']} | {str(c['retention_days']) + ' days' if 'retention_days' in c else 'no limit'} |" for c in classes)
    held = "\n".join(f"| {c['check']} | {c['limit']} | {c['severity']} |" for c in criteria)
    return "data-governance", front, f"""# Data governance policy for training data

## Acquisition

A source is used only after the head of data has recorded where it comes from, how it is collected and who may withdraw it. Nothing is scraped.

## Licence and lawful basis

Every dataset record names its licence. Personal data has a lawful basis and an assessment by legal counsel before the first row is read.

## Quality criteria

Each batch is checked before training. An error stops the run; a warning is looked at by the owner of the data.

| Check | Limit | Severity |
|---|---|---|
{held}

## Labelling

Labels come from what customers did (a ticket moved, a booking corrected) or from the supplier. A sample of 200 is read again by a second person each quarter.

## Classification

| Class | What belongs to it | Kept at most |
|---|---|---|
{kept}

## Retention

Counted from the day a dataset version was made. The catalogue proposes what is due; the owner of the data confirms.

## Deletion

Within 14 days of the end of retention or of a justified request, from the store and its copies. Models trained before keep running; the next training leaves
the rows out.

## Access

By role only, read access for the training job and the people who prepare the data. Reviewed each quarter.

## Provenance

Every job that prepares or trains reports its inputs and outputs with their digests. A model whose path to its sources is broken is not released.
"""


def _transparency():
    methods = [{"method": "feature-contributions", "applies_to": "Tree ensembles over features of accounts"},
               {"method": "similar-examples", "applies_to": "Text classifiers"},
               {"method": "highlighted-source", "applies_to": "Extraction from documents"}]
    fields = ["intended_use", "out_of_scope", "inputs", "outputs", "decision_logic", "limitations", "failure_modes", "metrics", "explanation_method", "user_notice"]
    front = _front("transparency", "Transparency and explainability standard", "standard", "1.1", "p-003", "p-014", "p-002", date(2026, 1, 9), date(2026, 1, 15),
                   ["POL-04"], ("1.0", "2025-01-31", "2025-02-10"), model_card_fields=fields, explanation_methods=methods)
    table = "\n".join(f"| {m['applies_to']} | {m['method'].replace('-', ' ')} |" for m in methods)
    listed = "\n".join(f"- {f.replace('_', ' ')}" for f in fields)
    return "transparency", front, f"""# Transparency and explainability standard

## When an explanation is due

With every result that a person acts on: the risk of an account, the queue of a ticket, the field of an invoice. On request, in writing, within ten days.

## Methods by type of model

| Model | Method |
|---|---|
{table}

Attention weights are not an explanation and are not shown to customers.

## Content of a model card

Each version has a card before it is released, which fills in at least:

{listed}

## Notice to users

Where a result comes from a model the screen says so, next to the result. Customers learn of a new model in the release notes, before it is switched on.

## Records

The explanation shown is stored with the result for as long as the result is. Requests and answers are kept for two years.
"""


SCALES = {
    "likelihood": [(1, "rare", "Less than once in ten years"), (2, "unlikely", "Once in three to ten years"), (3, "possible", "About once a year"),
                   (4, "likely", "Several times a year"), (5, "frequent", "Every month or more often")],
    "impact": [(1, "negligible", "Nobody outside the team notices"), (2, "minor", "Some customers correct results by hand"), (3, "moderate", "Many customers work by hand for a day"),
               (4, "major", "A commitment is broken or personal data is concerned"), (5, "severe", "People are harmed, or the company may not go on")]}
BANDS = [("low", 1, 4, "The owner watches"), ("medium", 5, 9, "The owner treats within two quarters"), ("high", 10, 16, "Treated within a quarter, reported to management"),
         ("critical", 17, 25, "Stop until treated")]


def _risk():
    scales = {name: [{"value": v, "label": label, "meaning": meaning} for v, label, meaning in steps] for name, steps in SCALES.items()}
    scales["bands"] = [{"name": n, "from": a, "to": b, "response": r} for n, a, b, r in BANDS]
    categories = ["bias", "drift", "poisoning", "extraction", "privacy", "third_party", "misuse", "fraud"]
    front = _front("ai-risk-framework", "AI risk management framework", "framework", "1.2", "p-007", "p-005", "p-001", date(2026, 1, 14), date(2026, 1, 20),
                   ["POL-05"], ("1.1", "2025-02-05", "2025-02-17"), risk_scales=scales, risk_appetite=6, risk_categories=categories)
    tables = {name: "\n".join(f"| {v} | {label} | {meaning} |" for v, label, meaning in steps) for name, steps in SCALES.items()}
    bands = "\n".join(f"| {a} to {b} | {n} | {r} |" for n, a, b, r in BANDS)
    return "ai-risk-framework", front, f"""# AI risk management framework

## Method

Risks are looked for by model and by source of data: what could go wrong, for whom, how would we notice. Incidents, audits and new uses are read first. Score
is likelihood times impact, before treatment and after.

## Scales

| Likelihood | Name | Meaning |
|---|---|---|
{tables["likelihood"]}

| Impact | Name | Meaning |
|---|---|---|
{tables["impact"]}

| Score | Band | Response |
|---|---|---|
{bands}

## Appetite

A risk that scores above 6 after treatment stands only if somebody other than its owner accepts it, by name and with an end.

## Roles

Each risk has an owner. The compliance manager keeps the register. The chief technology officer accepts, the chief executive leads the yearly assessment.

## Review cadence

The register is reviewed before the end of each quarter, and the whole framework once a year.

## Treatment options

Mitigate, accept, transfer or avoid. A mitigation names the controls that do it.

## What is always looked at

Bias, drift, poisoning, extraction of models or data, privacy, third parties, misuse, and fraud by our own people or by customers.
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
