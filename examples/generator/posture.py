"""The benchmark runs over cluster and account as SARIF logs, with what passed and what did not."""

import json
from datetime import timezone

from .clock import MONTHS, at, later
from .emit import digest
from .scans import ACCOUNT, POSTURE, mondays

# checks of the CIS benchmark that kube-bench runs on the nodes and against the API
CLUSTER = {
    "4.1.1": "Permissions of the kubelet service file", "4.1.2": "Owner of the kubelet service file", "4.1.3": "Permissions of the proxy kubeconfig", "4.1.4": "Owner of the proxy kubeconfig",
    "4.1.5": "Permissions of kubelet.conf", "4.1.6": "Owner of kubelet.conf", "4.1.7": "Permissions of the client CA file", "4.1.8": "Owner of the client CA file",
    "4.1.9": "Permissions of the kubelet configuration", "4.1.10": "Owner of the kubelet configuration", "4.2.1": "No anonymous requests to the kubelet",
    "4.2.2": "Kubelet asks for authorisation", "4.2.3": "Kubelet checks client certificates", "4.2.4": "No read-only port", "4.2.5": "Idle streams end",
    "4.2.6": "Kubelet keeps its iptables chains", "4.2.7": "Host names are not overridden", "4.2.8": "Rate of events is limited", "4.2.9": "Kubelet serves with its certificate",
    "4.2.10": "Client certificates rotate", "4.2.11": "Server certificates rotate", "4.2.12": "Strong ciphers only", "4.2.13": "Processes of a pod are limited",
    "4.3.1": "Proxy metrics stay on the node", "5.1.1": "cluster-admin only where required", "5.1.2": "Few may read secrets", "5.1.3": "No wildcards in roles", "5.1.4": "Few may create pods",
    "5.1.5": "Default service accounts are unused", "5.1.6": "Tokens are mounted only where needed", "5.1.7": "Nobody in system:masters", "5.1.8": "No bind, impersonate, escalate",
    "5.1.9": "Few may create volumes", "5.2.1": "Pod security is enforced", "5.2.2": "No privileged containers", "5.2.3": "No host process namespace", "5.2.4": "No host IPC namespace",
    "5.2.5": "No host network", "5.2.6": "No escalation of privileges", "5.2.7": "No root containers", "5.2.8": "NET_RAW is dropped", "5.2.9": "No added capabilities",
    "5.2.10": "Capabilities are dropped", "5.2.11": "No host process containers", "5.3.1": "The network plugin knows policies", "5.3.2": "Name spaces have network policies",
    "5.4.1": "Secrets are files", "5.4.2": "Secrets lie in an outer store",
}
# checks that Prowler counts to its CIS benchmark of an account
CLOUD = [
    "accessanalyzer_enabled", "account_maintain_current_contact_details", "account_security_contact_information_is_registered", "cloudtrail_kms_encryption_enabled",
    "cloudtrail_log_file_validation_enabled", "cloudtrail_logs_s3_bucket_access_logging_enabled", "cloudtrail_multi_region_enabled", "cloudtrail_s3_dataevents_read_enabled",
    "cloudtrail_s3_dataevents_write_enabled", "config_recorder_all_regions_enabled", "ec2_ebs_default_encryption", "ec2_ebs_snapshots_encrypted", "ec2_ebs_volume_encryption",
    "ec2_instance_imdsv2_enabled", "ec2_networkacl_allow_ingress_any_port", "ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_22",
    "ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_3389", "ec2_securitygroup_default_restrict_traffic", "efs_encryption_at_rest_enabled",
    "iam_aws_attached_policy_no_administrative_privileges", "iam_avoid_root_usage", "iam_customer_attached_policy_no_administrative_privileges", "iam_no_expired_server_certificates_stored",
    "iam_no_root_access_key", "iam_password_policy_minimum_length_14", "iam_password_policy_reuse_24", "iam_policy_attached_only_to_group_or_roles", "iam_root_hardware_mfa_enabled",
    "iam_root_mfa_enabled", "iam_rotate_access_key_90_days", "iam_support_role_created", "iam_user_accesskey_unused", "iam_user_console_access_unused",
    "iam_user_mfa_enabled_console_access", "iam_user_two_active_access_key", "kms_cmk_rotation_enabled", "rds_instance_minor_version_upgrade_enabled", "rds_instance_no_public_access",
    "rds_instance_storage_encrypted", "s3_account_level_public_access_blocks", "s3_bucket_level_public_access_block", "s3_bucket_no_mfa_delete", "s3_bucket_object_versioning",
    "s3_bucket_secure_transport_policy", "securityhub_enabled", "vpc_flow_logs_enabled", "vpc_peering_routing_tables_with_least_privilege",
]
SEVERE = {"medium": ("warning", "5.5"), "high": ("error", "7.8")}


def write(repo):
    for month in MONTHS:
        _log(repo, month, "cluster/ml-eu", 30, "kube-bench", ("0.9.2", "0.10.1", 7), CLUSTER, POSTURE)
        _log(repo, month, "account/acme", 45, "prowler", ("5.8.1", "5.11.0", 8), {rule: rule for rule in CLOUD}, ACCOUNT)


def _utc(moment):
    return f"{moment.astimezone(timezone.utc):%Y-%m-%dT%H:%M:%SZ}"


def _log(repo, month, target, minute, tool, versions, rules, found):
    rated = {rule: SEVERE[severity] for _, _, rule, _, severity, _ in found}
    described = [{"id": rule} | ({} if rule == text else {"shortDescription": {"text": text}}) | {"defaultConfiguration": {"level": rated.get(rule, SEVERE["medium"])[0]},
                  "properties": {"security-severity": rated.get(rule, SEVERE["medium"])[1]}} for rule, text in rules.items()]

    def ended(day):
        return at(day, 4, minute)

    runs = []
    for day in mondays():
        if month.first <= day <= month.last:
            failing = {rule: (first, resource, severity, ticket) for first, last, rule, resource, severity, ticket in found if first <= day <= last}
            results = []
            for rule, text in rules.items():
                result = {"ruleId": rule}
                if rule not in failing:
                    results.append(result | {"kind": "pass", "message": {"text": "Passed"}})
                    continue
                first, resource, severity, ticket = failing[rule]
                results.append(result | {
                    "kind": "fail", "level": SEVERE[severity][0], "message": {"text": f"{text}: not so at {resource}"},
                    "locations": [{"logicalLocations": [{"fullyQualifiedName": resource, "kind": "resource"}]}], "partialFingerprints": {"checkAndResource/v1": digest(f"{rule} {resource}")[:32]},
                    "baselineState": "new" if day == first else "unchanged", "provenance": {"firstDetectionTimeUtc": _utc(ended(first))},
                    "workItemUris": [f"https://tickets.acme.example/browse/{ticket}"]})
            runs.append({
                "tool": {"driver": {"name": tool, "version": versions[day.month >= versions[2]], "rules": described}},
                "automationDetails": {"id": f"posture/{target}/{day}"},
                "conversion": {"tool": {"driver": {"name": "bench-to-sarif", "version": "1.2.0"}}},
                "invocations": [{"executionSuccessful": True, "startTimeUtc": _utc(later(ended(day), minutes=-6)), "endTimeUtc": _utc(ended(day))}],
                "results": results})
    name = target.split("/")[1] if target.startswith("cluster") else "account"
    path = f"evidence/scans/posture-{name}-{month.name}.sarif.json"
    repo.text(path, json.dumps({"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": runs}, separators=(",", ":"), ensure_ascii=False) + "\n")
    repo.manifest(path, "scans.acme.example", month.after(1, 6, 55), "svc-scan", query=f"{tool}, every run over {target} from {month.first} to {month.last}, passed checks included, written as SARIF by bench-to-sarif",
                  attributes={"scan_type": "posture", "target": target, "account": "acme"})
