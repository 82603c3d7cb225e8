"""The register of AI components, the system description, the risk register and the monitoring of production."""

import random
from datetime import date, timedelta

from .clock import END, MONTHS, QUARTERS, START, at, at_utc, days, later, stamp, workday
from .data import SOURCES
from .world import BY_VERSION, MODELS, PLATFORM, REGISTRY, ROLLED_BACK_AT, VERSIONS, WAREHOUSE

TRAINING_ROLES = ["role/pipeline", "role/quality", "role/training-job"]
SOURCE_ROLES = ["role/ingest", "role/pipeline", "role/quality"]
REGISTRY_ROLES = ["role/deployer", "role/serving", "role/training-job"]
# location -> (type of resource, principals approved for it)
STORES = {
    "s3://acme-invoices": ("bucket", SOURCE_ROLES),
    "s3://acme-sources": ("bucket", SOURCE_ROLES),
    "s3://acme-training": ("bucket", TRAINING_ROLES),
    "mlflow-prod": ("registry", REGISTRY_ROLES),
}


def components():
    """Rows of the register without the attestation, and the category each has in the description."""
    rows = []

    def add(component_id, kind, name, owner, criticality, data_class, introduced, location, **more):
        rows.append({"component_id": component_id, "type": kind, "name": name, "owner": owner, "environment": "production", "criticality": criticality,
                     "data_class": data_class, "in_scope": True, "introduced_on": introduced, "location": location} | more)

    for model in MODELS.values():
        new = model.id == "doc-extract"
        since = "2026-01-05" if new else "2024-05-06"
        add(model.id, "model", model.title, model.owner, model.tier, "confidential" if model.tier == "high" else "internal", since, "mlflow-prod",
            approved_principals=REGISTRY_ROLES, approved_teams=["ai", "platform"])
        add(model.endpoint, "endpoint", f"{model.title} endpoint", "p-004", model.tier, "confidential", since, f"https://{model.endpoint}.acme.example")
        add(f"repo-{model.id}", "repository", f"{model.title} code", "p-003", model.tier, "internal", since, model.repository)
        add(model.training_set, "dataset", f"{model.title} training data", "p-006", model.tier, "confidential", since, "s3://acme-training",
            approved_principals=TRAINING_ROLES, approved_teams=["ai", "data"])
    for source in SOURCES.values():
        bucket = "s3://acme-invoices" if source.vendor else "s3://acme-sources"
        since = "2026-01-05" if source.external else "2024-05-06"
        vendor = {"vendor_id": source.vendor} if source.vendor else {}
        add(source.id, "dataset", source.title, source.owner, "medium", source.data_class, since, bucket,
            approved_principals=SOURCE_ROLES, approved_teams=["ai", "data"], **vendor)
    add("repo-data-pipelines", "repository", "Data pipelines code", "p-006", "high", "internal", "2024-03-04", "acme/data-pipelines")
    add("repo-ml-platform", "repository", "Platform code", "p-004", "high", "internal", "2024-03-04", "acme/ml-platform")
    add("ml-platform", "compute", PLATFORM, "p-004", "high", "confidential", "2024-03-04", "cluster/ml-eu")
    add("data-warehouse", "feature_store", WAREHOUSE, "p-006", "high", "confidential", "2023-11-06", "warehouse/acme")
    add("model-registry", "registry", REGISTRY, "p-004", "high", "confidential", "2024-03-04", "registry/mlflow-prod")
    add("training-pipeline", "pipeline", "Training pipeline", "p-003", "high", "confidential", "2024-03-04", "pipelines/training")
    add("ticket-summary", "prompt", "Ticket summary prompt", "p-010", "low", "internal", "2025-03-10", "acme/ticket-router/prompts/summary.md")
    add("summary-api", "third_party_api", "Language model service", "p-010", "low", "confidential", "2025-03-10", "https://api.llm.example", vendor_id="v-llm")
    add("sandbox-gpu", "compute", "Sandbox machine", "p-003", "low", "public", "2025-06-02", "cluster/sandbox", environment="development")
    rows[-1] |= {"in_scope": False, "environment": "development"}
    return sorted(rows, key=lambda r: r["component_id"])


COLUMNS = ["component_id", "type", "name", "owner", "environment", "criticality", "data_class", "in_scope", "introduced_on", "retired_on", "vendor_id",
           "location", "approved_principals", "approved_teams", "attested_by", "attested_on"]


def write(repo):
    _register(repo)
    _inventory(repo)
    _egress(repo)
    _description(repo)
    _diagram(repo)
    _risks(repo)
    _metrics(repo)
    _jobs(repo)


def _register(repo):
    for quarter in QUARTERS:
        attested = workday(quarter.last - timedelta(days=6))
        path = f"evidence/system/components-{quarter.name}.csv"
        rows = [row | {"attested_by": "p-002", "attested_on": attested.isoformat()} for row in components()]
        repo.csv(path, COLUMNS, rows)
        repo.manifest(path, "git.acme.example/acme/compliance", at(attested, 16, 20), "p-007", query="all rows of the register", records=len(rows))


def _inventory(repo):
    """What the state of the infrastructure code holds in the AI account, once a quarter; the tag marks what serves AI."""
    for quarter in QUARTERS:
        captured = at(workday(quarter.last - timedelta(days=9)), 7, 20)
        tagged = {r["location"]: "aws_eks_cluster" if r["type"] == "compute" else "kubernetes_ingress" for r in components() if r["type"] in ("compute", "endpoint")}
        resources = [{"id": place, "type": kind, "tags": ["ai", "dev" if place == "cluster/sandbox" else "prod"]} for place, kind in tagged.items()]
        resources += [{"id": "cluster/apps-eu", "type": "aws_eks_cluster", "tags": ["prod"]}, {"id": "https://app.acme.example", "type": "kubernetes_ingress", "tags": ["prod"]},
                      {"id": "vpn-eu", "type": "aws_vpn_gateway", "tags": []}]
        path = f"evidence/system/inventory-{captured.date()}.json"
        repo.json(path, {
            "system": "terraform", "resource_type": "cluster", "resource_id": "acme-ml", "environment": "production", "captured_at": stamp(captured), "method": "cli",
            "command": "terraform show -json, managed resources of all workspaces, reduced to id, type and tags", "account": "acme-ml", "region": "eu-central-1",
            "settings": {"resources": sorted(resources, key=lambda r: r["id"])}})
        repo.manifest(path, "terraform.acme.example", later(captured, minutes=4), "svc-collector")


# services of third parties in use since the beginning of the window, as the description lists them
THIRD_PARTY = [
    {"vendor_id": "v-cloud", "service": "Managed cluster with GPU nodes", "purpose": "Trains and serves all models", "data_class": "confidential", "region": "eu-central-1"},
    {"vendor_id": "v-label", "service": "Labelling of masked ticket texts, until 29 May 2026", "purpose": "Labels for the router", "data_class": "internal", "region": "Leipzig"},
    {"vendor_id": "v-llm", "service": "Hosted language model", "purpose": "Summaries of support tickets", "data_class": "confidential", "region": "eu-central-1",
     "models": ["lexa-summary-2"]},
    {"vendor_id": "v-translate", "service": "Machine translation, since 20 April 2026", "purpose": "Help pages and release notes", "data_class": "public", "region": "Vienna"}]
# host -> (vendor or None for own hosts, first and last quarter on the list)
EGRESS = {"api.llm.example": ("v-llm", 0, 3), "objects.nordkap.example": ("v-cloud", 0, 3), "images.nordkap.example": ("v-cloud", 0, 3),
          "upload.tagwerk.example": ("v-label", 0, 0), "api.parlando.example": ("v-translate", 1, 3), "git.acme.example": (None, 0, 3), "metrics.acme.example": (None, 0, 3)}


def deviations():
    """The one risk that stood above the appetite on a register before it was accepted."""
    return [{
        "id": "EX-2026-010", "control": "POL-05", "check": "what-exceeds-the-appetite-is-accepted", "record": "R-003", "path": "evidence/risk/register-2026-Q2.csv",
        "occurred_on": "2026-06-18", "found_on": "2026-06-22", "found_by": "p-007",
        "cause": "The risk was scored up from 6 to 9 in the review on the afternoon of incident INC-2026-004. The chief technology officer, who accepts risks, was busy with the incident "
                 "and decided on 24 June, after the register of the quarter had been closed.",
        "extent": "One risk for six days. The other risks of this register and of the one before score 6 or less after treatment.",
        "compensating_control": "The version behind the risk was withdrawn on 18 June at 11:42, and no version of the router was released before 14 July.",
        "response": "Since July a register with a score above the appetite stays open until the acceptance is on it. The score is back at 6 since a test per language blocks the release.",
        "owner": "p-007", "approver": "p-002", "approved_on": "2026-06-24", "expires_on": "2027-06-30"}]


def _egress(repo):
    """The allow-list of the gateway by which workloads reach hosts outside, once a quarter."""
    for index, quarter in enumerate(QUARTERS):
        captured = at(workday(quarter.last - timedelta(days=9)), 7, 35)
        hosts = [{"host": host, "internal": vendor is None} | ({"vendor_id": vendor} if vendor else {}) for host, (vendor, first, last) in sorted(EGRESS.items()) if first <= index <= last]
        path = f"evidence/system/egress-{captured.date()}.json"
        repo.json(path, {
            "system": "egress-gateway", "resource_type": "network", "resource_id": "egress/ml-eu", "environment": "production", "captured_at": stamp(captured), "method": "api",
            "command": "GET /v1/gateways/ml-eu/allow-list, joined with the vendor tag of each entry", "account": "acme-ml", "region": "eu-central-1", "settings": {"egress": hosts}})
        repo.manifest(path, "egress.acme.example", later(captured, minutes=3), "svc-collector")


def _diagram(repo):
    """The picture of the flows, drawn from the description, and its approval."""
    description = "evidence/system/description.md"
    lines, style = [], 'font-family="sans-serif" font-size="11"'
    for number, (name, begin, end, path) in enumerate(repo.drawn):
        y = 24 + 22 * number
        colour = "#2f6f4f" if path == "training" else "#2f4f7f"
        lines.append(f'  <text x="12" y="{y}">{name}</text><text x="60" y="{y}">{begin}</text><text x="470" y="{y}">{end}</text>'
                     f'<line x1="330" y1="{y - 4}" x2="455" y2="{y - 4}" stroke="{colour}" marker-end="url(#a)"/>')
    height = 40 + 22 * len(lines)
    path = "evidence/system/dataflow.svg"
    repo.text(path, "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" width="800" height="{height}" {style}>',
        "  <title>Acme Insight 2026.1: flows of training (green) and inference (blue)</title>",
        '  <defs><marker id="a" markerWidth="8" markerHeight="8" refX="6" refY="3" orient="auto"><path d="M0,0 L6,3 L0,6 z"/></marker></defs>', *lines, "</svg>"]) + "\n")
    repo.manifest(path, "git.acme.example/acme/compliance", at(date(2026, 7, 13), 10, 45), "p-007", query="make dataflow.svg, from the front matter of description.md",
                  attributes={"diagram_id": "dataflow", "title": "Flows of training and inference", "description_version": "2026.1",
                              "drawn_from_sha256": repo.hashes[description], "paths": ["training", "inference"]})
    conclusion = ("The picture shows the flows of version 2026.1. Compared with the allow-list of June and with the lineage of the second quarter: the route to Tagwerk is gone "
                  "since the agreement ended, and the new route to Parlando carries texts for publication only.")
    front = {
        "review_id": "DFR-2026", "review_type": "diagram_review", "period": "2026-H1", "period_start": "2026-01-01", "period_end": "2026-06-30", "reviewer": "p-004",
        "reviewed_at": stamp(at(date(2026, 7, 14), 14, 20)), "inputs": [{"path": p, "sha256": repo.hashes[p]} for p in (description, path)],
        "conclusion": conclusion, "decision": "approved", "issues": [], "actions": []}
    path = "evidence/system/diagram-review-2026.md"
    repo.markdown(path, front, f"# Review of the data flow diagram, 2026\n\n## How\n\nThe head of platform went through the flows one by one with the engineer on call.\n\n## Conclusion\n\n{conclusion}\n")
    repo.manifest(path, "git.acme.example/acme/compliance", at(date(2026, 7, 15), 9, 10), "p-007")


def _description(repo):
    listed = [{"id": f"C-{n:02}", "name": row["name"], "category": "data" if row["type"] == "dataset" else "infrastructure" if row["type"] == "compute" else "software",
               "ai": True, "register_id": row["component_id"], "type": row["type"]} | ({"vendor_id": row["vendor_id"]} if "vendor_id" in row else {})
              for n, row in enumerate((r for r in components() if r["in_scope"]), 1)]
    place = {row["register_id"]: row["id"] for row in listed}
    number = len(listed)
    listed += [
        {"id": f"C-{number + 1:02}", "name": "Gateway of the applications", "category": "software", "ai": False},
        {"id": f"C-{number + 2:02}", "name": "Managed cloud, two zones in Frankfurt", "category": "infrastructure", "ai": False},
        {"id": f"C-{number + 3:02}", "name": "Teams ai, data, platform, security, compliance and support", "category": "people", "ai": False},
        {"id": f"C-{number + 4:02}", "name": "Procedures for change, access, testing, rollback and incidents", "category": "procedures", "ai": False},
    ]
    gateway = f"C-{number + 1:02}"
    flows = []

    def flow(begin, end, path, data_class="confidential", crosses=False):
        flows.append({"id": f"F-{len(flows) + 1:02}", "from": begin, "to": end, "data_class": data_class, "path": path, "protocol": "TLS 1.3",
                      "encrypted": True, "crosses_boundary": crosses})

    for model in MODELS.values():
        for source in model.sources:
            flow(place[source], place[model.training_set], "training", SOURCES[source].data_class)
        flow(place[model.training_set], place["training-pipeline"], "training")
        flow(place["training-pipeline"], place[model.id], "training")
        flow(gateway, place[model.endpoint], "inference")
        flow(place[model.endpoint], place[model.id], "inference")
    flow(place["training-pipeline"], place["model-registry"], "training", "internal")
    flow(gateway, place["summary-api"], "inference", crosses=True)
    named = {row["id"]: row["name"] for row in listed}
    repo.described, repo.flows = listed, flows
    repo.drawn = [(f["id"], named[f["from"]], named[f["to"]], f["path"]) for f in flows]
    ids = repo.change_ids
    front = {
        "system_id": "acme-insight", "title": "Acme Insight: system description", "version": "2026.1", "as_of": "2026-06-30",
        "author": "p-007", "approved_by": "p-002", "approved_on": "2026-07-10",
        "services": ["Churn risk for account teams", "Routing of support tickets", "Booking proposals from invoices"],
        "commitments": ["99.5 % availability a month", "Customers hear of a severe incident within 24 hours", "Customer data is processed in the EU only"],
        "components": listed, "flows": flows,
        "subservice_orgs": [{"vendor_id": "v-cloud", "method": "carve-out", "csocs": ["Physical access to data centres", "Disposal of storage media"],
                             "monitoring_controls": ["VDD-01", "MEV-04"]},
                            {"vendor_id": "v-llm", "method": "carve-out", "csocs": ["Prompts are not kept and not used for training"],
                             "monitoring_controls": ["VDD-01", "VDD-02"]}],
        "cuecs": ["Customers remove their leavers from the tenant", "A person confirms each booking proposal"],
        "significant_changes": [
            {"on": "2026-02-10", "description": "Document extraction went into production", "change_id": ids["doc-extract 1.0.0"]},
            {"on": "2026-06-16", "description": "The ticket router moved to a sentence encoder; withdrawn on 18 June", "change_id": ids["ticket-router 2.3.0"]}],
        "system_incidents": [{"on": "2026-06-17", "description": "English tickets were routed to German queues for two days", "incident_id": "INC-2026-004"}],
        "third_party_ai": THIRD_PARTY,
        "data_sources": [{"source_id": source.id, "source": source.title, "used_for": ["training", "validation", "evaluation"]} for source in SOURCES.values()],
        "exclusions": [{"id": "sandbox-gpu", "reason": "Holds public data only and serves no customer"}],
    }
    path = "evidence/system/description.md"
    repo.markdown(path, front, """# Acme Insight

## Services

Acme Insight reads what business customers already have (accounts, usage, tickets, invoices) and returns a risk, a queue or a booking proposal. A person
decides in each case.

## Infrastructure and software

All models run on one cluster in Frankfurt behind one gateway. Training, registry and serving are separate name spaces with separate roles. Ticket
summaries use a language model service of a third party; no other model is bought in.

## Services of third parties

Nordkap runs the cluster and Lexa the language model; their controls are left out of this description and watched by reading their reports each year.
Tagwerk labelled masked tickets until the end of May, and Parlando translates texts that are about to be published.

## People and procedures

About 25 people. Each model has an owner who answers for its card, its tests and its release. Changes reach production only through the deployment
platform.

## Data

Training data comes from five sources, of which two are external and under agreement. No source holds special categories of personal data.

## What is left out

The sandbox machine holds public data only and serves no customer.
""")
    repo.manifest(path, "git.acme.example/acme/compliance", at(date(2026, 7, 13), 10, 30), "p-007")


# id, category, text, components, likelihood and impact, treatment, mitigation, owner, controls, likelihood and impact after treatment, first quarter
RISKS = [
    ("R-001", "bias", "Churn risk ranks accounts of one language region higher without cause", ["churn-risk"], (3, 3), "mitigate",
     "Parity per language is tested for each version", "p-010", ["DEV-03", "TDM-03"], (2, 2), 0),
    ("R-002", "data", "A broken usage feed is read as falling usage", ["churn-risk", "product-usage"], (3, 4), "mitigate",
     "Freshness and row counts block training and scoring", "p-006", ["TDM-01", "OPS-02"], (1, 4), 0),
    ("R-003", "bias", "English tickets are few in the training data of the router", ["ticket-router", "router-training"], (4, 3), "mitigate",
     "Weights by language; a floor per language since July", "p-010", ["TDM-03", "CHM-02"], (2, 3), 0),
    ("R-004", "performance", "A new version is worse in production than offline", ["churn-risk", "ticket-router", "doc-extract"], (3, 4), "mitigate",
     "Canary, daily metrics and a rehearsed rollback", "p-003", ["CHM-04", "OPS-02"], (2, 3), 0),
    ("R-005", "poisoning", "Poisoned invoices from the supplier change the extraction", ["doc-extract", "invoice-scans"], (2, 4), "mitigate",
     "Batch validation and supplier audit", "p-006", ["TDM-01", "TDM-04"], (1, 4), 0),
    ("R-006", "privacy", "Names in ticket texts reach the training data", ["support-tickets", "router-training"], (3, 4), "mitigate",
     "Masking before export, sampled in the source audit", "p-006", ["TDM-04"], (1, 4), 0),
    ("R-007", "third_party", "The language model service changes behaviour without notice", ["ticket-summary", "summary-api"], (3, 2), "accept", None, "p-010", ["OPS-02"], (3, 2), 0),
    ("R-008", "security", "A leaver keeps access to the registry", ["model-registry"], (2, 4), "mitigate",
     "Accounts close on the last day; quarterly reviews", "p-005", ["ACC-01", "ACC-02"], (1, 2), 0),
    ("R-009", "drift", "New prices or products change what the features mean, and scores go stale", ["churn-risk", "ticket-router"], (4, 3), "mitigate",
     "Daily drift index with an alert; training at least twice a year", "p-003", ["OPS-02", "POL-02"], (2, 3), 0),
    ("R-010", "extraction", "Somebody rebuilds the churn model, or reads training rows out of it, through many calls", ["churn-risk", "churn-risk-eu"], (2, 3), "mitigate",
     "Calls are limited per tenant and logged; scores carry two decimals only", "p-005", ["ACC-01", "ACC-04"], (1, 3), 0),
    ("R-011", "misuse", "A customer uses the risk of accounts to rate its account managers", ["churn-risk"], (3, 3), "mitigate",
     "Forbidden by the ethics policy and the terms; no figures per manager are shown", "p-022", ["POL-01", "POL-04"], (2, 3), 1),
    ("R-012", "fraud", "Forged invoices are laid out so that the proposal names another recipient", ["doc-extract"], (3, 4), "mitigate",
     "Recipients are matched with the company register; a person confirms each booking", "p-003", ["POL-05", "TDM-01"], (1, 4), 0),
    ("R-013", "security", "Tickets are written to mislead: look-alike letters for the router, hidden instructions for the summary", ["ticket-router", "ticket-summary"], (3, 2), "mitigate",
     "Letters are normalised, ticket text is fenced; probes each quarter", "p-010", ["INC-02"], (2, 2), 1),
]


def _risks(repo):
    columns = ["risk_id", "category", "component_ids", "description", "likelihood", "impact", "inherent_score", "treatment", "mitigation", "owner", "control_ids",
               "residual_score", "residual_likelihood", "residual_impact", "accepted_by", "accepted_until", "reviewed_on", "next_review_due", "status"]
    for index, quarter in enumerate(QUARTERS):
        reviewed = workday(quarter.last - timedelta(days=12))
        rows = []
        for risk, category, text, concerned, (likelihood, impact), treatment, mitigation, owner, controls, (left, harm), since in RISKS:
            if index < since:
                continue
            if risk == "R-003" and quarter.name in ("2026-Q1", "2026-Q2"):
                mitigation = "Weights by language"
            if risk == "R-003" and quarter.name == "2026-Q2":
                left, harm = 3, 3
            row = {"risk_id": risk, "category": category, "component_ids": concerned, "description": text, "likelihood": likelihood, "impact": impact,
                   "inherent_score": likelihood * impact, "treatment": treatment, "mitigation": mitigation, "owner": owner, "control_ids": controls,
                   "residual_score": left * harm, "residual_likelihood": left, "residual_impact": harm, "reviewed_on": reviewed.isoformat(),
                   "next_review_due": (reviewed + timedelta(days=100)).isoformat(), "status": "open"}
            if treatment == "accept":
                row |= {"accepted_by": "p-002", "accepted_until": "2027-03-31"}
            rows.append(row)
        path = f"evidence/risk/register-{quarter.name}.csv"
        repo.csv(path, columns, rows)
        repo.manifest(path, "git.acme.example/acme/compliance", at(reviewed, 17, 5), "p-007", query="all open risks", records=len(rows))
    _assessment(repo)


def _assessment(repo):
    """The yearly assessment, led by the chief executive, on the register of the third quarter."""
    looked_at = "evidence/risk/register-2026-Q3.csv"
    conclusion = ("The register covers the models in production and the eight kinds of risk of the framework. After the incident of June the bias of the router "
                  "is the risk to watch; its score, raised to 9 in June, is back at 6 since the test per language blocks a release. No risk exceeds the appetite now.")
    reviewed = at(date(2026, 11, 18), 15, 30)
    front = {
        "review_id": "RA-2026", "review_type": "risk_assessment", "period": "2026", "period_start": "2025-11-01", "period_end": "2026-10-31", "reviewer": "p-001",
        "reviewed_at": stamp(reviewed), "inputs": [{"path": looked_at, "sha256": repo.hashes[looked_at]}], "conclusion": conclusion,
        "issues": [{"id": "I-1", "text": "The service for summaries has no second provider, so its risk can only be accepted"}],
        "actions": [{"id": "A-1", "issue_id": "I-1", "owner": "p-010", "due_on": "2027-02-26", "status": "open", "ticket": "ML-377"}]}
    path = "evidence/risk/assessment-2026.md"
    repo.markdown(path, front, f"""# Risk assessment 2026

## Present

The chief executive, the chief technology officer, the heads of AI, data, platform and security, the compliance manager.

## What was looked at

The register of the third quarter, the incidents since November 2025, the audit of data sources of the first half, the plans for 2027.

## New since last year

Misuse of account scores to rate people was added in June, after a customer had asked for figures per account manager. Fraud by forged invoices was scored higher
in impact, because document extraction is now in use with wholesalers.

## Conclusion

{conclusion}
""")
    repo.manifest(path, "git.acme.example/acme/compliance", at(date(2026, 11, 20), 10, 15), "p-007")


def _metrics(repo):
    """One point a day for each metric of the version in production, always at 04:00 UTC, so that two points lie 24 hours apart on every day."""
    columns = ["metric_id", "subject_id", "subject_version", "environment", "ts", "value", "unit", "n", "threshold", "direction", "estimate", "label_lag_days", "alert_id", "incident_id"]
    for month in MONTHS:
        rows = []
        for day in days(month.first, month.last):
            when = at_utc(day, 4)
            for version in sorted(VERSIONS, key=lambda v: v.id):
                if any(a <= when and (b is None or when < b) for a, b in version.spans):
                    rows += points(version, when)
        path = f"evidence/monitoring/metrics-{month.name}.csv"
        repo.csv(path, columns, rows)
        repo.manifest(path, "metrics.acme.example", month.after(1, 7, 30), "svc-metrics", query=f"daily roll-up at 04:00 UTC, {month.first} to {month.last}, production",
                      records=len(rows), covers=month.covers())


LABEL_LAG = {"churn-risk": 90, "ticket-router": 2, "doc-extract": 5}  # days until a customer has stayed or left, a ticket is closed, a booking is confirmed


def points(version, when):
    rng = random.Random(f"point {version.id} {when.date()}")
    model, bad = version.model, version.id == "ticket-router 2.3.0"
    calls = int(rng.gauss(9000, 700) * (0.35 if when.weekday() >= 5 else 1.0))
    quality = model.floor - 0.05 + rng.random() * 0.01 if bad else model.floor + 0.015 + rng.random() * 0.03
    drifted = model.id == "churn-risk" and date(2026, 10, 5) <= when.date() <= date(2026, 10, 12)  # the prices of September reach the contracts
    points = [
        (model.metric, round(quality, 4), "ratio", calls // 12, model.floor, "at_least", True),
        ("latency_p95_ms", round(rng.gauss(120, 9), 1), "ms", calls, 300, "at_most", False),
        ("error_rate", round(abs(rng.gauss(0.002, 0.0007)), 5), "ratio", calls, 0.02, "at_most", False),
        ("drift_psi", round(abs(rng.gauss(0.05, 0.015)) + (0.11 if drifted else 0), 4), "index", calls, 0.2, "at_most", False),
    ]
    for metric, value, unit, n, threshold, direction, estimate in points:
        row = {"metric_id": metric, "subject_id": model.id, "subject_version": version.version, "environment": "production", "ts": stamp(when), "value": value,
               "unit": unit, "n": n, "threshold": threshold, "direction": direction, "estimate": estimate, "label_lag_days": LABEL_LAG[model.id] if estimate else 0}
        if bad and metric == model.metric:
            row |= {"alert_id": f"AL-{when:%Y%m%d}-1", "incident_id": "INC-2026-004"}
        yield row


def _jobs(repo):
    for quarter in QUARTERS:
        captured = at(workday(quarter.last - timedelta(days=20)), 6, 15)
        path = f"evidence/monitoring/jobs-{captured.date()}.json"
        repo.json(path, {
            "system": "metrics", "resource_type": "monitoring", "resource_id": "daily-model-metrics", "environment": "production",
            "captured_at": stamp(captured), "method": "api", "command": "GET /api/v1/jobs?environment=production", "account": "acme", "region": "eu-central-1",
            "settings": {"targets": sorted(m.endpoint for m in MODELS.values())}})
        repo.manifest(path, "metrics.acme.example", later(captured, minutes=5), "svc-collector")
