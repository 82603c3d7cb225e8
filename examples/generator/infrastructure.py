"""How pipelines, machines, networks and gateways are set up, and the tests that show it."""

import random
from datetime import date, timedelta

from . import cluster
from .clock import QUARTERS, at, later, stamp, workday
from .data import SOURCES, training_set
from .disposal import LOG_STORES
from .emit import pdf
from .system import components
from .world import VERSIONS

PIPELINE, CLUSTER, GATEWAY = "pipelines/training", cluster.CLUSTER, "gateway/eu"


def write(repo):
    for quarter in QUARTERS:
        _snapshots(repo, quarter)
        cluster.networks(repo, quarter)
        _segmentation(repo, quarter)
    for version in VERSIONS:
        if version.in_window:
            _masking_suite(repo, version)
    _penetration(repo)


def _snapshots(repo, quarter):
    captured = at(workday(quarter.last - timedelta(days=14)), 6, 40)

    def snapshot(name, system, kind, resource, command, settings):
        path = f"evidence/infrastructure/config-{name}-{captured.date()}.json"
        repo.json(path, {"system": system, "resource_type": kind, "resource_id": resource, "environment": "production", "captured_at": stamp(captured), "method": "api",
                         "command": command, "account": "acme", "region": "eu-central-1", "settings": settings})
        repo.manifest(path, f"{system}.acme.example", later(captured, minutes=4), "svc-collector")

    rules = [{"dataset_id": source.id, "field": name, "data_class": source.data_class, "method": source.sensitive[name]}
             for source in sorted(SOURCES.values(), key=lambda s: s.id) for name in sorted(source.sensitive)]
    snapshot("training-pipeline", "pipelines", "pipeline", PIPELINE, "GET /pipelines/training/rules", {"masking_rules": rules})
    for name, category, data_class, kept in LOG_STORES:
        shorter = name == "summary-prompts" and quarter is not QUARTERS[0]
        snapshot(name, "logs", "log_store", f"logs/{name}", f"GET /streams/{name}", {
            "data_category": category, "data_class": data_class, "ttl_days": 7 if shorter else kept, "public_access_blocked": True, "encryption_enabled": True,
            "kms_key_id": "kms/acme/logs", "key_store": "kms", "key_rotation": True, "secure_transport_required": True, "tls_min_version": "1.3"})
    snapshot("network-ml-eu", "cloud", "network", CLUSTER, "GET /securitygroups, GET /loadbalancers", _openings())
    snapshot("gateway-eu", "gateway", "gateway", GATEWAY, "GET /admin/routes?all=true", {"routes": _routes(quarter)})
    published = captured.date() - timedelta(days={"Q1": 19, "Q2": 41, "Q3": 12, "Q4": 55}[quarter.name[-2:]])
    snapshot("hardening-ml-eu", "cluster", "cluster", CLUSTER, "GET /clusters/ml-eu?view=full", {
        "privileged_pods_denied": True, "notebook_root_access": False, "public_endpoint": False, "metadata_service_protected": True,
        "image_signatures_required": quarter is not QUARTERS[0], "node_image_published_on": published.isoformat()})


def _routes(quarter):
    """The routes of the gateway: each customer has a token of its own; the limits of the booking proposals were raised in summer."""
    routes = []
    for row in components():
        if row["type"] == "endpoint" and row["in_scope"]:
            model = row["component_id"].removesuffix("-eu")
            per_minute = 300 if model == "doc-extract" and quarter.name < "2026-Q3" else 600
            for path, right in ((f"/v1/{model}/predict", "predict"), (f"/v1/{model}/feedback", "feedback")):
                routes.append({"path": path, "location": row["location"], "authn": "oauth2", "authz": f"tenant and scope {model}:{right}", "tls": True, "tls_min_version": "1.2",
                               "rate_limit_per_minute": per_minute if right == "predict" else 60, "waf": True,
                               "max_body_kb": 4096 if model == "doc-extract" and right == "predict" else 256})
    return routes


def _penetration(repo):
    """The penetration test of the year as the firm reported it, and the report of the retest."""
    found = [("PT-F1", "broken object level authorisation", "/v1/doc-extract/feedback", "high", date(2026, 5, 12), date(2026, 5, 15), "A token of one customer could send feedback on the documents of another"),
             ("PT-F2", "missing limit on nested input", "/v1/ticket-router/predict", "medium", date(2026, 5, 13), date(2026, 5, 28), "Deeply nested JSON kept a worker busy for eleven seconds"),
             ("PT-F3", "version in error page", "/v1/churn-risk/predict", "low", date(2026, 5, 11), date(2026, 5, 18), "Error pages named the version of the gateway")]
    for name, held, reported, again in (("penetration-2026", date(2026, 5, 15), date(2026, 5, 20), False), ("penetration-2026-retest", date(2026, 6, 9), date(2026, 6, 11), True)):
        findings = []
        for number, rule, route, severity, seen, closed, title in found:
            finding = {"id": number, "rule": rule, "title": title, "resource": route, "severity": severity, "status": "fixed" if again else "open", "first_seen": seen.isoformat(),
                       "due_on": (seen + timedelta(days={"high": 30, "medium": 90, "low": 180}[severity])).isoformat(), "owner": "p-004"}
            findings.append(finding | ({"closed_on": closed.isoformat(), "retested_on": held.isoformat(), "ticket": f"SEC-{230 + int(number[-1])}"} if again else {}))
        path = f"evidence/scans/{name}.pdf"
        repo.bytes(path, pdf("Penetration test of the Acme Insight gateway" + (": retest" if again else ""), [
            "Redwood Security, grey box, two testers with tokens of two tenants", f"Reported on {reported.isoformat()}", ""] + [
            f"{f['id']}  {f['severity']}  {f['resource']}  {f['title']}: {'closed, tried again' if again else 'open'}" for f in findings]))
        repo.manifest(path, "Redwood Security", at(reported, 16, 30), "p-005", attributes={
            "scan_id": f"PT-{held.isoformat()}", "scan_type": "penetration", "tool": "by hand, with Burp Suite", "tool_version": "2026.4", "target": GATEWAY,
            "environment": "production", "tester": "Redwood Security", "run_at": stamp(at(held, 17)), "completed": True, "findings": findings})


def _openings():
    """How the network can be reached from outside, past the policies of the cluster."""
    return {"ingress_rules": [{"to": "gateway", "from_cidr": "0.0.0.0/0", "port": 443}, {"to": "gateway", "from_cidr": "::/0", "port": 443},
                              {"to": "bastion", "from_cidr": "192.0.2.16/28", "port": 22}]}


def _segmentation(repo, quarter):
    """Forbidden connections are tried from inside each name space, two days after the snapshot; a case passes when the connection is denied."""
    run_at = at(workday(quarter.last - timedelta(days=12)), 5, 30)
    rng = random.Random(f"segmentation {quarter.name}")
    names = ["internet_to_serving", "notebooks_to_serving", "training_to_internet", "serving_to_training_data", "notebooks_to_registry_write", "bastion_to_training_data"]
    if quarter is not QUARTERS[0]:
        names.append("experiments_to_serving")
    seconds = [round(3 + rng.random() * 0.4, 3) for _ in names]
    cases = "".join(f'<testcase classname="segmentation.deny" name="{n}" time="{t:.3f}" />' for n, t in zip(names, seconds))
    path = f"evidence/infrastructure/segmentation/ml-eu-{quarter.name}.xml"
    repo.text(path, f'<?xml version="1.0" encoding="utf-8"?><testsuites name="segmentation"><testsuite name="segmentation-ml-eu" errors="0" failures="0" skipped="0" '
                    f'tests="{len(names)}" time="{sum(seconds):.3f}" timestamp="{stamp(run_at)}" hostname="probe-runner">{cases}</testsuite></testsuites>\n')
    repo.manifest(path, "ci.acme.example", later(run_at, minutes=9), "svc-ci", query="python -m pytest segmentation --cluster ml-eu",
                  attributes={"suite": "segmentation", "network": CLUSTER, "run_at": stamp(run_at)})


def _masking_suite(repo, version):
    """The masking suite on the training set, an hour after its quality was checked and before it was used."""
    data, rng = training_set(version), random.Random(f"masking {version.id}")
    run_at = later(version.quality_at, minutes=50)
    names = ["rules_cover_sensitive_fields", "no_pii_in_sample", "tokens_cannot_be_reversed"]
    if data.origin.id == "support-tickets":
        names.append("signatures_are_cut_off")
    seconds = [round(0.2 + rng.random(), 3), round(30 + rng.random() * 25, 3)] + [round(1 + rng.random() * 2, 3) for _ in names[2:]]
    cases = "".join(f'<testcase classname="masking.{data.id}" name="{n}" time="{t:.3f}" />' for n, t in zip(names, seconds))
    path = f"evidence/data/masking/{data.id}-{data.version}.xml"
    repo.text(path, f'<?xml version="1.0" encoding="utf-8"?><testsuites name="masking"><testsuite name="masking-{data.id}" errors="0" failures="0" skipped="0" '
                    f'tests="{len(names)}" time="{sum(seconds):.3f}" timestamp="{stamp(run_at)}" hostname="ci-runner-3">{cases}</testsuite></testsuites>\n')
    repo.manifest(path, "ci.acme.example", later(run_at, minutes=6), "svc-ci", query=f"python -m pytest masking --dataset {data.name}", attributes={
        "suite": "masking", "dataset_id": data.id, "version": data.version, "digest": data.digest, "run_at": stamp(run_at),
        "detector": "presidio 2.2.358 with names of customers" if version.day.month < 7 else "presidio 2.2.360 with names of customers",
        "sample_n": 5000 if data.rows > 50_000 else 4000, "detected_pii": 0})
