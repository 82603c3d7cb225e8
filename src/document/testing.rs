//! Documents out of `serde_json` values, for tests of rooms that only need a document.

use serde_json::Value;

use super::{Arena, Document, Kind};
use crate::model::Span;

/// A document that reads as `value` and whose text is compact JSON.
pub(crate) fn document(value: &Value) -> Document {
    let (mut text, mut arena) = (String::new(), Arena::new());
    write(value, &mut text, &mut arena);
    Document::new(text, arena).expect("a value has a root")
}

fn write(value: &Value, text: &mut String, arena: &mut Arena) {
    let start = text.len();
    match value {
        Value::Array(items) => {
            let open = arena.open(Kind::Array, start);
            text.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                write(item, text, arena);
            }
            text.push(']');
            arena.close(open, text.len(), items.len());
        }
        Value::Object(members) => {
            let open = arena.open(Kind::Object, start);
            text.push('{');
            for (index, (key, item)) in members.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                write(&Value::from(key.as_str()), text, arena);
                text.push(':');
                write(item, text, arena);
            }
            text.push('}');
            arena.close(open, text.len(), members.len());
        }
        scalar => {
            text.push_str(&scalar.to_string());
            let span = Span::new(start as u64, text.len() as u64);
            match scalar {
                Value::Null => arena.null(span),
                Value::Bool(value) => arena.boolean(span, *value),
                Value::String(content) => arena.decoded_string(span, content),
                _ => arena.number(span),
            }
        }
    }
}
