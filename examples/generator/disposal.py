"""How long data is kept: the policy with its schedule, the old datasets that ran out in the year, and the log of their disposal."""

import random
from datetime import date

from . import vendors
from .clock import END, MONTHS, START, at, days, later, stamp, workday
from .data import SOURCES, Dataset
from .emit import digest
from .world import MODELS

# sort of data, class, days, basis, method of disposal
SCHEDULE = [
    ("training", "confidential", 730, "Customer agreement, section 9, and assessment LIA-2025-02", "crypto-erase of the version, deletion from the backup within 30 days"),
    ("training", "internal", 1095, "Repetition of a training run within three years", "deletion by the life cycle of the bucket"),
    ("training", "public", 1095, "Terms of the register AG-002", "deletion by the life cycle of the bucket"),
    ("inference", "confidential", 30, "Finding of faults", "deletion by the log store"),
    ("prompts", "confidential", 14, "Answers are explained to customers on request for two weeks", "deletion by the log store"),
    ("outputs", "confidential", 90, "Feedback on proposals comes within a quarter", "deletion by the log store"),
    ("logs", "internal", 400, "A year of evidence for the audit and the weeks until its end", "deletion by the log store"),
    ("models", "internal", 1460, "Decisions must be explained for four years", "deletion of all copies in the registry"),
]
# stores of data that models are asked with: name, sort, class, days
LOG_STORES = [("inference-requests", "inference", "confidential", 30), ("summary-prompts", "prompts", "confidential", 14)]
# versions of 2024 whose two years ended: dataset, day it was made, day it was deleted, rows
EXPIRED = [("crm-accounts", date(2024, 5, 20), date(2026, 5, 27), 58_410), ("churn-training", date(2024, 5, 21), date(2026, 5, 27), 41_236),
           ("support-tickets", date(2024, 6, 17), date(2026, 6, 24), 63_902), ("router-training", date(2024, 6, 18), date(2026, 7, 22), 39_871),
           ("churn-training", date(2024, 9, 3), date(2026, 9, 9), 43_118)]
# requests of customers for deletion: day, dataset and version, rows, ticket
REQUESTS = [(date(2026, 1, 13), "crm-accounts", "2025-09", 2, "PRV-17"), (date(2026, 2, 9), "support-tickets", "2025-11", 38, "PRV-19"),
            (date(2026, 2, 24), "crm-accounts", "2025-09", 1, "PRV-20"), (date(2026, 3, 16), "support-tickets", "2026-02", 11, "PRV-21"),
            (date(2026, 4, 21), "crm-accounts", "2026-02", 3, "PRV-22"), (date(2026, 5, 4), "support-tickets", "2026-02", 7, "PRV-23"),
            (date(2026, 6, 2), "crm-accounts", "2026-02", 1, "PRV-24"), (date(2026, 7, 20), "support-tickets", "2026-02", 112, "PRV-25"),
            (date(2026, 8, 11), "crm-accounts", "2026-02", 2, "PRV-26"), (date(2026, 10, 6), "crm-accounts", "2026-08", 4, "PRV-27"),
            (date(2026, 10, 19), "support-tickets", "2026-02", 19, "PRV-28"), (date(2026, 11, 9), "crm-accounts", "2026-08", 1, "PRV-30"),
            (date(2026, 12, 1), "support-tickets", "2025-11", 64, "PRV-31")]


def deviations():
    """The one disposal that came too late, found in the weekly comparison of the catalogue with the log."""
    late = next(d for d in _disposals()["2026-07"] if d["due_at"] < d["executed_at"])
    return [{
        "id": "EX-2026-004", "control": "DAT-04", "check": "disposed-in-time", "record": late["disposal_id"], "path": "evidence/data/disposals-2026-07.jsonl",
        "occurred_on": "2026-07-18", "found_on": "2026-07-21", "found_by": "p-015",
        "cause": "The deletion of dataset versions was paused on 7 July for the move of the ticket bucket and not started again afterwards; nothing watched whether it ran.",
        "extent": "One dataset version, router-training 2024-06, four days past its last day. All versions whose two years ended between 1 January and 21 July 2026 were compared with the log; no other was late.",
        "compensating_control": "Access to the bucket was limited to the pipeline throughout, and the log of the bucket shows no read of this version after 18 June.",
        "response": "Since 24 July the job reports each run, and the security on-call is paged when it has not run for 36 hours.",
        "owner": "p-006", "approver": "p-002", "approved_on": "2026-07-24", "expires_on": "2027-06-30"}]


def write(repo):
    _policy(repo)
    sets = [_dataset(*row) for row in EXPIRED]
    for dataset in sets:
        path = f"evidence/data/datasets/{dataset.id}-{dataset.version}.yaml"
        repo.yaml(path, dataset.record())
        repo.manifest(path, "catalog.acme.example", at(date(2026, 1, 8), 15, 40), "p-016", query=f"datasets/{dataset.id}/versions/{dataset.version}")
    _log(repo)


def _policy(repo):
    approved, effective = date(2026, 1, 7), date(2026, 1, 12)
    front = {
        "id": "data-retention", "title": "Data retention and disposal policy", "doc_type": "policy", "version": "1.3", "status": "approved", "owner": "p-006",
        "author": "p-008", "approver": "p-002", "approved_on": approved.isoformat(), "effective_from": effective.isoformat(),
        "last_reviewed_on": approved.isoformat(), "review_interval_months": 12, "classification": "internal", "satisfies": ["DAT-04"],
        "revisions": [{"version": "1.2", "approver": "p-002", "approved_on": "2024-12-11", "effective_from": "2025-01-01", "effective_to": "2026-01-11"},
                      {"version": "1.3", "approver": "p-002", "approved_on": approved.isoformat(), "effective_from": effective.isoformat()}],
        "retention_schedule": [dict(zip(("category", "data_class", "days", "basis", "disposal_method"), row)) for row in SCHEDULE]}
    rows = "\n".join(f"| {category} | {data_class} | {days} | {basis} |" for category, data_class, days, basis, _ in SCHEDULE)
    path = "evidence/policies/data-retention.md"
    repo.markdown(path, front, f"""# Data retention and disposal policy

## Scope

Everything that models are trained on, asked with or answer, and the logs of both. Contracts with suppliers and customers may set shorter times; the shorter one holds.

## Schedule

| Sort of data | Class | Days | Basis |
|---|---|---|---|
{rows}

## Disposal

Stores delete by themselves. Versions of datasets are deleted by the retention job within 30 days of their end; somebody of the data team looks afterwards
whether object, backup and catalogue entry are gone. The record of the dataset stays, without its rows.

## Requests and agreements

Customers may ask for deletion at any time; it is done within 30 days. When an agreement ends, its data goes with the time the agreement names.

## Legal hold

The legal counsel may stop a disposal in writing. A hold is entered as an exception, with an end, and reviewed each quarter.
""")
    repo.manifest(path, "git.acme.example/acme/policies", at(date(2026, 1, 8), 9, 40), "p-007")


def _dataset(name, made, deleted, rows):
    created = at(made, 6, 30)
    model = next((m for m in MODELS.values() if m.training_set == name), None)
    origin = SOURCES[model.sources[0]] if model else SOURCES[name]
    version = made.strftime("%Y-%m")
    upstream = [f"data/{source}/{version}" for source in model.sources if source == origin.id] if model else []
    return Dataset(name, version, created, later(created, hours=74), later(created, hours=28), origin, ["training", "validation"], rows, upstream,
                   ("train", "validation") if model else ("all",))


def _disposals():
    """Every disposal of the year by the month it was executed in, numbered."""
    records = []
    for dataset, (_, _, deleted, rows) in zip([_dataset(*row) for row in EXPIRED], EXPIRED):
        ends = later(dataset.created, hours=24 * 730)
        records.append((at(deleted, 2, 10), {
            "object_type": "dataset", "object_id": dataset.id, "object_version": dataset.version, "trigger": "retention", "trigger_at": stamp(ends),
            "due_at": stamp(later(ends, hours=24 * 30)), "item_count": rows, "method": "crypto-erase", "copies": ["backup/training", "cache/notebooks"]}))
    for asked, name, version, rows, ticket in REQUESTS:
        moment = at(asked, 11, 5)
        records.append((at(workday(date.fromordinal(asked.toordinal() + 6)), 10, 20), {
            "object_type": "dataset", "object_id": name, "object_version": version, "trigger": "request", "trigger_at": stamp(moment),
            "due_at": stamp(later(moment, hours=24 * 30)), "item_count": rows, "method": "rows deleted, version written anew", "copies": ["backup/training"], "ticket": ticket}))
    for day in days(START, END):
        if day.weekday() == 6 and day.isocalendar().week % 2 == 0:
            rng, ends = random.Random(f"purge {day}"), at(day, 0, 5)
            records.append((at(day, 2, 40), {
                "object_type": "inference_data", "object_id": "logs/inference-requests", "trigger": "retention", "trigger_at": stamp(ends),
                "due_at": stamp(later(ends, hours=24 * 7)), "item_count": rng.randint(96_000, 128_000), "method": "segments older than 30 days deleted"}))
    records += vendors.terminations()
    records.sort(key=lambda r: (r[0], r[1]["object_id"]))
    by_month = {}
    for month in MONTHS:
        these = []
        for executed, record in records:
            if month.first <= executed.date() <= month.last:
                rng = random.Random(f"disposal {record['object_id']} {record.get('object_version', executed.date())}")
                seen = at(workday(date.fromordinal(executed.toordinal() + rng.randint(1, 3))), rng.randint(9, 15), rng.randint(0, 59))
                name = f"DSP-{month.name}-{len(these) + 1:02}"
                these.append({"disposal_id": name} | record | {
                    "executed_at": stamp(executed), "executed_by": "svc-retention" if record["trigger"] == "retention" else "p-016",
                    "verified_by": "p-015" if len(these) % 2 else "p-006", "verified_at": stamp(seen), "job_log_sha256": digest(f"job log {name}")})
        by_month[month.name] = these
    return by_month


def _log(repo):
    for month in MONTHS:
        these = _disposals()[month.name]
        path = f"evidence/data/disposals-{month.name}.jsonl"
        repo.jsonl(path, these)
        collected = month.after(2, 9, 10)
        nil = None if these else {"statement": "No dataset reached its end in this month, and nobody asked for deletion.", "signed_by": "p-006",
                                  "signed_on": collected.date().isoformat()}
        repo.manifest(path, "retention.acme.example", collected, "svc-collector", query=f"all disposals executed from {month.first} to {month.last}",
                      records=len(these), covers=month.covers(), nil_return=nil, second_source={"name": "keys destroyed and delete jobs, per key service and scheduler", "records": len(these)})
