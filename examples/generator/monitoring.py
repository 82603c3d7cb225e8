"""How production is watched and guarded: deployment gates, thresholds, alert rules, alerts, heartbeats, reviews and trends."""

from datetime import date, timedelta

from . import system
from .clock import MONTHS, QUARTERS, at, at_utc, days, later, stamp, workday
from .world import BY_VERSION, MODELS, ROLLED_BACK_AT, VERSIONS


def write(repo):
    _gates(repo)
    _thresholds(repo)
    _alert_rules(repo)
    _alerts(repo)
    _heartbeats(repo)
    _reviews(repo)
    _trends(repo)


def _gates(repo):
    """The gate before production, through which the repositories of all models deploy, read once a quarter."""
    for quarter in QUARTERS:
        captured = at(workday(quarter.last - timedelta(days=17)), 6, 40)
        path = f"evidence/deployment/gate-production-{captured.date()}.json"
        repo.json(path, {
            "system": "deploy.acme.example", "resource_type": "deployment", "resource_id": "environments/production", "environment": "production",
            "captured_at": stamp(captured), "method": "api", "command": "GET /api/v1/environments/production", "account": "acme",
            "settings": {"environment_protection": {
                "repositories": [m.repository for m in MODELS.values()], "required_reviewers": 1, "prevent_self_review": True, "branches": ["main"],
                "wait_minutes": 0 if quarter.name == "2026-Q1" else 10, "bypass_actors": [], "deployers": ["svc-deploy"]}}})
        repo.manifest(path, "deploy.acme.example", later(captured, minutes=5), "svc-collector")


PAGED_SINCE = date(2026, 6, 29)  # action A-2 of the post-mortem: quality pages the owner on call
LIMITS = [  # metric, direction, warn, fail, release, what the rule watches
    ("latency_p95_ms", "at_most", 250, 300, 250, "latency"),
    ("error_rate", "at_most", 0.01, 0.02, None, "errors"),
    ("drift_psi", "at_most", 0.15, 0.2, None, "drift"),
]


def limits(model):
    return [(model.metric, "at_least", round(model.floor + 0.01, 3), model.floor, model.floor, "performance"), *LIMITS]


def _register(day):
    """The threshold register as it stood on a day: every row since the window began."""
    rows = []
    for model in MODELS.values():
        new = model.id == "doc-extract"
        begin = stamp(BY_VERSION["doc-extract 1.0.0"].deployed_at) if new else "2025-07-01T00:00:00+02:00"
        approved = "2026-01-29T10:00:00+01:00" if new else "2025-06-24T10:00:00+02:00"
        if new and day < date(2026, 1, 29):
            continue
        for metric, direction, warn, fail, release, _ in limits(model):
            row = {"model_id": model.id, "metric": metric, "direction": direction, "warn": warn, "fail": fail} | ({"release": release} if release is not None else {})
            row |= {"approved_by": "p-002", "approved_at": approved, "effective_from": begin}
            if (model.id, metric) == ("churn-risk", "drift_psi"):
                row["warn"] = 0.18
                if day >= date(2026, 9, 30):  # tightened after the review of August
                    row["effective_to"] = "2026-09-21T00:00:00+02:00"
                    rows.append(row)
                    row = row | {"warn": 0.15, "approved_at": "2026-09-17T14:20:00+02:00", "effective_from": "2026-09-21T00:00:00+02:00",
                                 "replaces": {"warn": 0.18, "fail": 0.2, "effective_from": begin}}
                    row.pop("effective_to")
            rows.append(row)
    return rows


def _snapshot(repo, path, captured, kind, resource, command, settings, previous=None):
    repo.json(path, {"system": "metrics", "resource_type": kind, "resource_id": resource, "environment": "production", "captured_at": stamp(captured),
                     "method": "api", "command": command, "account": "acme", "region": "eu-central-1", "settings": settings})
    repo.manifest(path, "metrics.acme.example", later(captured, minutes=5), "svc-collector", supersedes=previous)
    return path


def _thresholds(repo):
    previous = None
    for day in [date(2026, 1, 2), date(2026, 1, 30), *(quarter.last for quarter in QUARTERS)]:
        captured = at(day, 22, 10)
        previous = _snapshot(repo, f"evidence/models/thresholds-{captured.date()}.json", captured, "thresholds", "threshold-register",
                             "GET /api/v1/thresholds?history=2026", {"thresholds": _register(captured.date())}, previous)


def alert_name(model, watches, warning=False):
    """The name that Prometheus gives the alerts of a rule."""
    return "".join(part.title() for part in f"{model}-{watches}".split("-")) + ("Warning" if warning else "")


RULE = """  - alert: {name}
    expr: '{expr}'
    for: {wait}
    labels:
{labels}
    annotations:
      summary: {summary}
      runbook_url: https://runbooks.acme.example/{runbook}
"""


def rule_file(groups):
    """A file of rules as it lies in the repository of the platform and as Prometheus loads it: (group, [(name, expr, for, labels, summary, runbook)])."""
    text = "groups:\n"
    for group, rules in groups:
        text += f"- name: {group}\n  interval: 1m\n  rules:\n"
        for name, expr, wait, labels, summary, runbook in rules:
            shown = "\n".join(f"      {label}: {value}" for label, value in labels.items())
            text += RULE.format(name=name, expr=expr, wait=wait, labels=shown, summary=summary, runbook=runbook)
    return text


def loaded(repo, name, groups, captured):
    """The file as Prometheus had loaded it on a day."""
    path = f"evidence/monitoring/rules/{name}-{captured.date()}.yaml"
    repo.text(path, rule_file(groups))
    repo.manifest(path, "prometheus.acme.example", captured, "svc-collector", query=f"cat /etc/prometheus/rules/{name}.yaml in pod prometheus-0, compared with GET /api/v1/rules",
                  attributes={"environment": "production", "cluster": "cluster/ml-eu", "prometheus_version": "2.53.4" if captured.month < 9 else "3.5.0"})


def _alert_rules(repo):
    """Rules on the models at the limits of the register, one group a model, and the signal that never ends."""
    for quarter in QUARTERS:
        captured = at(quarter.last, 22, 20)
        groups = {"heartbeat": [("watchdog", "vector(1)", "0s", {"severity": "info", "receiver": "dead-man"}, "Always firing; its silence raises the alarm", "alerting")]}
        for row in _register(captured.date()):
            if "effective_to" in row:
                continue
            model, metric = row["model_id"], row["metric"]
            watches = next(w for m, *_, w in limits(MODELS[model]) if m == metric)
            paged = watches == "errors" or watches == "performance" and captured.date() >= PAGED_SINCE
            sign, word = ("<", "below") if row["direction"] == "at_least" else (">", "above")
            for level in ("fail", "warn") if watches == "drift" else ("fail",):
                called = paged and level == "fail"
                labels = {"severity": "page" if called else "ticket", "receiver": "ml-oncall" if called else "ml-quality", "model": model, "metric": metric, "watches": watches,
                          "level": level, "threshold": f'"{row[level]}"'}
                groups.setdefault(f"model-{model}", []).append((
                    alert_name(model, watches, level == "warn"), f'ml_model_{metric}{{model="{model}", environment="production"}} {sign} {row[level]}',
                    "5m" if watches in ("errors", "latency") else "15m", labels, f"{metric} of {model} {word} {row[level]}", f"model-{watches}"))
        loaded(repo, "models", groups.items(), captured)


def _alert(day, hour, minute, model, watches, severity, taken, by, minutes, disposition, note=None, **more):
    """One alert; `taken` and `minutes` are the minutes until it was acknowledged and until it ended."""
    fired = at(day, hour, minute)
    metric = next(m for m, *_, w in limits(MODELS[model]) if w == watches)
    number = more.pop("number", f"AL-{day:%Y%m%d}-1")
    alert = {"alert_id": number, "rule_id": alert_name(model, watches, more.pop("warning", False)), "severity": severity, "environment": "production", "subject_id": model,
             "metric_id": metric, "watches": watches, "fired_at": stamp(fired), "notified": ["ml-oncall" if severity == "page" else "ml-quality"],
             "acknowledged_at": stamp(later(fired, minutes=taken)), "acknowledged_by": by, "resolved_at": stamp(later(fired, minutes=minutes)), "disposition": disposition}
    if note:
        alert["disposition_note"] = note
    return alert | {"disposition_by": by} | more


def alerts():
    ended = later(ROLLED_BACK_AT, minutes=35)
    seen = at(date(2026, 6, 18), 10, 24)

    def until(moment, day):
        return int((moment - at(day, 6, 5)).total_seconds() // 60)

    return [
        _alert(date(2026, 2, 11), 10, 20, "doc-extract", "errors", "page", 11, "p-018", 47, "false_positive", "Load test of the second day; the requests were refused on purpose"),
        _alert(date(2026, 3, 4), 13, 5, "churn-risk", "errors", "page", 9, "p-019", 250, "incident", incident_id="INC-2026-002"),
        _alert(date(2026, 5, 13), 7, 5, "doc-extract", "performance", "ticket", 160, "p-014", 1470, "false_positive",
               "Hourly value on 31 confirmed bookings; the value of the day was normal"),
        _alert(date(2026, 6, 17), 6, 5, "ticket-router", "performance", "ticket", until(seen, date(2026, 6, 17)), "p-010", until(ended, date(2026, 6, 17)), "incident",
               incident_id="INC-2026-004", subject_version="2.3.0"),
        _alert(date(2026, 6, 18), 6, 5, "ticket-router", "performance", "ticket", until(seen, date(2026, 6, 18)), "p-010", until(ended, date(2026, 6, 18)), "incident",
               incident_id="INC-2026-004", subject_version="2.3.0"),
        _alert(date(2026, 8, 5), 11, 40, "churn-risk", "latency", "ticket", 75, "p-020", 210, "expected", "Backfill of the scores for a new tenant, announced the day before"),
        _alert(date(2026, 9, 8), 8, 3, "doc-extract", "latency", "ticket", 8, "p-018", 66, "incident", incident_id="INC-2026-006"),
        _alert(date(2026, 10, 5), 6, 5, "churn-risk", "drift", "ticket", 190, "p-014", 11640, "retrain",
               "The prices of September reached the contract features; validated on 8 October, kept until it can be trained on whole months",
               warning=True),
        _alert(date(2026, 12, 9), 9, 6, "churn-risk", "errors", "page", 6, "p-018", 118, "incident", incident_id="INC-2026-009"),
    ]


SILENT = {  # how it was made sure that a month without alerts was a quiet one
    1: "The test alert of 14 January reached the channel within a minute.", 4: "The daily values of April were read again against the limits: none was beyond.",
    7: "After the change of June the new pages were tried on 1 July and reached the owner on call.", 11: "The larger volume of the metrics store lost no points; the heartbeat stopped for 22 minutes only."}


def _alerts(repo):
    for month in MONTHS:
        these = [a for a in alerts() if a["fired_at"].startswith(month.name)]
        path = f"evidence/monitoring/alerts-{month.name}.jsonl"
        repo.jsonl(path, these)
        signed = month.after(2, 11, 5)
        nil = None if these else {"statement": f"No rule on a model fired in {month.first:%B}. {SILENT[month.first.month]}", "signed_by": "p-004",
                                  "signed_on": signed.date().isoformat()}
        repo.manifest(path, "alerts.acme.example", signed, "svc-collector", query=f"all alerts of the group models fired from {month.first} to {month.last}, any state",
                      records=len(these), covers=month.covers(), nil_return=nil)


def deviations():
    """What the company itself recorded about the alert nobody answered."""
    return [{
        "id": "EX-2026-006", "control": "OPS-03", "check": "alerts-are-acknowledged-in-time", "record": "AL-20260617-1",
        "path": "evidence/monitoring/alerts-2026-06.jsonl", "occurred_on": "2026-06-18", "found_on": "2026-06-18", "found_by": "p-010",
        "cause": "Alerts on quality opened a ticket in a channel that nobody reads at night; the alert of 17 June at 06:05 was taken on 18 June at 10:24, after 28 hours instead of 24.",
        "extent": "One alert. All alerts on models fired from 1 January to 19 June 2026 were compared with the hours allowed; the others were taken in time.",
        "compensating_control": "The support team reported the wrong queues on 18 June at 10:12; the version was withdrawn at 11:42 and the tickets were moved by hand.",
        "response": "Since 29 June 2026 alerts on quality page the model owner on call (action A-2 of the post-mortem INC-2026-004).",
        "owner": "p-004", "approver": "p-002", "approved_on": "2026-06-26", "expires_on": "2027-06-30"}]


# (month, model) -> (verdict, what the reviewer adds to the figures)
REMARKS = {
    ("2026-01", "churn-risk"): ("as_expected", "First month after the holidays; usage is back, and so is the ranking."),
    ("2026-01", "ticket-router"): ("as_expected", "The two wrong queue names of 19 January were in the routing table, not in the model."),
    ("2026-02", "ticket-router"): ("watch", "Version 2.2.0 since the 24th; the two small billing queues are looked at once a week."),
    ("2026-02", "doc-extract"): ("watch", "First weeks in production, few suppliers yet."),
    ("2026-03", "churn-risk"): ("as_expected", "Version 3.5.0 since the 17th, without a step in the series; accounts under 12 weeks are no longer scored."),
    ("2026-05", "doc-extract"): ("as_expected", "The alert of the 13th rested on an hour with 31 confirmed bookings; day and week were normal."),
    ("2026-06", "ticket-router"): ("act", "Version 2.3.0 fell below its floor for two days and was withdrawn on the 18th; the average of all languages hid it before the release."),
    ("2026-07", "ticket-router"): ("watch", "Version 2.3.1 since the 14th; English tickets are looked at apart and are level with German ones."),
    ("2026-08", "churn-risk"): ("watch", "Drift lies closer to its limit than a year ago; the limit to look is to be tightened before the new prices."),
    ("2026-09", "churn-risk"): ("as_expected", "Version 4.0.0 since the 15th; account teams saw both lists and preferred the new one."),
    ("2026-10", "churn-risk"): ("watch", "The new prices moved the contract features from the 5th to the 12th; validated on the 8th, kept until whole months are there."),
    ("2026-10", "doc-extract"): ("watch", "Net and gross were swapped for one supplier; version 1.2.0 since the 20th reads that layout."),
    ("2026-11", "churn-risk"): ("as_expected", "Version 4.1.0 since the 24th has learned the new prices."),
    ("2026-12", "ticket-router"): ("as_expected", "Short weeks with few tickets; the holidays show in the counts and not in the values."),
}
PLAIN = ["Within its limits, no step and no slope.", "Quiet month.", "Follows the weekly pattern of the months before.", "Weekends rest on fewer cases, as always.",
         "No questions from support about it.", "Nothing that a closer look explained otherwise than by chance."]


def figures(month, model):
    """The daily values of a month as exported: metric -> [(day, value)]."""
    series = {}
    for day in days(month.first, month.last):
        when = at_utc(day, 4)
        for version in sorted(VERSIONS, key=lambda v: v.id):
            if version.model is model and any(a <= when and (b is None or when < b) for a, b in version.spans):
                for point in system.points(version, when):
                    series.setdefault(point["metric_id"], []).append((day, point["value"]))
    return series


def _reviews(repo):
    """One review a month of every model in production, with the export it looked at."""
    for index, month in enumerate(MONTHS):
        models, lines = [], []
        for place, model in enumerate(MODELS.values()):
            series = figures(month, model)
            if not series:
                continue
            values = [v for _, v in series[model.metric]]
            low_day, low = min(series[model.metric], key=lambda p: p[1])
            errors = [v for _, v in series["error_rate"]]
            verdict, remark = REMARKS.get((month.name, model.id), ("as_expected", PLAIN[(index * 5 + place * 2) % len(PLAIN)]))
            note = f"{model.metric} {sum(values) / len(values):.3f} on average, lowest {low:.3f} on {low_day:%d %B}; errors {100 * sum(errors) / len(errors):.2f} %. {remark}"
            models.append({"model_id": model.id, "tier": model.tier, "verdict": verdict, "note": note})
            lines.append(f"- {model.title}: {note}")
        acting = [m["model_id"] for m in models if m["verdict"] == "act"]
        watched = [m["model_id"] for m in models if m["verdict"] == "watch"]
        issues = [{"id": "I-1", "text": "The daily value of all languages together hides a fall in one of them", "model_id": m, "metric_id": MODELS[m].metric} for m in acting]
        actions = [{"id": "A-1", "issue_id": "I-1", "owner": "p-012", "due_on": "2026-07-31", "status": "closed", "closed_on": "2026-07-14", "ticket": "ML-236"}] if acting else []
        conclusion = (f"{acting[0]} needs action, see the issue. " if acting else "") + (f"To be watched: {', '.join(watched)}. " if watched else "") \
            + f"{sum(m['verdict'] == 'as_expected' for m in models)} of {len(models)} models as expected in {month.first:%B}."
        inputs = [f"evidence/monitoring/metrics-{month.name}.csv", f"evidence/monitoring/alerts-{month.name}.jsonl"]
        reviewed = month.after(4, 14, 30)
        front = {"review_id": f"MR-{month.name}", "review_type": "model_review", "period": month.name, "period_start": month.first.isoformat(), "period_end": month.last.isoformat(),
                 "reviewer": "p-003", "reviewed_at": stamp(reviewed), "inputs": [{"path": p, "sha256": repo.hashes[p]} for p in inputs], "conclusion": conclusion,
                 "issues": issues, "actions": actions, "models": models}
        path = f"evidence/monitoring/review-{month.name}.md"
        repo.markdown(path, front, f"# Models in production, {month.first:%B %Y}\n\n## Models\n\n" + "\n".join(lines) + f"\n\n## Conclusion\n\n{conclusion}\n")
        repo.manifest(path, "git.acme.example/acme/models", later(reviewed, hours=24 * (11 if acting else 1)), "p-014")


RESTARTS = [  # day, hour, minute, minutes of silence, why
    (date(2026, 2, 17), 22, 4, 11, "Update of the metrics store to a new release"),
    (date(2026, 5, 5), 21, 30, 14, "Move of the alerting to the new node pool"),
    (date(2026, 8, 12), 22, 15, 9, "Certificate of the alerting renewed"),
    (date(2026, 11, 17), 21, 50, 22, "Larger volume for the metrics store"),
]


def _heartbeats(repo):
    """The signal of the alerting as the dead-man service heard it; the service closes its sessions at the end of a quarter."""
    for quarter in QUARTERS:
        begin, end, rows = at(quarter.first, 0), at(quarter.last + timedelta(days=1), 0), []
        for day, hour, minute, silence, why in RESTARTS:
            if quarter.first <= day <= quarter.last:
                broke = at(day, hour, minute)
                rows.append((begin, broke, "change", why))
                begin = later(broke, minutes=silence)
        rows.append((begin, end, "expected", "Session closed at the end of the quarter"))
        path = f"evidence/monitoring/heartbeat-{quarter.name}.jsonl"
        repo.jsonl(path, [
            {"alert_id": f"HB-{quarter.name}-{n}", "rule_id": "watchdog", "severity": "info", "environment": "production", "watches": "heartbeat",
             "fired_at": stamp(a), "resolved_at": stamp(b), "disposition": why, "disposition_note": note} for n, (a, b, why, note) in enumerate(rows, 1)])
        repo.manifest(path, "deadman.example", quarter.after(2, 7, 50), "svc-collector", query=f"sessions of the signal acme-watchdog, {quarter.first} to {quarter.last}",
                      records=len(rows), covers=quarter.covers())


TREND_COLUMNS = ["metric_id", "subject_id", "subject_version", "environment", "ts", "value", "unit", "threshold", "direction", "estimate", "label_lag_days", "period", "from",
                 "to", "points", "total", "previous_period", "previous_value"]
QUARTER_NOTES = {
    "2026-Q1": "The new model for documents starts well above its floor. The half point the router lost in February came back with March; its two small billing queues get more examples.",
    "2026-Q2": "The fall of the router in June was short and costly. What matters is that no test looked at languages apart; that is answered.",
    "2026-Q3": "All three models are level or better. The router has made up for June with its corrected version.",
    "2026-Q4": "New prices moved the inputs of churn risk and hardly its result. For next year a second reference set with the new prices is wanted.",
}


def trends():
    """Rows of the trend, month by month: mean, sum and number of the daily values, and the month before."""
    rows, before = [], {}
    for month in MONTHS:
        for model in MODELS.values():
            series = figures(month, model)
            for metric, direction, fail in ((model.metric, "at_least", model.floor), ("error_rate", "at_most", 0.02)):
                values = [v for _, v in series.get(metric, [])]
                if not values:
                    continue
                total = round(sum(values), 5)
                row = {"metric_id": metric, "subject_id": model.id, "subject_version": "all", "environment": "production", "ts": stamp(at(month.last, 23, 59)),
                       "value": round(total / len(values), 4 if metric != "error_rate" else 5), "unit": "ratio", "threshold": fail, "direction": direction,
                       "estimate": metric != "error_rate", "label_lag_days": system.LABEL_LAG[model.id] if metric != "error_rate" else 0, "period": month.name,
                       "from": month.first.isoformat(), "to": month.last.isoformat(), "points": len(values), "total": total}
                if (model.id, metric) in before:
                    row["previous_period"], row["previous_value"] = before[model.id, metric]
                before[model.id, metric] = (month.name, row["value"])
                rows.append(row)
    return rows


def _trends(repo):
    """The quarterly export of the trend and what management made of it."""
    rows = trends()
    for index, quarter in enumerate(QUARTERS):
        names = [m.name for m in MONTHS[3 * index:3 * index + 3]]
        these = [r for r in rows if r["period"] in names]
        path = f"evidence/kpi/model-trends-{quarter.name}.csv"
        repo.csv(path, TREND_COLUMNS, these)
        repo.manifest(path, "metrics.acme.example", quarter.after(2, 8, 5), "svc-metrics", query=f"monthly means of the daily roll-up, {quarter.first} to {quarter.last}",
                      records=len(these), covers=quarter.covers())
        issues, actions = [], []
        for row in these:
            if row["direction"] == "at_least" and "previous_value" in row and row["value"] < row["previous_value"] * 0.995:
                number = len(issues) + 1
                issues.append({"id": f"I-{number}", "text": f"{row['metric_id']} fell from {row['previous_value']} to {row['value']} in {row['period']}", "model_id": row["subject_id"],
                               "metric_id": row["metric_id"]})
                actions.append({"id": f"A-{number}", "issue_id": f"I-{number}", **ANSWERED[row["subject_id"], row["period"]]})
        reviewed = quarter.after(4, 16, 30)
        note = QUARTER_NOTES[quarter.name]
        front = {"review_id": f"KPI-MODELS-{quarter.name}", "review_type": "kpi", "period": quarter.name, "period_start": quarter.first.isoformat(),
                 "period_end": quarter.last.isoformat(), "reviewer": "p-002", "reviewed_at": stamp(reviewed), "inputs": [{"path": path, "sha256": repo.hashes[path]}],
                 "conclusion": note, "issues": issues, "actions": actions}
        table = "\n".join(["| Model | Metric | " + " | ".join(names) + " |", "|---" * (2 + len(names)) + "|"] + [
            f"| {m.title} | {metric} | " + " | ".join(str(next((r["value"] for r in these if r["subject_id"] == m.id and r["metric_id"] == metric and r["period"] == n), "")) for n in names) + " |"
            for m in MODELS.values() for metric in (m.metric, "error_rate")])
        review = f"evidence/kpi/model-review-{quarter.name}.md"
        repo.markdown(review, front, f"# Models, {quarter.name}\n\n## Figures\n\n{table}\n\n## Conclusion\n\n{note}\n")
        repo.manifest(review, "git.acme.example/acme/compliance", later(reviewed, hours=24 * (9 if issues else 1)), "p-007")


# decline -> the action that answers it
ANSWERED = {
    ("ticket-router", "2026-02"): {"owner": "p-014", "due_on": "2026-04-30", "status": "closed", "closed_on": "2026-04-14", "ticket": "ML-188"},
    ("ticket-router", "2026-06"): {"owner": "p-013", "due_on": "2026-07-31", "status": "closed", "closed_on": "2026-07-14", "ticket": "ML-232"},
}
