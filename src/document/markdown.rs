//! Markdown with YAML front matter: the front matter's members, and the body cut into sections.
//!
//! The root is the front matter's mapping with one more member, `body`: its whole `text`, and the
//! `sections` that its headings begin. `text` is source; `words` are counted in what a reader sees,
//! so that comments and markup do not fill an empty section.

use std::ops::Range;

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use super::{Arena, Fault, FaultKind, Kind, Node, reading, yaml::read_yaml};
use crate::model::Span;

/// Reads Markdown with front matter into `arena` and returns every fault. Unless a fault is more
/// than a warning, the arena holds an object: the members of the front matter, then
/// `body: { text, sections: [{ title, level, text, words }] }`.
#[must_use]
pub fn read_markdown(text: &str, arena: &mut Arena) -> Vec<Fault> {
    arena.clear();
    if let Some(fault) = reading::too_long(text) {
        return vec![fault];
    }
    let (front, body) = match split(text) {
        Ok(parts) => parts,
        Err(fault) => return vec![fault],
    };
    let mut faults = read_yaml(text, front.clone(), arena);
    let blank = |root: Node<'_>| root.is_null() && root.span().start == root.span().end;
    if arena.root(text).is_some_and(blank) {
        let span = Span::default().offset(front.start as u64);
        let message = "the front matter between the two lines `---` holds nothing";
        faults.push(Fault::new(FaultKind::Empty, span, message));
    }
    if faults.iter().all(|fault| fault.kind.is_warning()) {
        add_body(text, body, arena, &mut faults);
    }
    reading::finish(faults, arena)
}

/// The front matter between its two lines, and the body.
fn split(text: &str) -> Result<(Range<usize>, Range<usize>), Fault> {
    let mark = if text.starts_with('\u{feff}') { 3 } else { 0 };
    let mut lines = text[mark..].split_inclusive('\n');
    let first = lines.next().unwrap_or_default();
    let front = mark + first.len();
    if text[mark..].trim().is_empty() {
        let message = "there is no text here: front matter and a body are expected";
        return Err(Fault::new(FaultKind::Empty, Span::default(), message));
    }
    if first.trim_end() != "---" {
        let span = Span::new(mark as u64, (mark + first.trim_end().len()) as u64);
        let message = "there is no front matter: the first line must be `---`, followed by YAML \
                       and a second line `---`";
        return Err(Fault::new(FaultKind::Syntax, span, message));
    }
    let mut at = front;
    for line in lines {
        if line.trim_end() == "---" {
            return Ok((front..at, at + line.len()..text.len()));
        }
        at += line.len();
    }
    let span = Span::new(mark as u64, mark as u64 + 3);
    let message = "the front matter that begins here is never closed: a second line `---` must \
                   follow it";
    Err(Fault::new(FaultKind::Syntax, span, message))
}

fn add_body(text: &str, body: Range<usize>, arena: &mut Arena, faults: &mut Vec<Fault>) {
    let span = place(&body);
    let root = arena.root(text);
    if let Some((key, _)) = root.and_then(|root| root.member("body")) {
        let message = "the front matter has a key `body`, which is the name of the text below it; \
                       rename the key";
        let fault = Fault::new(FaultKind::DuplicateKey, key.span(), message);
        let below = Span::new(span.start, span.start);
        faults.push(fault.with_related(below, "the body begins here"));
        return;
    }
    let front = root.map(|root| root.span()).unwrap_or_default();
    let Some((open, entries)) = arena.reopen_root() else {
        let message = "the front matter must be a mapping of keys to values";
        faults.push(Fault::new(FaultKind::Syntax, front, message));
        return;
    };
    arena.decoded_string(span, "body");
    let object = arena.open(Kind::Object, body.start);
    arena.decoded_string(span, "text");
    arena.string(span, span);
    arena.decoded_string(span, "sections");
    let sections = sections(text, &body);
    let array = arena.open(Kind::Array, body.start);
    for section in &sections {
        section.add(text, arena);
    }
    arena.close(array, body.end, sections.len());
    arena.close(object, body.end, 2);
    arena.close(open, body.end, entries + 1);
}

/// A heading and the text up to the next one.
struct Section {
    heading: Range<usize>,
    title: String,
    title_place: Range<usize>,
    level: usize,
    /// Where the section ends.
    end: usize,
    words: usize,
}

impl Section {
    fn add(&self, text: &str, arena: &mut Arena) {
        let content = trimmed(text, self.heading.end..self.end);
        let heading = place(&self.heading);
        let title = place(&self.title_place);
        let open = arena.open(Kind::Object, self.heading.start);
        arena.decoded_string(title, "title");
        reading::add_string(arena, text, title, &self.title);
        arena.decoded_string(heading, "level");
        arena.decoded_number(heading, &self.level.to_string());
        arena.decoded_string(place(&content), "text");
        arena.string(place(&content), place(&content));
        arena.decoded_string(place(&content), "words");
        arena.decoded_number(place(&content), &self.words.to_string());
        arena.close(open, content.end.max(self.heading.end), 4);
    }
}

/// The sections of the body, one for each heading that stands in no quote and no list.
fn sections(text: &str, body: &Range<usize>) -> Vec<Section> {
    let mut found: Vec<Section> = Vec::new();
    let (mut depth, mut heading) = (0_usize, false);
    let mut words = String::new();
    let events = Parser::new_ext(&text[body.clone()], Options::ENABLE_TABLES).into_offset_iter();
    for (event, range) in events {
        let range = body.start + range.start..body.start + range.end;
        match event {
            Event::Start(Tag::Heading { level, .. }) if depth == 0 => {
                finish(&mut found, range.start, &mut words);
                let heading_range = trimmed(text, range);
                found.push(Section {
                    title: String::new(),
                    title_place: heading_range.end..heading_range.end,
                    level: level as usize,
                    end: body.end,
                    words: 0,
                    heading: heading_range,
                });
                heading = true;
                depth += 1;
            }
            Event::Start(_) => depth += 1,
            Event::End(end) => {
                depth = depth.saturating_sub(1);
                heading &= !(depth == 0 && matches!(end, TagEnd::Heading(_)));
                if !is_inline(end) {
                    words.push(' ');
                }
            }
            Event::Text(part) | Event::Code(part) => match found.last_mut() {
                Some(section) if heading => section.add_title(&part, range),
                _ => words.push_str(&part),
            },
            Event::SoftBreak | Event::HardBreak => match found.last_mut() {
                Some(section) if heading && section.title.is_empty() => {}
                Some(section) if heading => section.title.push(' '),
                _ => words.push(' '),
            },
            _ => {}
        }
    }
    finish(&mut found, body.end, &mut words);
    found
}

impl Section {
    fn add_title(&mut self, part: &str, range: Range<usize>) {
        if self.title.is_empty() {
            self.title_place.start = range.start;
        }
        self.title_place.end = range.end;
        self.title.push_str(part);
    }
}

/// Ends the last section at `end` and counts its `words`.
fn finish(found: &mut [Section], end: usize, words: &mut String) {
    if let Some(section) = found.last_mut() {
        section.end = end;
        let is_word = |word: &&str| word.contains(char::is_alphanumeric);
        section.words = words.split_whitespace().filter(is_word).count();
    }
    words.clear();
}

fn is_inline(end: TagEnd) -> bool {
    let link = matches!(end, TagEnd::Link | TagEnd::Image);
    link || matches!(end, TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough)
}

fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    let source = text.get(range.clone()).unwrap_or_default();
    let blank = [' ', '\t', '\r', '\n'];
    let start = range.start + (source.len() - source.trim_start_matches(blank).len());
    start..start + source.trim_matches(blank).len()
}

fn place(range: &Range<usize>) -> Span {
    Span::new(range.start as u64, range.end as u64)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::super::reading::tests::{assert_places, assert_sound, cases};
    use super::*;

    const POLICY: &str = "\u{feff}---\ntitle: Caf\u{e9} policy # why\nversion: 2\n---\nIntro.\n\n# Sc\u{f6}pe **all**\n\nThe whole\ncompany, `code` too.\n<!-- fill this in -->\n\n```sh\n# not a heading\n```\n\n> # quoted\n\nUnder\n=====\n## Empty ##\n\n<!-- nothing here -->\n### `x`\nlast\n";

    fn read(text: &str) -> (Arena, Vec<Fault>) {
        let mut arena = Arena::new();
        let faults = read_markdown(text, &mut arena);
        assert_places(&faults, text);
        assert_sound(&arena, text, !text.contains('*'));
        (arena, faults)
    }

    fn fault(text: &str) -> (FaultKind, &str) {
        let (arena, faults) = read(text);
        assert!(arena.is_empty());
        assert_eq!(faults.len(), 1, "{text:?}: {faults:?}");
        (faults[0].kind, faults[0].span.slice(text))
    }

    #[test]
    fn a_policy_has_front_matter_and_sections() {
        for text in [POLICY.to_owned(), POLICY.replace('\n', "\r\n")] {
            let (arena, faults) = read(&text);
            assert_eq!(faults, []);
            let root = arena.root(&text).expect("a root");
            assert_eq!(
                root.get("title").and_then(|title| title.as_str()),
                Some("Caf\u{e9} policy")
            );
            assert_eq!(root.len(), 3);
            let body = root.pointer("/body/text").and_then(|body| body.as_str()).expect("text");
            assert!(body.starts_with("Intro.") && body.trim_end().ends_with("last"));
            let sections = root.pointer("/body/sections").expect("sections");
            let brief: Vec<Value> = sections
                .elements()
                .map(|section| {
                    let section = section.to_value();
                    json!([section["title"], section["level"], section["words"]])
                })
                .collect();
            assert_eq!(
                json!(brief),
                json!([["Sc\u{f6}pe all", 1, 9], ["Under", 1, 0], ["Empty", 2, 0], ["x", 3, 1],])
            );
            let source = |pointer| root.pointer(pointer).expect("a value").span().slice(&text);
            assert_eq!(source("/body/sections/1/title"), "Under");
            assert_eq!(source("/body/sections/2/title"), "Empty");
            assert_eq!(source("/body/sections/2/level"), "## Empty ##");
            assert_eq!(source("/body/sections/3/text"), "last");
            let first = source("/body/sections/0/text");
            assert!(first.starts_with("The whole") && first.ends_with("> # quoted"), "{first}");
            assert!(first.contains("# not a heading"));
        }
    }

    #[test]
    fn front_matter_is_required() {
        for (text, expected) in [
            ("", (FaultKind::Empty, "")),
            ("\u{feff}\n \n", (FaultKind::Empty, "")),
            ("# Title\ntext\n", (FaultKind::Syntax, "# Title")),
            ("\n---\na: 1\n---\n", (FaultKind::Syntax, "")),
            ("---\na: 1\n# Title\n", (FaultKind::Syntax, "---")),
            ("---\n---\ntext\n", (FaultKind::Empty, "")),
            ("---\n- a\n---\ntext\n", (FaultKind::Syntax, "- a")),
            ("---\ntext\n---\ntext\n", (FaultKind::Syntax, "text")),
            ("---\nbody: x\n---\ntext\n", (FaultKind::DuplicateKey, "body")),
            ("---\na: 1\na: 2\n---\ntext\n", (FaultKind::DuplicateKey, "a")),
            ("---\na: [\n---\ntext ]\n", (FaultKind::Syntax, "")),
        ] {
            let (kind, at) = fault(text);
            assert_eq!((kind, at), expected, "{text:?}");
        }
    }

    #[test]
    fn titles_begin_at_their_first_text() {
        let text = "---\na: 1\n---\n\\\n\u{e9} **b**\nc\n---\n";
        let (arena, _) = read(text);
        let title = arena.root(text).and_then(|root| root.pointer("/body/sections/0/title"));
        let title = title.expect("a title");
        assert_eq!(title.as_str(), Some("\u{e9} b c"));
        assert_eq!(title.span().slice(text), "\u{e9} **b**\nc");
    }

    #[test]
    fn warnings_do_not_hide_the_body() {
        let text = "---\ncountry: no\n---";
        let (arena, faults) = read(text);
        assert_eq!(faults[0].kind, FaultKind::AmbiguousScalar);
        let root = arena.root(text).expect("a root");
        assert_eq!(root.to_value(), json!({"country": "no", "body": {"text": "", "sections": []}}));
    }

    proptest! {
        #![proptest_config(cases())]

        #[test]
        fn hostile_text_never_panics(text in "(?s)([#>=`*_\\[\\]()<>!|~ \t\r\n&;-]|a|\\-\\-\\-\n|# |```|\u{e9}|\u{0}|1\\. |.){0,60}") {
            read(&text);
            read(&format!("---\na: 1\n---\n{text}"));
        }

        #[test]
        fn mutated_documents_never_panic(at in 0..POLICY.len(), cut in 0..6_usize, put in "(?s)[#>`=\n:-]{0,3}") {
            let boundary = |mut at: usize| {
                while !POLICY.is_char_boundary(at) { at -= 1; }
                at
            };
            let (start, end) = (boundary(at), boundary((at + cut).min(POLICY.len())));
            read(&format!("{}{put}{}", &POLICY[..start], &POLICY[end.max(start)..]));
        }
    }
}
