"""Every production change of the year: model versions, one rollback, and the daily work around them."""

import random
from datetime import date

from .clock import END, MONTHS, START, at, days, is_workday, later, stamp
from .emit import digest
from .world import BY_VERSION, MODELS, ROLLED_BACK_AT, VERSIONS, team

REPOSITORIES = ["acme/churn-risk", "acme/data-pipelines", "acme/doc-extract", "acme/ml-platform", "acme/ticket-router"]

# change type: (teams of the authors, repository, subject, titles, what the business gets from it)
WORK = {
    "code": ("ai platform", ["acme/ml-platform", "acme/ticket-router", "acme/churn-risk", "acme/doc-extract"], "serving", [
        "Cache feature lookups", "Retry calls to the feature store", "Return the reason for an empty field", "Batch requests of one tenant",
        "Drop an unused response field", "Log the model version with each answer", "Validate the language header", "Shorten the start of the server",
        "Limit the size of a request", "Update the web framework", "Fix rounding of confidences", "Read thresholds from configuration"],
        "Keeps the scoring interface dependable for the applications that call it"),
    "data": ("data", ["acme/data-pipelines"], "data-pipelines", [
        "Add a column to the account mart", "Deduplicate merged accounts", "Mask phone numbers in ticket texts", "Speed up the weekly refresh",
        "Check the row count of the usage feed", "Backfill contract dates", "Rename the invoice bucket", "Drop test tenants from training data"],
        "Keeps the data that models learn from complete and current"),
    "prompt": ("ai", ["acme/ticket-router"], "ticket-summary", [
        "Shorten the summary prompt", "Ask for the product name first", "Add two examples in German", "Forbid advice in summaries"],
        "Gives support staff summaries that need less editing"),
    "config": ("platform ai", ["acme/ml-platform"], "serving", [
        "Raise the latency alert to 400 ms", "Set drift limits for contract features", "Lower the log level of the gateway", "Extend the retention of traces",
        "Add a canary share of 5 %", "Route the batch jobs at night"],
        "Keeps alerts and limits in step with how the service is used"),
    "infra": ("platform", ["acme/ml-platform"], "cluster", [
        "Update the cluster nodes", "Add a node pool for training", "Rotate the certificates of the gateway", "Enlarge the metrics volume",
        "Move the registry database to new storage", "Tighten the network policy of notebooks"],
        "Keeps the platform patched and large enough for the load"),
}
RISKS = [
    "Could slow down answers; the latency panel is watched for an hour",
    "Could reject valid requests; the error rate is watched for an hour",
    "Touches one job only; the next run is checked by hand",
    "Reverted by deploying the previous build again",
    "No behaviour visible to callers should change; compared on recorded traffic",
]


def _review(approver, when, *, bot=False, state="approved"):
    return {"id": approver, "state": state, "at": stamp(when), "bot": bot}


def _record(kind, **fields):
    return {"change_type": kind, "emergency": False} | fields


def _before(version):
    """The version that served until this one was deployed."""
    served = [(begin, v.version) for v in VERSIONS if v.model is version.model and v is not version for begin, _ in v.spans if begin < version.deployed_at]
    return max(served)[1] if served else "none"


def _model_change(version):
    approver, role = ("p-003", "engineering-lead") if version.model.owner == "p-010" else ("p-010", "model-owner")
    if version.version.endswith(".0") and version.model.tier != "high":
        approver, role = ("p-011", "release-manager")
    folder = f"evidence/tests/{version.model.id}-{version.version}"
    change = _record(
        "model", title=f"{version.model.title} {version.version}: {version.summary.lower()}",
        author=version.author, commit_authors=[version.author, "p-014"] if version.author != "p-014" else ["p-014"],
        opened_at=version.opened_at, last_pushed_at=version.pushed_at,
        reviewers=[_review("svc-lint", later(version.pushed_at, minutes=4), bot=True, state="commented"),
                   _review(approver, version.approved_at)],
        approver=approver, approver_role=role, approved_at=version.approved_at,
        merged_at=version.merged_at, merged_by=version.author,
        repository=version.model.repository, commit=version.commit,
        subject=version.model.id, subject_version=version.version, subject_digest=version.digest,
        tier=version.model.tier, alters=version.alters,
        tests=[{"suite": s, "evidence_id": f"{folder}/{s}.xml", "result": "passed"} for s in version.tests()],
        environment="production", deployed_at=version.deployed_at, deployed_by="svc-deploy",
        impact={"business": version.business, "risk": version.risk, "customer": version.customer},
        rollback_plan="Point the production alias at the version before; the gateway follows within ten minutes.",
        previous_version=_before(version),
        status="rolled_back" if version.id == "ticket-router 2.3.0" else "deployed", key=version.id)
    if version.customer:
        change |= {"communicated_to": ["customers", "account-teams"],
                   "release_note_ref": f"https://docs.acme.example/releases/{version.day.isoformat()}",
                   "release_note_at": stamp(later(version.deployed_at, hours=2, minutes=25))}
    return change


def _rollback():
    old, bad = BY_VERSION["ticket-router 2.2.0"], BY_VERSION["ticket-router 2.3.0"]
    when = ROLLED_BACK_AT
    return _record(
        "model", title="Ticket router: back to 2.2.0", author="p-013", commit_authors=["p-013"],
        opened_at=later(when, minutes=-34), last_pushed_at=later(when, minutes=-31),
        reviewers=[_review("p-010", later(when, minutes=-12))], approver="p-010", approver_role="model-owner",
        approved_at=later(when, minutes=-12), merged_at=later(when, minutes=-9), merged_by="p-013",
        repository=old.model.repository, commit=old.commit, subject=old.model.id, subject_version=old.version,
        subject_digest=old.digest, tier=old.model.tier, alters=["weights"],
        tests=[{"suite": "smoke", "result": "passed"}], environment="production", deployed_at=when, deployed_by="svc-deploy",
        impact={"business": "English tickets reach the right queue again after two days of wrong routing by 2.3.0.",
                "risk": "The manual queue grows back to its size of May until the corrected version ships.", "customer": True},
        communicated_to=["customers"], release_note_ref="https://status.acme.example/2026-06-18",
        release_note_at=stamp(later(when, minutes=50)),
        rollback_plan="Deploy 2.3.0 again from the registry; its files are unchanged.", status="deployed", previous_version=bad.version,
        rollback_of=bad.id, rollback_reason="English tickets were routed to German queues", incident_id="INC-2026-004",
        key="rollback")


def _daily_work(rng):
    """About eleven changes a week, fewer at the turn of the year; authors and approvers from the teams of that day."""
    for day in days(START, END):
        if not is_workday(day):
            continue
        busy = 1 if day.month == 12 and day.day > 18 or day.month == 1 and day.day < 9 else 4
        for _ in range(rng.randint(0, busy)):
            yield _ordinary(rng, day)


def _ordinary(rng, day):
    kind = rng.choices(list(WORK), weights=[46, 22, 6, 14, 12])[0]
    teams, repositories, subject, titles, business = WORK[kind]
    people = [p for name in teams.split() for p in team(name, day) if p not in {"p-006", "p-003", "p-004"}]
    author = rng.choice(people)
    leads = {"ai": "p-003", "platform": "p-004", "data": "p-006"}
    peers = sorted(p for p in people + [leads[teams.split()[0]]] if p != author)
    approver = rng.choice(peers)
    deployed = at(day, rng.randint(9, 16), rng.randint(0, 59))
    merged = later(deployed, minutes=-rng.randint(8, 45))
    approved = later(merged, minutes=-rng.randint(5, 180))
    pushed = later(approved, minutes=-rng.randint(12, 900))
    opened = later(pushed, minutes=-rng.randint(10, 2800))
    title = rng.choice(titles)
    repository = rng.choice(repositories)
    reviewers = [_review(approver, approved)]
    if kind == "code" and rng.random() < 0.3:
        reviewers.insert(0, _review(rng.choice(peers), later(opened, minutes=5), state="commented"))
    return _record(
        kind, title=title, author=author, commit_authors=[author], opened_at=opened, last_pushed_at=pushed,
        reviewers=reviewers, approver=approver,
        approver_role="engineering-lead" if approver in leads.values() else "peer", approved_at=approved,
        merged_at=merged, merged_by=author, repository=repository,
        commit=digest(f"{title} {stamp(deployed)} {author}")[:40], subject=subject,
        tests=[{"suite": "unit", "result": "passed"}], environment="production", deployed_at=deployed, deployed_by="svc-deploy",
        impact={"business": business + ".", "risk": rng.choice(RISKS) + ".", "customer": False},
        rollback_plan="Deploy the previous build again.", status="deployed", key=None)


def _make_emergency(change, hours):
    """Deployed first, approved by a peer afterwards, within the two days the procedure allows."""
    approved = later(change["deployed_at"], hours=hours)
    opened = later(change["deployed_at"], minutes=-70)
    pushed = later(change["deployed_at"], minutes=-40)
    change |= {"emergency": True, "opened_at": opened, "last_pushed_at": pushed, "approved_at": approved,
               "merged_at": later(approved, minutes=10),
               "reviewers": [_review(change["approver"], approved)]}


def _make_late(change):
    """The one deviation of the year: no emergency, but approved the morning after it was deployed."""
    approved = later(change["deployed_at"], hours=19, minutes=7)
    change |= {"title": "Validate the language header", "approved_at": approved, "merged_at": later(approved, minutes=6),
               "reviewers": [_review(change["approver"], approved)], "key": "late"}


def _stricter_rules():
    """The change behind the edits of the branch rules in the audit log of April."""
    when = at(date(2026, 4, 21), 10, 12)
    return _record(
        "config", title="Require the check `licence` on all repositories", author="p-018", commit_authors=["p-018"],
        opened_at=later(when, hours=-46), last_pushed_at=later(when, hours=-45), reviewers=[_review("p-004", later(when, hours=-20))],
        approver="p-004", approver_role="engineering-lead", approved_at=later(when, hours=-20), merged_at=later(when, minutes=-20),
        merged_by="p-018", repository="acme/ml-platform", commit=digest("branch rules of April")[:40], subject="repositories",
        tests=[{"suite": "unit", "result": "passed"}], environment="production", deployed_at=when, deployed_by="svc-deploy",
        impact={"business": "No code with an unknown licence reaches a product.", "risk": "Open pull requests need one more run.", "customer": False},
        rollback_plan="Apply the previous rules from the repository.", status="deployed", key="rules")


def _fewer_checks():
    """The change that took a check out of the suite of the ticket exports."""
    when = at(date(2026, 5, 18), 13, 25)
    return _record(
        "data", title="Replace the language check of ticket exports by one in the masking job", author="p-016", commit_authors=["p-016"],
        opened_at=later(when, hours=-27), last_pushed_at=later(when, hours=-25), reviewers=[_review("p-015", later(when, hours=-3))],
        approver="p-015", approver_role="peer", approved_at=later(when, hours=-3), merged_at=later(when, minutes=-15), merged_by="p-016",
        repository="acme/data-pipelines", commit=digest("fewer checks in May")[:40], subject="data-pipelines",
        tests=[{"suite": "unit", "result": "passed"}], environment="production", deployed_at=when, deployed_by="svc-deploy",
        impact={"business": "Exports no longer stop for tickets in a third language, which masking routes aside.",
                "risk": "A wrong language label is found one step later; the masking job counts them.", "customer": False},
        rollback_plan="Deploy the previous build again.", status="deployed", key="checks")


# title of an infrastructure change: (module, resources, component, models depend on it, risk, capacity, security)
PLANS = {
    "Update the cluster nodes": ("cluster", ["cluster/ml-eu/nodepool/serving", "cluster/ml-eu/nodepool/training"], "ml-platform", True, "medium",
                                 "One node of each pool less at a time, for about ten minutes.", "Closes the open findings of the node image."),
    "Add a node pool for training": ("cluster", ["cluster/ml-eu/nodepool/training-b"], "ml-platform", False, "low",
                                     "Four accelerators more for training; the quota of the region allows nine.", "Same image and policies as the pool beside it."),
    "Rotate the certificates of the gateway": ("gateway", ["cluster/ml-eu/gateway/certificate"], "ml-platform", True, "medium",
                                               "No change; both certificates serve during the overlap.", "The old key is revoked a day later."),
    "Enlarge the metrics volume": ("cluster", ["cluster/ml-eu/volume/metrics"], "ml-platform", False, "low",
                                   "Room for 13 months of metrics instead of nine.", "No new access; the volume stays encrypted."),
    "Move the registry database to new storage": ("registry", ["registry/mlflow-prod/database"], "model-registry", True, "high",
                                                  "Read only for half an hour; no deployment in that time.", "Encrypted with the same key; the old disk is wiped."),
    "Tighten the network policy of notebooks": ("cluster", ["cluster/ml-eu/network-policy/notebooks"], "ml-platform", False, "low",
                                                "No effect on capacity expected for jobs.", "Notebooks reach the feature store and nothing else."),
}


def _settle_infrastructure(changes):
    """Of the platform work only the first of each month and the emergencies touch the cluster; the rest is configuration."""
    months = set()
    for number, change in enumerate(c for c in changes if c["change_type"] == "infra"):
        month = change["deployed_at"].strftime("%Y-%m")
        if month in months and not change["emergency"]:
            titles, business = WORK["config"][3:]
            change |= {"change_type": "config", "title": titles[number % len(titles)], "subject": "serving", "impact": change["impact"] | {"business": business + "."}}
        months.add(month)


def _plan(change, number):
    """Plan, staging run and assessment of a change to the infrastructure."""
    module, resources, component, touched, risk, capacity, security = PLANS[change["title"]]
    models = sorted(MODELS) if touched else []
    pushed, others = change["last_pushed_at"], [p for p in ("p-018", "p-019", "p-004", "p-005", "p-002") if p not in (change["author"], change["approver"])]
    plan = digest(f"plan {change['change_id']}")
    change |= {
        "account": "acme", "module_version": f"{module}-{4 if module == 'cluster' else 2}.{number}.0", "plan_digest": plan, "applied_plan_digest": plan,
        "resources": [{"address": r, "component_id": component, "models": models} for r in resources], "staging_deployed_at": later(pushed, minutes=3)}
    change["impact"] |= {"risk_level": risk, "affected_models": models, "capacity": capacity, "security": security,
                         "privacy": "Training data stays where it is." if component == "ml-platform" else "Model files only; no personal data.",
                         "assessor": others[0], "assessed_at": stamp(later(pushed, minutes=9))}
    if risk == "high":
        second = next(p for p in others[1:] if p in ("p-004", "p-005", "p-002"))
        change |= {"second_approver": second, "second_approved_at": later(change["deployed_at"], minutes=-4)}


def build():
    """All changes in the order they were opened, numbered; and the ids of those that others refer to."""
    rng = random.Random("changes")
    ordinary = list(_daily_work(rng))
    code = [c for c in ordinary if c["change_type"] == "code"]
    operations = [c for c in ordinary if c["change_type"] in ("config", "infra")]
    for change, hours in zip([code[20], operations[15], operations[38], code[150]], [5, 20, 26, 3]):
        _make_emergency(change, hours)
    _settle_infrastructure(ordinary)
    _make_late(next(c for c in code if c["deployed_at"].date().isoformat() >= "2026-05-20" and c["deployed_at"].hour >= 13))
    changes = [_model_change(v) for v in VERSIONS if v.in_window] + [_rollback(), _stricter_rules(), _fewer_checks()] + ordinary
    changes.sort(key=lambda c: (c["opened_at"], c["title"], c["author"]))
    ids = {}
    for number, change in enumerate(changes, 1):
        change["change_id"] = f"CHG-2026-{number:04}"
        ids[change.pop("key")] = change["change_id"]
    for number, change in enumerate((c for c in changes if c["change_type"] == "infra"), 1):
        _plan(change, number)
    for change in changes:
        if "rollback_of" in change:
            change["rollback_of"] = ids[change["rollback_of"]]
    return changes, ids


def _line(change):
    first = ["change_id", "change_type", "emergency", "title"]
    ordered = {name: change[name] for name in first} | {k: v for k, v in change.items() if k not in first}
    return {k: stamp(v) if hasattr(v, "isoformat") else v for k, v in ordered.items()}


def write(repo):
    changes, ids = build()
    for month in MONTHS:
        these = [c for c in changes if month.first <= c["deployed_at"].date() <= month.last]
        these.sort(key=lambda c: (c["deployed_at"], c["change_id"]))
        path = f"evidence/changes/changes-{month.name}.jsonl"
        repo.jsonl(path, [_line(c) for c in these])
        repo.manifest(
            path, "deploy.acme.example", month.after(2, 9, 14), "p-011",
            query=f"deployments to production from {month.first} to {month.last}, joined with pull request and reviews; all pages",
            records=len(these), covers=month.covers(),
            second_source={"name": "commits on the protected branches and rollouts of the serving gateway", "records": len(these)})
    return changes, ids
