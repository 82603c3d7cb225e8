"""What the MLflow registry answers each month, and the bundle of the signature of each version."""

import base64
import json
from datetime import timezone

from .clock import MONTHS, at, later, stamp
from .emit import digest
from .world import MODELS, VERSIONS

FILES = {"churn-risk": ["model.ubj", "features.json"], "ticket-router": ["model.safetensors", "tokenizer.json"], "doc-extract": ["model.safetensors", "labels.json"]}
FIRST = {"churn-risk": 19, "ticket-router": 11, "doc-extract": 3}  # how far MLflow had counted with the first version here


def write(repo):
    for month in MONTHS:
        _answer(repo, month)
    for version in VERSIONS:
        _signature(repo, version)


def _number(version):
    """MLflow counts the versions of each model up."""
    line = [v for v in VERSIONS if v.model is version.model]
    return str(FIRST[version.model.id] + line.index(version))


def _milliseconds(moment):
    return int(moment.timestamp()) * 1000 + int(digest(stamp(moment))[:3], 16) % 1000


def _answer(repo, month):
    """The registry on the evening of the last day: the newest versions first, as it sorts them."""
    read = at(month.last, 23, 35)
    listed = []
    for version in sorted((v for v in VERSIONS if v.registered_at <= read), key=lambda v: v.registered_at, reverse=True):
        spans = [(a, b if b and b <= read else None) for a, b in version.spans if a <= read]
        moved = [version.registered_at, *(m for span in spans for m in span if m)]
        seed = digest(f"artifacts {version.id}")[:32]
        listed.append({
            "name": version.model.id, "version": _number(version), "creation_timestamp": _milliseconds(version.registered_at), "last_updated_timestamp": _milliseconds(max(moved)),
            "user_id": "svc-train", "current_stage": "None", "description": f"{version.version}: {version.summary}", "source": f"mlflow-artifacts:/{list(MODELS).index(version.model.id) + 4}/models/m-{seed}/artifacts",
            "run_id": version.run_id.replace("-", ""), "status": "READY",
            "tags": [{"key": "digest", "value": version.digest}, {"key": "release", "value": version.version}, {"key": "git_commit", "value": version.commit}],
            "run_link": "", "aliases": ["production"] if spans and spans[-1][1] is None else []})
    path = f"evidence/models/mlflow/versions-{month.name}.json"
    repo.json(path, {"model_versions": listed})
    repo.manifest(path, "mlflow.acme.example", read, "svc-collector", query="GET /api/2.0/mlflow/model-versions/search?max_results=10000, one page",
                  attributes={"mlflow_version": "3.1.4" if month.first.month < 7 else "3.4.0"})


def _signature(repo, version):
    """The bundle that svc-train made with its key, as the test runner verified it before it loaded the weights."""
    verified = later(version.tested_at, minutes=-2)
    signed = later(version.registered_at, minutes=2)
    files = [{"name": name, "digest": digest(f"{name} {version.id}"), "algorithm": "sha256"} for name in FILES[version.model.id]]
    statement = {"_type": "https://in-toto.io/Statement/v1", "subject": [{"name": f"{version.model.id}-{version.version}", "digest": {"sha256": version.digest}}],
                 "predicateType": "https://model_signing/signature/v1.0", "predicate": {"serialization": {"method": "files", "hash_type": "sha256", "allow_symlinks": False, "ignore_paths": []},
                                                                                         "resources": files}}

    def encoded(content):
        return base64.b64encode(content if isinstance(content, bytes) else content.encode()).decode()

    raw = bytes.fromhex(digest(f"signature {version.id}") + digest(f"signature of {version.id}"))
    path = f"evidence/models/signatures/{version.model.id}-{version.version}.json"
    repo.json(path, {
        "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
        "verificationMaterial": {"publicKey": {"hint": encoded(bytes.fromhex(digest("key of svc-train")))}, "tlogEntries": []},
        "dsseEnvelope": {"payload": encoded(json.dumps(statement, sort_keys=True, separators=(",", ":"))), "payloadType": "application/vnd.in-toto+json",
                         "signatures": [{"sig": encoded(raw), "keyid": ""}]}})
    repo.manifest(path, "mlflow.acme.example", later(verified, minutes=3), "svc-train", query=f"model.sig of {version.model.id} {version.version}, signed at {signed.astimezone(timezone.utc):%Y-%m-%dT%H:%M:%SZ}",
                  attributes={"model_id": version.model.id, "version": version.version, "digest": version.digest, "identity": "svc-train", "verified_at": stamp(verified),
                              "verified_with": "model_signing verify key model --signature model.sig --public_key svc-train.pub"})
