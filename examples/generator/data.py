"""Datasets, their quality, bias and origin: records, checks, lineage, audits and agreements."""

import random
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from .clock import END, HALVES, MONTHS, START, at, days, later, stamp, workday
from .emit import digest
from .world import MODELS, VERSIONS, run_id

BUCKET = "s3://acme-data"
STORE = {True: "s3://acme-invoices", False: "s3://acme-sources"}  # of sources, by whether a vendor delivers them
PIPELINES = "https://git.acme.example/acme/data-pipelines"
EVENT_SCHEMA = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent"


@dataclass
class Source:
    id: str
    title: str
    kind: str
    method: str
    licence: str
    data_class: str
    personal: bool
    biases: list
    suite_checks: int
    agreement: str | None = None
    vendor: str | None = None
    owner: str = "p-006"
    sensitive: dict = field(default_factory=dict)  # field -> how the pipeline masks it

    @property
    def external(self):
        return self.agreement is not None

    def terms(self):
        """The part of a dataset record that follows from where the data comes from."""
        fields = {"source": self.title, "source_id": self.id, "source_type": self.kind, "external": self.external,
                  "collection_method": self.method, "licence": self.licence}
        return fields

    def protection(self):
        fields = {"personal_data": self.personal}
        if self.personal:
            fields |= {"lawful_basis": "contract and legitimate interest, assessment LIA-2025-02", "retention_days": 730}
        elif self.data_class != "public":
            fields |= {"retention_days": 1095}
        fields["data_class"] = self.data_class
        if self.vendor:
            fields["vendor_id"] = self.vendor
        if self.agreement:
            fields["agreement_id"] = self.agreement
        return fields


SOURCES = {s.id: s for s in [
    Source("crm-accounts", "Account and contract tables of the customer relation system", "internal", "Nightly export of the production database",
           "Own data", "confidential", True, ["Few accounts outside Germany and Austria"], 9,
           sensitive={"contact_name": "drop", "contact_email": "hash", "phone": "drop"}),
    Source("product-usage", "Daily usage counters per account", "internal", "Aggregated from application events, no free text",
           "Own data", "internal", False, ["Accounts with own proxies send no events"], 6),
    Source("support-tickets", "Subjects and first messages of support tickets", "customer", "Nightly export of closed tickets, names and numbers masked",
           "Customer agreement, section 7: service improvement", "confidential", True, ["English tickets are a fifth of the whole"], 8,
           sensitive={"subject": "redact", "first_message": "redact", "requester": "tokenise"}),
    Source("invoice-scans", "Invoices with labelled fields", "vendor", "Delivered each quarter by the supplier over SFTP, checked against the delivery note",
           "Data licence AG-001", "confidential", True, ["Mostly one-column layouts"], 11, agreement="AG-001", vendor="v-docs",
           sensitive={"contact_person": "redact", "bank_account": "tokenise"}),
    Source("company-register", "Names and tax numbers of companies", "public", "Quarterly bulk download of the published register",
           "Terms of the register AG-002", "public", False, ["Sole traders are missing"], 5, agreement="AG-002", owner="p-015"),
]}


# customers whose tickets may train models: first day, last day; t-birch opted in, the agreement of t-dogwood ended
TENANTS = [("t-alder", date(2023, 5, 1), None), ("t-birch", date(2025, 9, 15), None), ("t-dogwood", date(2023, 11, 1), date(2026, 8, 31))]
SUPPLIERS = {"invoice-scans": ["v-docs"], "company-register": ["v-register"]}


def parties(names, day):
    """Whose data the sources hold on a day; own data belongs to nobody else."""
    found = {party for name in names for party in SUPPLIERS.get(name, [])}
    if "support-tickets" in names:
        found |= {tenant for tenant, first, last in TENANTS if first <= day and (last is None or day <= last)}
    return sorted(found)


@dataclass
class Dataset:
    id: str
    version: str
    created: datetime
    used: datetime
    approved: datetime
    origin: Source
    uses: list
    rows: int
    upstream: list = field(default_factory=list)
    parts: tuple = ("train", "validation")

    @property
    def name(self):
        return f"data/{self.id}/{self.version}"

    @property
    def digest(self):
        return digest(f"data {self.name}")

    @property
    def parties(self):
        """The parties whose data it holds, handed on from its sources."""
        model = next((m for m in MODELS.values() if m.training_set == self.id), None)
        return parties(model.sources if model else [self.origin.id], self.created.date())

    def record(self):
        head = {"dataset_id": self.id, "version": self.version, "name": self.name, "digest": self.digest,
                "created_at": stamp(self.created), "first_used_at": stamp(self.used), "owner": self.origin.owner,
                "access_reviewers": sorted({self.origin.owner, "p-006"})}
        shares = {"train": 0.9, "validation": 0.1, "evaluation": 1.0, "all": 1.0}
        lies = {"location": STORE[self.origin.vendor is not None] if self.id == self.origin.id else "s3://acme-training"}
        if self.origin.personal:
            lies["sensitive_fields"] = sorted(self.origin.sensitive) if self.id == self.origin.id else []
        whose = {"party_ids": self.parties} if self.parties else {}
        return head | lies | self.origin.terms() | whose | {"uses": self.uses} | self.origin.protection() | {
            "approved_by": "p-003", "approved_at": stamp(self.approved),
            "splits": [{"name": p, "digest": digest(f"{self.name} {p}"), "records": int(self.rows * shares[p])} for p in self.parts],
            "known_biases": self.origin.biases, "upstream": self.upstream}


def _main_source(model):
    return SOURCES[model.sources[0]]


def training_set(version):
    rng = random.Random(f"rows {version.id}")
    return Dataset(version.model.training_set, version.data_version, version.prepared_at, version.training_started, version.data_approved,
                   _main_source(version.model), ["training", "validation"], rng.randint(42_000, 61_000),
                   [d.name for d in source_sets(version)])


def source_sets(version):
    """The monthly states of the sources that a training set was prepared from."""
    sets = []
    for name in version.model.sources:
        source = SOURCES[name]
        rng = random.Random(f"rows {name} {version.data_version}")
        sets.append(Dataset(name, version.data_version, version.data_created, later(version.prepared_at, minutes=-30),
                            later(version.data_created, minutes=50), source, ["training", "validation", "evaluation"],
                            rng.randint(60_000, 90_000), [], ("all",)))
    return sets


def evaluation_set(model):
    created = at(date(2025, 9, 22), 10)
    return Dataset(model.training_set.replace("training", "holdout"), "2025-09", created, later(created, hours=96), later(created, hours=30),
                   _main_source(model), ["evaluation"], 4000, [], ("evaluation",))


def all_sets():
    """Every dataset version once, by name."""
    found = {}
    for version in VERSIONS:
        for dataset in [*source_sets(version), training_set(version), evaluation_set(version.model)]:
            found.setdefault(dataset.name, dataset)
    return [found[name] for name in sorted(found)]


def write(repo):
    _records(repo)
    _quality(repo)
    _bias(repo)
    _lineage(repo)
    _agreements(repo)
    _audits(repo)


def _records(repo):
    for dataset in all_sets():
        path = f"evidence/data/datasets/{dataset.id}-{dataset.version}.yaml"
        repo.yaml(path, dataset.record())
        collected = max(later(dataset.used, hours=12), at(date(2026, 1, 8), 15, 20))
        repo.manifest(path, "catalog.acme.example", collected, "p-016", query=f"datasets/{dataset.id}/versions/{dataset.version}")


CHECKS = [("row_count_in_range", None, "error"), ("not_null", "id", "error"), ("unique", "id", "error"), ("fresh_within_days", "exported_at", "error"),
          ("values_in_set", "language", "error"), ("mean_in_range", "value", "warning"), ("no_future_dates", "created_at", "error"),
          ("matches_pattern", "account_id", "error"), ("share_of_nulls_below", "country", "warning"), ("label_share_in_range", "label", "error"),
          ("no_duplicate_rows", None, "error")]


def _quality(repo):
    """A validation of each batch before training; each names the one before of the same suite."""
    runs = []
    for version in VERSIONS:
        if version.in_window:
            batches = [(d, later(version.quality_at, hours=-5), SOURCES[d.id].suite_checks) for d in source_sets(version)]
            batches.append((training_set(version), version.quality_at, 10))
            runs += [(when, d, checks, None) for d, when, checks in batches]
            if version.id == "ticket-router 2.3.1":
                runs.append((later(version.quality_at, hours=-2), training_set(version), 10, "label_share_in_range"))
    last = {}
    for when, dataset, count, failing in sorted(runs, key=lambda r: (r[0], r[1].name)):
        fewer = dataset.id == "support-tickets" and when.date() >= date(2026, 5, 19)
        result = _result(when, dataset, count - fewer, failing, last.get(dataset.id))
        if fewer and last[dataset.id]["evaluated"] == count:
            result["change_id"] = repo.change_ids["checks"]
        last[dataset.id] = result
        path = f"evidence/data/quality/{result['result_id']}.json"
        repo.json(path, result)
        repo.manifest(path, "quality.acme.example", later(when, minutes=15), "svc-quality", query=f"validations/{result['result_id']}")


def _result(when, dataset, count, failing, previous):
    rng = random.Random(f"quality {dataset.name} {stamp(when)}")
    checks = []
    for name, column, severity in CHECKS[:count]:
        good = name != failing
        seen = f"0 of {dataset.rows}" if good else "en 0.11, wanted 0.18 to 0.25"
        checks.append({"name": name} | ({"column": column} if column else {}) | {"success": good, "observed": seen, "severity": severity})
    suffix = "-1" if failing else ""
    result = {"result_id": f"DQ-{dataset.id}-{dataset.version}{suffix}", "suite": f"{dataset.id}-batch", "dataset_id": dataset.id,
              "dataset_version": dataset.version, "dataset_digest": digest(f"draft {dataset.name}") if failing else dataset.digest,
              "run_at": stamp(when), "success": failing is None, "evaluated": len(checks), "checks": checks}
    if failing:
        result["training_blocked"] = True
    if previous:
        result |= {"previous_result_id": previous["result_id"], "previous_evaluated": previous["evaluated"]}
    return result


def _bias(repo):
    """The analysis of each training set before it was used; the one of May 2026 failed and led to a mitigation."""
    from .models import MINIMUM_N, PARITY, attributes

    for version in VERSIONS:
        if not version.in_window:
            continue
        dataset, rng = training_set(version), random.Random(f"dataset bias {version.id}")
        failed = version.id == "ticket-router 2.3.0"
        english = 0.131 if failed else round(0.02 + rng.random() * 0.05, 3)
        eval_id = f"EV-{version.data_bias_at:%Y-%m-%d}-{dataset.id}-{dataset.version}-bias"
        report = {
            "eval_id": eval_id, "eval_type": "bias", "subject": "dataset", "dataset_id": dataset.id, "dataset_version": dataset.version,
            "dataset_digest": dataset.digest, "run_at": stamp(version.data_bias_at), "evaluator": "svc-eval", "minimum_n": MINIMUM_N,
            "attributes": attributes(version.model),
            "metrics": [
                {"name": "label_rate_difference", "value": english, "direction": "at_most", "threshold": PARITY, "slice": "language=en", "n": rng.randint(6000, 9000)},
                {"name": "label_rate_difference", "value": round(0.01 + rng.random() * 0.02, 3), "direction": "at_most", "threshold": PARITY, "slice": "language=de", "n": rng.randint(30_000, 40_000)}],
            "result": "fail" if failed else "pass",
            "decision": {"outcome": "accepted" if failed else "released", "approved_by": "p-003", "approved_at": stamp(version.data_approved)},
        }
        if failed:
            report["decision"]["reason"] = "Rows are weighted by language in training; the effect on the model is measured before release"
            report |= {"mitigation": "English tickets weighted up by 1.8 in training", "risk_id": "R-003"}
        path = f"evidence/evaluations/{eval_id}.json"
        repo.json(path, report)
        repo.manifest(path, "eval.acme.example", later(version.data_approved, minutes=30), "svc-eval")


def _entry(name, value, whose=None):
    entry = {"namespace": BUCKET, "name": name, "facets": {"version": {
        "_producer": PIPELINES, "_schemaURL": "https://openlineage.io/spec/facets/1-0-1/DatasetVersionDatasetFacet.json",
        "datasetVersion": value}}}
    if whose:
        entry["facets"]["tags"] = {"_producer": PIPELINES, "_schemaURL": "https://openlineage.io/spec/facets/1-0-0/TagsDatasetFacet.json", "source": whose}
    return entry


def _run(seed, job, begun, ended, inputs, outputs, run=None):
    base = {"run": {"runId": run or run_id(seed)}, "job": {"namespace": job[0], "name": job[1]}, "inputs": inputs, "outputs": outputs,
            "producer": PIPELINES, "schemaURL": EVENT_SCHEMA}
    return [(begun, {"eventTime": stamp(begun), "eventType": "START"} | base), (ended, {"eventTime": stamp(ended), "eventType": "COMPLETE"} | base)]


def _lineage(repo):
    events = []
    for version in VERSIONS:
        if not version.in_window:
            continue
        training = training_set(version)
        origins = [_entry(d.name, d.digest, d.parties) for d in source_sets(version)]
        prepared = [_entry(training.name, training.digest, training.parties)]
        events += _run(f"prepare {version.id}", ("preparation", f"prepare-{training.id}"), later(version.prepared_at, minutes=-25), version.prepared_at, origins, prepared)
        events += _run("", ("training", f"train-{version.model.id}"), version.training_started, version.training_done, prepared, [_entry(version.output, version.digest)], run=version.run_id)
    for day in days(START, END):
        if day.weekday() == 6:
            events += _weekly_refresh(day)
    events.sort(key=lambda e: (e[0], e[1]["run"]["runId"], e[1]["eventType"] != "START"))
    for month in MONTHS:
        these = [event for when, event in events if month.first <= when.date() <= month.last]
        path = f"evidence/data/lineage-{month.name}.jsonl"
        repo.jsonl(path, these)
        repo.manifest(path, "lineage.acme.example", month.after(2, 8, 5), "svc-lineage", query=f"events from {month.first} to {month.last}, all namespaces",
                      records=len(these), covers=month.covers())


def _weekly_refresh(day):
    """The Sunday refresh of the features that the models read in production."""
    week = f"{day.isocalendar().year}-W{day.isocalendar().week:02}"
    for offset, (source, mart) in enumerate([("product-usage", "usage-features"), ("crm-accounts", "account-features")]):
        begun = at(day, 4 + offset, 10)
        feed, features = f"warehouse/{source}", f"features/{mart}/{week}"
        yield from _run(f"{mart} {week}", ("features", f"refresh-{mart}"), begun, later(begun, minutes=17 + offset),
                        [_entry(feed, week)], [_entry(features, digest(features))])


def _agreements(repo):
    def clause(value, locator, note=None, **more):
        return {"value": value, "locator": locator, "reviewed_by": "p-008"} | more | ({"note": note} if note else {})

    none = clause("not_applicable", "none", "Published data; nothing is processed for us")
    supplied = [
        ("AG-001", "v-docs", "data licence", "2025-06-12", "2025-07-01", "2027-06-30", "invoice-scans", {
            "data_use_for_training": clause("allowed_for_purpose", "section 3.1", "Models that read business documents"), "output_ownership": clause("present", "section 3.4"),
            "deletion": clause("present", "section 9.2", days=30, certificate=True, trigger="end of the agreement"), "audit_rights": clause("direct", "section 8"),
            "security": clause("present", "annex B"), "breach_notice_hours": clause("present", "annex B.6", hours=48),
            "model_protection": clause("not_applicable", "none", "The supplier sees no model"), "subprocessors": clause("prohibited", "section 6.3")}),
        ("AG-002", "v-register", "terms of use of published data", "2025-08-20", "2025-09-01", None, "company-register", {
            "data_use_for_training": clause("allowed_for_purpose", "article 4", "Any use that names the register"), "output_ownership": none,
            "deletion": clause("present", "article 9", "Corrections must be taken over with the next download"), "audit_rights": none,
            "security": clause("present", "article 7"), "breach_notice_hours": none, "model_protection": none, "subprocessors": none}),
    ]
    for number, party, kind, signed, begins, ends, source, clauses in supplied:
        path = f"evidence/data/agreements/{number}.yaml"
        repo.yaml(path, {"agreement_id": number, "party_id": party, "direction": "data_supplier", "type": kind, "signed_on": signed, "effective_from": begins}
                  | ({"expires_on": ends} if ends else {})
                  | {"signatories": ["p-001", "p-008"], "document_sha256": digest(f"signed {number}"), "terms_reviewed_on": "2026-01-07", "source_ids": [source],
                     "permitted_uses": ["training", "validation", "evaluation"], "clauses": clauses})
        repo.manifest(path, "contracts.acme.example", at(date(2026, 1, 8), 11, 30), "p-008", query=f"agreement {number}")


def _audits(repo):
    conclusions = {
        "2026-H1": "All five sources have a licence and a basis that fit their use. Ticket exports of March held 3 phone numbers in 400 rows that masking had missed.",
        "2026-H2": "All five sources are in order. The masking of phone numbers, corrected in July, missed none in 500 rows; the supplier of invoices delivered more two-column layouts, as agreed.",
    }
    for half in HALVES:
        reviewed = half.after(5, 15)
        first = half.name.endswith("H1")
        inputs = [f"evidence/data/agreements/{a}.yaml" for a in ("AG-001", "AG-002")]
        sampled = {"crm-accounts": 200, "product-usage": 200, "support-tickets": 400 if first else 500, "invoice-scans": 150, "company-register": 100}
        front = {
            "review_id": f"DSA-{half.name}", "review_type": "data_source_audit", "period": half.name, "period_start": half.first.isoformat(),
            "period_end": half.last.isoformat(), "reviewer": "p-007", "reviewed_at": stamp(reviewed),
            "inputs": [{"path": p, "sha256": repo.hashes[p]} for p in inputs], "conclusion": conclusions[half.name],
            "issues": [{"id": "I-1", "text": "Masking missed phone numbers written with slashes", "source_id": "support-tickets"}] if first else [],
            "actions": [{"id": "A-1", "issue_id": "I-1", "owner": "p-015", "due_on": (reviewed.date() + timedelta(days=14)).isoformat(), "status": "closed",
                         "closed_on": (reviewed.date() + timedelta(days=6)).isoformat(), "ticket": "DATA-418"}] if first else [],
            "sources": [{"id": s, "licence_ok": True, "basis_ok": True, "method_ok": not (first and s == "support-tickets"), "sampled_n": n}
                        | ({"note": "3 of 400 rows held a phone number"} if first and s == "support-tickets" else {}) for s, n in sampled.items()],
        }
        path = f"evidence/data/source-audit-{half.name}.md"
        repo.markdown(path, front, f"""# Audit of data sources, {half.name}

## What was looked at

For each source the agreement or notice, the description of the collection, and a random sample of rows drawn by the auditor.

## Result

{conclusions[half.name]}
""")
        repo.manifest(path, "git.acme.example/acme/compliance", later(reviewed, hours=24 * 8), "p-007", covers=half.covers())
