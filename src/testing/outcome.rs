//! Runs a fixture: the met tree, its cases, its mutants.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use super::fixture::Fixture;
use super::mutant::{Mutant, mutants};
use super::raw::{RawCase, RawExpected, RawVerdict};
use super::target::Targets;
use super::tree::{Changed, Tree};
use crate::catalog::{Catalog, File, Problem};
use crate::evidence::{Inventory, MANIFEST_SUFFIX, Memory};
use crate::model::{Finding, Severity, Verdict};
use crate::report::Report;
use crate::verify::{Earlier, Learned, Question, Run, verify};

/// What the tests of one control showed.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// The control.
    pub control: String,
    /// How many cases there are.
    pub cases: usize,
    /// The met tree or a case that went otherwise than it says, in words.
    pub failures: Vec<String>,
    /// How many mutants were made.
    pub mutants: usize,
    /// Of these, how many were not met.
    pub caught: usize,
    /// How many mutants no verifier may miss.
    pub binding: usize,
    /// Of these, those that were missed and are not explained.
    pub survivors: Vec<Survivor>,
    /// How many of them are explained in the test file.
    pub explained: usize,
    /// Requirements and checks that something broke.
    pub breakable: usize,
    /// Requirements and checks that nothing could break.
    pub unbreakable: Vec<String>,
    /// Rules of the kinds it reads, `kind: rule`, and whether something broke each.
    pub kind_rules: BTreeMap<String, bool>,
}

/// A mutant that was missed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Survivor(pub String);

impl Outcome {
    /// Whether everything went as it should.
    #[must_use]
    pub fn passes(&self) -> bool {
        self.failures.is_empty() && self.survivors.is_empty() && self.unbreakable.is_empty()
    }
}

/// Runs `fixture` against the rule file `control`; `mutate` makes mutants, too.
///
/// # Errors
/// Every problem of the rule file, of its kinds or of an `exceptions.yaml` in a tree.
pub fn run(
    fixture: &Fixture,
    control: &File,
    kinds: &[File],
    mutate: bool,
) -> Result<Outcome, Vec<Problem>> {
    let catalog = fixture.catalog(&fixture.met, control, kinds)?;
    let mut outcome = Outcome {
        control: fixture.control.clone(),
        cases: fixture.cases.len(),
        ..Outcome::default()
    };
    let Some(judged) = catalog.controls.first().filter(|judged| judged.id == fixture.control)
    else {
        let message = format!("this tests `{}`, but lies beside another control", fixture.control);
        return Err(vec![fixture.source.problem("/control", message, None)]);
    };
    let mut targets = Targets::of(&catalog, judged);
    let met = judge(&catalog, fixture, &fixture.met)?;
    if verdict(&met) != Verdict::Met {
        outcome.failures.push(format!(
            "the met tree is {}:{}",
            verdict(&met).as_str(),
            listed(&met.findings)
        ));
    }
    for (case, tree) in &fixture.cases {
        let own = match fixture.has_own_policy(tree) {
            true => Some(fixture.catalog(tree, control, kinds)?),
            false => None,
        };
        let report = judge(own.as_ref().unwrap_or(&catalog), fixture, tree)?;
        report.findings.iter().for_each(|finding| targets.broken_by(&catalog, finding));
        outcome.failures.extend(wrong(case, tree, &report));
    }
    if mutate && outcome.failures.is_empty() {
        attack(fixture, &catalog, &mut targets, &mut outcome)?;
    }
    outcome.breakable = targets.own.values().filter(|broken| **broken).count();
    if mutate {
        let whole = targets.own.iter().filter(|(_, broken)| !**broken);
        outcome.unbreakable = whole.map(|(name, _)| name.clone()).collect();
    }
    outcome.kind_rules = targets.kinds;
    Ok(outcome)
}

fn attack(
    fixture: &Fixture,
    catalog: &Catalog,
    targets: &mut Targets,
    outcome: &mut Outcome,
) -> Result<(), Vec<Problem>> {
    let required = |path: &str, field: &str| {
        let slots = catalog.controls.iter().flat_map(|control| &control.requirements);
        let slots = slots.flat_map(|requirement| &requirement.slots);
        let reading = slots.filter(|slot| slot.patterns.iter().any(|own| own.matches(path)));
        let kinds = reading.filter_map(|slot| catalog.kinds.get(&slot.kind));
        kinds.map(|kind| kind.source.document.root()).any(|schema| {
            schema.get("required").is_some_and(|required| {
                required.elements().any(|name| name.as_str() == Some(field))
            })
        })
    };
    let all = mutants(&fixture.met, &required);
    let question = question(fixture);
    let run = Run::new(catalog, &question)?;
    let (inventory, store) = fixture.met.store();
    let (_, learned) = run.judge(&inventory, &store, None);
    let broken = Mutex::new(targets);
    let is_caught = |mutant: &Mutant| {
        let report = one(&run, mutant, &fixture.met, (&inventory, &store, &learned));
        let mut broken = broken.lock().unwrap_or_else(PoisonError::into_inner);
        report.findings.iter().for_each(|finding| broken.broken_by(catalog, finding));
        verdict(&report) != Verdict::Met || !report.passes()
    };
    let caught: Vec<bool> = all.par_iter().map(is_caught).collect();
    let mut unused: BTreeSet<&str> =
        fixture.survivors.iter().map(|survivor| survivor.mutant.as_str()).collect();
    outcome.mutants = all.len();
    for (mutant, caught) in all.iter().zip(caught) {
        outcome.caught += usize::from(caught);
        outcome.binding += usize::from(mutant.must);
        if mutant.must && !caught {
            if unused.remove(mutant.name.as_str()) {
                outcome.explained += 1;
            } else {
                outcome.survivors.push(Survivor(mutant.name.clone()));
            }
        }
    }
    let stale = unused.into_iter();
    outcome.failures.extend(stale.map(|name| {
        format!("`survivors` explains `{name}`, which is caught or no mutant that must be")
    }));
    Ok(())
}

/// The report on the met tree with one fault, of which all else is known.
fn one(
    run: &Run<'_>,
    mutant: &Mutant,
    met: &Tree,
    (inventory, store, learned): (&Inventory, &Memory, &Learned),
) -> Report {
    let (path, file) = mutant.apply(met);
    let gone = || [(path.to_owned(), None), (format!("{path}{MANIFEST_SUFFIX}"), None)];
    let files = file.map_or_else(gone, |file| file.lying(path));
    let changed = Changed { rest: store, files };
    // Without a file the others have other numbers.
    if let Some(fewer) = changed.inventory(inventory) {
        return run.judge(&fewer, &changed, None).0;
    }
    let paths = changed.files.each_ref().map(|(path, _)| path.as_str());
    run.judge(inventory, &changed, Some(&Earlier { facts: learned, changed: &paths })).0
}

fn judge(catalog: &Catalog, fixture: &Fixture, tree: &Tree) -> Result<Report, Vec<Problem>> {
    let (inventory, store) = tree.store();
    verify(catalog, &inventory, &store, &question(fixture))
}

fn question(fixture: &Fixture) -> Question<'static> {
    Question { as_of: fixture.as_of, strict: false, wanted: &|_| true, progress: &|_, _| {} }
}

fn verdict(report: &Report) -> Verdict {
    report.controls.first().map_or(Verdict::NotEvaluable, |control| control.verdict)
}

/// What differs from what `case` says.
fn wrong(case: &RawCase, tree: &Tree, report: &Report) -> Option<String> {
    let expected = case.verdict.map_or(Verdict::Unmet, verdict_of);
    let found = verdict(report);
    if found != expected {
        let (name, expected, found) = (&case.name, expected.as_str(), found.as_str());
        let why = listed(&report.findings);
        return Some(format!("\"{name}\" is {found}, not {expected}:{why}"));
    }
    let finding = case.finding.as_ref()?;
    if report.findings.iter().any(|found| matches(found, finding, tree)) {
        return None;
    }
    let mut wanted = format!("`{}`", finding.code);
    for (name, value) in [
        ("check", &finding.check),
        ("evidence", &finding.evidence),
        ("file", &finding.file),
        ("at", &finding.at),
    ] {
        if let Some(value) = value {
            wanted.push_str(&format!(", {name} `{value}`"));
        }
    }
    let why = listed_at(&report.findings, tree);
    Some(format!("\"{}\" does not give {wanted}, but:{why}", case.name))
}

fn matches(found: &Finding, expected: &RawExpected, tree: &Tree) -> bool {
    let same =
        |expected: &Option<String>, found: &Option<String>| expected.is_none() || expected == found;
    let place = found.evidence.first().map(|label| &label.place);
    found.severity == Severity::Error
        && found.code.as_str() == expected.code
        && same(&expected.check, &found.check)
        && same(&expected.evidence, &found.requirement)
        && same(&expected.file, &place.map(|place| place.path.clone()))
        && same(&expected.at, &marked(found, tree))
}

/// The source text under the first label.
fn marked(found: &Finding, tree: &Tree) -> Option<String> {
    let place = &found.evidence.first()?.place;
    let text = match tree.0.get(&place.path) {
        Some(file) => file.text.clone(),
        None => {
            let artifact = place.path.strip_suffix(crate::evidence::MANIFEST_SUFFIX)?;
            tree.0.get(artifact)?.sealed(artifact)?
        }
    };
    Some(place.span.slice(&text).to_owned())
}

fn listed(findings: &[Finding]) -> String {
    if findings.is_empty() {
        return " no finding".to_owned();
    }
    let line = |finding: &Finding| {
        let place = finding
            .evidence
            .first()
            .map(|label| format!(" at {}:{}", label.place.path, label.place.start.line));
        let from = finding.check.as_ref().or(finding.requirement.as_ref());
        let from = from.map_or_else(String::new, |from| format!(" ({from})"));
        format!(
            "\n      {}{from}{}: {}",
            finding.code.as_str(),
            place.unwrap_or_default(),
            finding.message
        )
    };
    let mut text: String = findings.iter().take(SHOWN).map(line).collect();
    if findings.len() > SHOWN {
        text.push_str(&format!("\n      and {} more", findings.len() - SHOWN));
    }
    text
}

fn listed_at(findings: &[Finding], tree: &Tree) -> String {
    let marks = findings.iter().take(SHOWN).filter_map(|finding| marked(finding, tree));
    let marks: Vec<String> =
        marks.map(|mark| format!("`{}`", mark.lines().next().unwrap_or_default())).collect();
    let mut text = listed(findings);
    if !marks.is_empty() {
        text.push_str(&format!("\n      (first labels: {})", marks.join(", ")));
    }
    text
}

const SHOWN: usize = 6;

fn verdict_of(raw: RawVerdict) -> Verdict {
    match raw {
        RawVerdict::Met => Verdict::Met,
        RawVerdict::MetWithExceptions => Verdict::MetWithExceptions,
        RawVerdict::NotOperated => Verdict::NotOperated,
        RawVerdict::Pending => Verdict::Pending,
        RawVerdict::Waived => Verdict::Waived,
        RawVerdict::NotApplicable => Verdict::NotApplicable,
        RawVerdict::Unmet => Verdict::Unmet,
        RawVerdict::NotEvaluable => Verdict::NotEvaluable,
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::catalog::pack;
    use crate::render::json;

    #[test]
    fn a_mutant_is_judged_as_if_nothing_were_known() {
        let read = |path: &str| File {
            path: path.to_owned(),
            bytes: std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap(),
        };
        let (control, test) =
            (read("controls/inf/inf-02.yaml"), read("controls/inf/inf-02.test.yaml"));
        let fixture = Fixture::read(&test, &Fixture::schema().unwrap()).unwrap();
        let catalog = fixture.catalog(&fixture.met, &control, &pack::kinds()).unwrap();
        let question = question(&fixture);
        let run = Run::new(&catalog, &question).unwrap();
        let (inventory, store) = fixture.met.store();
        let (_, learned) = run.judge(&inventory, &store, None);
        let told = |report: &Report| {
            let mut out = Vec::new();
            json::render(report, &mut out).unwrap();
            String::from_utf8(out).unwrap()
        };
        for mutant in mutants(&fixture.met, &|_, _| false).iter().step_by(5) {
            let mut tree = fixture.met.clone();
            match mutant.apply(&fixture.met) {
                (path, Some(file)) => drop(tree.0.insert(path.to_owned(), file)),
                (path, None) => drop(tree.0.remove(path)),
            }
            let quick = one(&run, mutant, &fixture.met, (&inventory, &store, &learned));
            let whole = judge(&catalog, &fixture, &tree).unwrap();
            assert_eq!(told(&quick), told(&whole), "{}", mutant.name);
        }
    }
}
