"""Who works here, who may do what, who reviewed it, and what the privileged accounts did."""

import random
from datetime import date, datetime, timedelta, timezone

from . import cluster
from .clock import MONTHS, QUARTERS, at, days, is_workday, later, stamp, workday
from .emit import digest
from .policies import ROLES
from .system import STORES, components
from .world import ACCOUNT, BY_ID, PEOPLE, PLATFORM, REGISTRY, VERSIONS, WAREHOUSE

GITHUB = "github"
ABBREVIATION = {PLATFORM: "mlp", REGISTRY: "reg", WAREHOUSE: "dwh", GITHUB: "gh", ACCOUNT: "iam"}
OWNER = {PLATFORM: "p-004", REGISTRY: "p-004", WAREHOUSE: "p-006", GITHUB: "p-004", ACCOUNT: "p-004"}
ENVIRONMENT = {PLATFORM: "development", ACCOUNT: "development", WAREHOUSE: "development", REGISTRY: "production", GITHUB: "production"}
HELD = ROLES | {
    REGISTRY: {"ml-engineer": ["writer"], "data-scientist": ["reader"], "model-owner": ["approver"], "head-of-ai": ["approver"],
               "platform-engineer": ["admin"], "head-of-platform": ["admin"], "release-manager": ["deployer"]},
    GITHUB: {role: ["member"] for role in ("ml-engineer", "data-scientist", "data-engineer", "model-owner", "release-manager", "head-of-ai", "head-of-data",
                                           "security-engineer")} | {"platform-engineer": ["maintainer"], "head-of-platform": ["admin"]},
}
SERVICES = {PLATFORM: [("svc-train", ["job-runner"]), ("svc-notebook-sync", ["job-runner"])], REGISTRY: [("svc-deploy", ["deployer"]), ("svc-train", ["writer"])],
            WAREHOUSE: [("svc-pipeline", ["loader"])], GITHUB: [("svc-ci", ["automation"])],
            ACCOUNT: [("svc-tofu", ["provisioner"])]}
# accounts opened during the year besides those of joiners, and accounts that a review took away: quarter of the review
OPENED = {("p-013", WAREHOUSE): date(2026, 5, 11)}
REVOKED = {(WAREHOUSE, "dwh-022"): 0, (WAREHOUSE, "dwh-023"): 1, (GITHUB, "gh-x01"): 1, (PLATFORM, "svc-notebook-sync"): 2, ("crm-accounts", "dwh-014"): 2,
           (REGISTRY, "reg-014"): 3}
DOWNLOADERS = ["role/deployer", "role/serving", "role/training-job"]
COLUMNS = ["listing_id", "system", "environment", "resource_id", "as_of", "account_id", "principal", "person_id", "account_type", "job_role", "team", "roles",
           "privileged", "mfa", "shared", "external", "expires_on", "status", "created_at", "last_used_at"]


def write(repo):
    _rosters(repo)
    for index, quarter in enumerate(QUARTERS):
        for system in sorted(HELD):
            rows = [r for r in _accounts(system, quarter) if REVOKED.get((system, r["account_id"]), 9) >= index]
            _listing_and_review(repo, index, quarter, system, rows)
            if system == PLATFORM:
                cluster.rbac(repo, quarter, rows)
            if system == ACCOUNT:
                _credentials(repo, quarter, rows)
        for component in components():
            if component["data_class"] == "confidential" and component["type"] in ("dataset", "model"):
                _resource(repo, index, quarter, component)
        _grants(repo, quarter)
        _configurations(repo, quarter)
        _rulesets(repo, quarter)
    for month in MONTHS:
        _audit_log(repo, month)
        _privileged(repo, month)
        _break_glass(repo, month)
        _weights(repo, month)


def _rosters(repo):
    columns = ["as_of", "person_id", "email_or_pseudonym", "employment_type", "team", "role", "ai_role", "manager_id", "hired_on", "terminated_on"]
    for quarter in QUARTERS:
        rows = []
        for person in PEOPLE:
            if person.hired <= quarter.last:
                left = person.left if person.left and person.left <= quarter.last else None
                rows.append({"as_of": quarter.last.isoformat(), "person_id": person.id, "email_or_pseudonym": f"{person.id}@people.acme.example",
                             "employment_type": person.employment, "team": person.team, "role": person.role, "ai_role": person.ai_role,
                             "manager_id": person.manager, "hired_on": person.hired.isoformat(), "terminated_on": left and left.isoformat()})
        path = f"evidence/personnel/roster-{quarter.name}.csv"
        repo.csv(path, columns, rows)
        repo.manifest(path, "people.acme.example", quarter.after(1, 8, 20), "p-007", query="everyone employed on the day, and everyone who left since 2026-01-01",
                      records=len(rows), covers=quarter.covers())


def created(person, system):
    """When a person's account was opened: long ago, on the first day of a joiner, or on request during the year."""
    if (person.id, system) in OPENED:
        return at(OPENED[person.id, system], 10, 30)
    return at(person.hired, 10, 30) if person.hired.year == 2026 else at(workday(max(person.hired, date(2024, 3, 4)) + timedelta(days=1)), 9, 30)


def _accounts(system, quarter):
    """Accounts on the evening of the last day of a quarter. Leavers' accounts close on their last afternoon."""
    rng = random.Random(f"accounts {system} {quarter.name}")
    base = {"system": system, "environment": ENVIRONMENT[system], "as_of": quarter.last.isoformat(), "listing_id": f"{system}-{quarter.name}"}
    for person in PEOPLE:
        roles = HELD[system].get(person.role)
        if not roles or created(person, system).date() > quarter.last or (person.left and person.left <= quarter.last):
            continue
        number = f"{ABBREVIATION[system]}-{person.id[2:]}"
        used = at(quarter.last - timedelta(days=rng.randint(1, 20)), rng.randint(9, 17), rng.randint(0, 59))
        yield base | {"account_id": number, "principal": f"user/{number}", "person_id": person.id, "account_type": "human", "job_role": person.role,
                      "team": person.team, "roles": roles, "privileged": "admin" in roles, "mfa": True, "shared": False, "external": False,
                      "status": "active", "created_at": stamp(created(person, system)), "last_used_at": stamp(max(used, created(person, system)))}
    for name, roles in SERVICES[system]:
        yield base | {"account_id": name, "principal": name if system == PLATFORM else f"service/{name}", "account_type": "service", "roles": roles, "privileged": name in ("svc-deploy", "svc-tofu"),
                      "shared": False, "external": False, "status": "active", "created_at": stamp(at(date(2024, 3, 5), 12))}
    if system == GITHUB:
        yield base | {"account_id": "gh-x01", "principal": "user/gh-x01", "person_id": "x-001", "account_type": "human", "roles": ["outside-collaborator"],
                      "privileged": False, "mfa": True, "shared": False, "external": True, "expires_on": "2026-06-30", "status": "active",
                      "created_at": stamp(at(date(2025, 11, 3), 10))}
    else:
        yield base | {"account_id": f"{ABBREVIATION[system]}-emergency", "principal": f"user/{ABBREVIATION[system]}-emergency", "account_type": "break_glass",
                      "roles": ["admin"], "privileged": True, "mfa": True, "shared": True, "external": False, "status": "active",
                      "created_at": stamp(at(date(2024, 3, 5), 12))}


def _credentials(repo, quarter, accounts):
    """The credential report of the account at the cloud provider on the evening of the last day: people sign in with a second factor, programs have a key."""
    keys = [f"access_key_{n}_{field}" for n in (1, 2) for field in ("active", "last_rotated", "last_used_date", "last_used_region", "last_used_service")]
    certificates = [f"cert_{n}_{field}" for n in (1, 2) for field in ("active", "last_rotated")]
    columns = ["user", "arn", "user_creation_time", "password_enabled", "password_last_used", "password_last_changed", "password_next_rotation", "mfa_active", *keys, *certificates]
    fetched = at(quarter.last, 21, 40)

    def told(moment):
        return moment.astimezone(timezone.utc).isoformat()

    def row(user, made, **more):
        return {key: "false" if key.endswith("_active") else "N/A" for key in columns} | {
            "user": user, "arn": f"arn:aws:iam::000000000000:{'root' if user == '<root_account>' else f'user/{user}'}", "user_creation_time": told(made), "password_enabled": "false"} | more

    rows = [row("<root_account>", at(date(2023, 11, 6), 9, 12, 40), password_enabled="not_supported", password_last_used=told(at(date(2024, 3, 5), 11, 2, 9)),
                password_last_changed="not_supported", password_next_rotation="not_supported", mfa_active="true")]
    for account in sorted(accounts, key=lambda a: a["account_id"]):
        made = datetime.fromisoformat(account["created_at"])
        if account["account_type"] == "service":
            rows.append(row(account["account_id"], made, access_key_1_active="true", access_key_1_last_rotated=told(at(workday(quarter.last - timedelta(days=37)), 10, 15)),
                            access_key_1_last_used_date=told(at(quarter.last, 18, 31)), access_key_1_last_used_region="eu-central-1", access_key_1_last_used_service="eks"))
        else:
            used = account.get("last_used_at")
            rows.append(row(account["account_id"], made, password_enabled="true", password_last_used=told(datetime.fromisoformat(used)) if used else "no_information",
                            password_last_changed=told(made), mfa_active="true"))
    path = f"evidence/access/credential-report-{ACCOUNT}-{quarter.name}.csv"
    repo.csv(path, columns, rows)
    repo.manifest(path, "iam.nordkap.example", fetched, "svc-collector", query="aws iam generate-credential-report; aws iam get-credential-report, Content decoded", records=len(rows),
                  attributes={"system": ACCOUNT, "account": "acme", "generated_time": told(later(fetched, minutes=-4))})


def _resource(repo, index, quarter, component):
    """Who may read or write one confidential dataset or model."""
    resource, model = component["component_id"], component["type"] == "model"
    system = REGISTRY if model else WAREHOUSE
    rows = []
    for row in _accounts(system, quarter):
        inside = row["account_type"] == "human" and row["team"] in component["approved_teams"]
        if inside and REVOKED.get((system, row["account_id"]), 9) >= index and REVOKED.get((resource, row["account_id"]), 9) >= index:
            roles = row["roles"] if model else ["owner"] if row["person_id"] == "p-006" else ["write"] if row["team"] == "data" else ["read"]
            rows.append(row | {"environment": "production", "resource_id": resource, "roles": roles, "listing_id": f"{system}-{resource}-{quarter.name}"})
    about = {"resource_id": resource, "resource_type": component["type"]}
    _listing_and_review(repo, index, quarter, f"{system}-{resource}", rows, about, component["owner"])


def _listing_and_review(repo, index, quarter, name, rows, about=None, owner=None):
    rows.sort(key=lambda r: r["account_id"])
    system, scope = rows[0]["system"], (about or {}).get("resource_id", name)
    path = f"evidence/access/listing-{name}-{quarter.name}.csv"
    sha = repo.csv(path, COLUMNS, rows)
    repo.manifest(path, f"{system}.acme.example", quarter.after(1, 7, 5), "svc-collector", query=f"all principals with access to {scope}, all pages, at the end of {quarter.last}",
                  records=len(rows), covers=quarter.covers())
    reviewer = owner or OWNER[system]
    started, completed = quarter.after(3, 9), quarter.after(7, 16)
    decisions = [_decision(index, quarter, scope, row, reviewer) for row in rows]
    review = {"review_id": f"AR-{quarter.name}-{name}", "system": system, "environment": rows[0]["environment"]} | (about or {}) | {
        "listing_id": rows[0]["listing_id"], "listing_sha256": sha, "period": quarter.name, "reviewer": reviewer,
        "started_at": stamp(started), "completed_at": stamp(completed), "decisions": decisions}
    path = f"evidence/access/review-{name}-{quarter.name}.json"
    repo.json(path, review)
    repo.manifest(path, "reviews.acme.example", later(completed, hours=24), "svc-collector", query=f"review {review['review_id']}")


def _decision(index, quarter, scope, row, reviewer):
    rng = random.Random(f"decision {scope} {row['account_id']} {quarter.name}")
    decided = quarter.after(rng.randint(4, 6), rng.randint(9, 15), rng.randint(0, 59))
    other = "p-005" if row["system"] != WAREHOUSE and reviewer != "p-005" else "p-003"
    person = row.get("person_id")
    decision = {"account_id": row["account_id"]} | ({"person_id": person} if person else {}) | {
        "decision": "keep", "decided_by": other if person == reviewer else reviewer, "decided_at": stamp(decided)}
    if REVOKED.get((scope, row["account_id"])) == index:
        decision |= {"decision": "revoke", "executed_at": stamp(later(decided, hours=rng.randint(1, 6))), "ticket": f"IT-{480 + 31 * index + len(scope)}",
                     "note": "No longer needed for the work of the person" if person else "Replaced by svc-train"}
    return decision


def _grants(repo, quarter):
    """Every grant of the quarter: the accounts of joiners on their first day, and one opened on request."""
    records = []
    for person in PEOPLE:
        for system in sorted(HELD):
            granted = created(person, system)
            if granted.year == 2026 and quarter.first <= granted.date() <= quarter.last and person.role in HELD[system]:
                owner = system == WAREHOUSE and person.manager != OWNER[system]
                records.append({
                    "change_type": "access", "emergency": False, "title": f"Access to {system} for {person.id}", "opened_at": stamp(later(granted, minutes=-70)),
                    "requester": person.id, "person_id": person.id, "account_id": f"{ABBREVIATION[system]}-{person.id[2:]}", "system": system,
                    "role": HELD[system][person.role][0], "approver": OWNER[system] if owner else person.manager,
                    "approver_role": "system-owner" if owner else "manager", "approved_at": stamp(later(granted, minutes=-25)), "granted_at": stamp(granted),
                    "environment": ENVIRONMENT[system], "status": "approved"})
    records.sort(key=lambda r: (r["granted_at"], r["account_id"]))
    numbered = [{"change_id": f"GRT-{quarter.name}-{n:02}"} | r for n, r in enumerate(records, 1)]
    path = f"evidence/access/grants-{quarter.name}.jsonl"
    repo.jsonl(path, numbered)
    repo.manifest(path, "requests.acme.example", quarter.after(2, 8, 45), "p-007", query=f"access requests granted from {quarter.first} to {quarter.last}, all systems",
                  records=len(records), covers=quarter.covers(), second_source={"name": "accounts created, per system log", "records": len(records)})


def _configurations(repo, quarter):
    captured = at(workday(quarter.last - timedelta(days=15)), 6, 30)

    def snapshot(name, value):
        path = f"evidence/access/config-{name}-{captured.date()}.json"
        repo.json(path, {"captured_at": stamp(captured), "method": "api", "account": "acme", "region": "eu-central-1", "environment": "production"} | value)
        repo.manifest(path, f"{value['system']}.acme.example", later(captured, minutes=4), "svc-collector")

    for location, (kind, principals) in sorted(STORES.items()):
        name = location.rsplit("/", 1)[-1]
        reading, writing = principals[1:], principals[:1]
        held = {"encryption_enabled": True, "kms_key_id": f"kms/acme/{name}", "key_store": "kms", "key_rotation": True,
                "secure_transport_required": True, "tls_min_version": "1.2", "versioning": True}
        if kind == "bucket":
            held |= {"data_category": "training", "data_class": "confidential", "ttl_days": 730}
        if kind == "registry":
            held |= {"download_roles": DOWNLOADERS, "signing_required": True, "allowed_signers": ["svc-train"]}
        snapshot(name, {
            "system": "mlflow" if kind == "registry" else "storage", "resource_type": kind, "resource_id": location,
            "command": f"GET /policies/{name}", "settings": {"public_access_blocked": True, "principals": principals} | held | {"statements": [
                {"effect": "allow", "principals": writing, "actions": ["read", "write"]}, {"effect": "allow", "principals": reading, "actions": ["read"]},
                {"effect": "deny", "principals": ["*"], "actions": ["delete"]}]}})
    alerts = ["root_login", "break_glass_used", "privilege_granted", "logging_disabled"]
    snapshot("siem-alerts", {"system": "siem", "resource_type": "alerting", "resource_id": "privileged-events", "command": "GET /api/rules?group=privileged", "settings": {
        "alert_rules": [{"id": f"AL-P{n}", "event": event, "enabled": True, "notifies": "security on-call"} for n, event in enumerate(alerts, 1)]}})


def _rulesets(repo, quarter):
    captured = at(workday(quarter.last - timedelta(days=10)), 6, 45)
    checks = ["lint", "test"] if quarter is QUARTERS[0] else ["licence", "lint", "test"]
    for row in components():
        if row["type"] == "repository":
            name = row["location"].split("/")[1]
            path = f"evidence/github/ruleset-{name}-{captured.date()}.json"
            repo.json(path, {
                "system": "github", "resource_type": "repository", "resource_id": row["location"], "environment": "production", "captured_at": stamp(captured),
                "method": "api", "command": f"GET /repos/{row['location']}/rules/branches/main", "account": "acme", "settings": {
                    "required_approving_review_count": 1, "dismiss_stale_reviews": True, "allow_force_pushes": False, "allow_deletions": False,
                    "enforce_admins": True, "bypass_actors": [], "required_status_checks": checks, "visibility": "private", "default_branch": "main"}})
            repo.manifest(path, "github.example/acme", later(captured, minutes=3), "svc-collector")


def _event(when, system, actor, action, resource, **more):
    person = f"p-{actor.rsplit('-', 1)[1]}" if actor.rsplit("-", 1)[1].isdigit() else None
    fields = {"system": system, "ts": stamp(when), "actor": actor} | ({"person_id": person, "account_type": "human"} if person else {"account_type": "service"})
    return fields | {"action": action, "resource": resource, "outcome": "success"} | more


def _write_log(repo, path, month, events, prefix, *, nobody=None, hours=6, **more):
    events.sort(key=lambda e: (e["ts"], e["actor"], e["resource"]))
    numbered = [{"event_id": f"{prefix}-{month.name}-{n:03}"} | e for n, e in enumerate(events, 1)]
    repo.jsonl(path, numbered)
    signed = month.after(2, 9)
    nil = None if events else {"statement": nobody, "signed_by": "p-005", "signed_on": signed.date().isoformat()}
    repo.manifest(path, collected_at=signed, collected_by="svc-collector", records=len(events), covers=month.covers(), nil_return=nil, **more)


def _audit_log(repo, month):
    events = []
    for person in PEOPLE:
        member = person.role in HELD[GITHUB]
        if member and month.first <= person.hired <= month.last:
            events.append(_event(at(person.hired, 10, 31), GITHUB, "gh-004", "org.add_member", "acme", session="web"))
        if member and person.left and month.first <= person.left <= month.last:
            events.append(_event(at(person.left, 17, 20), GITHUB, "gh-004", "org.remove_member", "acme", session="web"))
    if month.name == "2026-04":
        for minute, row in enumerate(r for r in components() if r["type"] == "repository"):
            events.append(_event(at(date(2026, 4, 21), 10, 12 + minute), GITHUB, "gh-018", "repository_ruleset.update", row["location"],
                                 change_id=repo.change_ids["rules"]))
    if month.name == "2026-05":
        events.append(_event(at(date(2026, 5, 6), 15, 2), GITHUB, "gh-014", "protected_branch.rejected_ref_update", "acme/churn-risk", outcome="denied"))
    if month.name == "2026-07":
        events.append(_event(at(date(2026, 7, 9), 11, 15), GITHUB, "gh-004", "org.remove_outside_collaborator", "acme/doc-extract", ticket="IT-517"))
    _write_log(repo, f"evidence/github/audit-log-{month.name}.jsonl", month, events, "gh", source="github.example/acme",
               query=f"audit log from {month.first} to {month.last}, phrase: action:org action:protected_branch action:repository_ruleset",
               second_source={"name": "event count of the log stream in the SIEM", "records": len(events)},
               nobody="No change of members, branch protection or rules took place in this month.")


ACTIONS = {
    PLATFORM: (["mlp-004", "mlp-018", "mlp-019", "mlp-020"], ["node.drain", "quota.update", "namespace.exec", "secret.rotate", "network_policy.apply"],
               ["cluster/ml-eu", "namespace/training", "namespace/serving", "namespace/notebooks"]),
    REGISTRY: (["reg-018", "reg-019", "reg-004"], ["permission.update", "storage.resize", "backup.verify"], ["registry/mlflow-prod"]),
    WAREHOUSE: (["dwh-006"], ["role.grant", "table.retention.update", "export.approve"], ["warehouse/acme", "warehouse/acme/tickets", "warehouse/acme/usage"]),
}
# attempts that were refused: day, hour, system, account, action, resource
REFUSED = [
    (date(2026, 1, 22), 11, PLATFORM, "mlp-020", "secret.read", "namespace/serving"), (date(2026, 2, 17), 15, PLATFORM, "mlp-019", "namespace.exec", "namespace/serving"),
    (date(2026, 3, 11), 9, WAREHOUSE, "dwh-006", "export.approve", "warehouse/acme/tickets"), (date(2026, 5, 7), 16, REGISTRY, "reg-019", "model_version.delete", "churn-risk/3.4.0"),
    (date(2026, 6, 18), 12, PLATFORM, "mlp-018", "secret.read", "namespace/serving"), (date(2026, 6, 24), 10, WAREHOUSE, "dwh-006", "export.approve", "warehouse/acme/usage"),
    (date(2026, 8, 12), 14, PLATFORM, "mlp-020", "namespace.exec", "namespace/serving"), (date(2026, 9, 2), 17, REGISTRY, "reg-018", "permission.update", "registry/mlflow-prod"),
    (date(2026, 11, 19), 13, PLATFORM, "mlp-019", "secret.read", "namespace/training"), (date(2026, 12, 3), 10, WAREHOUSE, "dwh-006", "table.retention.update", "warehouse/acme/tickets"),
]
REMARKS = ["All of them fit tickets or planned work.", "Each was compared with the change calendar; nothing was out of place.", "Work outside office hours was asked about and explained.",
           "The share of notebook sessions was looked at more closely this time."]


def _privileged(repo, month):
    """The privileged actions of a month, and their review by the head of security, who holds no such account."""
    rng, events = random.Random(f"privileged {month.name}"), []
    for day in days(month.first, month.last):
        for _ in range(rng.choice([0, 0, 1, 1, 2, 3]) if is_workday(day) else 0):
            system = rng.choices(list(ACTIONS), weights=[6, 2, 2])[0]
            actors, actions, resources = ACTIONS[system]
            when = at(day, rng.randint(8, 18), rng.randint(0, 59), rng.randint(0, 59))
            events.append(_event(when, system, rng.choice(actors), rng.choice(actions), rng.choice(resources), mfa=True, source_ip=f"10.20.0.{rng.randint(10, 60)}",
                                 session=f"s-{rng.randint(1000, 9999)}", ticket=f"OPS-{rng.randint(100, 999)}"))
    for version in VERSIONS:
        for begin, _ in version.spans:
            if month.first <= begin.date() <= month.last:
                again = begin != version.deployed_at
                events.append(_event(begin, REGISTRY, "svc-deploy", "model_version.promote", f"{version.model.id}/{version.version}", session="deployer",
                                     change_id=repo.change_ids["rollback" if again else version.id]))
    for day, hour, system, actor, action, resource in REFUSED:
        if month.first <= day <= month.last:
            events.append(_event(at(day, hour, 27, 8), system, actor, action, resource, outcome="denied", mfa=True, source_ip="10.20.0.41", session=f"s-{7000 + day.month}"))
    path = f"evidence/logs/privileged-{month.name}.jsonl"
    _write_log(repo, path, month, events, "pv", source="siem.acme.example", query=f"index=privileged from {month.first} to {month.last}, all systems",
               second_source={"name": "event count of the log store", "records": len(events)},
               attributes={"integrity_method": "hash chain of the log store", "integrity_result": "passed"})
    reviewed = month.after(6, 14, 10)
    people = len({e["person_id"] for e in events if "person_id" in e})
    odd = month.name == "2026-08"
    conclusion = f"{len(events)} privileged actions by {people} people and the deployer in {month.first:%B}. {REMARKS[int(month.name[-2:]) % 4]}"
    if odd:
        conclusion += " One ticket was closed without its reason; the owner added it."
    front = {
        "review_id": f"PLR-{month.name}", "review_type": "privileged_log_review", "period": month.name, "period_start": month.first.isoformat(),
        "period_end": month.last.isoformat(), "reviewer": "p-005", "reviewed_at": stamp(reviewed), "inputs": [{"path": path, "sha256": repo.hashes[path]}],
        "conclusion": conclusion, "issues": [{"id": "I-1", "text": "Ticket closed without the reason for access"}] if odd else [],
        "actions": [{"id": "A-1", "issue_id": "I-1", "owner": "p-018", "due_on": (reviewed.date() + timedelta(days=7)).isoformat(), "status": "closed",
                     "closed_on": (reviewed.date() + timedelta(days=1)).isoformat(), "ticket": "OPS-702"}] if odd else []}
    target = f"evidence/logs/review-{month.name}.md"
    repo.markdown(target, front, f"""# Privileged activity, {month.first:%B} {month.first:%Y}

## What was looked at

All {len(events)} events of `{path}`; every action on roles and permissions was compared with its ticket, of the rest each third.

## Result

{conclusion}
""")
    repo.manifest(target, "git.acme.example/acme/compliance", later(reviewed, hours=48), "p-005")


def _break_glass(repo, month):
    """The log of the sealed accounts: nobody needed one all year, which each month states and signs."""
    _write_log(repo, f"evidence/logs/break-glass-{month.name}.jsonl", month, [], "bg", source="siem.acme.example",
               query=f"index=privileged account_type=break_glass from {month.first} to {month.last}, all systems",
               second_source={"name": "seals checked on the last working day of the month", "records": 0},
               nobody="No emergency account was used in this month; all seals were intact.")


# reads of whole models by people: day, account, version, ticket
LOOKS = [(date(2026, 3, 5), "reg-012", "churn-risk/3.4.0", "ML-231"), (date(2026, 6, 17), "reg-013", "ticket-router/2.3.0", "INC-2026-004"),
         (date(2026, 6, 18), "reg-013", "ticket-router/2.2.0", "INC-2026-004"), (date(2026, 9, 1), "reg-012", "churn-risk/3.5.0", "ML-298"),
         (date(2026, 12, 3), "reg-024", "churn-risk/4.1.0", "ML-344")]


def _weights(repo, month):
    """Who read weights: the deployer for each deployment, the robustness suite before it, and now and then a person with a ticket."""
    events = []

    def read(when, actor, role, resource, **more):
        if month.first <= when.date() <= month.last:
            person = {"person_id": f"p-{actor[-3:]}", "account_type": "human"} if actor.startswith("reg-") else {"account_type": "service"}
            events.append({"system": REGISTRY, "store": "mlflow-prod", "ts": stamp(when), "actor": actor} | person | {
                "role": role, "action": "artifact.download", "resource": resource, "outcome": "success", "bulk": True} | more)

    for version in VERSIONS:
        resource = f"{version.model.id}/{version.version}"
        for begin, _ in version.spans:
            read(later(begin, minutes=-4), "svc-deploy", "role/deployer", resource, job_id=f"deploy-{digest(resource + stamp(begin))[:8]}")
        if version.in_window:
            read(later(version.tested_at, minutes=-3), "svc-train", "role/training-job", resource, job_id=f"evaluate-{version.run_id[:8]}")
    for day, account, resource, ticket in LOOKS:
        read(at(day, 15, 20), account, "role/training-job", resource, ticket=ticket)
    if month.name == "2026-08":
        events.append({"system": REGISTRY, "store": "mlflow-prod", "ts": stamp(at(date(2026, 8, 20), 9, 41)), "actor": "reg-014", "person_id": "p-014", "account_type": "human",
                       "role": "role/reader", "action": "artifact.download", "resource": "churn-risk/3.5.0", "outcome": "denied", "bulk": True})
    _write_log(repo, f"evidence/logs/weights-{month.name}.jsonl", month, events, "wt", source="mlflow.acme.example",
               query=f"events artifact.download and artifact.read from {month.first} to {month.last}, all stores of weights",
               second_source={"name": "requests in the access log of the bucket behind the registry", "records": len(events)},
               nobody="No weights were read in this month: nothing was deployed, evaluated or looked at.")
