"""Misuse of models: the standard that names it, the rules that watch for it, the alerts of the year, and two simulated extractions."""

from datetime import date, timedelta

from .clock import MONTHS, QUARTERS, at, later, stamp, workday
from .monitoring import loaded

# rule, what it watches for, expression, how it is brought to people
# name, what it watches for, expression, how it is brought to people, what it says
RULES = [
    ("ModelQueryVolume", "query_volume", "sum by (api_key, endpoint) (rate(gateway_requests_total[10m])) > 8 * max by (api_key, endpoint) (gateway_request_rate:p99_28d)", "page",
     "One key asks far more than it ever did"),
    ("ModelInputSimilarity", "input_similarity",
     "avg_over_time(gateway_near_duplicate_ratio[30m]) > 0.6 and on (api_key) sum by (api_key) (increase(gateway_model_inputs_total[30m])) > 500", "ticket",
     "Many inputs of one key differ in a word or a figure"),
    ("ModelTokenMisuse", "token_misuse",
     "count by (api_key) (count by (api_key, country) (increase(gateway_requests_total[1h]) > 0)) > 1 or sum by (api_key) (increase(gateway_auth_failures_total[10m])) > 50", "page",
     "One key is used from two countries, or many sign-ins were refused"),
    ("ModelBulkDownload", "bulk_download", 'sum by (actor) (increase(mlflow_artifact_downloads_total{store="mlflow-prod", account_type="human"}[1h])) > 0', "ticket",
     "A person reads whole models from the registry"),
]
# day, hour, minute, rule, subject, minutes until taken, by whom, minutes until it ended, what it was, why
ALERTS = [
    (date(2026, 1, 22), 2, 14, "ModelQueryVolume", "churn-risk-eu", 21, "p-021", 96, "expected", "A customer's nightly load ran twice after the restart of its scheduler; confirmed by phone in the morning"),
    (date(2026, 3, 5), 15, 22, "ModelBulkDownload", "mlflow-prod", 53, "p-005", 70, "expected", "Comparison of two versions under ticket ML-231"),
    (date(2026, 4, 14), 8, 37, "ModelTokenMisuse", "doc-extract-eu", 12, "p-021", 185, "false_positive", "A customer moved its gateway to another country; announced to support, not to us"),
    (date(2026, 6, 17), 15, 22, "ModelBulkDownload", "mlflow-prod", 18, "p-005", 40, "expected", "Weights of the withdrawn version were examined for INC-2026-004"),
    (date(2026, 6, 18), 15, 22, "ModelBulkDownload", "mlflow-prod", 25, "p-005", 45, "expected", "The version before was examined for INC-2026-004, as on the day before"),
    (date(2026, 8, 20), 9, 43, "ModelBulkDownload", "mlflow-prod", 34, "p-021", 150, "false_positive", "p-014 asked for the weights instead of the card and was refused; nothing was read"),
    (date(2026, 9, 1), 15, 22, "ModelBulkDownload", "mlflow-prod", 88, "p-021", 104, "expected", "Ticket ML-298: explanation of two scores for a customer"),
    (date(2026, 12, 3), 15, 22, "ModelBulkDownload", "mlflow-prod", 41, "p-027", 66, "expected", "Ticket ML-344: the weights were measured for the move to smaller machines"),
]
# simulated extractions: id, day, who led it, others, endpoint, what was tried, rule and minutes from ten o'clock until it fired, result
TESTS = [
    ("RT-2026-H1", date(2026, 5, 20), "p-021", ["p-005", "p-018"], "ticket-router-eu",
     "a script with a key made for the test asked 6,200 times in an hour, with tickets that differed in one or two words", [("ModelQueryVolume", 11), ("ModelInputSimilarity", 27)],
     "Both rules fired. The page reached the on-call after eleven minutes; the key was revoked after nineteen."),
    ("RT-2026-H2", date(2026, 11, 18), "p-027", ["p-005", "p-019"], "churn-risk-eu",
     "the same key was used from two countries at once, then a slow series of near-identical accounts was sent for three hours", [("ModelTokenMisuse", 6), ("ModelInputSimilarity", 141)],
     "The token rule fired at once. The slow series was seen only after more than two hours, which is within the aim but leaves little time."),
]


def write(repo):
    _standard(repo)
    for quarter in QUARTERS:
        _rules(repo, quarter)
    for month in MONTHS:
        _alerts(repo, month)
    for test in TESTS:
        _test(repo, test)


def _standard(repo):
    front = {
        "id": "model-security", "title": "Model security standard", "doc_type": "standard", "version": "1.1", "status": "approved", "owner": "p-005",
        "author": "p-021", "approver": "p-002", "approved_on": "2026-01-06", "effective_from": "2026-01-12", "last_reviewed_on": "2026-01-06",
        "review_interval_months": 12, "classification": "internal", "satisfies": ["INF-03", "INF-04"],
        "revisions": [{"version": "1.0", "approver": "p-002", "approved_on": "2025-01-13", "effective_from": "2025-01-20", "effective_to": "2026-01-11"},
                      {"version": "1.1", "approver": "p-002", "approved_on": "2026-01-06", "effective_from": "2026-01-12"}],
        "detection_use_cases": [use_case for _, use_case, *_ in RULES]}
    path = "evidence/policies/model-security.md"
    repo.markdown(path, front, """# Model security standard

## Scope

Models in production, their weights, and the routes by which customers reach them.

## What is watched for

| Use case | What it looks like |
|---|---|
| query_volume | one key asks far more than it ever did |
| input_similarity | many inputs that differ in a word or a figure, as an extraction needs them |
| token_misuse | one key in two countries, or many refused sign-ins |
| bulk_download | a person reads whole models from the registry |

Pages are taken within an hour, everything else within a day. An attempt that is confirmed is an incident of at least S2.

## Routes

Every route of the gateway needs a token of the customer, TLS, a limit per minute and a limit on the input. A route without them is not published.

## Tests

Twice a year an extraction is simulated without a word to the on-call. Once a year a firm that did not build the service tests the routes.
""")
    repo.manifest(path, "git.acme.example/acme/policies", at(date(2026, 1, 7), 9, 40), "p-007")


def _rules(repo, quarter):
    rules = []
    for name, use_case, expr, severity, summary in RULES:
        if quarter.name in ("2026-Q3", "2026-Q4"):
            expr = expr.replace("> 0.6", "> 0.5").replace("> 500", "> 300")
        rules.append((name, expr, "0s" if use_case == "bulk_download" else "5m", {"severity": severity, "receiver": "security-oncall", "use_case": use_case}, summary, "model-misuse"))
    loaded(repo, "misuse", [("model-misuse", rules)], at(workday(quarter.last - timedelta(days=14)), 6, 59))


def _fired():
    """Every alert of the year as it stands in the history, without its number."""
    severity = {name: level for name, _, _, level, _ in RULES}

    def alert(fired, rule, subject, taken, by, ended, disposition, more):
        return {"rule_id": rule, "severity": severity[rule], "environment": "production", "subject_id": subject, "watches": "security", "fired_at": stamp(fired),
                "notified": ["security-oncall"], "acknowledged_at": stamp(later(fired, minutes=taken)), "acknowledged_by": by,
                "resolved_at": stamp(later(fired, minutes=ended)), "disposition": disposition, "disposition_by": by} | more

    for day, hour, minute, rule, subject, taken, by, ended, disposition, note in ALERTS:
        yield alert(at(day, hour, minute), rule, subject, taken, by, ended, disposition, {"disposition_note": note})
    for name, day, leader, others, subject, _, expected, _ in TESTS:
        for rule, after in expected:
            yield alert(later(at(day, 10), minutes=after), rule, subject, 8 + after % 5, others[-1], 64, "test", {"exercise_id": name})


def _alerts(repo, month):
    these = sorted((a for a in _fired() if a["fired_at"].startswith(month.name)), key=lambda a: a["fired_at"])
    path = f"evidence/monitoring/security-alerts-{month.name}.jsonl"
    repo.jsonl(path, [{"alert_id": f"SA-{month.name}-{n:02}"} | a for n, a in enumerate(these, 1)])
    collected = month.after(2, 9, 25)
    nil = None if these else {"statement": "No rule on misuse of models fired in this month; the rules were evaluated every minute, as the signal of the alerting shows.",
                              "signed_by": "p-005", "signed_on": collected.date().isoformat()}
    repo.manifest(path, "alerts.acme.example", collected, "svc-collector", query=f"all alerts of the group model-misuse fired from {month.first} to {month.last}, any state",
                  records=len(these), covers=month.covers(), nil_return=nil, second_source={"name": "messages of the paging service and the ticket queue", "records": len(these)})


def _test(repo, test):
    name, day, leader, others, subject, tried, expected, result = test
    slow = max(minutes for _, minutes in expected) > 60
    front = {
        "exercise_id": name, "type": "red_team", "scenario_category": "extraction", "plan_id": "model-security", "plan_version": "1.1", "held_on": day.isoformat(),
        "facilitator": leader, "participants": [leader, *others],
        "objectives": [{"id": "O-1", "text": "Each rule that should fire does so by its time", "met": True},
                       {"id": "O-2", "text": "The on-call revokes the key within 30 minutes of the first page", "met": True}],
        "findings": ["A slow series is seen late"] if slow else [],
        "actions": [{"id": "A-1", "owner": "p-005", "due_on": "2027-02-26", "status": "open", "ticket": "SEC-301"}] if slow else [],
        "expected_alerts": [{"rule_id": rule, "by": stamp(later(at(day, 10), minutes=30 if minutes < 30 else 180))} for rule, minutes in expected]}
    path = f"evidence/infrastructure/detection-test-{name[3:]}.md"
    repo.markdown(path, front, f"""# Simulated extraction, {day.strftime("%d %B %Y").lstrip("0")}

## What was done

From ten o'clock on {subject}: {tried}. Only the leader of the test and the head of security knew beforehand.

## What happened

{result}
""")
    repo.manifest(path, "git.acme.example/acme/compliance", at(workday(day + timedelta(days=2)), 11, 15), leader)
