//! What is wrong with an artifact as such: unreadable, damaged, in no form that is known.

use std::io;

use super::Reading;
use crate::document::{Fault, FaultKind, Node, fault_of};
use crate::model::{Code, Finding, Label, Place, Severity, Span, Subject};
use crate::verify::locate::Locator;

impl Reading<'_, '_> {
    pub(super) fn add(
        &mut self,
        code: Code,
        message: String,
        place: Place,
        related: Option<Label>,
    ) {
        let mut evidence = vec![Label::new(place, "")];
        evidence.extend(related);
        let finding = artifact_finding(code, message, self.path, evidence);
        self.facts.findings.push((None, finding));
    }

    pub(super) fn failed(&mut self, error: &io::Error) {
        self.facts.unread = true;
        match fault_of(error) {
            Some(fault) => {
                let place = Place { span: fault.span, ..Place::file(self.path) };
                self.facts.blind |= is_blind(fault.kind);
                self.add(code_of(fault.kind), fault.message.clone(), place, None);
            }
            None => {
                self.facts.blind = true;
                let message = format!("the file cannot be read: {error}");
                self.add(Code::PathUnreadable, message, Place::file(self.path), None);
            }
        }
    }

    /// Records the faults of a text; whether it counts as read.
    pub(super) fn faults(&mut self, faults: &[Fault], locator: &Locator<'_>) -> bool {
        for fault in faults {
            let related = fault
                .related
                .as_ref()
                .map(|(span, text)| Label::new(locator.place(*span), text.clone()));
            self.add(
                code_of(fault.kind),
                fault.message.clone(),
                locator.place(fault.span),
                related,
            );
            if fault.kind.is_warning() {
                if let Some((_, finding)) = self.facts.findings.last_mut() {
                    finding.severity = Severity::Warning;
                }
            } else {
                self.facts.unread = true;
                self.facts.blind |= is_blind(fault.kind);
            }
        }
        faults.iter().all(|fault| fault.kind.is_warning())
    }
}

pub(crate) fn artifact_finding(
    code: Code,
    message: String,
    path: &str,
    evidence: Vec<Label>,
) -> Finding {
    Finding {
        code,
        severity: Severity::Error,
        control: None,
        requirement: None,
        check: None,
        message,
        help: code.page().fix.to_owned(),
        subject: Subject::Artifact { path: path.to_owned() },
        evidence,
        rule: None,
        excepted_by: None,
    }
}

/// Labels for the values that decide, the most telling first; the record when there are none.
pub(super) fn labels(locator: &Locator<'_>, this: Node<'_>, spans: &[Span]) -> Vec<Label> {
    let mut labels: Vec<Label> =
        spans.iter().take(3).map(|span| Label::new(locator.place(*span), "")).collect();
    if labels.is_empty() {
        let place = locator.record(this).place(locator.path().to_owned());
        labels.push(Label::new(place, ""));
    }
    labels
}

pub(super) fn is_blind(kind: FaultKind) -> bool {
    matches!(kind, FaultKind::Limit | FaultKind::Unsupported)
}

pub(super) fn code_of(kind: FaultKind) -> Code {
    match kind {
        FaultKind::Syntax => Code::ArtifactSyntax,
        FaultKind::DuplicateKey => Code::DuplicateKey,
        FaultKind::LossyNumber => Code::LossyNumber,
        FaultKind::Encoding => Code::BadEncoding,
        FaultKind::UnclosedQuote => Code::UnclosedQuote,
        FaultKind::RaggedRow => Code::RaggedRow,
        FaultKind::Compression => Code::DamagedCompression,
        FaultKind::Limit => Code::ReaderLimit,
        FaultKind::Unsupported => Code::UnsupportedConstruct,
        FaultKind::AmbiguousScalar => Code::AmbiguousScalar,
        FaultKind::Empty => Code::ArtifactEmpty,
    }
}
