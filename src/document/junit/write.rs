//! Writes a collected report into the arena.

use roxmltree::Node;

use super::super::{Arena, Fault, Kind, Open, literal, reading};
use super::outcome::{self, Outcome, Status};
use super::{Case, Report, Suite, start_tag};
use crate::model::Span;

/// Attributes that are kept as they are, and those that are numbers where they are written so.
const ROOT: [(&str, bool); 7] = [
    ("name", false),
    ("tests", true),
    ("failures", true),
    ("errors", true),
    ("skipped", true),
    ("time", true),
    ("timestamp", false),
];
const SUITE: [(&str, bool); 8] = [
    ("name", false),
    ("tests", true),
    ("failures", true),
    ("errors", true),
    ("skipped", true),
    ("time", true),
    ("timestamp", false),
    ("hostname", false),
];

/// An object that is being written.
struct Object {
    open: Open,
    span: Span,
    entries: usize,
}

pub(super) struct Writer<'t, 'r> {
    text: &'t str,
    arena: &'r mut Arena,
    faults: Vec<Fault>,
}

impl<'t, 'r> Writer<'t, 'r> {
    pub(super) fn new(text: &'t str, arena: &'r mut Arena) -> Self {
        Self { text, arena, faults: Vec::new() }
    }

    pub(super) fn write(mut self, report: &Report<'_, '_>) -> Vec<Fault> {
        let whole = Span::new(0, self.text.len() as u64);
        let mut root = self.object(whole);
        for (name, numeric) in ROOT {
            self.attribute(&mut root, report.root, name, numeric);
        }
        let tag = start_tag(report.root, self.text);
        if report.own_failures > 0 {
            self.key(&mut root, "own_failures", tag);
            self.arena.decoded_number(tag, &report.own_failures.to_string());
        }
        self.key(&mut root, "suites", tag);
        let suites = self.arena.open(Kind::Array, 0);
        for suite in &report.suites {
            self.suite(suite);
        }
        self.arena.close(suites, self.text.len(), report.suites.len());
        self.key(&mut root, "testcases", tag);
        let cases = self.arena.open(Kind::Array, 0);
        let mut counts = Counts::default();
        for case in &report.cases {
            let suite = case.suite.and_then(|at| report.suites.get(at));
            let outcome = outcome::of(case.node);
            let at = outcome.element.unwrap_or(case.node);
            counts.add(outcome.status, start_tag(at, self.text));
            self.case(case, suite, &outcome);
        }
        self.arena.close(cases, self.text.len(), report.cases.len());
        self.key(&mut root, "counted", tag);
        self.counted(&counts, tag);
        self.end(root);
        self.faults
    }

    fn suite(&mut self, suite: &Suite<'_, '_>) {
        let span = start_tag(suite.node, self.text);
        let mut object = self.object(span);
        for (name, numeric) in SUITE {
            self.attribute(&mut object, suite.node, name, numeric);
        }
        if suite.own_failures > 0 {
            self.count(&mut object, "own_failures", suite.own_failures);
        }
        self.properties(&mut object, suite.node);
        self.end(object);
    }

    /// The properties of a suite. One that is given again with the same value counts once.
    fn properties(&mut self, object: &mut Object, suite: Node<'_, '_>) {
        let named = |parent: Node<'_, '_>, name: &str| {
            parent.is_element() && parent.tag_name().name() == name
        };
        let Some(list) = suite.children().find(|child| named(*child, "properties")) else {
            return;
        };
        let span = start_tag(list, self.text);
        self.key(object, "properties", span);
        let mut members = self.object(span);
        let mut seen = std::collections::HashMap::new();
        for property in list.children().filter(|child| named(*child, "property")) {
            let Some((name, place)) = self.value_of(property, "name") else {
                continue;
            };
            let (value, at) =
                self.value_of(property, "value").unwrap_or_else(|| self.text_of(property));
            match seen.insert(name, (value, place)) {
                Some((before, _)) if before == value => continue,
                Some((_, first)) => self.faults.push(reading::duplicate_key(name, place, first)),
                None => {}
            }
            self.key(&mut members, name, place);
            reading::add_string(self.arena, self.text, at, value);
        }
        self.end(members);
    }

    fn case(
        &mut self,
        case: &Case<'_, '_>,
        suite: Option<&Suite<'_, '_>>,
        outcome: &Outcome<'_, '_>,
    ) {
        let tag = start_tag(case.node, self.text);
        let mut object = self.object(tag);
        if let Some((name, place)) = suite.and_then(|suite| self.value_of(suite.node, "name")) {
            self.key(&mut object, "suite", place);
            reading::add_string(self.arena, self.text, place, name);
        }
        self.attribute(&mut object, case.node, "classname", false);
        self.attribute(&mut object, case.node, "name", false);
        self.status(&mut object, case.node, outcome);
        self.attribute(&mut object, case.node, "time", true);
        if let Some(element) = outcome.element {
            let (message, place) =
                self.value_of(element, "message").unwrap_or_else(|| self.text_of(element));
            if !message.trim().is_empty() {
                self.key(&mut object, "message", place);
                reading::add_string(self.arena, self.text, place, message);
            }
        }
        for (name, numeric) in [("file", false), ("line", true)] {
            let own = case.node.has_attribute(name);
            let node = if own { Some(case.node) } else { outcome.element };
            if let Some(node) = node {
                self.attribute(&mut object, node, name, numeric);
            }
        }
        if outcome.flaky {
            self.key(&mut object, "flaky", tag);
            self.arena.boolean(tag, true);
        }
        self.end(object);
    }

    /// The status, at the element or the attribute that says so.
    fn status(&mut self, object: &mut Object, case: Node<'_, '_>, outcome: &Outcome<'_, '_>) {
        let element = outcome.element.map(|element| start_tag(element, self.text));
        let attribute = || {
            let names = ["status", "result"].into_iter();
            let mut said = names.filter_map(|name| self.value_of(case, name));
            said.find(|(word, _)| Status::of(word) == outcome.status)
        };
        let place = element
            .or_else(|| attribute().map(|(_, place)| place))
            .unwrap_or_else(|| start_tag(case, self.text));
        self.key(object, "status", place);
        reading::add_string(self.arena, self.text, place, outcome.status.word());
    }

    fn counted(&mut self, counts: &Counts, tag: Span) {
        let mut object = self.object(tag);
        for (name, count) in [
            ("tests", &counts.tests),
            ("passed", &counts.passed),
            ("failed", &counts.failed),
            ("errors", &counts.errors),
            ("skipped", &counts.skipped),
        ] {
            self.key(&mut object, name, tag);
            self.arena.decoded_number(count.first.unwrap_or(tag), &count.many.to_string());
        }
        self.end(object);
    }

    fn object(&mut self, span: Span) -> Object {
        Object { open: self.arena.open(Kind::Object, span.start as usize), span, entries: 0 }
    }

    fn end(&mut self, object: Object) {
        let Object { open, span, entries } = object;
        self.arena.close(open, span.end as usize, entries);
    }

    /// Adds a key; its value must follow.
    fn key(&mut self, object: &mut Object, name: &str, span: Span) {
        object.entries += 1;
        reading::add_string(self.arena, self.text, span, name);
    }

    fn count(&mut self, object: &mut Object, name: &str, count: usize) {
        let span = object.span;
        self.key(object, name, span);
        self.arena.decoded_number(span, &count.to_string());
    }

    /// Adds the attribute `name` of `node` where it has it.
    fn attribute(&mut self, object: &mut Object, node: Node<'_, '_>, name: &str, numeric: bool) {
        let Some((value, place)) = self.value_of(node, name) else {
            return;
        };
        self.key(object, name, place);
        let numeric = numeric && literal::is_json(value) && literal::survives(value);
        match (numeric, place.slice(self.text) == value) {
            (true, true) => self.arena.number(place),
            (true, false) => self.arena.decoded_number(place, value),
            (false, _) => reading::add_string(self.arena, self.text, place, value),
        }
    }

    /// The value of an attribute and its place, without the quotes.
    fn value_of<'a>(&self, node: Node<'a, '_>, name: &str) -> Option<(&'a str, Span)> {
        let attribute = node.attribute_node(name)?;
        let inner = attribute.range_value();
        // The parser's place is wrong for names of absurd length.
        let range = match self.text.get(inner.clone()) {
            Some(_) => inner,
            None => attribute.range(),
        };
        Some((attribute.value(), Span::new(range.start as u64, range.end as u64)))
    }

    /// The first text in an element and its place, or the element's start tag.
    fn text_of<'a>(&self, node: Node<'a, '_>) -> (&'a str, Span) {
        match node.children().find(Node::is_text) {
            Some(content) => {
                let range = content.range();
                let place = Span::new(range.start as u64, range.end as u64);
                (content.text().unwrap_or_default(), place)
            }
            None => ("", start_tag(node, self.text)),
        }
    }
}

/// What we counted ourselves.
#[derive(Default)]
struct Counts {
    tests: Count,
    passed: Count,
    failed: Count,
    errors: Count,
    skipped: Count,
}

/// How many there are, and where the first of them stands.
#[derive(Default)]
struct Count {
    many: usize,
    first: Option<Span>,
}

impl Counts {
    fn add(&mut self, status: Status<'_>, place: Span) {
        self.tests.many += 1;
        let count = match status {
            Status::Passed => &mut self.passed,
            Status::Failed => &mut self.failed,
            Status::Error => &mut self.errors,
            Status::Skipped => &mut self.skipped,
            Status::Other(_) => return,
        };
        count.many += 1;
        count.first.get_or_insert(place);
    }
}
