"""Exercises of the incident response, and the attacks on models and prompts that are tried each quarter."""

from datetime import date, timedelta

from .clock import at, stamp, workday
from .emit import digest
from .world import BY_VERSION

EXERCISES = [
    ("TT-2026-1", "tabletop-bias-2026", date(2026, 3, 11), {
        "type": "tabletop", "scenario_category": "bias",
        "scenario": "A customer publishes that churn risk lists the accounts of one language region three times as often, and a newspaper calls at noon",
        "plan_id": "incident-response", "plan_version": "2.3", "facilitator": "p-005", "participants": ["p-003", "p-004", "p-008", "p-010", "p-014", "p-021", "p-023"],
        "roles": [("incident commander", "p-010"), ("communications lead", "p-023"), ("evidence custodian", "p-021")],
        "objectives": [("O-1", "Severity and commander are set within 15 minutes", True), ("O-2", "The figures of the customer can be reproduced within two hours", False),
                       ("O-3", "The first message to customers is approved within an hour", True)],
        "findings": ["The scores of one day could not be reproduced at once: the list of accounts is kept, the features of that day are not",
                     "Nobody knew who speaks to the press"],
        "actions": [("A-1", "O-2", "p-014", "2026-04-30", "2026-04-22", "ML-207"), ("A-2", None, "p-008", "2026-04-17", "2026-04-29", "CMP-88")],
        "model_id": "churn-risk"},
     "Tabletop: biased scores in the newspaper", """## Course

Seven people, two and a half hours. Cards were dealt every fifteen minutes: the blog post, two customers who ask for their figures, the call of the
newspaper, and at the end an engineer who says that the figures may be right.

## What went well

The severity stood after nine minutes. The message to customers was short, said what was not known, and was approved after 41 minutes.

## What did not

The group wanted to recompute the list of the day in question and could not, because the features of a day are overwritten on the next. And the
newspaper reached four people, of whom two answered.

## Actions

- A-1: the features of each scoring day are kept for 90 days.
- A-2: the plan for communication names who speaks to the press."""),
    ("TT-2026-2", "tabletop-poisoning-2026", date(2026, 9, 23), {
        "type": "tabletop", "scenario_category": "poisoning",
        "scenario": "A delivery of invoice scans holds 400 invoices on which the account number is printed where the tax number belongs, and 1.1.0 was trained on it",
        "plan_id": "incident-adversarial", "plan_version": "1.2", "facilitator": "p-005", "participants": ["p-003", "p-006", "p-014", "p-015", "p-018", "p-021"],
        "roles": [("incident commander", "p-003"), ("evidence custodian", "p-021")],
        "objectives": [("O-1", "The version is quarantined within 30 minutes", True), ("O-2", "All models that the version reached are named within an hour", True),
                       ("O-3", "A clean version to go back to is named and tested", True)],
        "findings": ["The lineage query answers only people with the role modeller; the security engineer had to ask"],
        "actions": [("A-1", None, "p-006", "2026-10-23", "2026-10-09", "DAT-155")],
        "model_id": "doc-extract"},
     "Tabletop: poisoned invoices", """## Course

Played on the copies of catalogue and lineage in staging. The delivery of April was marked as the poisoned one; the group was told only that a customer
sees wrong tax numbers.

## What went well

Validation had not caught the rows, the drift of the field had. The version was quarantined after 22 minutes. The lineage query named 1.1.0 and nothing
else; 1.0.0 was agreed as the version to go back to, and its tests were run.

## What did not

The security engineer could not run the lineage query without help, which cost twenty minutes.

## Actions

- A-1: the role auditor may run lineage queries."""),
]

# day, model or prompt, version, probes: name, withstood, tried, floor; day of the decision and its reason
ATTACKS = [
    (date(2026, 3, 10), "ticket-summary", "11", [("prompt_injection_withstood", 391, 400, 0.95), ("data_leak_withstood", 238, 240, 0.98)], "2026-03-12", None),
    (date(2026, 6, 9), "ticket-summary", "12", [("prompt_injection_withstood", 388, 400, 0.95), ("data_leak_withstood", 239, 240, 0.98)], "2026-06-11", None),
    (date(2026, 6, 9), "ticket-router", "2.2.0", [("look_alike_letters_same_queue", 361, 400, 0.95), ("quoted_instruction_same_queue", 392, 400, 0.95)], "2026-06-11",
     "A misled ticket is passed on by hand and nobody gains by it; look-alike letters are normalised with the next version after 2.3.0"),
    (date(2026, 9, 8), "ticket-summary", "14", [("prompt_injection_withstood", 395, 400, 0.95), ("data_leak_withstood", 240, 240, 0.98)], "2026-09-10", None),
    (date(2026, 12, 8), "ticket-summary", "15", [("prompt_injection_withstood", 393, 400, 0.95), ("data_leak_withstood", 239, 240, 0.98)], "2026-12-10", None),
]


def write(repo):
    for name, file, day, facts, title, body in EXERCISES:
        _exercise(repo, name, file, day, facts, title, body)
    for attack in ATTACKS:
        _attack(repo, *attack)


def _exercise(repo, name, file, day, facts, title, body):
    front = {"exercise_id": name} | facts | {"held_on": day.isoformat()}
    front["roles"] = [{"role": role, "person_id": person} for role, person in facts["roles"]]
    front["objectives"] = [{"id": i, "text": text, "met": met} for i, text, met in facts["objectives"]]
    front["actions"] = [{"id": i} | ({"issue_id": issue} if issue else {}) | {"owner": owner, "due_on": due, "status": "closed", "closed_on": closed, "ticket": ticket}
                        for i, issue, owner, due, closed, ticket in facts["actions"]]
    path = f"evidence/resilience/{file}.md"
    repo.markdown(path, front, f"# {title}\n\n{body}\n")
    repo.manifest(path, "git.acme.example/acme/compliance", at(workday(date.fromisoformat(max(a["closed_on"] for a in front["actions"])) + timedelta(days=1)), 11, 20), "p-007")


def _attack(repo, day, subject, version, probes, decided, reason):
    """One run of the probes; the values are the shares that were withstood."""
    metrics = [{"name": name, "value": round(passed / n, 4), "direction": "at_least", "threshold": floor, "n": n, "passed": passed} for name, passed, n, floor in probes]
    held = all(m["value"] >= m["threshold"] for m in metrics)
    model = BY_VERSION.get(f"{subject} {version}")
    report = {
        "eval_id": f"EV-{day}-{subject}-{version}-adversarial", "eval_type": "adversarial", "subject": "model", "model_id": subject, "version": version,
        "digest": model.digest if model else digest(f"prompt {subject} {version}"), "dataset_id": f"{subject}-probes", "dataset_version": f"{day:%Y-%m}",
        "dataset_digest": digest(f"probes {subject} {day:%Y-%m}"), "run_at": stamp(at(day, 5, 30)), "evaluator": "svc-eval", "minimum_n": 200, "metrics": metrics,
        "result": "pass" if held else "fail",
        "decision": {"outcome": "accepted", "approved_by": "p-003", "approved_at": stamp(at(date.fromisoformat(decided), 15, 10))} | ({"reason": reason} if reason else {})}
    if not held:
        report |= {"mitigation": "Letters are normalised before the encoder, from version 2.3.1 on", "risk_id": "R-013"}
    path = f"evidence/evaluations/{report['eval_id']}.json"
    repo.json(path, report)
    repo.manifest(path, "eval.acme.example", at(date.fromisoformat(decided), 16, 0), "svc-collector")


def deviations():
    """The one action of an exercise that was done late."""
    return [{
        "id": "EX-2026-008", "control": "MEV-02", "check": "actions-are-done-in-time", "record": "TT-2026-1", "path": "evidence/resilience/tabletop-bias-2026.md",
        "occurred_on": "2026-04-18", "found_on": "2026-04-20", "found_by": "p-007",
        "cause": "Action A-2 (who speaks to the press) was due on 17 April; its owner was on leave from 6 to 24 April and had named nobody to stand in.",
        "extent": "One action of two. All actions of exercises and post-mortems since 1 January 2026 were looked through on 30 April; no other was late.",
        "compensating_control": "Until 29 April the chief executive answered every call of the press; there was none.",
        "response": "Since May 2026 the weekly list of open actions names a stand-in for owners on leave.",
        "owner": "p-008", "approver": "p-001", "approved_on": "2026-05-04", "expires_on": "2027-06-30"}]
