"""How production is watched and guarded: deployment gates, thresholds, alert rules, alerts, heartbeats, reviews and trends."""

from datetime import date, timedelta

from .clock import MONTHS, QUARTERS, at, later, stamp, workday
from .world import BY_VERSION, MODELS, ROLLED_BACK_AT, VERSIONS


def write(repo):
    _gates(repo)


def _gates(repo):
    """The protection of the production environment of each model's repository, read once a quarter."""
    for quarter in QUARTERS:
        captured = at(workday(quarter.last - timedelta(days=17)), 6, 40)
        for model in MODELS.values():
            path = f"evidence/deployment/gate-{model.id}-{captured.date()}.json"
            repo.json(path, {
                "system": "deploy.acme.example", "resource_type": "deployment", "resource_id": model.repository, "environment": "production",
                "captured_at": stamp(captured), "method": "api", "command": f"GET /repos/{model.repository}/environments/production", "account": "acme",
                "settings": {"environment_protection": {
                    "required_reviewers": 1 if quarter.name == "2026-Q1" or model.tier != "high" else 2, "prevent_self_review": True, "branches": ["main"],
                    "wait_minutes": 10 if model.tier == "high" else 0, "bypass_actors": [], "deployers": ["svc-deploy"]}}})
            repo.manifest(path, "deploy.acme.example", later(captured, minutes=5), "svc-collector")
