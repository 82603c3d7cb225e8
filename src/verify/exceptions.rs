//! Recorded exceptions and waivers: what they cover, and what is wrong with them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use crate::catalog::{Catalog, Control, Exception, Waiver};
use crate::evidence::MANIFEST_SUFFIX;
use crate::model::time::{Allowance, PeriodLabel};
use crate::model::{Code, Finding, Severity, Subject, is_same_person};
use crate::report::{CheckReport, RequirementReport};

/// Share of the population that may deviate and still be isolated.
const ISOLATED: f64 = 0.05;
/// Populations smaller than this are judged by the recorded exception alone.
const SMALL: u64 = 10;

/// How long after the window an exception or a waiver may last.
const LONGEST: Allowance = Allowance::Months(24);

/// What became of a control's findings.
#[derive(Debug, Default)]
pub(crate) struct Covered {
    /// Findings that exceptions cover.
    pub(crate) excepted: u64,
    /// The waiver that covers what is left, and why.
    pub(crate) waived: Option<String>,
}

/// Marks the findings that exceptions and waivers cover, and adds findings about those that do not
/// hold.
pub(crate) fn apply(
    catalog: &Catalog,
    control: &Control,
    as_of: Date,
    findings: &mut Vec<Finding>,
    checks: &mut [CheckReport],
    requirements: &[RequirementReport],
    digest: &dyn Fn(&str) -> Option<String>,
) -> Covered {
    let mut work = Work { catalog, control, as_of, findings, digest };
    let excepted = work.exceptions(checks);
    work.isolated_of_requirements(checks, requirements);
    let waived = work.waivers();
    Covered { excepted, waived }
}

/// Marks those of a control's findings in single files that a valid exception covers, each exactly
/// one. Whether they are isolated, and whether an exception covers nothing, takes all of the evidence.
pub(crate) fn recorded(
    catalog: &Catalog,
    control: &Control,
    as_of: Date,
    findings: &mut Vec<Finding>,
    digest: &dyn Fn(&str) -> Option<String>,
) {
    let work = Work { catalog, control, as_of, findings, digest };
    let own = catalog.exceptions.exceptions.iter().filter(|one| one.raw.control == control.id);
    for exception in own {
        if is_later(exception, as_of) || work.invalid(exception).is_some() {
            continue;
        }
        let matching: Vec<usize> = (0..work.findings.len())
            .filter(|at| work.covers(exception, &work.findings[*at]))
            .collect();
        if work.deviations(&matching) == 1 {
            for at in matching {
                work.findings[at].excepted_by = Some(exception.raw.id.clone());
            }
        }
    }
}

struct Work<'w> {
    catalog: &'w Catalog,
    control: &'w Control,
    as_of: Date,
    findings: &'w mut Vec<Finding>,
    digest: &'w dyn Fn(&str) -> Option<String>,
}

impl Work<'_> {
    fn exceptions(&mut self, checks: &mut [CheckReport]) -> u64 {
        let catalog = self.catalog;
        let own =
            catalog.exceptions.exceptions.iter().filter(|one| one.raw.control == self.control.id);
        let as_of = self.as_of;
        for exception in own.filter(|one| !is_later(one, as_of)) {
            let matching: Vec<usize> = (0..self.findings.len())
                .filter(|at| self.covers(exception, &self.findings[*at]))
                .collect();
            let many = self.deviations(&matching);
            let reason = self.invalid(exception).or_else(|| {
                let reason = || format!("{many} deviations are named by it: give `record` and `path`, and one exception to each");
                (many > 1).then(|| (reason(), "check"))
            });
            if let Some((reason, field)) = reason {
                let message = format!("exception {} does not hold: {reason}", exception.raw.id);
                let pointer = format!("{}/{field}", exception.pointer);
                self.tell(Code::ExceptionInvalid, message, &pointer, Severity::Error);
            } else if matching.is_empty() {
                let message = format!("exception {} matches no deviation", exception.raw.id);
                let raw = &exception.raw;
                let named = [(&raw.record, "record"), (&raw.period, "period"), (&raw.path, "path")];
                let field =
                    named.iter().find(|(value, _)| value.is_some()).map_or("check", |one| one.1);
                let pointer = format!("{}/{field}", exception.pointer);
                self.tell(Code::ExceptionUnused, message, &pointer, Severity::Warning);
            } else {
                for at in matching {
                    self.findings[at].excepted_by = Some(exception.raw.id.clone());
                }
            }
        }
        self.isolated(checks);
        self.findings.iter().filter(|finding| finding.excepted_by.is_some()).count() as u64
    }

    /// How many deviations the findings numbered `matching` are: by check and subject.
    fn deviations(&self, matching: &[usize]) -> usize {
        let found = matching.iter().map(|at| &self.findings[*at]);
        let named = found.map(|one| (one.code.as_str(), one.check.as_deref(), &one.subject));
        named.collect::<BTreeSet<_>>().len()
    }

    /// Why an exception does not hold, and the field that decides.
    fn invalid(&self, exception: &Exception) -> Option<(String, &'static str)> {
        let raw = &exception.raw;
        let found = raw.found_on.parse::<Date>().ok();
        let owns = |owner: &String| is_same_person(&raw.approver, owner);
        if owns(&raw.owner) {
            Some((format!("{} approved their own exception", raw.approver), "approver"))
        } else if self.control.owner.as_ref().is_some_and(owns) {
            let (approver, id) = (&raw.approver, &self.control.id);
            Some((format!("{approver}, who approved it, owns {id}"), "approver"))
        } else if let Some(reason) = self.endless(exception.expires_on) {
            Some((reason, "expires_on"))
        } else if let Some(found) = found.filter(|found| exception.approved_on < *found) {
            let approved = exception.approved_on;
            Some((
                format!("it is approved on {approved}, before it was found on {found}"),
                "approved_on",
            ))
        } else if exception.approved_on > exception.expires_on {
            let (approved, expires) = (exception.approved_on, exception.expires_on);
            let reason = format!("it is approved on {approved}, after it expires on {expires}");
            Some((reason, "approved_on"))
        } else if exception.expires_on < self.as_of {
            Some((format!("it expired on {}", exception.expires_on), "expires_on"))
        } else {
            None
        }
    }

    fn covers(&self, exception: &Exception, finding: &Finding) -> bool {
        let raw = &exception.raw;
        let named =
            finding.check.as_ref() == Some(&raw.check) || finding.code.as_str() == raw.check;
        // One in a file that is superseded may have been recorded before.
        if !named || finding.severity == Severity::Note || !is_deviation(finding.code) {
            return false;
        }
        let (path, key, period) = match &finding.subject {
            Subject::Requirement => (None, None, None),
            Subject::Artifact { path } => (Some(path), None, None),
            Subject::Record { path, key } => (Some(path), Some(key), None),
            // A period stands in no file of its own; what was late stands in one.
            Subject::Period { label, .. } => {
                let shown = finding.evidence.first().map(|shown| &shown.place.path);
                (shown, None, Some(label))
            }
        };
        let described =
            path.map(|path| path.strip_suffix(MANIFEST_SUFFIX).unwrap_or(path).to_owned());
        let path = described.as_ref();
        let same = |wanted: &Option<String>, own: Option<&String>| {
            wanted.is_none() || wanted.as_ref() == own
        };
        let bound = raw.sha256.is_none()
            || path.and_then(|path| (self.digest)(path)).as_ref() == raw.sha256.as_ref();
        same(&raw.record, key) && same(&raw.period, period) && same(&raw.path, path) && bound
    }

    /// Exceptions that are too many show a control that does not work.
    fn isolated(&mut self, checks: &mut [CheckReport]) {
        for check in checks {
            let of_check = |finding: &Finding| finding.check.as_ref() == Some(&check.id);
            let excepted = self
                .findings
                .iter()
                .filter(|finding| of_check(finding) && finding.excepted_by.is_some())
                .count() as u64;
            check.excepted = excepted;
            let rate = check.deviations as f64 / check.checked.max(1) as f64;
            if excepted > 0 && check.checked >= SMALL && rate > ISOLATED {
                let message = format!(
                    "{} of {} deviate from {} ({:.0} %): too many to be isolated",
                    check.deviations,
                    check.checked,
                    check.id,
                    rate * 100.0
                );
                let pointer =
                    self.catalog.exceptions.exceptions.iter().find(|one| {
                        one.raw.control == self.control.id && one.raw.check == check.id
                    });
                let pointer = pointer.map_or(String::new(), |one| one.pointer.clone());
                self.tell(Code::ExceptionsNotIsolated, message, &pointer, Severity::Error);
            }
        }
    }

    /// The same for rules of a kind and for what no check finds: by the records of the requirement.
    fn isolated_of_requirements(
        &mut self,
        checks: &[CheckReport],
        requirements: &[RequirementReport],
    ) {
        let mut groups: BTreeMap<(String, String), (u64, u64)> = BTreeMap::new();
        let counts = |one: &&Finding| is_deviation(one.code) && one.severity == Severity::Error;
        for finding in self.findings.iter().filter(counts) {
            let name = finding.check.as_deref().unwrap_or(finding.code.as_str());
            let (Some(of), false) = (&finding.requirement, checks.iter().any(|one| one.id == name))
            else {
                continue;
            };
            let group = groups.entry((of.clone(), name.to_owned())).or_default();
            group.0 += 1;
            group.1 += u64::from(finding.excepted_by.is_some());
        }
        for ((of, name), (deviations, excepted)) in groups {
            let own = requirements.iter().find(|one| one.name == of);
            let population = own.map_or(0, |one| one.tally.records);
            let rate = deviations as f64 / population.max(1) as f64;
            if excepted > 0 && population >= SMALL && rate > ISOLATED {
                let message = format!(
                    "{deviations} of {population} in {of} deviate from {name} ({:.0} %): too many to be isolated",
                    rate * 100.0
                );
                self.tell(Code::ExceptionsNotIsolated, message, "", Severity::Error);
            }
        }
    }

    fn waivers(&mut self) -> Option<String> {
        let catalog = self.catalog;
        let mut waived = None;
        let own =
            catalog.exceptions.waivers.iter().filter(|one| one.raw.control == self.control.id);
        let as_of = self.as_of;
        for waiver in own.filter(|one| !is_waived_later(one, as_of)) {
            let concerned: Vec<usize> = (0..self.findings.len())
                .filter(|at| self.findings[*at].blocks() && concerns(waiver, &self.findings[*at]))
                .collect();
            if let Some((reason, field)) = self.void(waiver) {
                let message = format!("waiver {} does not hold: {reason}", waiver.raw.id);
                let pointer = format!("{}/{field}", waiver.pointer);
                self.tell(Code::WaiverInvalid, message, &pointer, Severity::Error);
            } else if concerned.is_empty() {
                let message = format!("waiver {} covers nothing", waiver.raw.id);
                self.tell(Code::WaiverUnused, message, &waiver.pointer, Severity::Warning);
            } else {
                for at in concerned {
                    self.findings[at].excepted_by = Some(waiver.raw.id.clone());
                }
                let raw = &waiver.raw;
                waived = Some(format!(
                    "{}: {} (approved by {}, until {})",
                    raw.id, raw.reason, raw.approver, waiver.expires_on
                ));
            }
        }
        waived
    }

    /// The same for a waiver.
    fn void(&self, waiver: &Waiver) -> Option<(String, &'static str)> {
        let raw = &waiver.raw;
        let owns = |owner: &String| is_same_person(&raw.approver, owner);
        if owns(&raw.owner) {
            Some((format!("{} approved their own waiver", raw.approver), "approver"))
        } else if self.control.owner.as_ref().is_some_and(owns) {
            let (approver, id) = (&raw.approver, &self.control.id);
            Some((format!("{approver}, who approved it, owns {id}"), "approver"))
        } else if let Some(reason) = self.endless(waiver.expires_on) {
            Some((reason, "expires_on"))
        } else if waiver.expires_on < self.as_of {
            Some((format!("it expired on {}", waiver.expires_on), "expires_on"))
        } else if waiver.begins() > waiver.expires_on {
            let (begins, expires) = (waiver.begins(), waiver.expires_on);
            Some((format!("it holds from {begins} on, after it expires on {expires}"), "starts_on"))
        } else {
            None
        }
    }

    /// What ends years after the audit does not end.
    fn endless(&self, expires_on: Date) -> Option<String> {
        let last = LONGEST.after(self.catalog.engagement.window.to());
        (expires_on > last).then(|| {
            format!("it expires on {expires_on}, more than {LONGEST} after the audit window: that is no end")
        })
    }

    fn tell(&mut self, code: Code, message: String, pointer: &str, severity: Severity) {
        let label = self.catalog.exceptions.source.as_ref().map(|source| source.label(pointer));
        self.findings.push(Finding {
            code,
            severity,
            control: Some(self.control.id.clone()),
            requirement: None,
            check: None,
            message,
            help: code.page().fix.to_owned(),
            subject: Subject::Requirement,
            evidence: label.into_iter().collect(),
            rule: None,
            excepted_by: None,
        });
    }
}

/// Whether an exception is not there yet on the day the run speaks of: it is approved later, or its
/// deviation happens later. One that is approved after its own end is mistyped, which is told.
fn is_later(exception: &Exception, as_of: Date) -> bool {
    let raw = &exception.raw;
    let occurred = raw.occurred_on.as_ref().and_then(|day| day.parse::<Date>().ok());
    let period = raw.period.as_ref().and_then(|label| label.parse::<PeriodLabel>().ok());
    let begins = [Some(exception.approved_on), occurred, period.map(|label| label.0.from())];
    exception.approved_on <= exception.expires_on
        && begins.into_iter().flatten().any(|day| day > as_of)
}

/// The same for a waiver.
fn is_waived_later(waiver: &Waiver, as_of: Date) -> bool {
    waiver.begins() > as_of && waiver.begins() <= waiver.expires_on
}

fn concerns(waiver: &Waiver, finding: &Finding) -> bool {
    // A waiver is for what is known to be unmet; what nobody could look at may be anything.
    let never = matches!(
        finding.code,
        Code::ExceptionInvalid
            | Code::ExclusionInvalid
            | Code::WaiverInvalid
            | Code::PathUnreadable
            | Code::ReaderLimit
            | Code::UnsupportedConstruct
    );
    let wanted = &waiver.raw.requirement;
    !never && (wanted.is_none() || *wanted == finding.requirement || *wanted == finding.check)
}

/// What an exception can cover: something that was done otherwise than it should have been. What
/// is missing, unreadable, undecided or unproven is never an isolated deviation.
pub(super) fn is_deviation(code: Code) -> bool {
    matches!(
        code,
        Code::ConditionFailed
            | Code::KindRuleBroken
            | Code::CounterpartMissing
            | Code::CounterpartForbidden
            | Code::CounterpartCount
            | Code::SetDifference
            | Code::NotUnique
            | Code::DuplicateRecord
            | Code::RecomputedDiffers
            | Code::LineageBroken
            | Code::EvidenceLate
            | Code::SecondSourceMismatch
    )
}
