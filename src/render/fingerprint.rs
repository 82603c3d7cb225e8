//! The identity of a finding from run to run.

use std::fmt::Write;

use sha2::{Digest, Sha256};

use crate::model::{Finding, Subject};

/// Sixteen hex digits over what a finding is about: code, control, requirement, check, subject and
/// primary path. Lines, messages and severities are left out, so that editing a file above the
/// place does not make a new finding of an old one. Findings about the same subject share it.
pub(crate) fn fingerprint(finding: &Finding) -> String {
    // What is shown with a period is a file beside the gap, which may be another one tomorrow.
    let is_period = matches!(finding.subject, Subject::Period { .. });
    let primary = finding.evidence.first().or(finding.rule.as_ref()).filter(|_| !is_period);
    let (kind, first, second) = match &finding.subject {
        Subject::Requirement => ("requirement", None, None),
        Subject::Artifact { path } => ("artifact", Some(path.as_str()), None),
        Subject::Record { path, key } => ("record", Some(path.as_str()), Some(key.as_str())),
        Subject::Period { label, group } => ("period", Some(label.as_str()), group.as_deref()),
    };
    let parts = [
        Some(finding.code.as_str()),
        finding.control.as_deref(),
        finding.requirement.as_deref(),
        finding.check.as_deref(),
        Some(kind),
        first,
        second,
        primary.map(|label| label.place.path.as_str()),
    ];
    digest(parts)
}

/// Sixteen hex digits over `parts`.
pub(super) fn of_parts(parts: &[&str]) -> String {
    digest(parts.iter().map(|part| Some(*part)))
}

fn digest<'a>(parts: impl IntoIterator<Item = Option<&'a str>>) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        // Lengths keep `ab`, `c` apart from `a`, `bc`; an absent part has one that no text has.
        let length = part.map_or(u64::MAX, |part| part.len() as u64);
        hash.update(length.to_le_bytes());
        hash.update(part.unwrap_or_default());
    }
    hash.finalize().iter().take(8).fold(String::new(), |mut hex, byte| {
        // Writing to a string does not fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn a_moved_or_reworded_finding_keeps_its_fingerprint() {
        let report = sample::small();
        for finding in &report.findings {
            let before = fingerprint(finding);
            let mut moved = finding.clone();
            moved.message.push('!');
            for label in &mut moved.evidence {
                label.place.start.line += 40;
                label.place.span = label.place.span.offset(1_000);
            }
            assert_eq!(before.len(), 16);
            assert_eq!(before, fingerprint(&moved));
        }
    }

    #[test]
    fn a_missing_period_is_the_same_whatever_stands_beside_it() {
        let report = sample::small();
        let mut gap = report.findings[0].clone();
        gap.subject = Subject::Period { label: "2026-03".to_owned(), group: None };
        let mut other = gap.clone();
        other.evidence[0].place.path = "evidence/changes/changes-2026-02.jsonl".to_owned();
        assert_eq!(fingerprint(&gap), fingerprint(&other));
        other.subject = Subject::Period { label: "2026-04".to_owned(), group: None };
        assert_ne!(fingerprint(&gap), fingerprint(&other));
    }

    #[test]
    fn another_control_or_subject_gives_another_fingerprint() {
        let report = sample::small();
        let finding = &report.findings[0];
        let mut other = finding.clone();
        other.control = Some("XXX-99".to_owned());
        assert_ne!(fingerprint(finding), fingerprint(&other));
        other = finding.clone();
        other.subject = Subject::Artifact { path: "elsewhere".to_owned() };
        assert_ne!(fingerprint(finding), fingerprint(&other));
    }
}
