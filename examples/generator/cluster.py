"""What kubectl returns of the cluster once a quarter: name spaces with their network policies, and roles with their bindings."""

import json
from datetime import date, timedelta

from .clock import QUARTERS, at, workday
from .world import MODELS, run_id

CLUSTER = "cluster/ml-eu"
AI = ["serving", "training", "notebooks", "registry"]
OTHER = ["default", "gateway", "kube-node-lease", "kube-public", "kube-system", "monitoring"]
OPENED, EXPERIMENTS = date(2024, 3, 4), date(2026, 4, 13)
STORAGE = "10.40.12.0/24"  # the private end points of the object store
RBAC = "rbac.authorization.k8s.io"


def ai_namespaces(quarter):
    """Experiments got a name space of their own in the second quarter."""
    return sorted(AI + (["experiments"] if quarter is not QUARTERS[0] else []))


def _metadata(kind, name, namespace=None, born=OPENED, **more):
    place = {"namespace": namespace} if namespace else {}
    seed = run_id(f"{kind} {namespace} {name}")
    return {"creationTimestamp": f"{born}T08:{int(seed[:2], 16) % 60:02}:{int(seed[2:4], 16) % 60:02}Z", "name": name} | place | {
        "resourceVersion": str(10_000 + int(seed[:6], 16) % 890_000), "uid": seed} | more


def _list(repo, path, items, query, moment, **attributes):
    repo.text(path, json.dumps({"apiVersion": "v1", "items": items, "kind": "List", "metadata": {"resourceVersion": ""}}, indent=4, sort_keys=True) + "\n")
    repo.manifest(path, "ml-eu.cluster.acme.example", moment, "svc-collector", query=query, attributes=attributes | {"server_version": "v1.31.5" if moment.month < 6 else "v1.33.1"})


def networks(repo, quarter):
    """Name spaces and network policies: everything is denied, and each policy that opens something names its flow in the description."""
    spaces, flows = ai_namespaces(quarter), {(f["from"], f["to"]): f["id"] for f in repo.flows}
    items = [{"apiVersion": "v1", "kind": "Namespace", "metadata": _metadata(
        "Namespace", name, born=EXPERIMENTS if name == "experiments" else OPENED,
        labels={"kubernetes.io/metadata.name": name} | ({"pod-security.kubernetes.io/enforce": "restricted"} if name in spaces else {})),
        "spec": {"finalizers": ["kubernetes"]}, "status": {"phase": "Active"}} for name in sorted(spaces + OTHER)]

    def policy(namespace, name, selector, flow=None, **rules):
        born = EXPERIMENTS if namespace == "experiments" else date(2026, 1, 12) if "extract" in name else OPENED
        labels = {"labels": {"app.kubernetes.io/managed-by": "opentofu"} | ({"flow": flow} if flow else {})}
        items.append({"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": _metadata("NetworkPolicy", name, namespace, born, generation=1, **labels),
                      "spec": {"podSelector": selector, "policyTypes": [d.title() for d in ("ingress", "egress") if d in rules or not rules]} | rules})

    def peer(namespace, app=None):
        pods = {"podSelector": {"matchLabels": {"app.kubernetes.io/name": app}}} if app else {}
        return {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}}} | pods

    def app(name):
        return {"matchLabels": {"app.kubernetes.io/name": name}}

    def port(number, *protocols):
        return [{"port": number, "protocol": protocol} for protocol in protocols or ("TCP",)]

    for space in spaces:
        policy(space, "default-deny", {})
        policy(space, "allow-dns", {}, egress=[{"ports": port(53, "TCP", "UDP"), "to": [{**peer("kube-system"), "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}}}]}])
    policy("monitoring", "default-deny-ingress", {}, ingress=[])
    place = {c["register_id"]: c["id"] for c in repo.described if "register_id" in c}
    gateway = next(c["id"] for c in repo.described if c["name"].startswith("Gateway"))
    pipeline, registry = place["training-pipeline"], place["model-registry"]
    for model in MODELS.values():
        endpoint = place[model.endpoint]
        policy("serving", f"{model.id}-from-gateway", app(model.id), flows[gateway, endpoint], ingress=[{"from": [peer("gateway", "gateway")], "ports": port(8443)}])
        loads = flows[endpoint, place[model.id]]
        policy("serving", f"{model.id}-to-registry", app(model.id), loads, egress=[{"ports": port(5000), "to": [peer("registry", "mlflow")]}])
        policy("registry", f"mlflow-from-{model.id}", app("mlflow"), loads, ingress=[{"from": [peer("serving", model.id)], "ports": port(5000)}])
        policy("training", f"pipeline-to-{model.training_set}", app("training-pipeline"), flows[place[model.training_set], pipeline],
               egress=[{"ports": port(443), "to": [{"ipBlock": {"cidr": STORAGE}}]}])
    stores = flows[pipeline, registry]
    policy("training", "pipeline-to-registry", app("training-pipeline"), stores, egress=[{"ports": port(5000), "to": [peer("registry", "mlflow")]}])
    policy("registry", "mlflow-from-training", app("mlflow"), stores, ingress=[{"from": [peer("training", "training-pipeline")], "ports": port(5000)}])
    items.sort(key=lambda i: (i["kind"], i["metadata"].get("namespace", ""), i["metadata"]["name"]))
    captured = at(workday(quarter.last - timedelta(days=14)), 6, 44)
    _list(repo, f"evidence/infrastructure/kubernetes/network-ml-eu-{captured.date()}.json", items, "kubectl get namespaces,networkpolicies -A -o json", captured,
          network=CLUSTER, ai_namespaces=spaces, other_namespaces=OTHER)


def _rule(groups, resources, verbs):
    return {"apiGroups": groups, "resources": resources, "verbs": verbs}


READ, WRITE = ["get", "list", "watch"], ["create", "delete", "patch", "update"]
WORKLOADS = _rule(["apps"], ["deployments", "replicasets", "statefulsets"], READ)
# roles of the platform: kind, name spaces, rules
ROLES = {
    "admin": ("ClusterRole", None, [_rule([""], ["configmaps", "persistentvolumeclaims", "pods", "pods/exec", "secrets", "serviceaccounts", "services"], READ + WRITE),
                                    _rule(["apps"], ["deployments", "replicasets", "statefulsets"], READ + WRITE), _rule(["batch"], ["cronjobs", "jobs"], READ + WRITE),
                                    _rule(["networking.k8s.io"], ["ingresses", "networkpolicies"], READ + WRITE), _rule([""], ["namespaces", "nodes", "resourcequotas"], READ + ["patch"])]),
    "auditor": ("ClusterRole", None, [_rule([""], ["events", "namespaces", "nodes", "pods", "serviceaccounts"], READ), WORKLOADS,
                                      _rule([RBAC], ["clusterrolebindings", "clusterroles", "rolebindings", "roles"], READ), _rule(["networking.k8s.io"], ["networkpolicies"], READ)]),
    "deployer": ("Role", ["serving"], [_rule(["apps"], ["deployments"], READ + ["patch", "update"]), _rule([""], ["configmaps", "pods", "services"], READ)]),
    "developer": ("Role", ["experiments", "notebooks", "training"], [_rule([""], ["configmaps", "persistentvolumeclaims", "pods", "pods/log"], READ + ["create", "delete"]),
                                                                    _rule(["batch"], ["jobs"], READ + ["create", "delete"])]),
    "job-runner": ("Role", ["notebooks", "training"], [_rule(["batch"], ["jobs"], READ + ["create", "delete"]), _rule([""], ["pods", "pods/log"], READ)]),
    "reviewer": ("Role", ["serving", "training"], [_rule([""], ["events", "pods", "pods/log"], READ), WORKLOADS]),
}
RUNS_IN = {"svc-train": "training", "svc-notebook-sync": "notebooks"}
# what every cluster brings with it: cluster role, rules, whom it is bound to
SYSTEM = {
    "cluster-admin": ([_rule(["*"], ["*"], ["*"]), {"nonResourceURLs": ["*"], "verbs": ["*"]}], ("Group", "system:masters")),
    "system:basic-user": ([_rule(["authorization.k8s.io"], ["selfsubjectaccessreviews", "selfsubjectrulesreviews"], ["create"])], ("Group", "system:authenticated")),
    "system:discovery": ([{"nonResourceURLs": ["/api", "/api/*", "/apis", "/apis/*", "/healthz", "/livez", "/openapi", "/openapi/*", "/readyz", "/version", "/version/"],
                           "verbs": ["get"]}], ("Group", "system:authenticated")),
    "system:kube-controller-manager": ([_rule([""], ["events"], ["create", "patch", "update"]), _rule(["*"], ["*"], ["list", "watch"])], ("User", "system:kube-controller-manager")),
    "system:kube-scheduler": ([_rule([""], ["nodes", "pods"], READ), _rule([""], ["bindings", "pods/binding"], ["create"])], ("User", "system:kube-scheduler")),
    "system:node-proxier": ([_rule([""], ["endpoints", "nodes", "services"], ["list", "watch"])], ("User", "system:kube-proxy")),
    "system:coredns": ([_rule([""], ["endpoints", "namespaces", "pods", "services"], ["list", "watch"])], ("ServiceAccount", "coredns", "kube-system")),
    "prometheus": ([_rule([""], ["endpoints", "nodes", "nodes/metrics", "pods", "services"], READ), {"nonResourceURLs": ["/metrics"], "verbs": ["get"]}],
                   ("ServiceAccount", "prometheus", "monitoring")),
}


def _subject(kind, name, namespace=None):
    return {"kind": kind, "name": name} | ({"namespace": namespace} if kind == "ServiceAccount" else {"apiGroup": RBAC})


def rbac(repo, quarter, accounts):
    """Roles and bindings on the evening of the last day: the accounts of the listing hold their roles by them."""
    items, spaces = [], ai_namespaces(quarter)

    def role(kind, name, rules, namespace=None, **more):
        items.append({"apiVersion": f"{RBAC}/v1", "kind": kind, "metadata": _metadata(kind, name, namespace, EXPERIMENTS if namespace == "experiments" else OPENED, **more), "rules": rules})

    def binding(kind, name, bound, subjects, namespace=None, **more):
        items.append({"apiVersion": f"{RBAC}/v1", "kind": kind, "metadata": _metadata(kind, name, namespace, EXPERIMENTS if namespace == "experiments" else OPENED, **more),
                      "roleRef": {"apiGroup": RBAC, "kind": bound, "name": name}, "subjects": subjects})

    defaults = {"annotations": {"rbac.authorization.kubernetes.io/autoupdate": "true"}, "labels": {"kubernetes.io/bootstrapping": "rbac-defaults"}}
    for name, (rules, subject) in SYSTEM.items():
        more = defaults if name not in ("prometheus", "system:coredns") else {}
        role("ClusterRole", name, rules, **more)
        binding("ClusterRoleBinding", name, "ClusterRole", [_subject(*subject)], **more)
    for name, (kind, places, rules) in ROLES.items():
        holders = sorted((a for a in accounts if name in a["roles"]), key=lambda a: a["account_id"])
        for place in places or [None]:
            if place and place not in spaces:
                continue
            role(kind, name, rules, place, **(defaults if name == "admin" else {}))
            if name == "admin":
                items[-1]["aggregationRule"] = {"clusterRoleSelectors": [{"matchLabels": {f"{RBAC}/aggregate-to-admin": "true"}}]}
            subjects = [_subject("ServiceAccount", a["principal"], RUNS_IN[a["account_id"]]) if a["account_type"] == "service" else _subject("User", a["principal"])
                        for a in holders if a["account_type"] != "service" or RUNS_IN[a["account_id"]] == place]
            if subjects:
                binding("RoleBinding" if place else "ClusterRoleBinding", name, kind, subjects, place)
    items.sort(key=lambda i: (["Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding"].index(i["kind"]), i["metadata"].get("namespace", ""), i["metadata"]["name"]))
    _list(repo, f"evidence/access/rbac-ml-platform-{quarter.name}.json", items, "kubectl get roles,rolebindings,clusterroles,clusterrolebindings -A -o json", at(quarter.last, 21, 30),
          system="ml-platform", cluster=CLUSTER)
