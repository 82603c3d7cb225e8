"""Vendors of the year: the register with assessments and reports read, contracts, settings, keys, performance, audits and the rights in outputs."""

import random
from dataclasses import dataclass, field
from datetime import date, timedelta

from .clock import END, MONTHS, QUARTERS, START, at, at_utc, days, later, stamp, workday
from .emit import digest
from .incidents import HAPPENED

REGISTER = "vendors.acme.example"


@dataclass
class Vendor:
    id: str
    name: str
    service: str
    owner: str
    criticality: str
    onboarded: date
    shared: list = field(default_factory=list)
    data_class: str = "public"
    ai: bool = True
    method: str | None = None
    offboarded: date | None = None


VENDORS = [
    Vendor("v-cloud", "Nordkap Cloud", "Managed cluster with GPU nodes, storage and network in two zones in Frankfurt", "p-004", "high", date(2023, 11, 6),
           ["training data", "models", "requests of customers"], "confidential", method="carve-out"),
    Vendor("v-docs", "Belegwerk", "Supplies labelled invoices each quarter", "p-006", "medium", date(2025, 7, 1), ai=False),
    Vendor("v-label", "Tagwerk", "Labelling of masked ticket texts by trained annotators", "p-006", "low", date(2024, 9, 2), ["masked ticket texts"], "internal",
           offboarded=date(2026, 5, 29)),
    Vendor("v-llm", "Lexa", "Language model behind the ticket summaries", "p-010", "high", date(2025, 3, 10), ["prompts with ticket texts"], "confidential", method="carve-out"),
    Vendor("v-translate", "Parlando", "Machine translation of help pages and release notes", "p-023", "low", date(2026, 4, 20), ["texts that are about to be published"]),
]
BY_ID = {vendor.id: vendor for vendor in VENDORS}


@dataclass
class Assessment:
    """One assessment; its types share the report where one person looked at both."""

    vendor: str
    day: date
    assessor: str
    types: list
    method: str
    conclusion: str
    decision: str = "approved"
    findings: list = field(default_factory=list)

    @property
    def id(self):
        return f"VA-{self.day:%Y-%m}-{self.vendor[2:]}-{self.types[0].split('_')[0]}"

    @property
    def path(self):
        return f"evidence/vendors/assessments/{self.id}.md"

    @property
    def in_evidence(self):
        return BY_ID[self.vendor].ai and self.day + timedelta(days=364) >= START


SECURITY, HANDLING = ["security"], ["data_handling"]
ASSESSMENTS = [
    Assessment("v-cloud", date(2023, 10, 18), "p-005", SECURITY + HANDLING, "report read, questionnaire and two calls", "Fit for confidential data in the Frankfurt region"),
    Assessment("v-cloud", date(2024, 9, 24), "p-005", SECURITY + HANDLING, "report read and questionnaire", "No change that would concern us"),
    Assessment("v-cloud", date(2025, 9, 9), "p-005", SECURITY, "report read, configuration of our account compared with their guide",
               "Encryption, separation of tenants and patching are in order; our own account followed the guide but for two storage rules, corrected the same day"),
    Assessment("v-cloud", date(2025, 9, 11), "p-008", HANDLING, "addendum, list of subprocessors and region settings read", "Data stays in the region; snapshots go after 30 days"),
    Assessment("v-cloud", date(2026, 8, 27), "p-005", SECURITY, "report read, call with their security officer after the node failure of March",
               "The failure of March came from firmware that is replaced by now; nodes are drained before a change of firmware since May",
               findings=[{"id": "F-1", "text": "Notice of planned firmware changes reaches only the owner of the account", "severity": "low", "owner": "p-018", "due_on": "2026-10-30",
                          "status": "closed", "closed_on": "2026-09-22"}]),
    Assessment("v-cloud", date(2026, 8, 28), "p-008", HANDLING, "addendum, list of subprocessors and region settings read", "Two subprocessors were replaced inside the region; terms are as before"),
    Assessment("v-label", date(2024, 8, 13), "p-005", SECURITY + HANDLING, "questionnaire and visit", "Annotators work in one room on machines without storage"),
    Assessment("v-label", date(2025, 7, 29), "p-005", SECURITY + HANDLING, "questionnaire, sample of 40 exports compared with the masking rules",
               "Exports were masked as agreed; the room and the machines are as in the year before"),
    Assessment("v-llm", date(2025, 2, 25), "p-021", SECURITY, "report read, questionnaire, test of the interface",
               "Keys can be limited to one model and one network; logging of prompts can be switched off"),
    Assessment("v-llm", date(2025, 2, 27), "p-008", HANDLING, "terms, addendum and settings of our tenant read", "The addendum forbids training and, with zero retention, keeps nothing"),
    Assessment("v-llm", date(2026, 2, 11), "p-021", SECURITY, "report read, call with their support lead, test of the interface",
               "As in the year before, but for the sign-in of their support staff, which lacks a second factor in one of their tools", "approved_with_conditions",
               [{"id": "F-1", "text": "Support staff of the provider sign in to one tool without a second factor", "severity": "high", "owner": "p-010", "due_on": "2026-04-30",
                 "status": "closed", "closed_on": "2026-04-16"}]),
    Assessment("v-llm", date(2026, 2, 12), "p-008", HANDLING, "terms, addendum and settings of our tenant read", "Terms and settings are as in the year before; one subprocessor for logging is new and gets no prompts"),
    Assessment("v-translate", date(2026, 3, 26), "p-005", SECURITY + HANDLING, "questionnaire and terms read", "Small company without an audit report; fit for texts that are published anyway, and for nothing else"),
    Assessment("v-docs", date(2025, 6, 5), "p-005", SECURITY, "questionnaire and test delivery", "Deliveries are signed; the delivery note lists each file with its digest"),
    Assessment("v-docs", date(2026, 5, 21), "p-005", SECURITY, "questionnaire and comparison of four deliveries with their notes", "All four deliveries agree with their notes"),
]
# vendor: trains, days kept, regions, subprocessors, people may read, documents, settings
ANSWERS = {
    "v-cloud": (30, ["eu-central-1"], ["Nordkap Network", "Helios Backup"], False, "Data processing addendum 5"),
    "v-label": (60, ["Leipzig"], [], True, "Annex 2 of the service agreement"),
    "v-llm": (0, ["eu-central-1"], ["Nordkap Cloud"], False, "Data processing addendum 4.1"),
    "v-translate": (30, ["Vienna"], [], True, "Terms of use of March 2026"),
}
# vendor, first and last day covered, exceptions and what they mean, issued, read, bridge letter
REPORTS = [
    ("v-cloud", date(2024, 10, 1), date(2025, 9, 30), None, date(2025, 11, 12), date(2025, 11, 25), date(2025, 12, 31)),
    ("v-cloud", date(2025, 4, 1), date(2026, 3, 31), None, date(2026, 5, 13), date(2026, 5, 21), date(2026, 6, 30)),
    ("v-cloud", date(2025, 10, 1), date(2026, 9, 30), ("CC7.2: one of 40 alerts was acknowledged after six hours", "The alert concerned a region that we do not use."),
     date(2026, 11, 11), date(2026, 11, 24), date(2026, 12, 31)),
    ("v-llm", date(2024, 10, 1), date(2025, 9, 30), None, date(2025, 11, 20), date(2025, 12, 4), date(2025, 12, 31)),
    ("v-llm", date(2025, 4, 1), date(2026, 3, 31), ("CC6.1: one support tool without a second factor until 14 April", "Known since our own assessment of February and closed on 16 April; support staff cannot read prompts."),
     date(2026, 5, 20), date(2026, 6, 3), date(2026, 6, 30)),
    ("v-llm", date(2025, 10, 1), date(2026, 9, 30), None, date(2026, 11, 18), date(2026, 12, 2), date(2026, 12, 31)),
]


def terminations():
    """Data that went because an agreement ended, for the log of disposals."""
    certificate = {"certificate_ref": "contracts/v-label/deletion-2026-06-12.pdf", "certificate_sha256": digest("certificate v-label")}
    ended = [("AG-005", at(date(2026, 5, 31), 23, 59), at(date(2026, 6, 12), 15, 40), 18_240, "deleted by the supplier, 60 days of backups included", certificate, "DATA-455"),
             ("AG-013", at(date(2026, 8, 31), 23, 59), at(date(2026, 9, 17), 10, 5), 9_312, "tenant deleted, then its keys destroyed", {}, "DATA-502")]
    return [(done, {"object_type": "agreement", "object_id": number, "trigger": "termination", "trigger_at": stamp(end), "due_at": stamp(later(end, hours=24 * 30)),
                    "item_count": count, "method": method, "copies": ["backup"], "ticket": ticket} | more)
            for number, end, done, count, method, more, ticket in ended]


def deviations():
    """The one agreement without a right to audit."""
    return [{
        "id": "EX-2026-003", "control": "DSA-04", "check": "audit-rights-are-agreed", "record": "AG-006", "path": "evidence/data/agreements/AG-006.yaml",
        "occurred_on": "2026-04-15", "found_on": "2026-04-09", "found_by": "p-008",
        "cause": "Parlando has four employees and grants no customer a right to audit; it has no audit report to offer in its place.",
        "extent": "One of four agreements with AI vendors. The other three give a direct right or a report, as their sheets show.",
        "compensating_control": "Only texts that are about to be published are sent; the connection has no access to tickets or accounts, which the security engineer checked on 21 April 2026 and again on 13 October 2026.",
        "response": "Parlando is in talks about an audit report for 2027; without one the service is replaced when the terms are reviewed next.",
        "owner": "p-023", "approver": "p-002", "approved_on": "2026-04-14", "expires_on": "2027-06-30"}]


def write(repo):
    _agreements(repo)
    _assessments(repo)
    _register(repo)
    _settings(repo)
    _keys(repo)
    _performance(repo)
    _audits(repo)
    _output_rights(repo)


def _clause(value, locator, note=None, **more):
    return {"value": value, "locator": locator, "reviewed_by": "p-008"} | more | ({"note": note} if note else {})


def _agreements(repo):
    def sheet(training, audit, hours, *, days=30, certificate=True, sections="4 5 9.3 8 annex-B annex-B.6 5.4 annex-C".split(), outputs="Outputs belong to whoever sent the input"):
        use, owner, deletion, rights, security, breach, models, others = (s.replace("annex-", "annex ") if s.startswith("annex") else f"section {s}" for s in sections)
        return {"data_use_for_training": training | {"locator": use}, "output_ownership": _clause("present", owner, outputs),
                "deletion": _clause("present", deletion, days=days, certificate=certificate, trigger="end of the agreement"), "audit_rights": _clause(audit, rights),
                "security": _clause("present", security), "breach_notice_hours": _clause("present", breach, hours=hours), "model_protection": _clause("present", models),
                "subprocessors": _clause("present", others)}

    never = _clause("prohibited", "", "No use beyond the service")
    improve = _clause("allowed_for_purpose", "", "Improvement of the service that the customer uses")
    asked = _clause("opt_in", "", "Only after the customer has opted in")
    customers = "7 6 11 12 annex-1 annex-1.4 6.3 annex-2".split()
    signed = [
        ("AG-003", "v-cloud", "vendor", "master agreement and data processing addendum", "2023-10-27", "2023-11-01", None, "2026-01-07", sheet(never, "report_in_lieu", 48)),
        ("AG-004", "v-llm", "vendor", "enterprise terms and data processing addendum", "2025-03-03", "2025-03-10", None, "2026-01-07",
         sheet(never, "report_in_lieu", 72, sections="3.2 3.4 11.5 10 annex-2 annex-2.7 3.6 annex-3".split())),
        ("AG-005", "v-label", "vendor", "service agreement", "2024-08-20", "2024-09-01", "2026-05-31", "2026-01-07",
         sheet(never, "direct", 24, sections="6 7 12 10.2 annex-2 annex-2.5 7.3 10.1".split(), outputs="Labels belong to Acme")),
        ("AG-006", "v-translate", "vendor", "terms of use with amendment", "2026-04-09", "2026-04-15", None, "2026-04-09",
         sheet(never, "none", 72, certificate=False, sections="8 9 14 16 11 11.3 9.2 12".split())),
        ("AG-010", "t-alder", "customer", "master agreement", "2023-04-18", "2023-05-01", None, "2026-01-07", sheet(improve, "report_in_lieu", 24, certificate=False, sections=customers)),
        ("AG-011", "t-birch", "customer", "master agreement", "2024-01-22", "2024-02-01", None, "2026-01-07",
         sheet(asked | {"opted_in_on": "2025-09-15"}, "report_in_lieu", 24, certificate=False, sections=customers)),
        ("AG-012", "t-cedar", "customer", "master agreement with amendment on training", "2024-06-11", "2024-07-01", None, "2026-01-07",
         sheet(_clause("prohibited", "", "Amendment 1: no training on our data"), "direct", 24, sections=customers)),
        ("AG-013", "t-dogwood", "customer", "master agreement", "2023-10-16", "2023-11-01", "2026-08-31", "2026-01-07",
         sheet(improve, "report_in_lieu", 24, certificate=False, sections=customers)),
        ("AG-020", "standard", "customer", "standard terms for customers, version 2026-01", "2025-12-11", "2026-01-01", None, "2026-01-07",
         sheet(asked, "report_in_lieu", 24, certificate=False, sections=customers)),
    ]
    for number, party, direction, kind, day, begins, ends, read, clauses in signed:
        path = f"evidence/data/agreements/{number}.yaml"
        repo.yaml(path, {"agreement_id": number, "party_id": party, "direction": direction, "type": kind} | ({"template": True} if party == "standard" else {})
                  | {"signed_on": day, "effective_from": begins} | ({"expires_on": ends} if ends else {})
                  | {"signatories": ["p-001", "p-008"], "document_sha256": digest(f"signed {number}"), "terms_reviewed_on": read, "clauses": clauses})
        collected = at(date(2026, 1, 8), 11, 40) if read < "2026-02" else at(date(2026, 4, 16), 10, 15)
        repo.manifest(path, "contracts.acme.example", collected, "p-008", query=f"agreement {number}")


def _assessments(repo):
    """The report of each assessment that counts in the window."""
    agreement = {"v-cloud": "AG-003", "v-llm": "AG-004", "v-label": "AG-005", "v-translate": "AG-006"}
    for one in ASSESSMENTS:
        if not one.in_evidence:
            continue
        vendor, terms = BY_ID[one.vendor], f"evidence/data/agreements/{agreement[one.vendor]}.yaml"
        front = {
            "review_id": one.id, "review_type": "vendor_assessment", "vendor_id": one.vendor, "period": str(one.day.year), "period_start": f"{one.day.year}-01-01",
            "period_end": (one.day - timedelta(days=1)).isoformat(), "reviewer": one.assessor, "reviewed_at": stamp(at(one.day, 16, 30)),
            "inputs": [{"path": terms, "sha256": repo.hashes[terms]}], "conclusion": one.conclusion,
            "issues": [{"id": f["id"], "text": f["text"]} for f in one.findings],
            "actions": [{"id": f"A-{n}", "issue_id": f["id"], "owner": f["owner"], "due_on": f["due_on"], "status": "open"} for n, f in enumerate(one.findings, 1)]}
        asked = {"security": "security", "data_handling": "the handling of data"}
        found = "\n".join(f"- {f['id']} ({f['severity']}): {f['text']}." for f in one.findings) or "None."
        repo.markdown(one.path, front, f"""# {vendor.name}: assessment of {' and '.join(asked[t] for t in one.types)}

## What it does for us

{vendor.service}. It receives {', '.join(vendor.shared)}.

## How it was looked at

{one.method[0].upper() + one.method[1:]}.

## Conclusion

{one.conclusion}.

## Findings

{found}
""")
        repo.manifest(one.path, "git.acme.example/acme/compliance", max(at(one.day, 17, 30), at(date(2026, 1, 8), 12, 5)), "p-007")


def _assessed(repo, vendor, until):
    """The assessments of a vendor as the register shows them on a day."""
    for one in (a for a in ASSESSMENTS if a.vendor == vendor.id and a.day <= until):
        for number, kind in enumerate(one.types):
            findings = []
            for finding in one.findings:
                closed = finding["closed_on"] <= until.isoformat()
                findings.append(finding if closed else {k: v for k, v in finding.items() if k != "closed_on"} | {"status": "open"})
            yield {
                "assessment_id": one.id if number == 0 else one.id.replace(one.types[0].split("_")[0], kind.split("_")[0]), "type": kind, "performed_on": one.day.isoformat(),
                "assessor": one.assessor, "method": one.method, "report_sha256": repo.hashes.get(one.path) or digest(f"report {one.id}"), "findings": findings,
                "decision": one.decision, "approver": "p-002", "next_due": (one.day + timedelta(days=364)).isoformat()} | _answers(one, kind)


def _answers(one, kind):
    if kind != "data_handling":
        return {}
    kept, regions, others, people, document = ANSWERS[one.vendor]
    read = (one.day - timedelta(days=12)).isoformat()
    answers = {name: {"value": value, "source": source, "source_on": read} for name, value, source in [
        ("trains_on_customer_data", False, document), ("retention_days", kept, document), ("regions", regions, "Description of the service"),
        ("subprocessors", others, "List of subprocessors"), ("human_review", people, document)]}
    return {"answers": answers | ({"opt_out_evidence": "tenant/acme"} if one.vendor == "v-llm" else {})}


def _assured(vendor, until):
    for party, first, last, exception, issued, read, bridge in REPORTS:
        if party == vendor.id and read <= until:
            name = f"{vendor.name.lower().replace(' ', '-')}-{last:%Y-%m}"
            yield {
                "report_id": name, "type": "soc2_type2", "period_start": first.isoformat(), "period_end": last.isoformat(), "opinion": "unqualified",
                "exceptions": [exception[0]] if exception else []} | ({"evaluation": exception[1]} if exception else {}) | {
                "cuecs_reviewed": True, "report_sha256": digest(f"report {name}"), "issued_on": issued.isoformat(), "reviewed_by": "p-005", "reviewed_at": stamp(at(read, 14, 20)),
                "bridge_letter_until": bridge.isoformat(), "bridge_letter_sha256": digest(f"letter {name}"), "covers_until": bridge.isoformat()}


def _register(repo):
    previous = None
    for quarter in QUARTERS:
        exported, rows = quarter.after(2, 9, 50), []
        for vendor in VENDORS:
            if vendor.onboarded > quarter.last:
                continue
            left = vendor.offboarded if vendor.offboarded and vendor.offboarded <= quarter.last else None
            rows.append(
                {"vendor_id": vendor.id, "name": vendor.name, "service": vendor.service, "ai_service": vendor.ai, "data_shared": vendor.shared, "data_class": vendor.data_class,
                 "criticality": vendor.criticality, "subservice_org": vendor.method is not None} | ({"subservice_method": vendor.method} if vendor.method else {})
                | {"owner": vendor.owner, "onboarded_on": vendor.onboarded.isoformat()} | ({"offboarded_on": left.isoformat()} if left else {})
                | {"accounts": [], "assessments": list(_assessed(repo, vendor, quarter.last)), "assurance": list(_assured(vendor, quarter.last))})
        path = f"evidence/vendors/register-{quarter.name}.yaml"
        repo.yaml(path, {"register": REGISTER, "exported_at": stamp(exported), "vendors": rows})
        repo.manifest(path, REGISTER, exported, "p-007", query="all vendors with services for the product, former ones included", records=len(rows),
                      covers={"from": START.isoformat(), "to": quarter.last.isoformat()}, supersedes=previous,
                      second_source={"name": "creditors with a contract of the kind data or software", "records": len(rows)})
        previous = path


def _settings(repo):
    for quarter in QUARTERS:
        captured = at(workday(quarter.last - timedelta(days=21)), 9, 5)
        path = f"evidence/vendors/tenant-v-llm-{captured.date()}.json"
        repo.json(path, {
            "system": "lexa-console", "resource_type": "tenant", "resource_id": "tenant/acme", "environment": "production", "captured_at": stamp(captured), "method": "api",
            "command": "GET /v1/organization/settings", "account": "acme", "region": "eu-central-1",
            "settings": {"training_opt_out": True, "zero_retention": True, "retention_days": 0}})
        repo.manifest(path, "console.lexa.example", later(captured, minutes=4), "svc-collector", query="GET /v1/organization/settings")


# key, vendor, role, day it was made, day it was withdrawn
KEYS = [("key-cloud-04", "v-cloud", "cluster-operator", date(2024, 3, 4), date(2026, 7, 6)), ("key-cloud-05", "v-cloud", "cluster-operator", date(2026, 7, 6), None),
        ("key-docs-01", "v-docs", "delivery", date(2025, 7, 1), None), ("key-label-02", "v-label", "upload", date(2024, 9, 2), date(2026, 5, 29)),
        ("key-llm-03", "v-llm", "summary", date(2025, 3, 10), date(2026, 3, 9)), ("key-llm-04", "v-llm", "summary", date(2026, 3, 9), None),
        ("key-translate-01", "v-translate", "translation", date(2026, 4, 20), None)]


def _keys(repo):
    columns = ["listing_id", "system", "as_of", "account_id", "principal", "account_type", "roles", "privileged", "mfa", "shared", "external", "status", "created_at"]
    for quarter in QUARTERS:
        rows = [{"listing_id": f"keys-{quarter.name}", "system": "vault", "as_of": quarter.last.isoformat(), "account_id": key, "principal": vendor, "account_type": "service",
                 "roles": [role], "privileged": vendor == "v-cloud", "shared": False, "external": vendor in ("v-docs", "v-label"),
                 "status": "disabled" if ends and ends <= quarter.last else "active", "created_at": stamp(at(made, 11, 20))}
                for key, vendor, role, made, ends in KEYS if made <= quarter.last]
        path = f"evidence/vendors/api-keys-{quarter.name}.csv"
        repo.csv(path, columns, rows)
        repo.manifest(path, "vault.acme.example", quarter.after(1, 7, 20), "svc-collector", query="all keys of interfaces of and at vendors, withdrawn ones included",
                      records=len(rows), covers=quarter.covers())


def _served(vendor, day):
    """The version of the service that answered."""
    if vendor == "v-cloud":
        return "platform-7"
    return "2025-11" if day < date(2026, 5, 19) else "2026-05" if day < date(2026, 10, 28) else "2026-10"


def _breaches():
    """Points beyond their level: (vendor, metric, day) -> value and incident."""
    def incident(title):
        return next(f"INC-2026-{number:03}" for number, row in enumerate(HAPPENED, 1) if title in row)

    return {("v-cloud", "availability", date(2026, 3, 5)): (0.9904, incident("Scores late by four hours after a node failure")),
            ("v-llm", "availability", date(2026, 3, 25)): (0.9722, incident("Summaries unavailable for 40 minutes")),
            ("v-llm", "answer_language_match", date(2026, 10, 30)): (0.941, incident("Summaries in the wrong language"))}


LEVELS = {"v-cloud": [("availability", 0.9991, 0.0004, "ratio", 0.995, "at_least"), ("latency_p95_ms", 42, 4, "ms", 150, "at_most"), ("error_rate", 0.0006, 0.0002, "ratio", 0.005, "at_most")],
          "v-llm": [("availability", 0.9989, 0.0005, "ratio", 0.995, "at_least"), ("latency_p95_ms", 640, 45, "ms", 1500, "at_most"), ("error_rate", 0.0021, 0.0006, "ratio", 0.02, "at_most"),
                    ("answer_language_match", 0.995, 0.0012, "ratio", 0.98, "at_least")]}


def _points(day, beyond):
    for vendor, metrics in LEVELS.items():
        for metric, middle, spread, unit, level, direction in metrics:
            rng = random.Random(f"vendor {vendor} {metric} {day}")
            value = min(1.0, rng.gauss(middle, spread)) if direction == "at_least" else max(0.0, rng.gauss(middle, spread))
            row = {"metric_id": metric, "subject_id": vendor, "subject_version": _served(vendor, day - timedelta(days=1)), "environment": "production", "ts": stamp(at_utc(day, 4)),
                   "value": round(value, 1 if unit == "ms" else 4), "unit": unit, "threshold": level, "direction": direction, "estimate": False}
            if (vendor, metric, day) in beyond:
                row["value"], row["incident_id"] = beyond[vendor, metric, day]
            yield row


REVIEWED = {
    "2026-Q1": ("Both vendors kept their levels but for one day each. The node failure at Nordkap was answered within minutes and credited; Lexa gave no reason for its outage of 40 minutes, which we asked for.",
                {"v-cloud": "Credit of 2 % for March claimed and granted", "v-llm": "Reason for the outage was asked for and given in April"}, []),
    "2026-Q2": ("No breach. Lexa announced version 2026-05 on 28 April; our set of 600 summaries showed no difference that users would notice, and latency fell by a tenth.",
                {"v-cloud": "Nodes are drained before a change of firmware since May", "v-llm": "2026-05 announced three weeks ahead, tested on 11 May"}, []),
    "2026-Q3": ("No breach, and the quietest quarter so far at Nordkap. The second provider for summaries was tried on a tenth of the tickets in September.",
                {"v-cloud": "Latency between the zones rose by a millisecond without effect", "v-llm": "No change of version"}, []),
    "2026-Q4": ("Version 2026-10 of Lexa came a day earlier than announced, before our test, and answered some English tickets in German on 29 October. The version is pinned since 2 November.",
                {"v-cloud": "Change freeze kept from 18 December", "v-llm": "2026-10 announced for 29 October and live from the 28th"},
                [("I-1", "The provider changed the version before the announced day", "p-010", 14, 3, "ML-318")]),
}


def _performance(repo):
    beyond = _breaches()
    for month in MONTHS:
        rows = [row for day in days(month.first, month.last) for row in _points(day, beyond)]
        columns = ["metric_id", "subject_id", "subject_version", "environment", "ts", "value", "unit", "threshold", "direction", "estimate", "incident_id"]
        path = f"evidence/vendors/metrics-{month.name}.csv"
        repo.csv(path, columns, rows)
        repo.manifest(path, "probes.acme.example", month.after(1, 7, 40), "svc-metrics", query=f"daily roll-up at 04:00 UTC, {month.first} to {month.last}, group vendors",
                      records=len(rows), covers=month.covers())
    for index, quarter in enumerate(QUARTERS):
        inputs = [f"evidence/vendors/metrics-{m.name}.csv" for m in MONTHS[3 * index:3 * index + 3]]
        conclusion, notes, issues = REVIEWED[quarter.name]
        reviewed = quarter.after(6, 13, 30)
        inside = list(days(quarter.first, quarter.last))
        listed = []
        for vendor in LEVELS:
            count = sum(v == vendor and quarter.first <= day <= quarter.last for v, _, day in beyond)
            listed.append({"vendor_id": vendor, "versions": sorted({_served(vendor, day - timedelta(days=1)) for day in inside}), "breaches": count, "sla_met": count == 0, "note": notes[vendor]})
        front = {
            "review_id": f"VP-{quarter.name}", "review_type": "vendor_sla", "period": quarter.name, "period_start": quarter.first.isoformat(), "period_end": quarter.last.isoformat(),
            "reviewer": "p-005", "reviewed_at": stamp(reviewed), "inputs": [{"path": p, "sha256": repo.hashes[p]} for p in inputs], "conclusion": conclusion,
            "issues": [{"id": name, "text": text} for name, text, *_ in issues],
            "actions": [{"id": f"A-{n}", "issue_id": name, "owner": owner, "due_on": (reviewed.date() + timedelta(days=due)).isoformat(), "status": "open", "ticket": ticket}
                        for n, (name, _, owner, due, _, ticket) in enumerate(issues, 1)], "vendors": listed}
        table = "\n".join(f"| {BY_ID[v['vendor_id']].name} | {', '.join(v['versions'])} | {v['breaches']} | {v['note']} |" for v in listed)
        path = f"evidence/vendors/performance-{quarter.name}.md"
        repo.markdown(path, front, f"# Critical vendors, {quarter.name}\n\n## Levels\n\n| Vendor | Versions | Breaches | Remark |\n|---|---|---|---|\n{table}\n\n## Conclusion\n\n{conclusion}\n")
        repo.manifest(path, "git.acme.example/acme/compliance", later(reviewed, hours=20), "p-007")


def _audits(repo):
    """What was made of the right to audit in the year."""
    audits = [
        ("v-label", date(2026, 3, 5), "p-005", "AG-005", "The room, the machines and 60 exports were looked at on site; all exports were masked, and nobody had kept a copy. The agreement was not to be renewed in any case.", None),
        ("v-cloud", date(2026, 12, 3), "p-005", "AG-003", "The report covers our region and services. Its one exception, a late acknowledgement, lies in another region; of the 23 controls expected of us, 22 were in place.",
         ("Two engineers could still open support cases without a second person", "p-018", "2026-12-18", "2026-12-15", "OPS-871")),
        ("v-llm", date(2026, 12, 10), "p-005", "AG-004", "The report covers the interface and the region we use. The missing second factor of the year before is closed; the eleven controls expected of us are in place.", None),
    ]
    for vendor, day, reviewer, terms, conclusion, issue in audits:
        path, sheet = f"evidence/vendors/audit-{vendor}-2026.md", f"evidence/data/agreements/{terms}.yaml"
        newest = list(_assured(BY_ID[vendor], day))[-1:]
        front = {"review_id": f"VAU-2026-{vendor[2:]}", "review_type": "vendor_audit", "vendor_id": vendor} | ({"report_sha256": newest[0]["report_sha256"]} if newest else {}) | {
            "period": "2026", "period_start": "2026-01-01", "period_end": (day - timedelta(days=1)).isoformat(), "reviewer": reviewer, "reviewed_at": stamp(at(day, 15, 10)),
            "inputs": [{"path": sheet, "sha256": repo.hashes[sheet]}], "conclusion": conclusion, "issues": [{"id": "I-1", "text": issue[0]}] if issue else [],
            "actions": [{"id": "A-1", "issue_id": "I-1", "owner": issue[1], "due_on": issue[2], "status": "closed", "closed_on": issue[3], "ticket": issue[4]}] if issue else []}
        looked = f"The report `{newest[0]['report_id']}` and its list of controls expected of us." if newest else "A visit of one day, as section 10.2 of the agreement allows."
        repo.markdown(path, front, f"# {BY_ID[vendor].name}: use of the right to audit, 2026\n\n## What was looked at\n\n{looked}\n\n## Result\n\n{conclusion}\n")
        repo.manifest(path, "git.acme.example/acme/compliance", at(date(2026, 3, 6) if vendor == "v-label" else date(2026, 12, 16), 10, 40), "p-007")


def _output_rights(repo):
    conclusion = ("Nordkap and Parlando claim no rights in what runs on or comes out of their services; Lexa assigns outputs to whoever sent the input. "
                  "Section 6 of our standard terms passes outputs on to the customer and promises no exclusivity, which no vendor grants.")
    inputs = [f"evidence/data/agreements/{number}.yaml" for number in ("AG-003", "AG-004", "AG-006", "AG-020")]
    reviewed = at(date(2026, 12, 8), 11, 15)
    front = {
        "review_id": "OR-2026", "review_type": "output_rights", "period": "2026", "period_start": "2026-01-01", "period_end": "2026-11-30", "reviewer": "p-008",
        "reviewed_at": stamp(reviewed), "inputs": [{"path": p, "sha256": repo.hashes[p]} for p in inputs], "conclusion": conclusion, "issues": [], "actions": [],
        "compared": [{"agreement_id": number, "document_sha256": digest(f"signed {number}"), "direction": direction, "grants_more": False, "note": note} for number, direction, note in [
            ("AG-003", "vendor", "Section 5: no claim on content"), ("AG-004", "vendor", "Section 3.4: outputs are assigned, not exclusive"),
            ("AG-006", "vendor", "Section 9: translations are free of rights of the provider"), ("AG-020", "customer", "Section 6: outputs belong to the customer, not exclusive")]]}
    path = "evidence/vendors/output-rights-2026.md"
    repo.markdown(path, front, f"""# Rights in outputs, 2026

## What was compared

The clauses on outputs of the three agreements with AI vendors in force with section 6 of the standard terms for customers, version 2026-01. Master
agreements with single customers refer to the same section without change.

## Conclusion

{conclusion}
""")
    repo.manifest(path, "git.acme.example/acme/compliance", later(reviewed, hours=3), "p-007")
