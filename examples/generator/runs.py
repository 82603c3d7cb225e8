"""Every run of the bias and data quality suites, as the pipeline lists them: also the one build that failed and was given up."""

import json
import re

from .clock import QUARTERS, later, stamp
from .emit import digest
from .models import run_suite
from .world import BY_VERSION

FIXED = "ticket-router 2.3.1"


def write(repo):
    _failed_candidate(repo, BY_VERSION[FIXED])
    runs = sorted([*_bias(repo), *_quality(repo)], key=lambda r: (r["started_at"], r["run_id"]))
    for quarter in QUARTERS:
        these = [r for r in runs if quarter.first.isoformat() <= r["started_at"][:10] <= quarter.last.isoformat()]
        path = f"evidence/tests/runs-{quarter.name}.jsonl"
        repo.jsonl(path, these)
        repo.manifest(path, "ci.acme.example", quarter.after(2, 7, 15), "svc-ci", records=len(these), covers=quarter.covers(),
                      query=f"runs of the suites bias and *-batch from {quarter.first} to {quarter.last}, any conclusion, all pages",
                      second_source={"name": "jobs started, per scheduler", "records": len(these)})


def _failed_candidate(repo, version):
    """The first build of the corrected router: still unfair to English tickets, stopped by its bias suite."""
    started = later(version.tested_at, hours=-96)
    test = '<testcase classname="test_bias" name="test_equal_opportunity_between_languages" time="0.300"'
    told = (f'{test}><failure message="assert 0.113 &lt;= 0.08">def test_equal_opportunity_between_languages(model):\n'
            "        german, english = ([row for row in model.slice(code) if row[&quot;label&quot;]] for code in (&quot;de&quot;, &quot;en&quot;))\n"
            "&gt;       assert abs(model.rate(german) - model.rate(english)) &lt;= 0.08\nE       assert 0.113 &lt;= 0.08\n\n"
            "test_bias.py:7: AssertionError</failure></testcase>")
    green = run_suite(version, "bias", started).decode()
    path = f"evidence/tests/{version.model.id}-{version.version}/bias-first-build.xml"
    repo.text(path, green.replace(f"{test} />", told).replace('failures="0"', 'failures="1"'))
    repo.manifest(path, "ci.acme.example", later(started, minutes=9), "svc-ci", query="python -m pytest test_bias.py",
                  attributes={"suite": "bias", "model_id": version.model.id, "version": version.version, "digest": digest(f"weights {version.id} first build"),
                              "commit": digest(f"commit {version.id} first build")[:40], "run_at": stamp(started), "release_blocked": True,
                              "pipeline_url": "https://ci.acme.example/runs/5be21c07-bias"})


def _run(category, suite, subject, version, of, started, ended, passed, sha256, **more):
    moment = started[:16].replace("-", "").replace(":", "")
    return {"run_id": f"ci-{moment}-{subject}-{suite}", "suite": suite, "category": category, "subject_id": subject, "subject_version": version, "subject_digest": of,
            "started_at": started, "finished_at": ended, "conclusion": "passed" if passed else "failed", "report_sha256": sha256} | more


def _ends(started, minutes):
    """The same moment some minutes later; runs never cross the change of the clocks."""
    hour, minute = divmod(int(started[11:13]) * 60 + int(started[14:16]) + minutes, 60)
    return f"{started[:11]}{hour:02}:{minute:02}{started[16:]}"


def _bias(repo):
    runs, failed = [], None
    for path in sorted(p for p in repo.hashes if re.fullmatch(r"evidence/tests/[^/]+/bias[^/]*\.xml", p)):
        told = dict(re.findall(r"^  (\w+): \"?([^\"\n]*)\"?$", (repo.root / f"{path}.evidence.yaml").read_text(), re.MULTILINE))
        passed = "<failure" not in (repo.root / path).read_text()
        run = _run("bias", "bias", told["model_id"], told["version"], told["digest"], told["run_at"], _ends(told["run_at"], 3), passed, repo.hashes[path])
        failed = failed if passed else run
        runs.append(run)
    fix = next(r for r in runs if r["conclusion"] == "passed" and (r["subject_id"], r["subject_version"]) == (failed["subject_id"], failed["subject_version"]))
    failed |= {"followed_by": "fixed", "fixed_by": fix["run_id"], "ticket": "ML-229"}
    return runs


def _quality(repo):
    runs = []
    for path in sorted(p for p in repo.hashes if p.startswith("evidence/data/quality/") and p.endswith(".json")):
        result = json.loads((repo.root / path).read_text())
        runs.append(_run("data_quality", result["suite"], result["dataset_id"], result["dataset_version"], result["dataset_digest"], result["run_at"],
                         _ends(result["run_at"], 4), result["success"], repo.hashes[path]))
    for run in [r for r in runs if r["conclusion"] == "failed"]:
        fix = min((r for r in runs if r["conclusion"] == "passed" and r["suite"] == run["suite"] and r["started_at"] > run["started_at"]), key=lambda r: r["started_at"])
        run |= {"followed_by": "fixed", "fixed_by": fix["run_id"], "ticket": "DATA-402"}
    return runs
