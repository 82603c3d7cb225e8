//! Plants one fault at a time in the example and asks for the right diagnostic at the right place.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

mod support;

use support::{Verifier, on_disk, told, write_example};

const MARCH: &str = "evidence/changes/changes-2026-03.jsonl";
const APRIL: &str = "evidence/changes/changes-2026-04.jsonl";
const LISTING: &str = "evidence/access/listing-ml-platform-2026-Q2.csv";
const REVIEW: &str = "evidence/access/review-ml-platform-2026-Q2.json";
const METRICS: &str = "evidence/monitoring/metrics-2026-03.csv";
const BIAS: &str = "evidence/tests/churn-risk-3.5.0/bias.xml";
const EVALUATION: &str = "evidence/evaluations/EV-2026-03-10-churn-risk-3.5.0-bias.json";
const ETHICS: &str = "evidence/policies/ai-ethics.md";
const POSTMORTEM: &str = "evidence/incidents/postmortems/INC-2026-004.md";
const RULESET: &str = "evidence/github/ruleset-churn-risk-2026-03-23.json";
const QUALITY: &str = "evidence/data/quality/DQ-crm-accounts-2026-02.json";
const REGISTRY: &str = "evidence/models/registry-2026-12-31.json";
const LINEAGE: &str = "evidence/data/lineage-2026-02.jsonl";
const DRILL_H2: &str = "evidence/resilience/rollback-drill-2026-H2.md";
const DRILL: &str = "evidence/resilience/rollback-drill-2026-H1.md";

fn sidecar(path: &str) -> String {
    format!("{path}.evidence.yaml")
}

fn example() -> Verifier {
    Verifier::example()
}

#[test]
fn the_example_without_a_fault_passes() {
    example().passes();
}

#[test]
fn sealing_an_unchanged_file_again_plants_nothing() {
    for path in [MARCH, LISTING, REVIEW, METRICS, BIAS, ETHICS, RULESET, QUALITY] {
        let before = (example().text(path), example().text(&sidecar(path)).replace('"', ""));
        let sealed = example().edit(path, |text| text);
        assert_eq!(before, (sealed.text(path), sealed.text(&sidecar(path)).replace('"', "")));
    }
    let unchanged = |path| example().edit(path, |text| text);
    unchanged(MARCH).meets("CHM-01");
    unchanged(LISTING).meets("ACC-01");
    unchanged(METRICS).meets("OPS-02");
    unchanged(BIAS).meets("DEV-03");
    unchanged(ETHICS).meets("POL-01");
}

/// Where `what` stands in the example's file for the time after `before` others.
fn nth(path: &str, what: &str, before: usize) -> usize {
    let text = example().text(path);
    text.match_indices(what).nth(before).unwrap().0
}

/// Where the value of `field` stands on the last line that holds all of `marks`.
fn last(path: &str, marks: &[&str], field: &str) -> usize {
    let text = example().text(path);
    let holds = |line: &&str| marks.iter().all(|mark| line.contains(mark));
    let line = text.lines().rfind(holds).unwrap();
    let field = format!("\"{field}\": ");
    line.as_ptr() as usize - text.as_ptr() as usize + line.find(&field).unwrap() + field.len()
}

macro_rules! faults {
    ($($(#[$meta:meta])* $name:ident => $fault:expr;)*) => { $(#[test] $(#[$meta])* fn $name() { let _ = $fault; })* };
}

mod populations {
    use super::*;
    faults! {
        month_of_changes_missing => example().without(MARCH).unmet("CHM-01", "period-missing").saying("2026-03").at(&sidecar("evidence/changes/changes-2026-02.jsonl"), "▸from: 2026-02-01").ruled_at("cadence: ▸{ every: month, within: 14 days }");
        folder_removed => example().without("evidence/changes/").unmet("CHM-01", "artifact-missing").saying("evidence/changes/").only_ruled_at("path: ▸evidence/changes/*.jsonl");
        approver_is_author => example().on_line(MARCH, "CHG-2026-0088", "\"author\": \"p-012\"", "\"author\": \"p-003\"")
            .unmet("CHM-01", "condition-failed").at(MARCH, "\"author\": \"p-003\", \"commit_authors\": [\"p-012\", \"p-014\"], \"opened_at\": \"2026-03-09T09:30:00+01:00\", \"last_pushed_at\": \"2026-03-09T15:10:00+01:00\", \"reviewers\": [{\"id\": \"svc-lint\", \"state\": \"commented\", \"at\": \"2026-03-09T15:14:00+01:00\", \"bot\": true}, {\"id\": \"p-003\", \"state\": \"approved\", \"at\": \"2026-03-16T10:20:00+01:00\", \"bot\": false}], \"approver\": ▸\"p-003\"");
        approved_after_deployment => example().on_line(MARCH, "CHG-2026-0088", "\"deployed_at\": \"2026-03-17T14:05:00+01:00\"", "\"deployed_at\": \"2026-03-16T09:05:00+01:00\"")
            .unmet("CHM-01", "condition-failed").at(MARCH, "\"approved_at\": ▸\"2026-03-16T10:20:00+01:00\"");
        deployment_without_change => example().without_lines(MARCH, "CHG-2026-0088").unmet("CHM-01", "counterpart-missing").saying("churn-risk 3.5.0").at(REGISTRY, "\"version\": ▸\"3.5.0\"");
        duplicate_in_one_file => example().edit(MARCH, |text| { let first = text.lines().next().unwrap().to_owned(); format!("{text}{first}\n") })
            .unmet("DEV-02", "duplicate-record").at_byte(MARCH, example().text(MARCH).len() + 14).and_at(MARCH, "{\"change_id\": ▸\"CHG-2026-0077\"").ruled_at("population: ▸{ key: change_id }");
        duplicate_in_two_files => {
            let line = example().text(MARCH).lines().next().unwrap().to_owned();
            example().edit(APRIL, |text| format!("{text}{line}\n")).unmet("DEV-02", "duplicate-record").at(APRIL, "{\"change_id\": ▸\"CHG-2026-0077\"").and_at(MARCH, "{\"change_id\": ▸\"CHG-2026-0077\"").ruled_at("population: ▸{ key: change_id }");
        };
        count_differs_from_manifest => example().edit_unsealed(&sidecar(MARCH), |text| text.replacen("records: 45", "records: 46", 1))
            .unmet("CHM-01", "record-count-mismatch").at(&sidecar(MARCH), "records: ▸46");
        second_source_disagrees => example().edit_unsealed(&sidecar(MARCH), |text| text.replace("  records: 45", "  records: 47"))
            .unmet("CHM-01", "second-source-mismatch").at(&sidecar(MARCH), "records: ▸47");
        export_taken_early => example().edit_unsealed(&sidecar(MARCH), |text| text.replace("2026-04-02T", "2026-03-31T"))
            .unmet("CHM-01", "evidence-early").saying("2026-03").at(&sidecar(MARCH), "collected_at: ▸2026-03-31T");
        export_taken_late => example().edit_unsealed(&sidecar(MARCH), |text| text.replace("2026-04-02T", "2026-04-20T"))
            .unmet("CHM-01", "evidence-late").saying("2026-03").at(&sidecar(MARCH), "collected_at: ▸2026-04-20T").ruled_at("cadence: ▸{ every: month, within: 14 days }");
        emptied_without_nil_return => example().edit("evidence/incidents/incidents-2026-03.jsonl", |_| String::new())
            .unmet("IRP-04", "nil-return-missing").at(&sidecar("evidence/incidents/incidents-2026-03.jsonl"), "records: ▸0");
        incident_month_missing => example().without("evidence/incidents/incidents-2026-09.jsonl").unmet("IRP-04", "period-missing").saying("2026-09").at(&sidecar("evidence/incidents/incidents-2026-08.jsonl"), "▸from: 2026-08-01").ruled_at("cadence: ▸{ every: month, within: 14 days }");
        privileged_month_missing => example().without("evidence/logs/privileged-2026-03.jsonl").unmet("ACC-04", "period-missing").saying("2026-03").at(&sidecar("evidence/logs/privileged-2026-02.jsonl"), "▸from: 2026-02-01").ruled_at("cadence: ▸{ every: month, within: 14 days }");
        record_outside_its_export => example().on_line(MARCH, "CHG-2026-0077", "\"deployed_at\": \"2026-03-02", "\"deployed_at\": \"2026-02-26")
            .unmet("DEV-02", "record-outside-period").at(MARCH, "\"deployed_at\": ▸\"2026-02-26");
        record_after_collection => example().on_line(MARCH, "CHG-2026-0077", "\"deployed_at\": \"2026-03-02", "\"deployed_at\": \"2026-04-12")
            .unmet("DEV-02", "record-after-collection").at(MARCH, "\"deployed_at\": ▸\"2026-04-12");
        date_unreadable => example().on_line(MARCH, "CHG-2026-0077", "\"deployed_at\": \"2026-03-02T14:44:00+01:00\"", "\"deployed_at\": \"31.12.2026\"")
            .unmet("DEV-02", "schema-mismatch").at(MARCH, "▸\"31.12.2026\"");
        past_day_does_not_see_later_exports => example().as_of("2026-08-15").meets("CHM-01");
        past_day_still_needs_the_month_before => example().without(MARCH).as_of("2026-08-15").unmet("CHM-01", "period-missing").saying("2026-03").at(&sidecar("evidence/changes/changes-2026-02.jsonl"), "▸from: 2026-02-01").ruled_at("cadence: ▸{ every: month, within: 14 days }");
    }
}

mod form {
    use super::*;
    faults! {
        unclosed_quote => example().edit(LISTING, |text| text.replacen("ml-platform-2026-Q2,ml-platform", "\"ml-platform-2026-Q2,ml-platform", 1))
            .unmet("ACC-01", "unclosed-quote").at(LISTING, "▸\"ml-platform-2026-Q2");
        ragged_row => example().on_line(LISTING, "mlp-004", ",admin,", ",admin,extra,").unmet("ACC-01", "ragged-row").at(LISTING, "\n▸ml-platform-2026-Q2,ml-platform,development,,2026-06-30,mlp-004");
        duplicate_header => example().replace(LISTING, "job_role,team", "job_role,job_role").unmet("ACC-01", "duplicate-key").at(LISTING, "job_role,▸job_role");
        wrong_column => example().replace(LISTING, ",person_id,", ",persn_id,").unmet("ACC-01", "schema-mismatch").saying("`persn_id` is no column of access-listing").at(LISTING, "principal,▸persn_id").ruled_at("\"additionalProperties\": ▸false");
        missing_column => example().edit(LISTING, |text| {
            let cells = |line: &str| line.split(',').enumerate().filter(|(at, _)| *at != 5).map(|(_, cell)| cell.to_owned()).collect::<Vec<_>>().join(",");
            text.lines().map(|line| cells(line) + "\n").collect()
        }).unmet("ACC-01", "schema-mismatch").saying("the column `account_id` is missing").at(LISTING, "▸listing_id");
        duplicate_json_key => example().replace(REVIEW, "\"reviewer\": \"p-004\",", "\"reviewer\": \"p-004\", \"reviewer\": \"p-005\",")
            .unmet("ACC-01", "duplicate-key").at(REVIEW, "\"p-004\", ▸\"reviewer\"");
        truncated_line => example().edit(MARCH, |text| text[..text.len() - 40].to_owned())
            .unmet("CHM-01", "artifact-syntax").at_byte(MARCH, example().text(MARCH).len() - 40);
        trailing_garbage => example().edit(REVIEW, |text| format!("{}garbage\n", text)).unmet("ACC-01", "artifact-syntax").at(REVIEW, "\n▸garbage");
        lossy_number => example().replace(EVALUATION, "\"n\": 1780", "\"n\": 12345678901234567890123").unmet("DEV-03", "lossy-number").at(EVALUATION, "▸12345678901234567890123");
        invalid_utf8 => {
            let text = example().text(REVIEW);
            let at = text.find("p-004").unwrap();
            let mut bytes = text.into_bytes();
            bytes[at] = 0xff;
            example().with_bytes(REVIEW, &bytes).unmet("ACC-01", "bad-encoding").at_byte(REVIEW, at);
        };
        nul_byte => {
            let text = example().text(REVIEW).replacen("p-004", "p\x00004", 1);
            let at = text.find('\0').unwrap();
            example().with_bytes(REVIEW, text.as_bytes()).unmet("ACC-01", "bad-encoding").at_byte(REVIEW, at);
        };
        utf_16 => {
            let bytes: Vec<u8> = [0xff, 0xfe].into_iter().chain(example().text(REVIEW).encode_utf16().flat_map(u16::to_le_bytes)).collect();
            example().with_bytes(REVIEW, &bytes).unmet("ACC-01", "bad-encoding").at_file(REVIEW);
        };
        empty_file => example().edit(REVIEW, |_| String::new()).unmet("ACC-01", "artifact-empty").at_file(REVIEW);
        bad_enum_value => example().replace(REVIEW, "\"decision\": \"keep\"", "\"decision\": \"kept\"").unmet("ACC-01", "schema-mismatch").at(REVIEW, "▸\"kept\"");
        misspelt_field => example().replace(REVIEW, "\"completed_at\"", "\"complete_at\"").unmet("ACC-01", "schema-mismatch").at(REVIEW, "▸\"complete_at\"");
        empty_list => example().edit(REVIEW, |text| { let (head, _) = text.split_once("\"decisions\": [").unwrap(); format!("{head}\"decisions\": []\n}}\n") })
            .unmet("ACC-01", "schema-mismatch").at(REVIEW, "\"decisions\": ▸[]");
    }
}

mod manifests {
    use super::*;
    faults! {
        wrong_digest => example().edit_unsealed(MARCH, |text| text.replacen("Limit the size", "Limit  the size", 1)).unmet("CHM-01", "digest-mismatch").at(&sidecar(MARCH), "sha256: ▸");
        missing => example().without_only(&sidecar(MARCH)).unmet("CHM-01", "manifest-missing").at_file(MARCH);
        unknown_field => example().edit_unsealed(&sidecar(MARCH), |text| format!("{text}colour: red\n")).unmet("CHM-01", "manifest-invalid").at(&sidecar(MARCH), "▸colour");
        orphan => example().without_only("evidence/policies/model-rollback.md").broken("manifest-orphan").at_file(&sidecar("evidence/policies/model-rollback.md"));
        edited_pdf => example().edit_bytes_unsealed("evidence/policies/break-glass.pdf", b"%PDF-1.4 other").unmet("ACME-01", "digest-mismatch").at(&sidecar("evidence/policies/break-glass.pdf"), "sha256: ▸acfcc");
        replaced_pdf => example().with_bytes("evidence/policies/break-glass.pdf", b"%PDF-1.4 other").unmet("ACME-01", "condition-failed").saying("is not the one whose SHA-256").at(&sidecar("evidence/policies/break-glass.pdf"), "▸- version: \"1.0\"");
        pdf_that_claims_a_text => example().edit_unsealed(&sidecar("evidence/policies/break-glass.pdf"), |text| text.replace("attributes:\n", "attributes:\n  body: { text: x, sections: [] }\n"))
            .unmet("ACME-01", "manifest-invalid").at(&sidecar("evidence/policies/break-glass.pdf"), "▸body: {");
        pdf_missing => example().without_only("evidence/policies/break-glass.pdf").unmet("ACME-01", "artifact-missing").only_ruled_at("path: ▸evidence/policies/break-glass.pdf");
    }
}

mod access {
    use super::*;
    faults! {
        review_missing => example().without(REVIEW).unmet("ACC-01", "period-missing").saying("2026-Q2").at("evidence/access/review-ml-platform-2026-Q1.json", "\"period\": ▸\"2026-Q1\"").ruled_at("cadence: ▸{ every: quarter, within: 30 days }");
        review_late => example().replace(REVIEW, "2026-07-09T16:00", "2026-08-09T16:00").unmet("ACC-01", "evidence-late").at(REVIEW, "\"completed_at\": ▸\"2026-08-09T16:00");
        leaver_still_active => example().edit(LISTING, |text| {
                let line = text.lines().find(|line| line.contains("mlp-012")).unwrap().to_owned();
                format!("{text}{}\n", line.replace("mlp-012", "mlp-009").replace("p-012", "p-009"))
            }).unmet("ACC-01", "counterpart-forbidden").at(LISTING, "ml-platform-2026-Q2,ml-platform,development,,2026-06-30,mlp-009,user/mlp-009,▸p-009");
        decision_missing => example().edit(REVIEW, |text| {
                let at = text.find("    {\n      \"account_id\": \"mlp-005\"").unwrap();
                let end = at + text[at..].find("},\n").unwrap() + 3;
                format!("{}{}", &text[..at], &text[end..])
            }).unmet("ACC-01", "set-difference").at(LISTING, "ml-platform-2026-Q2,ml-platform,development,,2026-06-30,▸mlp-005");
        decision_on_unlisted_account => example().replace(REVIEW, "\"account_id\": \"mlp-005\"", "\"account_id\": \"mlp-099\"")
            .unmet("ACC-01", "set-difference").at(REVIEW, "{\n      \"account_id\": ▸\"mlp-099\"");
        self_decided => example().edit(REVIEW, |text| text.replacen("\"p-005\",\n      \"decided_at\": \"2026-07-08T12:58", "\"p-004\",\n      \"decided_at\": \"2026-07-08T12:58", 1))
            .unmet("ACC-01", "kind-rule-broken").at(REVIEW, "\"person_id\": ▸\"p-004\",");
        branch_protection_off => example().replace(RULESET, "\"required_approving_review_count\": 1", "\"required_approving_review_count\": 0")
            .unmet("ACC-02", "condition-failed").at(RULESET, "\"required_approving_review_count\": ▸0");
        repository_without_snapshots => example().without("evidence/github/ruleset-churn-risk").unmet("ACC-02", "set-difference").at("evidence/system/components-2026-Q1.csv", "▸acme/churn-risk").ruled_at("every-repository-has-a-snapshot:\n    ▸");
        reviewer_among_the_reviewed => example().replace("evidence/logs/review-2026-03.md", "reviewer: p-005", "reviewer: p-004")
            .unmet("ACC-04", "counterpart-forbidden").at("evidence/logs/review-2026-03.md", "reviewer: ▸p-004");
        roster_quarter_missing => example().without("evidence/personnel/roster-2026-Q3.csv").unmet("ACC-01", "period-missing").saying("2026-Q3").at("evidence/personnel/roster-2026-Q2.csv", "▸2026-06-30");
    }
}

mod models {
    use super::*;
    faults! {
        metric_days_missing_for_one_model => example().edit(METRICS, |text| text.split_inclusive('\n').filter(|line| !(line.starts_with("f1,doc-extract") && line.contains("2026-03-10T"))).collect())
            .unmet("OPS-02", "intervals-not-tiled").saying("doc-extract 1.0.0").at(REGISTRY, "\"version\": ▸\"1.0.0\"").and_at(METRICS, "f1,doc-extract,1.0.0,production,▸2026-03-09T");
        metric_gap_of_three_days => example().edit(METRICS, |text| text.split_inclusive('\n').filter(|line| !["2026-03-10T", "2026-03-11T", "2026-03-12T"].iter().any(|day| line.contains(day))).collect())
            .unmet("OPS-02", "intervals-not-tiled").saying("churn-risk 3.4.0").at(REGISTRY, "\"version\": ▸\"3.4.0\"").and_at(METRICS, "churn-risk,3.4.0,production,▸2026-03-09T");
        junit_truncated => example().edit(BIAS, |text| text[..text.len() - 30].to_owned()).unmet("DEV-03", "artifact-syntax").at_byte(BIAS, example().text(BIAS).len() - 30);
        junit_failing => example().edit(BIAS, |text| text.replacen("failures=\"0\"", "failures=\"1\"", 1).replacen("time=\"0.300\" />", "time=\"0.300\"><failure message=\"no\"/></testcase>", 1))
            .unmet("DEV-03", "kind-rule-broken").saying("1 tests failed").at(BIAS, "▸<failure");
        junit_without_cases => example().edit(BIAS, |text| { let head = &text[..text.find("<testcase").unwrap()]; format!("{}</testsuite></testsuites>", head.replace("tests=\"3\"", "tests=\"0\"")) })
            .unmet("DEV-03", "schema-mismatch").at_file(BIAS);
        junit_counts_edited => example().replace(BIAS, "tests=\"3\"", "tests=\"5\"").unmet("DEV-03", "kind-rule-broken").saying("totals").at(BIAS, "▸<testsuite name");
        junit_skipped => example().edit(BIAS, |text| text.replacen("skipped=\"0\"", "skipped=\"1\"", 1).replacen("time=\"0.300\" />", "time=\"0.300\"><skipped/></testcase>", 1))
            .unmet("DEV-03", "condition-failed").saying("skipped").at(BIAS, "▸<testcase classname=\"test_bias\" name=\"test_demographic_parity_between_languages\" time=\"0.300\"><skipped");
        stated_result_wrong => example().replace(EVALUATION, "\"value\": 0.053", "\"value\": 0.153").unmet("DEV-03", "recomputed-differs").at(EVALUATION, "\"result\": ▸\"pass\"");
        evaluated_after_deployment => example().replace(EVALUATION, "\"run_at\": \"2026-03-10", "\"run_at\": \"2026-03-20").unmet("DEV-03", "counterpart-missing").saying("churn-risk 3.5.0").at(REGISTRY, "\"version\": ▸\"3.5.0\"");
        card_missing => example().without("evidence/models/cards/churn-risk-3.5.0.md").unmet("DEV-04", "counterpart-missing").saying("churn-risk 3.5.0").at(REGISTRY, "\"version\": ▸\"3.5.0\"");
        snapshot_stale => example().without("evidence/models/registry-2026-12").without("evidence/models/registry-2026-11").unmet("DEV-01", "artifact-stale").at("evidence/models/registry-2026-10-31.json", "\"exported_at\": ▸").ruled_at("freshness: ▸");
        unknown_component => ["Q1", "Q2", "Q3", "Q4"].iter().fold(example(), |example, quarter| example.without_lines(&format!("evidence/system/components-2026-{quarter}.csv"), "doc-extract-eu,")).unmet("SYS-01", "counterpart-missing").at("evidence/system/description.md", "id: ▸doc-extract-eu");
        component_gone_from_the_newest_register => example().without_lines("evidence/system/components-2026-Q4.csv", "doc-extract-eu,")
            .unmet("SYS-01", "counterpart-missing").at("evidence/system/description.md", "id: ▸doc-extract-eu");
    }
}

mod data {
    use super::*;
    faults! {
        quality_failed => example().replace(QUALITY, "\"success\": true", "\"success\": false").unmet("TDM-01", "condition-failed").at(QUALITY, "▸false");
        dataset_digest_wrong => example().replace("evidence/data/datasets/churn-training-2026-02.yaml", "\ndigest: ", "\ndigest: 0000").unmet("TDM-02", "schema-mismatch").at("evidence/data/datasets/churn-training-2026-02.yaml", "▸0000");
        lineage_start_twice => example().edit("evidence/data/lineage-2026-02.jsonl", |text| { let first = text.lines().next().unwrap().to_owned(); format!("{text}{first}\n") })
            .unmet("TDM-02", "counterpart-count").saying("bea3ca33-9d45-87df-ab50-034d7f0f0ca5").at_byte(LINEAGE, nth(LINEAGE, "\"bea3ca33", 1)).and_at(LINEAGE, "▸\"bea3ca33");
        lineage_root_unregistered => example().without("evidence/data/datasets/crm-accounts-2026-02.yaml").unmet("TDM-02", "lineage-broken").saying("models/churn-risk/3.5.0").at_byte(LINEAGE, nth(LINEAGE, "\"data/crm-accounts/2026-02\"", 1)).and_at(REGISTRY, "▸\"models/churn-risk/3.5.0\"");
    }
}

mod policies_and_incidents {
    use super::*;
    faults! {
        policy_gap_of_nine_days => example().replace(ETHICS, "effective_to: 2026-01-14", "effective_to: 2026-01-05").unmet("POL-01", "intervals-not-tiled").saying("The policy was not in force on every day of the window: nothing covers 2026-01-06").at(ETHICS, "effective_to: ▸2026-01-05");
        placeholder_text => example().edit(ETHICS, |text| format!("{text}\nTODO: write this.\n")).unmet("POL-01", "kind-rule-broken").saying("template text").at(ETHICS, "▸TODO: write this.");
        policy_approved_by_author => example().replace(ETHICS, "author: p-007", "author: p-001").unmet("POL-01", "kind-rule-broken").at(ETHICS, "approver: ▸p-001");
        policy_stale => example().replace(ETHICS, "last_reviewed_on: 2026-01-08", "last_reviewed_on: 2025-12-08").unmet("POL-01", "artifact-stale").at(ETHICS, "last_reviewed_on: ▸2025-12-08");
        acknowledgement_missing => example().without_lines("evidence/training/acknowledgements-2026-Q1.csv", "p-010,").unmet("POL-01", "counterpart-missing").saying("p-010").at("evidence/personnel/roster-2026-Q3.csv", "2026-09-30,▸p-010");
        drill_missing => example().without(DRILL).unmet("CHM-04", "period-missing").saying("2026-H1").at(DRILL_H2, "held_on: ▸").ruled_at("cadence: ▸");
        drill_in_another_year => example().replace(DRILL, "held_on: 2026-05-19", "held_on: 2025-05-19").unmet("CHM-04", "period-missing").saying("2026-H1").at(DRILL_H2, "held_on: ▸").ruled_at("cadence: ▸");
        postmortem_missing => example().without(POSTMORTEM).unmet("IRP-04", "counterpart-missing").at("evidence/incidents/incidents-2026-06.jsonl", "{\"incident_id\": ▸\"INC-2026-004\"");
        postmortem_late => example().replace(POSTMORTEM, "published_at: 2026-06-25", "published_at: 2026-07-15").unmet("IRP-04", "counterpart-missing").at(POSTMORTEM, "incident_id: ▸INC-2026-004");
        action_past_due => example().edit(POSTMORTEM, |text| text.replacen("status: closed\n    closed_on: 2026-07-03", "status: open", 1)).unmet("IRP-04", "condition-failed").saying("overdue").at(POSTMORTEM, "- ▸id: A-1");
    }
}

mod exceptions {
    use super::*;
    const EXCEPTIONS: &str = "exceptions.yaml";
    fn with(old: &str, new: &str) -> Verifier {
        example().replace(EXCEPTIONS, old, new)
    }
    fn waiver(approver: &str, expires_on: &str) -> Verifier {
        example().without(REVIEW).edit_unsealed(EXCEPTIONS, |text| {
            format!("{text}waivers:\n  - id: WV-1\n    control: ACC-01\n    reason: Listing system was replaced in June.\n    owner: p-004\n    approver: {approver}\n    approved_on: 2026-07-01\n    starts_on: 2026-07-01\n    expires_on: {expires_on}\n")
        })
    }
    faults! {
        valid_waiver_covers => waiver("p-002", "2027-03-01").meets("ACC-01");
        waiver_expired => waiver("p-002", "2026-12-01").unmet("ACC-01", "waiver-invalid").saying("WV-1").at(EXCEPTIONS, "expires_on: ▸2026-12-01");
        waiver_self_approved => waiver("p-004", "2027-03-01").unmet("ACC-01", "waiver-invalid").saying("WV-1").at(EXCEPTIONS, "approver: ▸p-004\n    approved_on: 2026-07-01");
        exception_self_approved => with("approver: p-002", "approver: p-004").unmet("DEV-02", "exception-invalid").saying("EX-2026-001").at(EXCEPTIONS, "approver: ▸p-004");
        exception_expired => with("expires_on: 2027-06-30", "expires_on: 2026-12-30").unmet("DEV-02", "exception-invalid").saying("EX-2026-001").at(EXCEPTIONS, "expires_on: ▸2026-12-30");
        exception_names_another_record => with("record: CHG-2026-0195", "record: CHG-2026-0196").unmet("DEV-02", "condition-failed").saying("CHG-2026-0195").at("evidence/changes/changes-2026-05.jsonl", "▸[{\"id\": \"p-024\", \"state\": \"approved\", \"at\": \"2026-05-22T09:09");
    }
}

/// Some of the controls beyond the first twenty.
mod the_rest {
    use super::*;
    const STATISTICS: &str = "evidence/incidents/statistics-2026-03.csv";
    const DISPOSALS: &str = "evidence/data/disposals-2026-07.jsonl";
    const TRAINING: &str = "evidence/training/status-2026-Q1.csv";
    const ALERTS: &str = "evidence/monitoring/alerts-2026-03.jsonl";
    const APRIL_RUNS: &str = "evidence/scans/posture-account-2026-04.sarif.json";
    const APRIL_SCANS: &str = "evidence/scans/infrastructure-2026-04.jsonl";
    const SCANS: &str = "evidence/scans/infrastructure-2026-05.jsonl";
    faults! {
        incidents_miscounted => example().replace(STATISTICS, "S2,0,", "S2,1,").unmet("KPI-03", "recomputed-differs").saying("S2").at(STATISTICS, "S2,▸1,").ruled_at("counts-follow-from-the-records:\n    ▸");
        disposed_too_late => example().on_line(DISPOSALS, "DSP-2026-07-01", "\"due_at\": \"2026-07-19", "\"due_at\": \"2026-07-12").unmet("DAT-04", "kind-rule-broken").at(DISPOSALS, "\"executed_at\": ▸\"2026-07-12T02:40");
        below_the_pass_mark => example().on_line(TRAINING, "p-004", ",90,80", ",70,80").unmet("MEV-03", "condition-failed").at(TRAINING, "2027-01-16,▸70,80");
        alert_acknowledged_late => example().replace(ALERTS, "\"acknowledged_at\": \"2026-03-04T13:14", "\"acknowledged_at\": \"2026-03-04T17:14").unmet("OPS-03", "condition-failed").saying("AL-20260304-1").at(ALERTS, "▸\"2026-03-04T17:14");
        risk_vanished => example().without_lines("evidence/risk/register-2026-Q4.csv", "R-003,").unmet("POL-05", "counterpart-missing").saying("missing from the newest").at("evidence/risk/register-2026-Q3.csv", "▸R-003,");
        scans_of_a_month_missing => example().without("evidence/scans/posture-account-2026-05.sarif.json").unmet("AEV-04", "intervals-not-tiled").saying("account/acme").at_byte(APRIL_RUNS, example().text(APRIL_RUNS).rfind("\"endTimeUtc\":").unwrap() + 13);
        posture_of_a_month_missing => example().without(SCANS).unmet("INF-01", "period-missing").saying("target=cluster/ml-eu").at_byte(APRIL_SCANS, last(APRIL_SCANS, &["cluster/ml-eu", "\"posture\""], "run_at")).ruled_at("cadence: ▸");
        management_review_missing => example().without("evidence/kpi/model-review-2026-Q2.md").unmet("KPI-01", "period-missing").saying("`reviews`").at("evidence/kpi/model-review-2026-Q1.md", "period: ▸\"2026-Q1\"");
        gate_not_shown => example().without("evidence/deployment/gate-production-2026-06-15").unmet("OPS-01", "period-missing").saying("2026-Q2").at("evidence/deployment/gate-production-2026-03-16.json", "\"captured_at\": ▸").ruled_at("cadence: ▸quarterly");
        sources_not_audited => example().without("evidence/data/source-audit-2026-H1").unmet("TDM-04", "period-missing").saying("2026-H1").only_ruled_at("cadence: ▸");
        assessment_missing => example().without("evidence/risk/assessment-2026").unmet("POL-05", "artifact-missing").only_ruled_at("path: ▸evidence/risk/assessment-*.md");
        training_plan_missing => example().without("evidence/training/plan.md").unmet("KPI-04", "artifact-missing").only_ruled_at("path: ▸[evidence/training/plan.md");
    }
}

#[cfg(unix)]
#[test]
fn links_and_names_that_differ_by_case_are_told() {
    let folder = tempfile::tempdir().unwrap();
    write_example(folder.path());
    assert!(on_disk(folder.path(), "ACME-01").passes());
    let policies = folder.path().join("evidence/policies");
    std::os::unix::fs::symlink("ai-ethics.md", policies.join("linked.md")).unwrap();
    std::fs::copy(policies.join("ai-ethics.md"), policies.join("AI-ETHICS.md")).unwrap();
    let report = on_disk(folder.path(), "ACME-01");
    assert!(!report.passes());
    for (code, path) in [
        ("link-refused", "evidence/policies/linked.md"),
        ("name-collision", "evidence/policies/ai-ethics.md"),
    ] {
        let told_there = report.findings.iter().any(|finding| {
            finding.blocks()
                && finding.code.as_str() == code
                && finding.evidence[0].place.path == path
        });
        assert!(told_there, "no {code} at {path}:\n{}", told(&report));
    }
}
