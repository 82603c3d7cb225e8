//! Messages with values of the evidence in them: `{change_id} was approved by its author`.

use super::ExpressionError;
use super::bindings::Bindings;
use super::path::parse;
use super::scope::{Path, Scope, Variable};
use super::shape::Shape;
use crate::document::{Kind, Node};
use crate::model::is_hidden;

/// Longest value shown, in characters.
const WIDTH: usize = 80;

/// A checked message.
#[derive(Debug, Clone)]
pub struct Template(Vec<Part>);

#[derive(Debug, Clone)]
enum Part {
    Text(String),
    Value(Path),
}

/// Compiles a message: text with `{path}` for values; a brace of its own is written `{{` or `}}`.
///
/// # Errors
///
/// Every path that does not exist, and every brace that stands alone, at its place.
pub fn compile_template(source: &str, scope: &Scope) -> Result<Template, Vec<ExpressionError>> {
    let mut parts = Vec::new();
    let mut errors = Vec::new();
    let mut text = String::new();
    let mut rest = source;
    while let Some(brace) = rest.find(['{', '}']) {
        let at = source.len() - rest.len() + brace;
        text.push_str(&rest[..brace]);
        let (bracket, after) = rest[brace..].split_at(1);
        if let Some(after) = after.strip_prefix(bracket) {
            text.push_str(bracket);
            rest = after;
            continue;
        }
        let path = after.split_once('}').filter(|_| bracket == "{");
        let Some((path, after)) = path else {
            let message = format!("this `{bracket}` has no partner");
            let help = format!("write `{bracket}{bracket}` for the character itself");
            errors.push(ExpressionError::new(at..at + 1, message).help(help));
            rest = after;
            continue;
        };
        match placeholder(path, at + 1, scope) {
            Ok(path) => parts.extend([Part::Text(std::mem::take(&mut text)), Part::Value(path)]),
            Err(error) => errors.push(error),
        }
        rest = after;
    }
    text.push_str(rest);
    parts.push(Part::Text(text));
    if errors.is_empty() { Ok(Template(parts)) } else { Err(errors) }
}

fn placeholder(source: &str, at: usize, scope: &Scope) -> Result<Path, ExpressionError> {
    let path = parse(source, at, scope)?;
    let range = at..at + source.len();
    if matches!(path.variable, Variable::Window | Variable::AsOf) {
        return Err(ExpressionError::new(range, "a message shows no times of the run"));
    }
    if matches!(path.shape, Shape::Object(_)) {
        let message = format!("`{source}` is an object");
        return Err(ExpressionError::new(range, message).help("name the field of it to show"));
    }
    Ok(path)
}

impl Template {
    /// What it shows: a variable and the fields down from it.
    pub fn reads(&self) -> impl Iterator<Item = (Variable, &[String])> {
        self.0.iter().filter_map(|part| match part {
            Part::Text(_) => None,
            Part::Value(path) => Some((path.variable, path.fields.as_slice())),
        })
    }

    /// The message for one record. Values are cropped to 80 characters; what would change how the
    /// text around it is shown is escaped; secrets stay out.
    #[must_use]
    pub fn render(&self, bindings: &Bindings<'_>) -> String {
        let mut message = String::with_capacity(128);
        let mut reads = 0;
        for part in &self.0 {
            match part {
                Part::Text(text) => message.push_str(text),
                Part::Value(path) => {
                    show(path, reads, bindings, &mut message);
                    reads += 1;
                }
            }
        }
        message
    }
}

/// Adds the value at `path`, which is what the message reads as number `at`.
fn show(path: &Path, at: usize, bindings: &Bindings<'_>, into: &mut String) {
    if path.sensitive {
        return into.push_str("‹redacted›");
    }
    if path.variable == Variable::Params {
        let name = path.fields.first().map_or("", String::as_str);
        return match bindings.params.text(name) {
            Some(text) => add_clean(&text, WIDTH, into),
            None => into.push_str("‹absent›"),
        };
    }
    let known = bindings.known.value(at);
    match known.unwrap_or_else(|| bindings.find(path)) {
        Some(node) => match node.as_str() {
            Some(text) => add_clean(text, WIDTH, into),
            None => add_clean(&text(node, true), WIDTH, into),
        },
        None => into.push_str("‹absent›"),
    }
}

/// The text of a value: a list shows its elements, an object nothing of what it holds.
fn text(node: Node<'_>, lists: bool) -> String {
    match node.kind() {
        Kind::Null => "null".to_owned(),
        Kind::Boolean => node.as_bool().unwrap_or_default().to_string(),
        Kind::Number => node.as_literal().unwrap_or_default().to_owned(),
        Kind::String => node.as_str().unwrap_or_default().chars().take(WIDTH + 1).collect(),
        Kind::Array if lists => {
            let shown: Vec<String> =
                node.elements().take(WIDTH).map(|element| text(element, false)).collect();
            shown.join(", ")
        }
        Kind::Array => "‹list›".to_owned(),
        Kind::Object => "‹object›".to_owned(),
    }
}

/// `text` on one line, without characters that act on what shows it, and cropped.
pub(super) fn clean(text: &str, width: usize) -> String {
    let mut clean = String::new();
    add_clean(text, width, &mut clean);
    clean
}

/// Adds what [`clean`] makes of `text`.
fn add_clean(text: &str, width: usize, into: &mut String) {
    // Without a way out of the loop: it takes many bytes at once.
    let is_plain = || text.bytes().fold(true, |plain, byte| plain & matches!(byte, b' '..=b'~'));
    if text.len() <= width && is_plain() {
        return into.push_str(text);
    }
    let mut characters = text.chars();
    for character in characters.by_ref().take(width) {
        if character.is_control() || is_hidden(character) {
            into.extend(character.escape_default());
        } else {
            into.push(character);
        }
    }
    if characters.next().is_some() {
        into.push('…');
    }
}
