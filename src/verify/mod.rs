//! Judges an inventory against a catalog. Pure: no file system, no clock, no printing.
//!
//! One pass reads every artifact once and keeps, for each requirement, only what its checks name:
//! dates, keys and the places of what deviates. Relations are then joined from those rows.

mod against;
mod applies;
mod checks;
mod complete;
mod coverage;
mod disclose;
mod evaluate;
mod exceptions;
mod facts;
mod gather;
mod graph;
mod joins;
mod judge;
mod lineage;
mod locate;
mod memo;
mod plan;
mod population;
mod probe;
mod program;
mod relation;
mod rollup;
mod rows;
mod run;
mod tiles;
mod version;

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::catalog::{Catalog, Control, Problem};
use crate::evidence::{FOLDER_MANIFEST, Inventory, MANIFEST_SUFFIX, ObstacleKind, Store};
use crate::model::{Code, Finding, Label, Place, Severity, Subject, Tally, Verdict};
use crate::report::{ControlReport, Report};
pub use population::{Member, population};
use run::ManifestSchemas;

pub(crate) use run::{Earlier, Learned, Run};

/// What a run is asked.
pub struct Question<'a> {
    /// The day the verdicts speak of.
    pub as_of: Date,
    /// Whether pending fails the gate.
    pub strict: bool,
    /// Which controls are asked for.
    pub wanted: &'a (dyn Fn(&Control) -> bool + Sync),
    /// Told after each artifact: how many are done, of how many.
    pub progress: &'a (dyn Fn(usize, usize) + Sync),
}

/// Makes what every run needs; while rules load is a good time for it.
pub fn prepare() {
    // What is wrong with it is told by the run.
    let _ = ManifestSchemas::get();
}

/// Judges everything.
///
/// # Errors
/// When a schema of tickmark itself cannot be compiled.
pub fn verify(
    catalog: &Catalog,
    inventory: &Inventory,
    store: &dyn Store,
    question: &Question<'_>,
) -> Result<Report, Vec<Problem>> {
    Ok(Run::new(catalog, question)?.judge(inventory, store, None).0)
}

/// Derives the items and criteria of `report` from its controls, whoever judged them.
pub fn roll_up(catalog: &Catalog, report: &mut Report) {
    report.items = rollup::items(catalog, &report.controls);
    report.criteria = rollup::criteria(catalog, &report.controls);
}

/// What single files alone show.
#[derive(Debug, Default)]
pub struct Checked {
    /// Findings, in report order.
    pub findings: Vec<Finding>,
    /// Files that no requirement reads.
    pub unread: Vec<String>,
}

/// Checks single files: format, schema, rules of the kind, manifest and conditions on each record.
/// What takes several files, or a window, is left to [`verify`].
///
/// # Errors
/// When a schema of tickmark itself cannot be compiled.
pub fn check(
    catalog: &Catalog,
    inventory: &Inventory,
    store: &dyn Store,
    as_of: Date,
) -> Result<Checked, Vec<Problem>> {
    let schemas = ManifestSchemas::get()?;
    let folders = gather::Folders::read(inventory, store, &schemas.folder);
    let plan = plan::Plan::new(catalog, inventory, &|_| true, as_of);
    let env = evaluate::Env::new(catalog, as_of);
    let programs = program::Programs::new(catalog, &plan);
    let gatherer = gather::Gatherer {
        catalog,
        programs: &programs,
        inventory,
        store,
        env: &env,
        manifests: &schemas.manifest,
        folders: &folders,
        as_of,
        sampling: false,
    };
    let mut checked = Checked { findings: obstacles(inventory), unread: unused(inventory, &plan) };
    let mut digests = BTreeMap::new();
    let mut of_controls: BTreeMap<usize, Vec<Finding>> = BTreeMap::new();
    for (entry, uses) in plan.uses.iter().enumerate().filter(|(_, uses)| !uses.is_empty()) {
        let facts = gatherer.artifact(entry, uses);
        digests.insert(inventory.entries()[entry].path.clone(), facts.sha256);
        checked.findings.extend(facts.findings.into_iter().map(|(_, finding)| finding));
        for (one, facts) in uses.iter().zip(facts.uses) {
            let control = &catalog.controls[one.control];
            // Whether the other side of a relation lacks something depends on what asks for it.
            let own = facts.findings.into_iter().filter(|it| !applies::is_of_other(control, it));
            of_controls.entry(one.control).or_default().extend(own);
        }
    }
    for (control, mut findings) in of_controls {
        let digest = |path: &str| digests.get(path).cloned();
        let control = &catalog.controls[control];
        exceptions::recorded(catalog, control, as_of, &mut findings, &digest);
        checked.findings.extend(findings);
    }
    checked.findings.extend(orphans(inventory));
    checked.findings.extend(folders.faults());
    checked.findings.sort_by(|a, b| a.order().cmp(&b.order()));
    checked.findings.dedup();
    Ok(checked)
}

/// Whoever excludes every control has nothing verified.
fn nothing_left(catalog: &Catalog, as_of: Date) -> Option<Finding> {
    let first = catalog.controls.first()?.excluded.as_ref()?;
    catalog.controls.iter().all(|control| control.is_excluded(as_of)).then(|| {
        let message = "every control is excluded: nothing is verified".to_owned();
        exclusion(None, message, first.label.clone())
    })
}

fn exclusion(control: Option<String>, message: String, label: Label) -> Finding {
    Finding {
        code: Code::ExclusionInvalid,
        severity: Severity::Error,
        control,
        requirement: None,
        check: None,
        message,
        help: Code::ExclusionInvalid.page().fix.to_owned(),
        subject: Subject::Requirement,
        evidence: vec![label],
        rule: None,
        excepted_by: None,
    }
}

type Left = Vec<(String, u64)>;

fn one(
    judge: &judge::Judge<'_>,
    at: usize,
    digest: &(dyn Fn(&str) -> Option<String> + Sync),
) -> (ControlReport, Vec<Finding>, Left) {
    let control = &judge.catalog.controls[at];
    let mut judged = judge::Judged::default();
    let mut reason = None;
    let excluded = control.excluded.as_ref();
    let verdict = if let Some(why) = &control.out_of_scope {
        reason = Some(why.clone());
        Verdict::NotApplicable
    } else if let Some(one) = excluded.filter(|_| control.is_excluded(judge.as_of)) {
        let (approver, on) = (&one.approved_by, one.approved_on);
        reason = Some(format!("{} (approved by {approver} on {on})", one.reason));
        Verdict::NotApplicable
    } else {
        judged = judge.control(at);
        judged.findings.extend(excluded.map(|one| {
            let (approver, on) = (&one.approved_by, one.approved_on);
            let message =
                format!("{approver} approves the exclusion on {on}, after {}", judge.as_of);
            exclusion(Some(control.id.clone()), message, one.label.clone())
        }));
        let covered = exceptions::apply(
            judge.catalog,
            control,
            judge.as_of,
            &mut judged.findings,
            &mut judged.checks,
            &judged.requirements,
            digest,
        );
        reason.clone_from(&covered.waived);
        verdict(&judged, &covered)
    };
    if verdict == Verdict::NotOperated {
        reason =
            Some("nothing happened that the control is about, and it is signed for".to_owned());
    }
    let tally = judged
        .requirements
        .iter()
        .fold(Tally::default(), |sum, requirement| sum.plus(requirement.tally));
    let report = ControlReport {
        id: control.id.clone(),
        title: control.title.clone(),
        path: control.source.path.clone(),
        objective: control.objective.clone(),
        why: control.why.clone(),
        good: control.good.clone(),
        owner: control.owner.clone(),
        items: control.items.clone(),
        criteria: control.criteria.clone(),
        verdict,
        reason,
        tally,
        requirements: judged.requirements,
        checks: judged.checks,
        judgement: control.judgement.clone(),
    };
    (report, judged.findings, judged.omitted)
}

fn verdict(judged: &judge::Judged, covered: &exceptions::Covered) -> Verdict {
    let blocked = judged.findings.iter().any(Finding::blocks) || !judged.omitted.is_empty();
    if blocked && judged.blind {
        Verdict::NotEvaluable
    } else if blocked {
        Verdict::Unmet
    } else if covered.waived.is_some() {
        Verdict::Waived
    } else if covered.excepted > 0 {
        Verdict::MetWithExceptions
    } else if judged.pending {
        Verdict::Pending
    } else if judged.not_operated {
        Verdict::NotOperated
    } else {
        Verdict::Met
    }
}

/// What the walk could not list is never passed over.
fn obstacles(inventory: &Inventory) -> Vec<Finding> {
    let finding = |obstacle: &crate::evidence::Obstacle| {
        let code = match obstacle.kind {
            ObstacleKind::Unreadable => Code::PathUnreadable,
            ObstacleKind::Link => Code::LinkRefused,
            ObstacleKind::Special => Code::NotARegularFile,
            ObstacleKind::Collision => Code::NameCollision,
            ObstacleKind::Deceptive => Code::DeceptiveName,
        };
        let label = Label::new(Place::file(&obstacle.path), "");
        gather::artifact_finding(code, obstacle.detail.clone(), &obstacle.path, vec![label])
    };
    inventory.obstacles().iter().map(finding).collect()
}

/// Manifests whose artifact is gone.
fn orphans(inventory: &Inventory) -> Vec<Finding> {
    let entries = inventory.entries().iter();
    let orphan = |path: &str| {
        let folder = path.rsplit('/').next() == Some(FOLDER_MANIFEST);
        let artifact = path.strip_suffix(MANIFEST_SUFFIX).filter(|_| !folder)?;
        (!inventory.contains(artifact)).then(|| artifact.to_owned())
    };
    entries
        .filter_map(|entry| orphan(&entry.path).map(|artifact| (entry, artifact)))
        .map(|(entry, artifact)| {
            let message = format!("the manifest describes `{artifact}`, which is not there");
            let labels = vec![Label::new(Place::file(&entry.path), "")];
            gather::artifact_finding(Code::ManifestOrphan, message, &entry.path, labels)
        })
        .collect()
}

/// Files in folders of evidence that no requirement reads.
fn unused(inventory: &Inventory, plan: &plan::Plan) -> Vec<String> {
    let read = |at: usize| {
        let path = &inventory.entries()[at].path;
        !plan.uses[at].is_empty()
            || path.ends_with(MANIFEST_SUFFIX)
            || !path.starts_with("evidence/")
    };
    let entries = 0..inventory.entries().len();
    entries.filter(|at| !read(*at)).map(|at| inventory.entries()[at].path.clone()).collect()
}
