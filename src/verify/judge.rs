//! From facts to findings and tallies: one control at a time.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;

use super::checks;
use super::coverage;
use super::disclose;
use super::facts::{ArtifactFacts, UseFacts};
use super::plan::{Chosen, Plan};
use super::rows::{Origin, Row};
use crate::catalog::{Catalog, Control, Requirement, Slot, Unit};
use crate::evidence::Inventory;
use crate::model::time::{Cadence, Period};
use crate::model::{Code, Finding, Label, Place, Severity, Subject, Tally};
use crate::report::{ArtifactReport, CheckReport, PeriodReport, RequirementReport};

/// What is known when a control is judged.
pub(crate) struct Judge<'a> {
    pub(crate) catalog: &'a Catalog,
    pub(crate) inventory: &'a Inventory,
    pub(crate) plan: &'a Plan,
    pub(crate) facts: &'a [Option<Arc<ArtifactFacts>>],
    pub(crate) as_of: Date,
}

/// A judged control, before exceptions.
#[derive(Debug, Default)]
pub(crate) struct Judged {
    pub(crate) findings: Vec<Finding>,
    pub(crate) requirements: Vec<RequirementReport>,
    pub(crate) checks: Vec<CheckReport>,
    pub(crate) omitted: Vec<(String, u64)>,
    /// An artifact could not be looked at.
    pub(crate) blind: bool,
    /// Every population is proven empty.
    pub(crate) not_operated: bool,
    /// Nothing is due.
    pub(crate) pending: bool,
}

/// An artifact, by its number in the inventory, and what it says to a requirement.
pub(crate) type Used<'a> = (usize, &'a ArtifactFacts, &'a UseFacts);

/// One requirement with its artifacts.
pub(crate) struct Gathered<'a> {
    pub(crate) requirement: &'a Requirement,
    pub(crate) slot: &'a Slot,
    pub(crate) artifacts: Vec<Used<'a>>,
    /// Those of them that no newer one supersedes.
    pub(crate) current: Vec<Used<'a>>,
    /// Those that a newer one supersedes.
    pub(crate) replaced: Vec<Used<'a>>,
    /// The periods of its cadence, if it has any.
    pub(crate) periods: Vec<Period>,
    /// Its population is proven empty.
    pub(crate) empty: bool,
    /// Nothing of it is due.
    pub(crate) pending: bool,
    /// The last day up to which it must be complete.
    pub(crate) horizon: Option<Date>,
    /// The last day of what is there, due or not; `None` where that is known for each group only.
    pub(crate) reach: Option<Date>,
    /// It looks into records that another requirement of the control looks at as a whole.
    pub(crate) is_within: bool,
    /// Another requirement says when its files are due, and none of them is.
    pub(crate) waits: bool,
}

impl Gathered<'_> {
    /// Its own records are parts of others, which are there and looked at: they may have no parts.
    pub(crate) fn has_whole_records(&self) -> bool {
        self.is_within && self.artifacts.iter().any(|(_, _, uses)| uses.units > 0)
    }

    /// How many records the requirement is about, of the artifacts that are in force.
    pub(crate) fn selected(&self) -> u64 {
        self.current.iter().map(|(_, _, uses)| uses.selected).sum()
    }

    /// The patterns of its files.
    fn patterns(&self) -> Vec<&str> {
        self.slot.patterns.iter().map(|pattern| pattern.as_str()).collect()
    }
}

impl<'a> Judge<'a> {
    /// Judges control number `at`.
    pub(crate) fn control(&self, at: usize) -> Judged {
        let control = &self.catalog.controls[at];
        let mut judged = Judged::default();
        let chosen = &self.plan.chosen[at];
        let requirements = control.requirements.iter().zip(chosen).enumerate();
        let mut gathered: Vec<_> = requirements
            .map(|(number, (requirement, chosen))| self.gather(requirement, chosen, at, number))
            .collect();
        self.relate(&mut gathered);
        for (one, chosen) in gathered.iter_mut().zip(chosen) {
            self.requirement(control, one, chosen, &mut judged);
        }
        share_horizons(&mut gathered);
        checks::run(self, control, &gathered, &mut judged);
        let populations = || gathered.iter().filter(|one| one.slot.population.is_some());
        judged.not_operated =
            populations().any(|one| one.empty) && populations().all(|one| one.selected() == 0);
        let mut asked =
            gathered.iter().filter(|one| one.requirement.demanded_by.is_none()).peekable();
        judged.pending = asked.peek().is_some() && asked.all(|one| one.pending);
        judged
    }

    pub(super) fn gather(
        &self,
        requirement: &'a Requirement,
        chosen: &Chosen,
        control: usize,
        number: usize,
    ) -> Gathered<'a> {
        let slot = &requirement.slots[chosen.slot];
        let artifacts = chosen.entries.iter().filter_map(|&entry| {
            let facts = self.facts[entry].as_deref()?;
            let uses = &self.plan.uses[entry];
            let at =
                uses.iter().position(|one| one.control == control && one.requirement == number)?;
            (!facts.future).then_some((entry, facts, &facts.uses[at]))
        });
        let artifacts: Vec<_> = artifacts.collect();
        let superseded = self.superseded(&artifacts);
        let of = |is_superseded: bool| {
            let all = artifacts.iter().zip(&superseded);
            all.filter(|(_, one)| **one == is_superseded).map(|(used, _)| *used).collect()
        };
        let (current, replaced) = (of(false), of(true));
        let window = self.catalog.engagement.window;
        let cadence = slot.cadence.filter(|cadence| is_periodic(Some(*cadence)));
        let periods = cadence.map_or_else(Vec::new, |cadence| cadence.periods(window));
        let horizon = coverage::horizon(slot, &periods, window, self.as_of);
        Gathered {
            requirement,
            slot,
            artifacts,
            current,
            replaced,
            periods,
            empty: false,
            pending: false,
            horizon,
            reach: None,
            is_within: false,
            waits: false,
        }
    }

    /// Notes what requirements over the same files say for one another.
    fn relate(&self, gathered: &mut [Gathered<'a>]) {
        let is_own = |one: &Gathered<'_>| {
            let kind = self.catalog.kinds.get(&one.slot.kind);
            kind.is_some_and(|kind| kind.unit == Unit::Record && one.slot.records == kind.records)
        };
        let waits = |one: &Gathered<'a>| {
            is_periodic(one.slot.cadence) && one.horizon.is_none() && one.selected() == 0
        };
        let known: Vec<_> = gathered
            .iter()
            .map(|one| (one.slot.kind.clone(), one.patterns().join(" "), is_own(one), waits(one)))
            .collect();
        for one in gathered {
            let files = one.patterns().join(" ");
            let mut same = known.iter().filter(|(_, patterns, ..)| *patterns == files);
            one.waits = !is_periodic(one.slot.cadence) && same.clone().any(|other| other.3);
            one.is_within = !is_own(one) && same.any(|other| other.0 == one.slot.kind && other.2);
        }
    }

    fn requirement(
        &self,
        control: &Control,
        one: &mut Gathered<'a>,
        chosen: &Chosen,
        judged: &mut Judged,
    ) {
        let mut tally = Tally {
            matched: chosen.entries.len() as u64,
            current: one.artifacts.len() as u64,
            ..Tally::default()
        };
        for (_, facts, uses) in &one.artifacts {
            judged.blind |= facts.blind;
            tally.parsed += u64::from(!facts.unread);
            tally.records += uses.read;
            for (kind, finding) in &facts.findings {
                if kind.as_ref().is_none_or(|kind| *kind == one.slot.kind) {
                    judged.findings.push(self.adopt(control, one, finding));
                }
            }
        }
        // A corrected export of the same days is disclosed, and holds nothing back any more. One of
        // other days was right or wrong in its own time: a newer one does not undo that.
        let corrects = |facts: &ArtifactFacts| {
            let covers = |facts: &ArtifactFacts| facts.manifest.as_ref().and_then(|one| one.covers);
            covers(facts).is_some_and(|days| {
                one.current.iter().any(|(_, newer, _)| covers(newer) == Some(days))
            })
        };
        for (_, facts, uses) in &one.replaced {
            if corrects(facts) {
                judged.findings.extend(uses.findings.iter().map(replaced));
            } else {
                judged.findings.extend(uses.findings.iter().cloned());
            }
        }
        for (_, _, uses) in &one.current {
            tally.selected += uses.selected;
            judged.findings.extend(uses.findings.iter().cloned());
            judged.omitted.extend(uses.omitted.iter().map(|(check, many)| (check.clone(), *many)));
            if let Some((count, first)) = uses.outside {
                let message =
                    format!("{count} records lie outside the audit window and do not count");
                let mut finding = self.about(control, one, Code::OutsideWindow, message);
                finding.severity = Severity::Note;
                finding.evidence.push(self.mark(first, "collected_at"));
                judged.findings.push(finding);
            }
        }
        self.passed_over(control, one, chosen, judged);
        self.counts(control, one, judged);
        self.replaced(control, one, judged);
        self.hollow(control, one, tally, judged);
        self.population(control, one, judged);
        let periods = coverage::judge(self, control, one, &mut tally, judged);
        one.reach = coverage::reach(one);
        self.presence(control, one, tally, &periods, judged);
        self.freshness(control, one, judged);
        let artifacts = one.artifacts.iter().map(|(entry, facts, _)| ArtifactReport {
            path: self.inventory.entries()[*entry].path.clone(),
            sha256: facts.sha256.clone(),
            provenance: facts.manifest.as_ref().map(|said| disclose::provenance(&said.manifest)),
        });
        judged.requirements.push(RequirementReport {
            name: one.requirement.name.clone(),
            alternative: one.slot.alternative.clone(),
            kind: one.slot.kind.clone(),
            paths: one.slot.patterns.iter().map(|pattern| pattern.as_str().to_owned()).collect(),
            cadence: one
                .slot
                .cadence
                .map_or_else(|| "any time".to_owned(), |cadence| cadence.to_string()),
            tally,
            periods,
            artifacts: artifacts.collect(),
        });
    }

    /// Files and records must be there.
    fn presence(
        &self,
        control: &Control,
        one: &mut Gathered<'a>,
        tally: Tally,
        periods: &[PeriodReport],
        judged: &mut Judged,
    ) {
        let periodic = !periods.is_empty();
        let nothing_due = periodic && tally.due == 0;
        let nothing_yet = tally.current == 0 && tally.matched > 0;
        one.pending = (nothing_due || one.waits) && (tally.selected == 0 || nothing_yet);
        if one.requirement.demanded_by.is_some() || one.pending || one.empty {
            return;
        }
        let patterns: Vec<_> =
            one.patterns().into_iter().map(|pattern| format!("`{pattern}`")).collect();
        let (code, message) = if tally.matched == 0 {
            let message = format!("no file matches {}", patterns.join(" or "));
            (Code::ArtifactMissing, message)
        } else if tally.records == 0 {
            if one.has_whole_records() {
                return;
            }
            let found = one.artifacts.iter().any(|(_, facts, _)| facts.unread);
            if found || tally.current == 0 && periodic {
                // The fault, or the missing period, says what is wrong.
                return;
            }
            if tally.current == 0 {
                let message = format!(
                    "no file of `{}` was collected by {}",
                    one.requirement.name, self.as_of
                );
                return judged.findings.push(self.about(
                    control,
                    one,
                    Code::ArtifactMissing,
                    message,
                ));
            }
            (Code::NoRecords, format!("the evidence of `{}` holds no record", one.requirement.name))
        } else if tally.selected == 0 {
            let outside: u64 =
                one.current.iter().filter_map(|(_, _, uses)| uses.outside).map(|o| o.0).sum();
            let replaced = one.artifacts.iter().map(|(_, _, uses)| uses.selected).sum::<u64>();
            let why = match (outside, replaced) {
                (0, 0) => String::new(),
                (0, many) => format!(": {many} stand in a file that a newer one supersedes"),
                (many, _) => format!(": {many} lie outside the audit window"),
            };
            let message = format!(
                "none of the {} records of `{}` is selected{why}",
                tally.records, one.requirement.name
            );
            (Code::SelectionEmpty, message)
        } else if !periodic
            && one.current.iter().map(|(_, _, uses)| uses.after).sum::<u64>() == tally.selected
            && self.as_of > self.catalog.engagement.window.to()
        {
            let message = format!(
                "everything of `{}` was taken after the audit window had ended",
                one.requirement.name
            );
            (Code::OutsideWindow, message)
        } else {
            return;
        };
        let mut finding = self.about(control, one, code, message);
        if code == Code::ArtifactMissing {
            finding.rule = Some(control.source.label(&format!("{}/path", one.slot.pointer)));
        }
        if let Some((entry, _, _)) = one.artifacts.first() {
            let path = &self.inventory.entries()[*entry].path;
            finding.evidence.push(Label::new(Place::file(path), ""));
        }
        judged.findings.push(finding);
    }

    /// Whether each of `artifacts` is superseded by a newer one: two files cannot make away with each
    /// other.
    fn superseded(&self, artifacts: &[Used<'a>]) -> Vec<bool> {
        let path = |entry: usize| self.inventory.entries()[entry].path.as_str();
        let age = |(entry, facts, _): &Used<'a>| {
            (facts.manifest.as_ref().map(|one| one.collected), path(*entry))
        };
        let mut newer = BTreeMap::new();
        for one in artifacts.iter().filter(|(_, facts, _)| !facts.unread) {
            let manifest = one.1.manifest.as_ref().map(|one| &one.manifest);
            if let Some(older) = manifest.and_then(|one| one.supersedes.as_deref()) {
                let newest = newer.entry(older).or_insert(age(one));
                *newest = age(one).max(*newest);
            }
        }
        let is_superseded =
            |one: &Used<'a>| newer.get(path(one.0)).is_some_and(|newer| *newer > age(one));
        artifacts.iter().map(is_superseded).collect()
    }

    /// A finding of an artifact as one of this control.
    fn adopt(&self, control: &Control, one: &Gathered<'_>, finding: &Finding) -> Finding {
        let mut finding = finding.clone();
        finding.control = Some(control.id.clone());
        finding.requirement = Some(one.requirement.name.clone());
        if finding.rule.is_none() {
            finding.rule = Some(one.requirement.label.clone());
        }
        finding
    }

    /// A finding about a requirement; the caller adds places.
    pub(crate) fn about(
        &self,
        control: &Control,
        one: &Gathered<'_>,
        code: Code,
        message: String,
    ) -> Finding {
        Finding {
            code,
            severity: Severity::Error,
            control: Some(control.id.clone()),
            requirement: Some(one.requirement.name.clone()),
            check: None,
            message,
            help: code.page().fix.to_owned(),
            subject: Subject::Requirement,
            evidence: Vec::new(),
            rule: Some(one.requirement.label.clone()),
            excepted_by: None,
        }
    }

    /// The record a row stands for.
    pub(crate) fn subject(&self, row: &Row) -> Subject {
        let path = self.inventory.entries()[row.origin.artifact as usize].path.clone();
        Subject::Record { path, key: row.about.name.to_string() }
    }

    /// The place of `origin`; of `field` in the manifest, where that is what says it.
    pub(crate) fn mark(&self, origin: Origin, field: &str) -> Label {
        let facts = self.facts[origin.artifact as usize].as_ref();
        let manifest = facts.and_then(|facts| facts.manifest.as_ref());
        let label = manifest.and_then(|manifest| {
            let stated = manifest.labels.get(field).filter(|label| label.place.span.end > 0);
            stated.or_else(|| manifest.labels.get("collected_at"))
        });
        let label = label.filter(|_| origin.is_whole());
        label.cloned().unwrap_or_else(|| Label::new(self.place(origin), ""))
    }

    /// Where a row stands.
    pub(crate) fn place(&self, origin: Origin) -> Place {
        let facts = self.facts[origin.artifact as usize].as_ref().filter(|_| origin.of_manifest);
        let manifest = facts.and_then(|facts| facts.described_in.clone());
        let own = || self.inventory.entries()[origin.artifact as usize].path.clone();
        origin.place(manifest.unwrap_or_else(own))
    }
}

/// A finding about a record of an artifact that a newer one supersedes.
fn replaced(finding: &Finding) -> Finding {
    let mut finding = finding.clone();
    if finding.severity == Severity::Error {
        finding.severity = Severity::Warning;
        finding.message.push_str(" (in a file that a newer one supersedes)");
    }
    finding
}

/// A requirement that looks into the artifacts of another one is complete as far as that one is.
fn share_horizons(gathered: &mut [Gathered<'_>]) {
    let patterns = |one: &Gathered<'_>| one.patterns().join(" ");
    let known: Vec<_> = gathered
        .iter()
        .filter(|one| is_periodic(one.slot.cadence))
        .map(|one| (patterns(one), (one.horizon, one.reach)))
        .collect();
    for one in gathered.iter_mut().filter(|one| !is_periodic(one.slot.cadence)) {
        let own = patterns(one);
        let same = known.iter().filter(|(patterns, _)| *patterns == own);
        if let Some((horizon, reach)) = same.map(|(_, days)| *days).max() {
            (one.horizon, one.reach) = (horizon, reach);
        }
    }
}

/// Whether a cadence has periods.
pub(crate) fn is_periodic(cadence: Option<Cadence>) -> bool {
    !matches!(cadence, None | Some(Cadence::PerEvent | Cadence::Continuous { .. }))
}
