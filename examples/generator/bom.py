"""The CycloneDX bill of materials of everything that is AI, made from the register each quarter and attested with it."""

from datetime import timedelta

from .clock import QUARTERS, at, stamp, workday
from .system import components
from .world import MODELS, VERSIONS, run_id

# what CycloneDX calls the types of the register
CALLED = {"model": "machine-learning-model", "dataset": "data", "prompt": "data", "compute": "platform", "feature_store": "platform", "registry": "platform",
          "third_party_api": "application", "endpoint": "application", "pipeline": "application", "repository": "application"}
FAMILY = {"churn-risk": ("classification", "gradient-boosted trees"), "ticket-router": ("text-classification", "transformer"), "doc-extract": ("token-classification", "transformer")}
STATED = ["owner", "environment", "criticality", "data_class", "introduced_on", "location"]


def write(repo):
    for number, quarter in enumerate(QUARTERS, 1):
        _bom(repo, number, quarter)


def _serving(model, moment):
    return next((v for v in VERSIONS if v.model.id == model and any(a <= moment and (b is None or moment < b) for a, b in v.spans)), None)


def _model(row, version):
    """A model with the facts of its card, for the version that serves."""
    task, family = FAMILY[row["component_id"]]
    texts = version.model.texts
    return {"version": version.version, "description": texts["intended_use"], "hashes": [{"alg": "SHA-256", "content": version.digest}], "modelCard": {
        "bom-ref": f"card:{row['component_id']}@{version.version}",
        "modelParameters": {"approach": {"type": "supervised"}, "task": task, "architectureFamily": family, "modelArchitecture": texts["architecture"],
                            "datasets": [{"ref": f"dataset:{version.model.training_set}"}], "inputs": [{"format": texts["inputs"]}], "outputs": [{"format": texts["outputs"]}]},
        "considerations": {"useCases": [texts["intended_use"]], "technicalLimitations": texts["limitations"]}}}


def _bom(repo, number, quarter):
    attested = workday(quarter.last - timedelta(days=6))
    written = at(attested, 7, 30)
    listed, dependencies = [], []
    for row in components():
        name, kind = row["component_id"], row["type"]
        ref = f"{kind}:{name}"
        component = {"type": CALLED[kind], "bom-ref": ref, "name": name, "scope": "required" if row["in_scope"] else "excluded"}
        if kind == "model":
            component |= _model(row, _serving(name, written))
        else:
            component["description"] = row["name"]
        if component["type"] == "data":
            component["data"] = [{"type": "dataset" if kind == "dataset" else "configuration", "name": row["name"], "classification": row["data_class"]}]
        component["properties"] = [{"name": "register:type", "value": kind}] + [{"name": f"register:{field}", "value": row[field]} for field in STATED]
        if "vendor_id" in row:
            component["properties"].append({"name": "register:vendor_id", "value": row["vendor_id"]})
        listed.append(component)
    for model in MODELS.values():
        dependencies += [{"ref": f"endpoint:{model.endpoint}", "dependsOn": [f"model:{model.id}", "compute:ml-platform"]},
                         {"ref": f"model:{model.id}", "dependsOn": [f"dataset:{model.training_set}", f"repository:repo-{model.id}", "pipeline:training-pipeline"]},
                         {"ref": f"dataset:{model.training_set}", "dependsOn": [f"dataset:{source}" for source in model.sources]}]
    dependencies.append({"ref": "prompt:ticket-summary", "dependsOn": ["third_party_api:summary-api"]})
    path = f"evidence/system/ai-{quarter.name}.cdx.json"
    register = f"evidence/system/components-{quarter.name}.csv"
    repo.json(path, {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json", "bomFormat": "CycloneDX", "specVersion": "1.6", "serialNumber": f"urn:uuid:{run_id('bom acme-insight')}",
        "version": number, "metadata": {
            "timestamp": stamp(written), "lifecycles": [{"phase": "operations"}],
            "tools": {"components": [{"type": "application", "name": "register-to-cdx", "version": "0.4.2"}, {"type": "library", "name": "cyclonedx-python-lib", "version": "8.9.0"}]},
            "component": {"type": "application", "bom-ref": "acme-insight", "name": "acme-insight", "version": "2026.1"}, "supplier": {"name": "Acme AI"}},
        "components": listed, "dependencies": dependencies,
        "compositions": [{"aggregate": "complete", "assemblies": [c["bom-ref"] for c in listed]}]})
    repo.manifest(path, "git.acme.example/acme/compliance", at(attested, 16, 25), "p-007", query=f"register-to-cdx {register}, with the versions that served at {stamp(written)}",
                  attributes={"attested_by": "p-002", "attested_on": attested.isoformat(), "register_sha256": repo.hashes[register]})
