//! Real configuration files against the real schemas of the public schema store: an engagement
//! whose kinds are those schemas and whose evidence are the store's own test documents, judged in
//! one run. Each document has a control of its own, so that each has a verdict.

#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "a test may panic and tell")]

mod repository;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use repository::{Repository, corpus};
use serde_json::{Value, json};
use tickmark::model::{Code, Verdict};
use tickmark::report::Report;

/// One document of the corpus and what the store says of it.
struct Case {
    schema: String,
    file: PathBuf,
    passes: bool,
    /// `PASS-0001`, `FAIL-0001`: the id of its control and, in lower case, the name of its file.
    id: String,
}

impl Case {
    /// The kind, which is named for the schema's file without its endings.
    fn kind(&self) -> &str {
        self.schema.strip_suffix(".schema").unwrap_or(&self.schema)
    }

    fn artifact(&self) -> String {
        let ending = self.file.extension().unwrap().to_str().unwrap();
        format!("evidence/{}.{ending}", self.id.to_lowercase())
    }
}

fn cases(root: &Path) -> Vec<Case> {
    let table = fs::read_to_string(root.join("expected.tsv")).unwrap();
    let case = |(number, line): (usize, &str)| {
        let columns: Vec<&str> = line.split('\t').collect();
        let passes = columns[3] == "pass";
        let word = if passes { "PASS" } else { "FAIL" };
        Case {
            schema: columns[1].to_owned(),
            file: root.join(columns[0]).join(columns[1]).join(columns[2]),
            passes,
            id: format!("{word}-{number:04}"),
        }
    };
    table.lines().skip(1).enumerate().map(case).collect()
}

/// The schemas: those under test as kinds, the others to be referred to.
fn with_schemas(mut repository: Repository, root: &Path, cases: &[Case]) -> Repository {
    for entry in fs::read_dir(root.join("schemas")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let text = fs::read_to_string(&path).unwrap();
        let mut schema: Value = serde_json::from_str(text.trim_start_matches('\u{feff}')).unwrap();
        schema["x-tickmark"] = json!({ "vendored": true });
        if cases.iter().any(|case| case.schema == name) {
            schema["x-tickmark"] = json!({
                "unit": "document",
                "vendored": true,
                "comments": true,
                "formats": ["json", "yaml", "toml"],
            });
        }
        repository = repository.with(&format!("schemas/{name}.json"), schema.to_string());
    }
    repository
}

fn judged(root: &Path, cases: &[Case]) -> Report {
    let started = Instant::now();
    let mut repository = with_schemas(Repository::new(), root, cases);
    for case in cases {
        let path = case.artifact();
        repository = repository
            .with_control(&case.id, case.kind(), &path)
            .with(&path, fs::read(&case.file).unwrap());
    }
    let catalog = repository.catalog();
    eprintln!("{} kinds compiled in {:.1?}", catalog.kinds.len(), started.elapsed());
    let started = Instant::now();
    let report = repository.judged(&catalog, &|_| true);
    eprintln!("{} documents judged in {:.1?}", cases.len(), started.elapsed());
    report
}

#[test]
fn every_document_is_judged_as_the_store_says() {
    let Some(root) = corpus("schemastore") else { return };
    let cases = cases(&root);
    let report = judged(&root, &cases);
    let verdicts: BTreeMap<&str, Verdict> =
        report.controls.iter().map(|control| (control.id.as_str(), control.verdict)).collect();
    let mut wrong = Vec::new();
    let (mut met, mut unmet) = (0, 0);
    for case in &cases {
        let own =
            report.findings.iter().filter(|finding| finding.control.as_ref() == Some(&case.id));
        let findings: Vec<_> = own.filter(|finding| finding.blocks()).collect();
        let mismatched = findings.iter().any(|finding| finding.code == Code::SchemaMismatch);
        let verdict = verdicts[case.id.as_str()];
        met += usize::from(verdict == Verdict::Met);
        unmet += usize::from(verdict == Verdict::Unmet);
        let agrees = match case.passes {
            true => verdict == Verdict::Met && findings.is_empty(),
            false => verdict == Verdict::Unmet && mismatched,
        };
        if !agrees {
            let told =
                findings.first().map(|finding| format!("{:?} {}", finding.code, finding.message));
            wrong.push(format!("{} {}: {verdict:?} {told:?}", case.id, case.file.display()));
        }
    }
    eprintln!("{met} of {} documents met, {unmet} unmet", cases.len());
    assert!(wrong.is_empty(), "{} disagreements:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!((met, unmet), (983, 367));
}
