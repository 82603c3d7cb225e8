"""The model registry, the model cards, the evaluations and the test reports of every version."""

import os
import random
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

from .clock import MONTHS, at, later, stamp, workday
from .data import evaluation_set, training_set
from .emit import digest
from .world import MODELS, VERSIONS

SUITE = Path(__file__).with_name("model_suite")
PARITY, OPPORTUNITY = 0.10, 0.08  # the limits the ethics policy sets
MINIMUM_N = 200


def write(repo):
    _registry(repo)
    _cards(repo)
    _procedure(repo)
    for version in VERSIONS:
        _validation(repo, version)
    _drift_answer(repo)
    _baselines(repo)
    for version in EXPERIMENTS:
        _experiment(repo, next(v for v in VERSIONS if v.id == version))
    for version in VERSIONS:
        if version.in_window:
            _tests(repo, version)
            _evaluations(repo, version)


def _registry(repo):
    """One cumulative export a month, with everything registered by its last evening; each supersedes the one before."""
    previous = None
    for month in MONTHS:
        exported = at(month.last, 23, 30)
        path = f"evidence/models/registry-{month.last}.json"
        known = sorted((v for v in VERSIONS if v.registered_at <= exported), key=lambda v: (v.model.id, v.registered_at))
        repo.json(path, {"registry": "mlflow-prod", "exported_at": stamp(exported), "versions": [_registered(v, exported) for v in known]})
        repo.manifest(
            path, "mlflow.acme.example", month.after(1, 8, 40), "p-011",
            query="model-versions/search without filter, all pages, joined with the deployments of the gateway",
            records=len(known), covers={"from": MONTHS[0].first.isoformat(), "to": month.last.isoformat()}, supersedes=previous)
        previous = path


def _registered(version, exported):
    spans = [(a, b if b and b <= exported else None) for a, b in version.spans if a <= exported]
    deployments = [{"environment": "staging", "endpoint": f"{version.model.id}-staging", "from": stamp(later(version.registered_at, hours=1))}]
    for begin, end in spans:
        deployments.append({"environment": "production", "endpoint": version.model.endpoint, "from": stamp(begin), "digest": version.digest} | ({"to": stamp(end)} if end else {}))
    data = training_set(version)
    live = spans and spans[-1][1] is None
    return {
        "model_id": version.model.id, "version": version.version, "tier": version.model.tier, "digest": version.digest,
        "created_at": stamp(version.registered_at), "created_by": "svc-train", "aliases": ["production"] if live else [],
        "run_id": version.run_id, "training_started_at": stamp(version.training_started), "training_output": version.output,
        "source_uri": f"registry://{version.model.id}/{version.version}", "repository": version.model.repository,
        "commit": version.commit, "config_digest": version.config_digest,
        **_signature(version, exported), "training_data": [{"dataset_id": data.id, "version": data.version, "name": data.name, "digest": data.digest}],
        "deployments": deployments,
    }


def _signature(version, exported):
    """The signature, once it was verified: the test runner does so before it loads the weights."""
    verified = later(version.tested_at, minutes=-2)
    made = {"type": "openssf-model-signing", "identity": "svc-train", "digest": version.digest, "verified_at": stamp(verified)}
    return {"signature": made} if verified <= exported else {}


# model -> what the front matter of a Hugging Face card says of it: library, task, languages, tags
HUB = {
    "churn-risk": ("xgboost", "tabular-classification", None, ["churn", "gradient-boosting", "ranking"]),
    "ticket-router": ("transformers", "text-classification", ["de", "en"], ["support-tickets", "routing"]),
    "doc-extract": ("transformers", "token-classification", ["de", "en", "fr", "it", "nl"], ["invoices", "layout"]),
}


def _hub(version, training, holdout):
    """The part of the front matter that the hub of the company reads."""
    model = version.model
    library, task, languages, tags = HUB[model.id]
    if version.id in ("ticket-router 2.1.0", "ticket-router 2.2.0"):
        library = "scikit-learn"
    value = {"type": model.metric, "name": model.metric, "value": performance(version)}
    return ({"language": languages} if languages else {}) | {
        "license": "other", "license_name": "acme-internal", "library_name": library, "pipeline_tag": task, "tags": tags, "datasets": [f"acme/{training.id}"],
        "model-index": [{"name": f"{model.id}-{version.version}", "results": [{
            "task": {"type": task}, "dataset": {"name": holdout.id, "type": f"acme/{holdout.id}", "revision": holdout.version}, "metrics": [value]}]}]}


def _cards(repo):
    for version in VERSIONS:
        model = version.model
        line = [v for v in VERSIONS if v.model is model and v.day <= version.day]
        path = f"evidence/models/cards/{model.id}-{version.version}.md"
        training, holdout = training_set(version), evaluation_set(model)
        reviewed = version.card_approved.date() if version.in_window else date(2026, 1, 13)
        front = _hub(version, training, holdout) | {"model_id": model.id, "version": version.version, "owner": model.owner} | {
            k: model.texts[k] for k in ("intended_use", "out_of_scope", "architecture", "inputs", "outputs", "decision_logic")}
        if version.id == "ticket-router 2.2.0" or version.id == "ticket-router 2.1.0":
            front["architecture"] = "Bag of words and character n-grams with a linear classifier of 14 classes."
        front |= {
            "training_data": [{"dataset_id": training.id, "version": training.version}],
            "evaluation_data": [{"dataset_id": holdout.id, "version": holdout.version}],
            "metrics": [{"name": model.metric, "value": performance(version)}],
            "limitations": model.texts["limitations"], **_failures(version),
            "explanation_method": model.texts["explanation_method"], "user_notice": model.texts["user_notice"],
            "approved_by": "p-003" if model.owner != "p-003" else "p-002", "approved_at": stamp(version.card_approved),
            "updated_at": stamp(version.card_at), "last_reviewed_on": reviewed.isoformat(),
            "changelog": [{"version": v.version, "on": v.day.isoformat(), "summary": v.summary} for v in line],
        }
        repo.markdown(path, front, _card_body(version))
        collected = version.card_approved if version.in_window else at(reviewed, 16, 5)
        repo.manifest(path, "git.acme.example/acme/model-cards", later(collected, hours=1), "p-014")


# model -> failure modes: id, trigger, effect, mitigation
FAILURES = {
    "churn-risk": [
        ("FM-1", "The usage feed breaks or is late", "Missing usage looks like falling usage, and the risk rises",
         "Scoring stops when the feed is older than a day; drift of the usage features raises an alert"),
        ("FM-2", "Two accounts of a customer are merged", "Usage doubles, and the risk falls", "Merged accounts are scored again from the day of the merger")],
    "ticket-router": [
        ("FM-1", "A product name that is newer than the training data", "The ticket goes to the largest queue", "Queue shares are watched each week; new names go into the next training set"),
        ("FM-2", "A forwarded thread", "The routing follows the quoted text", "Quoted text is cut before the first message is read"),
        ("FM-3", "Training data or an encoder that knows little English", "English tickets go to German queues and wait for hours",
         "A test per language with the floor of the model blocks the release; the daily metric pages the owner on call")],
    "doc-extract": [
        ("FM-1", "A delivery date next to the invoice date", "The delivery date is proposed as invoice date", "A person confirms each booking; dates after the day of receipt stay empty"),
        ("FM-2", "A layout of two columns", "Net and gross amount are swapped", "The lines are added up and compared with the net amount before a proposal")],
}
# incident -> (model, when its card could know of it, failure mode or None, reason where it is none)
CONSIDERED = {
    "INC-2026-001": ("ticket-router", date(2026, 1, 21), None, "Two queue names in the routing table were out of date; the model itself had chosen the right class."),
    "INC-2026-004": ("ticket-router", date(2026, 6, 20), "FM-3", None),
    "INC-2026-007": ("doc-extract", date(2026, 10, 9), "FM-2", None),
    "BIA-2026-001": ("ticket-router", date(2026, 6, 29), "FM-3", None),
    "BIA-2026-002": ("churn-risk", date(2026, 9, 9), None, "No limit was exceeded: the nine accounts shared a price change, not a country, and the score no longer rises when a contract is extended."),
    "EV-2026-06-09-ticket-router-2.2.0-adversarial": ("ticket-router", date(2026, 6, 10), None, "Look-alike letters were seen in three tickets of a year; such a ticket is passed on by hand, and letters are normalised before the encoder from 2.3.1 on."),
}


def _failures(version):
    """The failure modes known when the card was written, and what became of each incident until then."""
    known = {i: c for i, c in CONSIDERED.items() if c[0] == version.model.id and c[1] <= version.card_at.date()}
    modes = []
    for name, trigger, effect, mitigation in FAILURES[version.model.id]:
        sources = [incident for incident, (_, _, mode, _) in known.items() if mode == name]
        if name == "FM-3" and not sources:
            continue  # nobody knew before the incident
        modes.append({"id": name, "trigger": trigger, "effect": effect, "mitigation": mitigation} | ({"sources": sources} if sources else {}))
    answers = [{"source": incident} | ({"failure_mode": mode} if mode else {"reason": reason}) for incident, (_, _, mode, reason) in known.items()]
    return {"failure_modes": modes} | ({"considered": answers} if answers else {})


def _card_body(version):
    texts = version.model.texts
    limits = "\n".join(f"- {t}" for t in texts["limitations"])
    failures = "\n".join(f"- {f['id']}: {f['trigger']}. {f['effect']}. Against it: {f['mitigation'][0].lower() + f['mitigation'][1:]}." for f in _failures(version)["failure_modes"])
    return f"""# {version.model.title} {version.version}

## Purpose

{texts['intended_use']} Not meant for: {texts['out_of_scope'][0].lower() + texts['out_of_scope'][1:]}

## How it decides

{texts['decision_logic']}

## What changed

{version.summary}. {version.business}

## Limits

{limits}

## Known failures

{failures}

## Risk of this version

{version.risk}
"""


def performance(version):
    """The held-out result of a version: a little above the floor, a little better each time."""
    rng = random.Random(f"performance {version.id}")
    return round(version.model.floor + 0.03 + rng.random() * 0.02, 3)


def _tests(repo, version):
    for number, suite in enumerate(version.tests()):
        started = later(version.tested_at, minutes=11 * number)
        path = f"evidence/tests/{version.model.id}-{version.version}/{suite}.xml"
        repo.bytes(path, run_suite(version, suite, started))
        repo.manifest(
            path, "ci.acme.example", later(started, minutes=9), "svc-ci",
            query=f"python -m pytest test_{suite}.py",
            attributes={"suite": suite, "model_id": version.model.id, "version": version.version, "digest": version.digest,
                        "commit": version.commit, "run_at": stamp(started),
                        **({"metric": version.model.metric, "threshold": version.model.floor} if suite == "performance" else {}),
                        "pipeline_url": f"https://ci.acme.example/runs/{version.run_id[:8]}-{suite}"})


def run_suite(version, suite, started):
    """What pytest itself writes for a version; `conftest.py` there fixes its clock and host name."""
    report = Path(os.environ.get("TMPDIR", "/tmp")) / f"acme-suite-{os.getpid()}.xml"
    command = [sys.executable, "-B", "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", "pytest.ini", "--rootdir", ".",
               f"test_{suite}.py", f"--junitxml={report}", "-o", f"junit_suite_name={version.model.id}-{suite}"]
    settings = {"MODEL_ID": version.model.id, "MODEL_VERSION": version.version, "MODEL_FLOOR": str(version.model.floor),
                "MODEL_METRIC": version.model.metric, "SUITE_STARTED": str(int(started.timestamp())), "TZ": "UTC", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "SYSTEMROOT", "PYENV_VERSION", "VIRTUAL_ENV") if name in os.environ}
    done = subprocess.run(command, cwd=SUITE, env=inherited | settings, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{version.id} {suite}: pytest ended with {done.returncode}\n{done.stdout}{done.stderr}")
    content = report.read_bytes()
    report.unlink()
    return content if content.endswith(b"\n") else content + b"\n"


def _evaluations(repo, version):
    for kind in version.tests():
        model, holdout = version.model, evaluation_set(version.model)
        run_at = later(version.evaluated_at, minutes=20 * version.tests().index(kind))
        eval_id = f"EV-{run_at:%Y-%m-%d}-{model.id}-{version.version}-{kind}"
        report = {
            "eval_id": eval_id, "eval_type": kind, "subject": "model", "model_id": model.id, "version": version.version,
            "digest": version.digest, "dataset_id": holdout.id, "dataset_version": holdout.version, "dataset_digest": holdout.digest,
            "run_at": stamp(run_at), "evaluator": "svc-eval", "minimum_n": MINIMUM_N,
        }
        if kind == "bias":
            report["attributes"] = attributes(model)
        if eval_id.endswith("doc-extract-1.0.0-performance"):
            report["baseline"] = True
        report |= {"metrics": METRICS[kind](version), "result": "pass",
                   "decision": {"outcome": "released", "approved_by": "p-003" if model.owner != "p-003" else "p-002",
                                "approved_at": stamp(version.card_approved)}}
        path = f"evidence/evaluations/{eval_id}.json"
        repo.json(path, report)
        repo.manifest(path, "eval.acme.example", later(version.card_approved, minutes=30), "svc-eval")


def attributes(model):
    """What was measured of the attributes the policy names; the models never see age or gender."""
    subject = {"churn-risk": "accounts are companies", "ticket-router": "tickets carry no profile", "doc-extract": "invoices name companies"}[model.id]
    return [{"name": "age_band", "measured": False, "reason": f"Not collected: {subject}"},
            {"name": "gender", "measured": False, "reason": f"Not collected: {subject}"},
            {"name": "language", "measured": True}]


def _performance_metrics(version):
    rng = random.Random(f"metrics {version.id}")
    value = performance(version)
    return [{"name": version.model.metric, "value": value, "direction": "at_least", "threshold": version.model.floor},
            {"name": "latency_p95_ms", "value": 90 + rng.randint(0, 60), "direction": "at_most", "threshold": 250}]


def _bias_metrics(version):
    rng = random.Random(f"bias {version.id}")
    return [
        {"name": "demographic_parity_difference", "value": round(0.02 + rng.random() * 0.05, 3), "direction": "at_most",
         "threshold": PARITY, "slice": "language=en", "n": rng.randint(700, 2400)},
        {"name": "demographic_parity_difference", "value": round(0.01 + rng.random() * 0.04, 3), "direction": "at_most",
         "threshold": PARITY, "slice": "language=de", "n": rng.randint(2500, 6000)},
        {"name": "equal_opportunity_difference", "value": round(0.02 + rng.random() * 0.04, 3), "direction": "at_most",
         "threshold": OPPORTUNITY, "slice": "language=en", "n": rng.randint(700, 2400)},
    ]


def _robustness_metrics(version):
    rng = random.Random(f"robustness {version.id}")
    return [{"name": "rank_correlation_with_5_percent_noise", "value": round(0.93 + rng.random() * 0.05, 3), "direction": "at_least", "threshold": 0.90},
            {"name": "score_shift_without_usage_feed", "value": round(0.05 + rng.random() * 0.05, 3), "direction": "at_most", "threshold": 0.15}]


METRICS = {"performance": _performance_metrics, "bias": _bias_metrics, "robustness": _robustness_metrics}


INTERVAL = 184  # days between validations, as the procedure sets it
ANSWERS = {"ticket-router 2.3.1": ["AL-20260617-1", "AL-20260618-1"]}


def _procedure(repo):
    """The retraining procedure; the alerts it names are those of the alert rules."""
    plans = [{"model_id": m.id, "interval_days": INTERVAL, "triggers": [f"{m.metric} below {m.floor}", "drift_psi above its limit to look", *more]}
             for m, more in [(MODELS["churn-risk"], ["change of the price list"]), (MODELS["ticket-router"], ["new queue"]), (MODELS["doc-extract"], [])]]
    front = {
        "id": "model-retraining", "title": "Retraining and validation procedure", "doc_type": "procedure", "version": "1.3", "status": "approved", "owner": "p-003",
        "author": "p-014", "approver": "p-002", "approved_on": "2026-01-15", "effective_from": "2026-01-19", "last_reviewed_on": "2026-01-15",
        "review_interval_months": 12, "classification": "internal", "satisfies": ["OPS-04"],
        "revisions": [{"version": "1.2", "approver": "p-002", "approved_on": "2025-02-17", "effective_from": "2025-03-03", "effective_to": "2026-01-18"},
                      {"version": "1.3", "approver": "p-002", "approved_on": "2026-01-15", "effective_from": "2026-01-19"}],
        "retraining": plans}
    path = "evidence/policies/model-retraining.md"
    rows = "\n".join(f"| {p['model_id']} | {p['interval_days']} | {'; '.join(p['triggers'])} |" for p in plans)
    repo.markdown(path, front, f"""# Retraining and validation procedure

## When

| Model | Days at most | Triggers before that |
|---|---|---|
{rows}

## How

The candidate and the version in production are evaluated on the same hold-out set. The report gives both values for each metric. Nothing is released on
values of the training data.

## Who decides

The head of AI; for models of the head of AI, the chief technology officer. The pipeline evaluates and never decides. To keep the version is a decision
too and is recorded in the same way.

## After a trigger

The owner validates within two weeks. If the cause lies in the data of a few days only, the version is kept and the next retraining waits for whole months.
""")
    repo.manifest(path, "git.acme.example/acme/policies", at(date(2026, 1, 16), 9, 40), "p-007")


def _decider(model):
    return "p-003" if model.owner != "p-003" else "p-002"


def _validated(version, run_at, champion, **more):
    """A validation report without metrics and decision."""
    holdout = evaluation_set(version.model)
    report = {"eval_id": f"EV-{run_at:%Y-%m-%d}-{version.model.id}-{version.version}-validation", "eval_type": "retrain_validation", "subject": "model",
              "model_id": version.model.id, "version": version.version, "digest": version.digest, "dataset_id": holdout.id, "dataset_version": holdout.version,
              "dataset_digest": holdout.digest, "run_at": stamp(run_at), "evaluator": "svc-eval", "minimum_n": MINIMUM_N}
    if champion:
        report["champion"] = {"version": champion.version, "digest": champion.digest}
    return report | {"interval_days": INTERVAL, "next_validation_due": (run_at.date() + timedelta(days=INTERVAL)).isoformat()} | more


def _serving(model, moment):
    live = [v for v in VERSIONS if v.model is model and any(a <= moment and (b is None or moment < b) for a, b in v.spans)]
    return live[0] if live else None


def _validation(repo, version):
    """Candidate against the version in production, on the day of the other evaluations."""
    model, run_at = version.model, later(version.evaluated_at, minutes=75)
    champion = _serving(model, run_at)
    value, old = performance(version), performance(champion) if champion else None
    metric = {"name": model.metric, "value": value, "direction": "at_least", "threshold": model.floor} | ({"champion_value": old} if champion else {})
    decision = {"outcome": "released", "approved_by": _decider(model), "approved_at": stamp(version.card_approved)}
    if champion is None:
        decision["reason"] = "First version; the work by hand that it replaces was the measure"
    elif value < old:
        decision["reason"] = f"{old - value:.3f} below {champion.version} on the old hold-out set, inside its noise; {version.summary[0].lower() + version.summary[1:]}"
    else:
        decision["reason"] = f"{value - old:.3f} above {champion.version} on the same data"
    answers = {"answers_alerts": ANSWERS[version.id]} if version.id in ANSWERS else {}
    report = _validated(version, run_at, champion, **answers, metrics=[metric], result="pass", decision=decision)
    path = f"evidence/evaluations/{report['eval_id']}.json"
    repo.json(path, report)
    repo.manifest(path, "eval.acme.example", later(version.card_approved, minutes=40), "svc-eval")


def _drift_answer(repo):
    """The drift of October: the version is kept, and the next training waits for a whole month of new prices."""
    version = next(v for v in VERSIONS if v.id == "churn-risk 4.0.0")
    run_at = at(date(2026, 10, 8), 7, 30)
    decided = at(date(2026, 10, 8), 15, 20)
    metrics = [{"name": "auc", "value": 0.823, "direction": "at_least", "threshold": version.model.floor, "champion_value": 0.823},
               {"name": "drift_psi_contract_value", "value": 0.187, "direction": "at_most", "threshold": 0.2, "champion_value": 0.187}]
    report = _validated(version, run_at, version, answers_alerts=["AL-20261005-1"], metrics=metrics, result="pass",
                        decision={"outcome": "kept", "approved_by": "p-003", "approved_at": stamp(decided),
                                  "reason": "The prices of September moved the contract features; the ranking holds. To be trained again once a whole month of new prices is there"})
    path = f"evidence/evaluations/{report['eval_id']}.json"
    repo.json(path, report)
    repo.manifest(path, "eval.acme.example", later(decided, minutes=25), "svc-eval")


def _baselines(repo):
    """The references of the year: the versions in production in January, evaluated again; doc-extract has its first evaluation."""
    for version in (v for v in VERSIONS if v.id in ("churn-risk 3.4.0", "ticket-router 2.1.0")):
        model, holdout = version.model, evaluation_set(version.model)
        run_at = at(date(2026, 1, 13), 7, 20)
        eval_id = f"EV-{run_at:%Y-%m-%d}-{model.id}-{version.version}-baseline"
        path = f"evidence/evaluations/{eval_id}.json"
        repo.json(path, {
            "eval_id": eval_id, "eval_type": "performance", "subject": "model", "model_id": model.id, "version": version.version, "digest": version.digest,
            "dataset_id": holdout.id, "dataset_version": holdout.version, "dataset_digest": holdout.digest, "run_at": stamp(run_at), "evaluator": "svc-eval",
            "minimum_n": MINIMUM_N, "baseline": True, "metrics": METRICS["performance"](version), "result": "pass",
            "decision": {"outcome": "accepted", "approved_by": _decider(model), "approved_at": stamp(at(date(2026, 1, 14), 11, 10)),
                         "reason": "Reference of 2026: the version that served through the turn of the year"}})
        repo.manifest(path, "eval.acme.example", at(date(2026, 1, 14), 11, 40), "svc-eval")


# version -> method, hypothesis, primary metric, direction, effect asked for, control, treatment, requests of each arm, guardrails, reason
EXPERIMENTS = {
    "ticket-router 2.2.0": ("canary", "Fewer tickets are moved by hand after routing", "reassigned_share", "at_most", 0.005, 0.094, 0.083, (31240, 3480), [("latency_p95_ms", 124, 250), ("manual_queue_share", 0.178, 0.2)],
                            "One in ten tickets less is moved by hand"),
    "churn-risk 3.5.0": ("shadow", "Account teams confirm more of the accounts at the top of the list", "confirmed_in_top_100", "at_least", 0.0, 0.58, 0.63, (8912, 8912), [("latency_p95_ms", 131, 250), ("unscored_share", 0.041, 0.06)],
                         "Five more of a hundred confirmed; the accounts without a score are known"),
    "ticket-router 2.3.0": ("shadow", "The manual queue halves", "manual_queue_share", "at_most", 0.05, 0.176, 0.091, (30870, 30870), [("latency_p95_ms", 148, 250), ("error_rate", 0.0021, 0.01)],
                            "The manual queue would have been half as long in the days of the test"),
    "ticket-router 2.3.1": ("canary", "The manual queue shrinks and English tickets are routed as well as German ones", "manual_queue_share", "at_most", 0.04, 0.181, 0.112, (28110, 3120), [("latency_p95_ms", 141, 250), ("reassigned_share_en", 0.088, 0.1)],
                            "Smaller manual queue, and the guardrail on English tickets, new since June, holds"),
    "churn-risk 4.0.0": ("shadow", "The ranking stays as good while explanations no longer contradict each other", "confirmed_in_top_100", "at_least", -0.02, 0.62, 0.61, (9105, 9105), [("latency_p95_ms", 127, 250), ("contradicting_explanations", 0.004, 0.01)],
                         "One less of a hundred confirmed, which the rule allows; contradictions are gone but for a few"),
    "churn-risk 4.1.0": ("shadow", "The ranking is at least as good on the new prices", "confirmed_in_top_100", "at_least", 0.0, 0.59, 0.64, (9377, 9377), [("latency_p95_ms", 122, 250), ("unscored_share", 0.038, 0.06)],
                         "The new prices are understood; five more of a hundred confirmed"),
}


def _experiment(repo, version):
    """The test on live traffic in the week before the deployment, and the split of the gateway in its middle."""
    method, hypothesis, metric, direction, effect, old, new, counts, guardrails, reason = EXPERIMENTS[version.id]
    model = version.model
    start, end = at(version.day - timedelta(days=7), 18), at(version.day - timedelta(days=1), 6)
    decided, champion = at(version.day - timedelta(days=1), 8, 45), _serving(model, start)
    shares = (1.0, 1.0) if method == "shadow" else (0.9, 0.1)
    name = f"{'AB' if method == 'ab' else method.upper()}-{start:%Y-%m}-{model.id}"
    eval_id = f"EV-{end:%Y-%m-%d}-{model.id}-{version.version}-{method}"
    arms = [{"role": "control", "version": champion.version, "n": counts[0], "value": old, "share": shares[0]},
            {"role": "treatment", "version": version.version, "n": counts[1], "value": new, "share": shares[1]}]
    report = {
        "eval_id": eval_id, "eval_type": "ab_test", "subject": "model", "model_id": model.id, "version": version.version, "digest": version.digest,
        "run_at": stamp(end), "evaluator": "svc-eval", "minimum_n": MINIMUM_N,
        "experiment": {"id": name, "method": method, "hypothesis": hypothesis, "primary_metric": metric, "direction": direction, "minimum_effect": effect,
                       "minimum_n": 2000, "minimum_hours": 96, "start": stamp(start), "end": stamp(end), "arms": arms,
                       "guardrails": [{"name": n, "value": v, "direction": "at_most", "limit": limit} for n, v, limit in guardrails]},
        "metrics": [{"name": n, "value": v, "direction": "at_most", "threshold": limit} for n, v, limit in guardrails], "result": "pass",
        "decision": {"outcome": "released", "approved_by": _decider(model), "approved_at": stamp(decided), "reason": reason}}
    path = f"evidence/evaluations/{eval_id}.json"
    repo.json(path, report)
    repo.manifest(path, "eval.acme.example", later(decided, minutes=20), "svc-eval")
    captured = at(version.day - timedelta(days=4), 6, 30)
    path = f"evidence/experiments/traffic-{name.lower()}-{captured.date()}.json"
    repo.json(path, {
        "system": "gateway", "resource_type": "gateway", "resource_id": model.endpoint, "environment": "production", "captured_at": stamp(captured), "method": "api",
        "command": f"GET /api/v1/routes/{model.endpoint}/split", "account": "acme", "region": "eu-central-1",
        "settings": {"experiment_id": name, "weights": [{"version": a["version"], "share": a["share"]} for a in arms]}})
    repo.manifest(path, "gateway.acme.example", later(captured, minutes=5), "svc-collector")
