//! JUnit XML: a suite for each control, a case for each requirement and check.

use std::collections::BTreeMap;
use std::io;

use super::place::{Named, at, named};
use super::{counted, hidden};
use crate::model::{Finding, Verdict};
use crate::report::{ControlReport, Report};

/// Findings written out in one case; the rest is counted.
const MOST: usize = 20;

/// Writes `report` as JUnit XML.
///
/// # Errors
/// When `out` cannot be written.
pub fn render(report: &Report, out: &mut impl io::Write) -> io::Result<()> {
    let named = named(report);
    let of = by_control(&named);
    let whole = of.get(&None).cloned().unwrap_or_default();
    let mut suites: Vec<Suite<'_>> = vec![Suite {
        name: "repository",
        cases: vec![Case {
            name: "the repository as a whole".to_owned(),
            findings: whole,
            unlisted: 0,
            skipped: None,
        }],
    }];
    suites.extend(report.controls.iter().map(|control| {
        suite(report, control, of.get(&Some(control.id.as_str())).map_or(&[], Vec::as_slice))
    }));
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(
        out,
        "<testsuites name=\"tickmark\" tests=\"{}\" failures=\"{}\" errors=\"0\">",
        suites.iter().map(|suite| suite.cases.len()).sum::<usize>(),
        suites.iter().map(Suite::failures).sum::<usize>(),
    )?;
    for suite in &suites {
        suite.write(out)?;
    }
    writeln!(out, "</testsuites>")
}

struct Suite<'a> {
    name: &'a str,
    cases: Vec<Case<'a>>,
}

struct Case<'a> {
    name: String,
    findings: Vec<&'a Named<'a>>,
    /// Findings that were counted and are not listed.
    unlisted: u64,
    skipped: Option<String>,
}

fn by_control<'a>(named: &'a [Named<'a>]) -> BTreeMap<Option<&'a str>, Vec<&'a Named<'a>>> {
    let mut of: BTreeMap<Option<&str>, Vec<&Named<'_>>> = BTreeMap::new();
    for one in named {
        of.entry(one.0.control.as_deref()).or_default().push(one);
    }
    of
}

fn suite<'a>(report: &Report, control: &'a ControlReport, all: &[&'a Named<'a>]) -> Suite<'a> {
    let of = |which: &dyn Fn(&Finding) -> bool| {
        all.iter().copied().filter(|(finding, _)| which(finding)).collect::<Vec<_>>()
    };
    let idle = match control.verdict {
        Verdict::NotApplicable | Verdict::Waived | Verdict::Pending => {
            let reason = control.reason.as_deref().unwrap_or("");
            Some(format!("{} {reason}", control.verdict.as_str()).trim().to_owned())
        }
        _ => None,
    };
    let mut cases = Vec::new();
    let mut case = |name: String, findings: Vec<&'a Named<'a>>, unlisted: u64| {
        cases.push(Case { name, findings, unlisted, skipped: idle.clone() });
    };
    let own = report.omitted.iter().filter(|(of, ..)| *of == control.id);
    let unlisted = |which: &dyn Fn(&str) -> bool| {
        own.clone().filter(|(_, check, _)| which(check)).map(|(.., count)| count).sum()
    };
    for requirement in &control.requirements {
        let own =
            |it: &Finding| it.check.is_none() && it.requirement.as_ref() == Some(&requirement.name);
        case(format!("evidence {}", requirement.name), of(&own), 0);
    }
    for check in &control.checks {
        case(
            format!("check {}", check.id),
            of(&|it: &Finding| it.check.as_ref() == Some(&check.id)),
            unlisted(&|name| name == check.id),
        );
    }
    let names = |it: &Finding| match (&it.check, &it.requirement) {
        (Some(check), _) => control.checks.iter().any(|own| own.id == *check),
        (None, Some(name)) => control.requirements.iter().any(|own| own.name == *name),
        (None, None) => false,
    };
    let is_check = |name: &str| control.checks.iter().any(|check| check.id == name);
    case(
        format!("{} as a whole", control.id),
        of(&|it: &Finding| !names(it)),
        unlisted(&|name| !is_check(name)),
    );
    Suite { name: &control.id, cases }
}

impl Suite<'_> {
    fn failures(&self) -> usize {
        self.cases.iter().filter(|case| case.fails()).count()
    }

    fn skipped(&self) -> usize {
        self.cases.iter().filter(|case| !case.fails() && case.skipped.is_some()).count()
    }

    fn write(&self, out: &mut impl io::Write) -> io::Result<()> {
        writeln!(
            out,
            "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\">",
            escape(self.name),
            self.cases.len(),
            self.failures(),
            self.skipped(),
        )?;
        for case in &self.cases {
            case.write(self.name, out)?;
        }
        writeln!(out, "  </testsuite>")
    }
}

impl Case<'_> {
    fn fails(&self) -> bool {
        self.unlisted > 0 || self.findings.iter().any(|(finding, _)| finding.blocks())
    }

    fn write(&self, suite: &str, out: &mut impl io::Write) -> io::Result<()> {
        write!(
            out,
            "    <testcase classname=\"{}\" name=\"{}\"",
            escape(suite),
            escape(&self.name)
        )?;
        let open: Vec<&&Named<'_>> =
            self.findings.iter().filter(|(finding, _)| finding.blocks()).collect();
        if self.fails() {
            let left = open.len().saturating_sub(MOST) as u64 + self.unlisted;
            let first = open.first().map(|(finding, _)| finding);
            let kind = first.map_or("findings-not-listed", |finding| finding.code.as_str());
            let message = match (first, open.len() as u64 + self.unlisted) {
                (Some(first), 1) => first.message.clone(),
                (Some(first), many) => format!("{} (and {} more)", first.message, many - 1),
                (None, many) => counted(many, "finding") + " counted and not listed",
            };
            writeln!(out, ">\n      <failure type=\"{kind}\" message=\"{}\">", escape(&message))?;
            for (finding, id) in open.iter().take(MOST) {
                let at = at(finding);
                let (line, column) = (at.start.line, at.start.column);
                let (path, message) = (escape(at.path), escape(&finding.message));
                let help = escape(&finding.help);
                writeln!(out, "{path}:{line}:{column}: {message}. {help} [{id}]")?;
            }
            if left > 0 {
                writeln!(out, "and {left} more")?;
            }
            writeln!(out, "      </failure>\n    </testcase>")
        } else if let Some(reason) = &self.skipped {
            writeln!(out, "><skipped message=\"{}\"/></testcase>", escape(reason))
        } else {
            writeln!(out, "/>")
        }
    }
}

/// Text within an element or an attribute in double quotes; what XML cannot hold becomes U+FFFD.
fn escape(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' | '\r' | '\t' => escaped.push(' '),
            c if hidden(c) || matches!(c, '\u{fffe}' | '\u{ffff}') => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::report::sample;

    fn text(report: &Report) -> String {
        let mut out = Vec::new();
        render(report, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_case_for_each_requirement_and_check() {
        insta::assert_snapshot!("junit", text(&sample::small()));
    }

    #[test]
    fn names_are_unique_and_counts_agree() {
        for report in [sample::small(), sample::hostile()] {
            let text = text(&report);
            let document = roxmltree::Document::parse(&text).unwrap();
            let cases: Vec<_> =
                document.descendants().filter(|it| it.has_tag_name("testcase")).collect();
            let names: BTreeSet<_> =
                cases.iter().map(|it| (it.attribute("classname"), it.attribute("name"))).collect();
            assert_eq!(names.len(), cases.len());
            let root = document.root_element();
            assert_eq!(root.attribute("tests").unwrap(), cases.len().to_string());
            let failed = document.descendants().filter(|it| it.has_tag_name("failure")).count();
            assert_eq!(root.attribute("failures").unwrap(), failed.to_string());
            assert!(failed > 0);
        }
    }
}
