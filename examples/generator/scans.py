"""Infrastructure under control: its tests in staging, what the cloud logged, and the weekly scans for drift and posture."""

import random
from datetime import date, timedelta

from .clock import END, MONTHS, QUARTERS, START, at, at_utc, days, later, stamp, workday
from .system import components

ACTIONS = {"nodepool": "nodepool.update", "gateway": "certificate.replace", "volume": "volume.resize", "network-policy": "network_policy.replace", "database": "database.migrate"}
# attempts that the cloud refused: day, account, action, resource
REFUSED = [(date(2026, 4, 14), "mlp-019", "nodepool.update", "cluster/ml-eu/nodepool/serving"), (date(2026, 9, 3), "mlp-020", "volume.delete", "cluster/ml-eu/volume/metrics")]
# what drift runs found: first run, last run it was open, rule, resource, severity, ticket
DRIFT = [(date(2026, 3, 23), date(2026, 3, 23), "label-differs", "cluster/ml-eu/nodepool/training", "low", None),
         (date(2026, 8, 17), date(2026, 8, 24), "quota-differs", "cluster/ml-eu/nodepool/serving", "medium", "OPS-566"),
         (date(2026, 11, 9), date(2026, 11, 9), "tag-missing", "cluster/ml-eu/volume/metrics", "low", "OPS-838")]
# what the benchmark found on the cluster, in the same form
POSTURE = [(date(2026, 1, 5), date(2026, 2, 9), "5.1.1", "role/notebook-admin", "medium", "SEC-201"), (date(2026, 3, 2), date(2026, 3, 16), "5.2.3", "namespace/notebooks", "high", "SEC-214"),
           (date(2026, 5, 25), date(2026, 7, 6), "5.1.5", "serviceaccount/experiments/default", "medium", "SEC-239"), (date(2026, 9, 7), date(2026, 9, 7), "4.2.6", "nodepool/training-b", "medium", "SEC-262"),
           (date(2026, 11, 16), date(2026, 12, 7), "5.1.6", "serviceaccount/batch", "medium", "SEC-281")]
# and what the other benchmark found in the cloud account
ACCOUNT = [(date(2026, 2, 2), date(2026, 2, 16), "s3_bucket_object_versioning", "s3://acme-invoices", "medium", "SEC-206"),
           (date(2026, 6, 15), date(2026, 6, 22), "iam_rotate_access_key_90_days", "role/ingest", "high", "SEC-244"),
           (date(2026, 10, 19), date(2026, 11, 9), "ec2_ebs_snapshots_encrypted", "image/training-base", "medium", "SEC-275")]
# vulnerabilities in the images that run on the cluster, in the same form
VULNERABLE = [(date(2026, 1, 19), date(2026, 1, 26), "CVE-2026-20417", "image/training:2026.01", "high", "SEC-205"), (date(2026, 4, 13), date(2026, 4, 13), "CVE-2026-31102", "image/serving:3.9", "critical", "SEC-228"),
              (date(2026, 7, 20), date(2026, 8, 3), "CVE-2026-40866", "image/notebook:5.2", "high", "SEC-251"), (date(2026, 10, 26), date(2026, 11, 23), "CVE-2026-52290", "image/batch:2.4", "medium", "SEC-277")]
SERVICE_LEVEL = {"critical": 7, "high": 30, "medium": 90, "low": 180}


def mondays():
    """The mornings of the weekly runs."""
    day = START + timedelta(days=-START.weekday() % 7)
    while day <= END:
        yield day
        day += timedelta(days=7)


def write(repo, changes):
    infra = [c for c in changes if c["change_type"] == "infra"]
    _staging_tests(repo, infra)
    for month in MONTHS:
        _compute_writes(repo, month, infra)
        _scans(repo, month)
    for quarter in QUARTERS:
        _health(repo, quarter)


def _staging_tests(repo, infra):
    """The run of the checks in the staging account, as the test runner wrote it."""
    for change in infra:
        run_at = later(change["staging_deployed_at"], minutes=3)
        rng = random.Random(f"staging {change['change_id']}")
        names = ["plan_has_no_destroy", "nodes_are_ready", "pods_are_scheduled", "models_answer_in_staging", "rollback_plan_applies"]
        names = names if change["impact"]["affected_models"] else names[:1] + names[2:3] + names[4:]
        seconds = [round(2 + rng.random() * 20, 3) for _ in names]
        cases = "".join(f'<testcase classname="staging.{change["subject"]}" name="{n}" time="{t:.3f}" />' for n, t in zip(names, seconds))
        path = f"evidence/infrastructure/tests/{change['change_id']}.xml"
        repo.text(path, f'<?xml version="1.0" encoding="utf-8"?><testsuites name="staging"><testsuite name="staging-apply" errors="0" failures="0" skipped="0" tests="{len(names)}" '
                        f'time="{sum(seconds):.3f}" timestamp="{stamp(run_at)}" hostname="ci-runner-1">{cases}</testsuite></testsuites>\n')
        repo.manifest(path, "ci.acme.example", later(run_at, minutes=4), "svc-ci", query="python -m pytest staging --plan applied",
                      attributes={"change_id": change["change_id"], "commit": change["commit"], "module_version": change["module_version"],
                                  "environment": "staging", "account": "acme-staging", "run_at": stamp(run_at)})


def deviations():
    """The run whose drift got no ticket."""
    first, last, rule, resource, _, _ = DRIFT[0]
    runs = sum(day <= first for day in mondays())
    return [{
        "id": "EX-2026-002", "control": "CHI-01", "check": "drift-has-a-ticket", "record": f"DRIFT-{first.isocalendar().year}-W{first.isocalendar().week:02}-ml-eu",
        "path": f"evidence/scans/infrastructure-{first:%Y-%m}.jsonl", "occurred_on": first.isoformat(), "found_on": "2026-04-07", "found_by": "p-021",
        "cause": f"The engineer on duty corrected {rule} of {resource} within the hour and thought a ticket not worth it; the job that opens tickets had been switched off for a change of its account.",
        "extent": f"One run. All {runs} drift runs of the year until then were compared with the tickets; no other had found anything.",
        "compensating_control": "The next run, a week later, no longer found it, and the cloud log shows no write event of a person in that week.",
        "response": "Since 9 April 2026 the job opens a ticket for each finding and pages the platform on-call when it cannot.",
        "owner": "p-004", "approver": "p-002", "approved_on": "2026-04-10", "expires_on": "2027-06-30"}]


def _compute_writes(repo, month, infra):
    events = []
    for change in infra:
        if month.first <= change["deployed_at"].date() <= month.last:
            for step, resource in enumerate(r["address"] for r in change["resources"]):
                events.append({"system": "cloud", "ts": stamp(later(change["deployed_at"], minutes=2 + 3 * step)), "actor": "svc-deploy", "account_type": "service",
                               "action": ACTIONS[resource.split("/")[2]], "resource": resource, "outcome": "success", "change_id": change["change_id"]})
    for day, actor, action, resource in REFUSED:
        if month.first <= day <= month.last:
            events.append({"system": "cloud", "ts": stamp(at(day, 16, 42)), "actor": actor, "person_id": f"p-{actor[-3:]}", "account_type": "human", "action": action,
                           "resource": resource, "outcome": "denied"})
    events.sort(key=lambda e: (e["ts"], e["resource"]))
    path = f"evidence/logs/compute-writes-{month.name}.jsonl"
    repo.jsonl(path, [{"event_id": f"cw-{month.name}-{n:02}"} | e for n, e in enumerate(events, 1)])
    repo.manifest(path, "cloud.acme.example", month.after(2, 6, 20), "svc-collector", records=len(events), covers=month.covers(),
                  query=f"audit log, write events on compute, network and storage that the code manages, {month.first} to {month.last}, all accounts and regions",
                  second_source={"name": "event count of the cloud's own statistics", "records": len(events)},
                  attributes={"integrity_method": "signed digest files, checked at the source", "integrity_result": "passed"})


def _findings(found, prefix, day):
    """The findings a run of that day reports: open ones, and those fixed since the run before."""
    for number, (first, last, rule, resource, severity, ticket) in enumerate(found, 1):
        if first <= day <= last + timedelta(days=7 if ticket else 0):
            finding = {"id": f"{prefix}-{number:03}", "rule": rule, "resource": resource, "severity": severity, "status": "open", "first_seen": first.isoformat(),
                       "due_on": (first + timedelta(days=SERVICE_LEVEL[severity])).isoformat()} | ({"ticket": ticket} if ticket else {})
            yield finding if day <= last else finding | {"status": "fixed", "closed_on": workday(last + timedelta(days=2)).isoformat()}


def _run(kind, day, minute, tool, target, account, total, found, prefix, **more):
    findings = list(_findings(found, prefix, day))
    failed = sum(f["status"] != "fixed" for f in findings)
    scored = {"score": round(100 * (total - failed) / total, 1)} if kind == "posture" else {}
    return {"scan_id": f"{kind.upper()}-{day.isocalendar().year}-W{day.isocalendar().week:02}-{target.split('/')[-1]}", "scan_type": kind} | tool | {
        "target": target, "account": account, "environment": "production"} | more | {
        "run_at": stamp(at(day, 4, minute)), "completed": True, "evaluated": {"total": total, "passed": total - failed, "failed": failed}} | scored | {"findings": findings}


def _scans(repo, month):
    """The weekly runs of a month: drift and posture of each cluster, posture of the account."""
    runs = []
    clusters = [c["location"] for c in components() if c["type"] == "compute" and c["in_scope"]]
    for day in mondays():
        if month.first <= day <= month.last:
            for step, cluster in enumerate(clusters):
                main = cluster == "cluster/ml-eu"
                size = 212 + 2 * day.month
                runs.append(_run("drift", day, 10 + step, {"tool": "tofu plan", "tool_version": "1.9.0"}, cluster, "acme", size if main else 9, DRIFT if main else [], "DR"))
                runs.append(_run("posture", day, 30 + step, {"tool": "kube-bench", "tool_version": "0.9.2" if day.month < 7 else "0.10.1"}, cluster, "acme", 48,
                                 POSTURE if main else [], "KB", benchmark="CIS Kubernetes 1.9"))
                runs.append(_run("vulnerability", day, 50 + step, {"tool": "trivy", "tool_version": "0.58.1" if day.month < 7 else "0.63.0"}, cluster, "acme", 27 + day.month,
                                 VULNERABLE if main else [], "IV"))
            runs.append(_run("posture", day, 45, {"tool": "prowler", "tool_version": "5.8.1" if day.month < 8 else "5.11.0"}, "account/acme", "acme", 47, ACCOUNT, "PW",
                             benchmark="CIS AWS 5.0"))
    path = f"evidence/scans/infrastructure-{month.name}.jsonl"
    repo.jsonl(path, runs)
    repo.manifest(path, "scans.acme.example", month.after(1, 6, 50), "svc-scan", query=f"all runs over clusters and accounts, drift, benchmarks and images, from {month.first} to {month.last}",
                  records=len(runs), covers=month.covers(), second_source={"name": "runs started, per job scheduler", "records": len(runs)})


def _health(repo, quarter):
    """Four figures a day for each cluster, always at 04:00 UTC: agents, patches, logs, capacity."""
    columns = ["metric_id", "subject_id", "subject_version", "environment", "ts", "value", "unit", "n", "threshold", "direction", "estimate", "numerator", "denominator"]
    rows = []
    for cluster in (c for c in components() if c["type"] == "compute" and c["in_scope"]):
        for day in days(quarter.first, quarter.last):
            rng, when = random.Random(f"health {cluster['component_id']} {day}"), stamp(at_utc(day, 4))
            hosts = 21 + day.month // 3 + (3 if day.month > 9 else 0)
            silent, late = int(rng.random() < 0.06), int(rng.random() < 0.01)
            base = {"subject_id": cluster["component_id"], "subject_version": "1.31" if day.month < 6 else "1.33", "environment": "production", "ts": when, "estimate": False}
            for metric, value, unit, threshold, direction, shown, whole in [
                    ("agent_coverage", round((hosts - silent) / hosts, 4), "ratio", 0.95, "at_least", hosts - silent, hosts),
                    ("patch_age_days", (day.toordinal() * 5) % 23 + rng.randint(0, 2), "days", 30, "at_most", None, None),
                    ("log_delivery_ratio", round((120 - late) / 120, 4), "ratio", 0.99, "at_least", 120 - late, 120),
                    ("capacity_used", round(0.52 + 0.012 * day.month + rng.random() * 0.09, 3), "ratio", 0.85, "at_most", None, None)]:
                rows.append(base | {"metric_id": metric, "value": value, "unit": unit, "threshold": threshold, "direction": direction, "numerator": shown, "denominator": whole})
    path = f"evidence/monitoring/infrastructure-{quarter.name}.csv"
    repo.csv(path, columns, rows)
    repo.manifest(path, "metrics.acme.example", quarter.after(1, 7, 40), "svc-metrics", records=len(rows), covers=quarter.covers(),
                  query=f"infrastructure figures at 04:00 UTC, {quarter.first} to {quarter.last}, production, all clusters",
                  second_source={"name": "points in the metrics store", "records": len(rows)})
