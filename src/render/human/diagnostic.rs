//! One finding as a miette diagnostic.

use std::fmt;

use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, Severity, SourceCode};

use super::snippet::Sources;
use crate::{
    model::{self, Finding, Label, LineColumn, Span, Subject},
    render::{
        Style, clean,
        layout::{shorten, shorten_start, wrap},
    },
};

/// Columns of a message and of a help text, beyond which they are cut.
const LONGEST: usize = 1_000;
/// Labels shown of one finding.
const LABELS: usize = 6;

/// What miette prints: everything in it is clean.
#[derive(Debug)]
struct Diagnostic {
    severity: Severity,
    code: String,
    message: String,
    help: String,
    sources: Sources,
}

impl Diagnostic {
    fn new(finding: &Finding, style: &Style) -> Self {
        let mut sources = Sources::default();
        let mut message = prose(&finding.message, 6, style);
        let rule = finding.rule.iter().map(rule_label);
        for label in finding.evidence.iter().take(LABELS).cloned().chain(rule) {
            if !sources.add(&label, style) {
                message.push('\n');
                message.push_str(&place(&label, style));
            }
        }
        if let Some(more @ 1..) = finding.evidence.len().checked_sub(LABELS) {
            message.push_str(&format!("\nand {more} more places"));
        }
        Self {
            severity: match finding.severity {
                model::Severity::Error => Severity::Error,
                model::Severity::Warning => Severity::Warning,
                model::Severity::Note => Severity::Advice,
            },
            code: code(finding, style),
            message,
            help: prose(&finding.help, 10, style),
            sources,
        }
    }
}

/// The code, and which control, requirement and check it is about.
fn code(finding: &Finding, style: &Style) -> String {
    let mut parts = Vec::new();
    parts.extend(finding.control.as_deref().map(clean));
    parts.extend(finding.requirement.as_deref().map(|name| format!("evidence {}", clean(name))));
    parts.extend(finding.check.as_deref().map(|id| format!("check {}", clean(id))));
    // What is about one file says so by its place.
    if parts.is_empty() && !matches!(finding.subject, Subject::Requirement) {
        return format!("tickmark::{}", finding.code.as_str());
    }
    if parts.is_empty() {
        parts.push("whole repository".to_owned());
    }
    let code = format!("tickmark::{} ({})", finding.code.as_str(), parts.join(", "));
    shorten(&code, style.columns(), style.ellipsis())
}

/// The label in the rule, which needs words so that it is not taken for evidence.
fn rule_label(label: &Label) -> Label {
    let mut label = label.clone();
    if label.text.is_empty() {
        "the rule that asks for it".clone_into(&mut label.text);
    }
    label
}

/// A place without an excerpt, with what is said of it.
fn place(label: &Label, style: &Style) -> String {
    let place = &label.place;
    let path = shorten_start(&clean(&place.path), style.columns(), style.ellipsis());
    let mut lines = vec![if place.span == Span::default() && place.start == LineColumn::FIRST {
        format!("--> {path}")
    } else {
        format!("--> {path}:{}:{}", place.start.line, place.start.column)
    }];
    let words = shorten(&clean(&label.text), LONGEST / 4, style.ellipsis());
    lines.extend(wrap(&words, style.columns() - 10).iter().map(|line| format!("    {line}")));
    lines.join("\n")
}

/// Clean text, wrapped here rather than by miette, which breaks paths and codes at `-` and `/`.
fn prose(text: &str, indent: usize, style: &Style) -> String {
    let text = shorten(&clean(text), LONGEST, style.ellipsis());
    wrap(&text, style.columns() - indent).join("\n")
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Diagnostic {}

impl miette::Diagnostic for Diagnostic {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(&self.code))
    }

    fn severity(&self) -> Option<Severity> {
        Some(self.severity)
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        (!self.help.is_empty()).then(|| Box::new(&self.help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        (!self.sources.labels().is_empty()).then_some(&self.sources)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.sources.labels().iter().cloned()))
    }
}

/// `finding` as text, ending in a line feed.
pub(super) fn draw(finding: &Finding, style: &Style) -> Result<String, fmt::Error> {
    let theme = match (style.unicode, style.color) {
        (true, true) => GraphicalTheme::unicode(),
        (true, false) => GraphicalTheme::unicode_nocolor(),
        (false, true) => GraphicalTheme::ascii(),
        (false, false) => GraphicalTheme::none(),
    };
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_width(style.columns())
        .with_context_lines(1)
        .with_wrap_lines(false)
        .with_links(false)
        .without_syntax_highlighting();
    let mut out = String::new();
    handler.render_report(&mut out, &Diagnostic::new(finding, style))?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        model::{Code, Excerpt, Place, Subject},
        render::{hidden, layout::columns},
    };

    fn finding(labels: Vec<Label>) -> Finding {
        Finding {
            code: Code::ConditionFailed,
            severity: model::Severity::Error,
            control: Some("CHM-01".to_owned()),
            requirement: None,
            check: Some("independent-approver".to_owned()),
            message: "CHG-7 was approved by its author".to_owned(),
            help: "Record an exception.".to_owned(),
            subject: Subject::Requirement,
            evidence: labels,
            rule: None,
            excepted_by: None,
        }
    }

    fn label(path: &str, line: u64, column: u64, excerpt: Excerpt) -> Label {
        let mut label = Label::new(Place::file(path), "here");
        label.place.start = LineColumn { line, column };
        label.excerpt = Some(excerpt);
        label
    }

    fn plain() -> Style {
        Style { unicode: false, ..Style::default() }
    }

    #[test]
    fn header_and_gutter_show_where_the_text_really_stands() {
        let text = "before\nab\tkey: \u{1b}value\nafter".to_owned();
        let mark = (text.find("value").unwrap(), text.find("value").unwrap() + 5);
        let excerpt = Excerpt { text, first_line: 41, first_column: 1, mark };
        let out = draw(&finding(vec![label("e/a.yaml", 42, 10, excerpt)]), &plain()).unwrap();
        assert!(out.contains("[e/a.yaml:42:10]"), "{out}");
        assert!(out.contains(" 41 | before\n 42 | ab    key: \\x1bvalue\n"), "{out}");
        assert!(out.contains("    :                ^^|^^\n"), "{out}");
    }

    #[test]
    fn a_mark_at_the_end_of_the_text_is_drawn_after_it() {
        let excerpt =
            Excerpt { text: "{\"a\": 1".to_owned(), first_line: 1, first_column: 1, mark: (7, 7) };
        let out = draw(&finding(vec![label("a.json", 1, 8, excerpt)]), &plain()).unwrap();
        assert!(out.contains(" 1 | {\"a\": 1\n   :        ^\n"), "{out}");
    }

    #[test]
    fn a_long_line_is_cropped_around_its_mark() {
        let text = format!("{}MARK{}", "x".repeat(70_000), "y".repeat(70_000));
        let excerpt = Excerpt { text, first_line: 1, first_column: 1, mark: (70_000, 70_004) };
        let out = draw(&finding(vec![label("a.json", 1, 70_001, excerpt)]), &plain()).unwrap();
        assert!(out.contains("[a.json:1:70001]") && out.contains("xMARKy"), "{out}");
        assert!(out.lines().all(|line| line.len() <= 100), "{out}");
    }

    #[test]
    fn a_place_without_text_is_named() {
        let mut label = Label::new(Place::file("evidence/a.pdf"), "holds no digest");
        label.place.start = LineColumn { line: 3, column: 9 };
        let out = draw(&finding(vec![label]), &plain()).unwrap();
        assert!(out.contains("--> evidence/a.pdf:3:9\n  |     holds no digest\n"), "{out}");
    }

    prop_compose! {
        fn any_label()(
            text in "(.|\n|\r|\t|東|\u{202e}|\u{1b}){0,300}",
            mark in (0_usize..320, 0_usize..320),
            first_line in prop_oneof![1_u64..200, Just(0), Just(u64::MAX)],
            first_column in prop_oneof![1_u64..3, Just(0), Just(u64::MAX)],
            words in ".{0,200}",
            path in "(.|/){0,60}",
        ) -> Label {
            let mut label = Label::new(Place::file(path), words);
            label.place.start = LineColumn { line: first_line, column: first_column };
            label.excerpt = Some(Excerpt { text, first_line, first_column, mark });
            label
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn no_excerpt_or_mark_panics_or_escapes(
            labels in prop::collection::vec(any_label(), 0..4),
            mark in (0_usize..320, 0_usize..320),
            unicode in any::<bool>(),
            width in 0_usize..250,
        ) {
            let style = Style { unicode, width, ..Style::default() };
            let mut finding = finding(labels);
            // The same text once more with another mark, as two fields of one record have it.
            if let Some(mut again) = finding.evidence.last().cloned() {
                again.excerpt = again.excerpt.map(|it| Excerpt { mark, ..it });
                finding.evidence.push(again.clone());
                finding.evidence.push(again);
            }
            finding.rule = finding.evidence.pop();
            let out = draw(&finding, &style).unwrap();
            for line in out.lines() {
                prop_assert!(!line.chars().any(hidden), "{}", line);
                prop_assert!(columns(line) <= 2 * style.columns(), "{}", line);
            }
            prop_assert!(!out.contains("Failed to read"), "{}", out);
        }
    }
}
