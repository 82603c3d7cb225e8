"""What Evidently saw of the inputs of each model: a report on the first of each month over the month before."""

import random
from datetime import timedelta

from .clock import MONTHS, at_utc, days, later, stamp
from .emit import digest
from .system import points
from .world import MODELS, VERSIONS

# inputs that are compared: numbers by the population stability index, categories by the Jensen-Shannon distance
COLUMNS = {
    "churn-risk": (["contract_age_weeks", "contract_value", "discount_share", "active_users_12w", "logins_12w", "usage_slope_12w", "open_tickets", "seats", "prediction"],
                   ["industry", "plan", "region"]),
    "ticket-router": (["subject_length", "message_length", "words", "hour_of_day", "confidence"], ["language", "channel", "product", "prediction"]),
    "doc-extract": (["pages", "boxes_per_page", "ocr_confidence", "empty_fields", "amount"], ["country", "layout", "supplier_known"]),
}
PRICES = {"contract_value": 0.27, "discount_share": 0.21}  # what the new prices moved from October until version 4.1.0 had learned them
LIMIT = {"psi": 0.2, "jensenshannon": 0.1}


def write(repo):
    for month in MONTHS:
        run_at = later(at_utc(month.first, 4), minutes=25)
        for version in VERSIONS:
            if any(a <= run_at and (b is None or run_at < b) for a, b in version.spans):
                _report(repo, version, month, run_at)


def _metric(name, kind, value, **config):
    shown = ",".join(f"{key}={value}" for key, value in config.items())
    return {"id": digest(f"evidently {kind} {shown}")[:32], "metric_name": f"{name}({shown})", "config": {"type": f"evidently:metric_v2:{kind}"} | config, "value": value}


def _report(repo, version, month, run_at):
    model, last = version.model, month.first - timedelta(days=1)
    first = last.replace(day=1)
    served = [at_utc(day, 4) for day in days(first, last)]
    served = [when for when in served if any(a <= when and (b is None or when < b) for a, b in version.spans)]
    rows = sum(p["n"] for when in served for p in points(version, when) if p["metric_id"] == "drift_psi")
    rng = random.Random(f"evidently {version.id} {month.name}")
    numbers, categories = COLUMNS[model.id]
    moved = PRICES if version.id == "churn-risk 4.0.0" and month.name == "2026-11" else {}
    values = []
    for column in numbers + categories:
        method = "psi" if column in numbers else "jensenshannon"
        value = round(moved.get(column, 0.0) + abs(rng.gauss(0.05, 0.02) if method == "psi" else rng.gauss(0.03, 0.012)), 6)
        values.append(_metric("ValueDrift", "ValueDrift", value, column=column, method=method, threshold=LIMIT[method]))
    drifted = sum(m["value"] >= m["config"]["threshold"] for m in values)
    path = f"evidence/monitoring/evidently/drift-{model.id}-{run_at.date()}.json"
    repo.json(path, {"metrics": [
        _metric("RowCount", "RowCount", rows),
        _metric("DriftedColumnsCount", "DriftedColumnsCount", {"count": float(drifted), "share": round(drifted / len(values), 6)}, drift_share=0.5), *values], "tests": []})
    repo.manifest(path, "metrics.acme.example", later(run_at, minutes=20), "svc-metrics", query=f"python -m jobs.drift {model.id} --current {first}/{last} --reference training",
                  attributes={"model_id": model.id, "version": version.version, "environment": "production", "run_at": stamp(run_at),
                              "dataset_digest": digest(f"inputs {version.id} {first} {last}"), "rows": rows, "evidently_version": "0.7.11" if run_at.month < 7 else "0.7.16"})
