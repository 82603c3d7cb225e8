//! What one pass over an artifact leaves behind: dates, keys, counts and findings, no text.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::plan::Use;
use super::program::{Program, Programs};
use super::rows::{Origin, Placed, Row};
use crate::evidence::Manifest;
use crate::model::time::Interval;
use crate::model::{Finding, Label};

/// Findings kept of one check in one artifact; the rest are counted.
pub(crate) const KEPT: usize = 1_000;

/// What is known of an artifact.
#[derive(Debug, Default)]
pub(crate) struct ArtifactFacts {
    /// SHA-256 in hex; empty when the file could not be read to its end.
    pub(crate) sha256: String,
    /// It could not be read to its end, so nothing in it counts.
    pub(crate) unread: bool,
    /// We could not look: the verdict is not evaluable.
    pub(crate) blind: bool,
    /// It was collected after the as-of date, so it does not exist yet.
    pub(crate) future: bool,
    /// Path of the manifest that says what a binary holds.
    pub(crate) described_in: Option<String>,
    /// Its manifest.
    pub(crate) manifest: Option<ManifestFacts>,
    /// Findings about the artifact, whatever control reads it; by the kind that found them, or
    /// `None` for all.
    pub(crate) findings: Vec<(Option<String>, Finding)>,
    /// For each use, in the order of the plan.
    pub(crate) uses: Vec<UseFacts>,
    /// Lists of rows that the uses keep, some of them several.
    pub(crate) lists: Vec<Vec<Row>>,
}

impl ArtifactFacts {
    /// Nothing yet, of what `uses` ask.
    pub(super) fn new(uses: &[Use], programs: &Programs<'_>) -> Self {
        let mut begins: BTreeMap<usize, usize> = BTreeMap::new();
        let mut lists = 0;
        let own = uses.iter().map(|one| {
            let program = programs.of(*one);
            let begin = *begins.entry(program.group).or_insert_with(|| {
                lists += programs.layout(program.group).lists;
                lists - programs.layout(program.group).lists
            });
            UseFacts::new(program, begin)
        });
        let uses = own.collect();
        Self { uses, lists: vec![Vec::new(); lists], ..Self::default() }
    }

    /// The rows that check number `check` of a use gathered in `role`.
    pub(super) fn rows(&self, uses: &UseFacts, check: usize, role: u8) -> &[Row] {
        let list = uses.probe(check, role).and_then(|probe| probe.list);
        list.map_or(&[], |list| &self.lists[list])
    }

    /// The records of the population of a use.
    pub(super) fn population(&self, uses: &UseFacts) -> &[Row] {
        uses.population.map_or(&[], |list| &self.lists[list])
    }
}

/// The manifest of an artifact.
#[derive(Debug, Clone)]
pub(crate) struct ManifestFacts {
    /// As it is written.
    pub(crate) manifest: Manifest,
    /// Day of collection in the engagement's zone.
    pub(crate) collected: Date,
    /// The days it covers.
    pub(crate) covers: Option<Interval>,
    /// Places of its fields, by name.
    pub(crate) labels: BTreeMap<&'static str, Label>,
}

impl ManifestFacts {
    /// The days it covers that were there when it was collected.
    pub(crate) fn covered(&self) -> Option<Interval> {
        let covers = self.covers?;
        Interval::new(covers.from(), covers.to().min(self.collected)).ok()
    }
}

/// What is known for one use of an artifact.
#[derive(Debug, Default)]
pub(crate) struct UseFacts {
    /// Records read.
    pub(crate) read: u64,
    /// Records of the kind's own unit: lines, rows, elements of the outermost list.
    pub(crate) units: u64,
    /// Records selected, inside the window and not after as-of.
    pub(crate) selected: u64,
    /// Selected records that nothing but a manifest dates, to a day after the window.
    pub(crate) after: u64,
    /// Records outside the window, with the first of them.
    pub(crate) outside: Option<(u64, Origin)>,
    /// When evidence was left, without repetitions.
    pub(crate) occurrences: Occurrences,
    /// The days its records are evidence of, where a check compares by period.
    pub(crate) placed: BTreeSet<Placed>,
    /// The newest date of the freshness field, with its place.
    pub(crate) newest: Option<(Date, Origin)>,
    /// Number of its first list.
    pub(crate) begin: usize,
    /// Number of the list of the population, all records.
    pub(crate) population: Option<usize>,
    /// The selected records of the population, where a sample is drawn.
    pub(crate) sampled: Vec<Row>,
    /// Findings about records of this use.
    pub(crate) findings: Vec<Finding>,
    /// How many findings are kept, by check.
    pub(crate) kept: BTreeMap<String, usize>,
    /// Findings beyond [`KEPT`], by check.
    pub(crate) omitted: BTreeMap<String, u64>,
    /// What the checks gathered, in the order of the program.
    pub(crate) probes: Vec<ProbeFacts>,
}

/// One time at which evidence was left.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Occurrence {
    /// Values of the `per` fields, such as `system=ml-platform`.
    pub(crate) group: Option<String>,
    /// The period the record says it is for.
    pub(crate) period: Option<Interval>,
    /// The days it covers.
    pub(crate) covers: Option<Interval>,
    /// The day it happened, else the day it was collected.
    pub(crate) done: Option<Date>,
}

/// When evidence was left: each time once, in order.
#[derive(Debug, Default)]
pub(crate) struct Occurrences(Vec<(Occurrence, Marks)>);

impl Occurrences {
    /// Adds a time that is not there yet.
    pub(super) fn add(&mut self, occurrence: Occurrence, marks: impl FnOnce() -> Marks) {
        if let Err(at) = self.0.binary_search_by(|(own, _)| own.cmp(&occurrence)) {
            if self.0.is_empty() {
                // Most files are of one time.
                self.0.reserve_exact(1);
            }
            self.0.insert(at, (occurrence, marks()));
        }
    }

    /// All of them.
    pub(super) fn iter(&self) -> impl Iterator<Item = &(Occurrence, Marks)> {
        self.0.iter()
    }
}

/// Where it is said when evidence was left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Marks {
    /// The day it happened; the whole artifact where its manifest says the day.
    pub(crate) done: Origin,
    /// The period or the days; the whole artifact where its manifest says them.
    pub(crate) days: Origin,
}

/// What one check gathered from one artifact.
#[derive(Debug, Default)]
pub(crate) struct ProbeFacts {
    /// The check, by its number in the control, and the role.
    pub(crate) of: (usize, u8),
    /// Number of the list of its rows, where it keeps any.
    pub(crate) list: Option<usize>,
    /// Records looked at.
    pub(crate) whole: u64,
    /// Records counted, or deviating.
    pub(crate) part: u64,
    /// Sum of values.
    pub(crate) sum: f64,
}

impl UseFacts {
    /// Nothing yet, of what `program` asks, whose lists begin at number `begin`.
    fn new(program: &Program<'_>, begin: usize) -> Self {
        let probes = program.probes.iter().map(|one| ProbeFacts {
            of: (one.at, one.role),
            list: one.list.map(|list| begin + list),
            ..ProbeFacts::default()
        });
        let population = program.population_list.map(|list| begin + list);
        Self { probes: probes.collect(), begin, population, ..Self::default() }
    }

    /// What check number `check` gathered in `role`.
    pub(super) fn probe(&self, check: usize, role: u8) -> Option<&ProbeFacts> {
        self.probes.iter().find(|probe| probe.of == (check, role))
    }

    /// Adds what the records after these left behind.
    pub(crate) fn append(&mut self, next: Self) {
        // Taken apart, so that a field that is added later is not forgotten here.
        let Self {
            read,
            units,
            selected,
            after,
            outside,
            occurrences,
            placed,
            newest,
            begin: _,
            population: _,
            sampled,
            findings,
            kept: _,
            omitted,
            probes,
        } = next;
        self.read += read;
        self.units += units;
        self.selected += selected;
        self.after += after;
        self.outside = match (self.outside, outside) {
            (Some((some, first)), Some((more, _))) => Some((some + more, first)),
            (one, other) => one.or(other),
        };
        for (occurrence, marks) in occurrences.0 {
            self.occurrences.add(occurrence, || marks);
        }
        self.placed.extend(placed);
        self.sampled.extend(sampled);
        let is_newer = |(day, _): &(Date, _)| self.newest.is_none_or(|(own, _)| own < *day);
        self.newest = newest.filter(is_newer).or(self.newest);
        for finding in findings {
            let check = of_check(&finding).to_owned();
            self.find(&check, || finding);
        }
        for (check, many) in omitted {
            *self.omitted.entry(check).or_default() += many;
        }
        for (probe, next) in self.probes.iter_mut().zip(probes) {
            probe.whole += next.whole;
            probe.part += next.part;
            probe.sum += next.sum;
        }
    }

    /// Keeps a finding of `check`, or counts it once there are many.
    pub(crate) fn find(&mut self, check: &str, finding: impl FnOnce() -> Finding) {
        if self.is_full(check) {
            return self.omit(check);
        }
        *self.kept.entry(check.to_owned()).or_default() += 1;
        self.findings.push(finding());
    }

    /// Whether so many findings of `check` are kept that further ones are only counted.
    pub(crate) fn is_full(&self, check: &str) -> bool {
        self.kept.get(check).is_some_and(|kept| *kept >= KEPT)
    }

    /// Counts a finding of `check` that is not kept.
    pub(crate) fn omit(&mut self, check: &str) {
        *self.omitted.entry(check.to_owned()).or_default() += 1;
    }
}

/// What findings are counted by: the check, else the code.
fn of_check(finding: &Finding) -> &str {
    finding.check.as_deref().unwrap_or(finding.code.as_str())
}
