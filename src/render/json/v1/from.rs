//! Shows a report in the shape `tickmark-report/1`. Each inner type is taken apart here, so that a
//! field added inside does not appear outside by accident.

use super::{
    Artifact, Check, Control, Counts, Files, FindingV1, Gate, Omitted, Period, PeriodState, Place,
    Position, Provenance, Registered, RegisteredKind, ReportV1, Requirement, Rollup, Severity,
    Subject, Tally, Tool, Verdict, Window,
};
use crate::{
    model::{self, Finding, Label, LineColumn},
    render::{READINESS_NOTICE, ids},
    report::{self, Report},
};

impl<'a> From<&'a Report> for ReportV1<'a> {
    fn from(report: &'a Report) -> Self {
        let omitted = |(control, check, count): &'a (String, String, u64)| Omitted {
            control,
            check,
            count: *count,
        };
        Self {
            schema: "tickmark-report/1",
            tool: Tool { name: "tickmark", version: env!("CARGO_PKG_VERSION") },
            verdict: if report.passes() { Gate::Pass } else { Gate::Fail },
            readiness_notice: READINESS_NOTICE,
            organisation: &report.organisation,
            window: Window { start: &report.window.0, end: &report.window.1 },
            time_zone: &report.time_zone,
            categories: report.categories.iter().map(|one| one.as_str()).collect(),
            as_of: &report.as_of,
            strict: report.strict,
            counts: counts(report),
            controls: report.controls.iter().map(Control::from).collect(),
            items: report.items.iter().map(Rollup::from).collect(),
            criteria: report.criteria.iter().map(Rollup::from).collect(),
            findings: findings(&report.findings),
            register: report.register.iter().map(Registered::from).collect(),
            omitted: report.omitted.iter().map(omitted).collect(),
            files: Files { seen: report.files, unused: &report.unused },
        }
    }
}

fn counts(report: &Report) -> Counts {
    Counts {
        unmet: report.count(model::Verdict::Unmet),
        not_evaluable: report.count(model::Verdict::NotEvaluable),
        pending: report.count(model::Verdict::Pending),
        waived: report.count(model::Verdict::Waived),
        met_with_exceptions: report.count(model::Verdict::MetWithExceptions),
        met: report.count(model::Verdict::Met),
        not_operated: report.count(model::Verdict::NotOperated),
        not_applicable: report.count(model::Verdict::NotApplicable),
    }
}

impl<'a> From<&'a report::ControlReport> for Control<'a> {
    fn from(control: &'a report::ControlReport) -> Self {
        Self {
            id: &control.id,
            title: &control.title,
            path: &control.path,
            verdict: control.verdict.into(),
            reason: control.reason.as_deref(),
            objective: &control.objective,
            why: &control.why,
            good: &control.good,
            owner: control.owner.as_deref(),
            items: &control.items,
            criteria: &control.criteria,
            tally: control.tally.into(),
            requirements: control.requirements.iter().map(Requirement::from).collect(),
            checks: control.checks.iter().map(Check::from).collect(),
            judgement: &control.judgement,
        }
    }
}

impl From<model::Tally> for Tally {
    fn from(tally: model::Tally) -> Self {
        let model::Tally { matched, current, parsed, records, selected, periods, due, covered } =
            tally;
        Self { matched, current, parsed, records, selected, periods, due, covered }
    }
}

impl<'a> From<&'a report::RequirementReport> for Requirement<'a> {
    fn from(requirement: &'a report::RequirementReport) -> Self {
        Self {
            name: &requirement.name,
            alternative: requirement.alternative.as_deref(),
            kind: &requirement.kind,
            paths: &requirement.paths,
            cadence: &requirement.cadence,
            tally: requirement.tally.into(),
            periods: requirement.periods.iter().map(Period::from).collect(),
            artifacts: requirement.artifacts.iter().map(Artifact::from).collect(),
        }
    }
}

impl<'a> From<&'a report::ArtifactReport> for Artifact<'a> {
    fn from(artifact: &'a report::ArtifactReport) -> Self {
        let report::ArtifactReport { path, sha256, provenance } = artifact;
        Self { path, sha256, provenance: provenance.as_ref().map(Provenance::from) }
    }
}

impl<'a> From<&'a report::Provenance> for Provenance<'a> {
    fn from(said: &'a report::Provenance) -> Self {
        let covers = said.covers.as_ref();
        Self {
            source: &said.source,
            query: said.query.as_deref(),
            collected_at: &said.collected_at,
            collected_by: &said.collected_by,
            covers: covers.map(|(start, end)| Window { start, end }),
            records: said.records,
            redactions: &said.redactions,
            withheld: said.withheld.as_deref(),
        }
    }
}

impl<'a> From<&'a report::Registered> for Registered<'a> {
    fn from(one: &'a report::Registered) -> Self {
        Self {
            id: &one.id,
            kind: if one.is_waiver { RegisteredKind::Waiver } else { RegisteredKind::Exception },
            control: &one.control,
            about: &one.about,
            reason: &one.reason,
            response: one.response.as_deref(),
            approver: &one.approver,
            approved_on: &one.approved_on,
            expires_on: &one.expires_on,
        }
    }
}

impl<'a> From<&'a report::PeriodReport> for Period<'a> {
    fn from(period: &'a report::PeriodReport) -> Self {
        Self {
            label: &period.label,
            group: period.group.as_deref(),
            from: &period.from,
            to: &period.to,
            state: match period.state {
                model::PeriodState::Covered => PeriodState::Covered,
                model::PeriodState::Missing => PeriodState::Missing,
                model::PeriodState::Pending => PeriodState::Pending,
            },
            due_on: &period.due_on,
        }
    }
}

impl<'a> From<&'a report::CheckReport> for Check<'a> {
    fn from(check: &'a report::CheckReport) -> Self {
        let report::CheckReport { id, title, checked, deviations, excepted } = check;
        Self { id, title, checked: *checked, deviations: *deviations, excepted: *excepted }
    }
}

impl<'a> From<&'a report::Rollup> for Rollup<'a> {
    fn from(rollup: &'a report::Rollup) -> Self {
        let report::Rollup { id, title, crosswalk, verdict, controls } = rollup;
        Self { id, title, crosswalk, verdict: (*verdict).into(), controls }
    }
}

fn findings(findings: &[Finding]) -> Vec<FindingV1<'_>> {
    findings.iter().zip(ids(findings)).map(FindingV1::from).collect()
}

impl<'a> From<(&'a Finding, String)> for FindingV1<'a> {
    fn from((finding, id): (&'a Finding, String)) -> Self {
        Self {
            id,
            code: finding.code.as_str(),
            severity: match finding.severity {
                model::Severity::Error => Severity::Error,
                model::Severity::Warning => Severity::Warning,
                model::Severity::Note => Severity::Note,
            },
            blocks: finding.blocks(),
            control: finding.control.as_deref(),
            requirement: finding.requirement.as_deref(),
            check: finding.check.as_deref(),
            message: &finding.message,
            help: &finding.help,
            subject: Subject::from(&finding.subject),
            evidence: finding.evidence.iter().map(Place::from).collect(),
            rule: finding.rule.as_ref().map(Place::from),
            excepted_by: finding.excepted_by.as_deref(),
        }
    }
}

impl<'a> From<&'a model::Subject> for Subject<'a> {
    fn from(subject: &'a model::Subject) -> Self {
        match subject {
            model::Subject::Requirement => Self::Requirement,
            model::Subject::Artifact { path } => Self::Artifact { path },
            model::Subject::Record { path, key } => Self::Record { path, key },
            model::Subject::Period { label, group } => {
                Self::Period { label, group: group.as_deref() }
            }
        }
    }
}

impl<'a> From<&'a Label> for Place<'a> {
    fn from(label: &'a Label) -> Self {
        Self {
            path: &label.place.path,
            start_byte: label.place.span.start,
            end_byte: label.place.span.end,
            start: label.place.start.into(),
            end: label.place.end.into(),
            text: &label.text,
        }
    }
}

impl From<LineColumn> for Position {
    fn from(LineColumn { line, column }: LineColumn) -> Self {
        Self { line, column }
    }
}

impl From<model::Verdict> for Verdict {
    fn from(verdict: model::Verdict) -> Self {
        match verdict {
            model::Verdict::NotApplicable => Self::NotApplicable,
            model::Verdict::Met => Self::Met,
            model::Verdict::NotOperated => Self::NotOperated,
            model::Verdict::Pending => Self::Pending,
            model::Verdict::MetWithExceptions => Self::MetWithExceptions,
            model::Verdict::Waived => Self::Waived,
            model::Verdict::Unmet => Self::Unmet,
            model::Verdict::NotEvaluable => Self::NotEvaluable,
        }
    }
}
