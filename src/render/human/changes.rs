//! What changed since an earlier report, below the summary.

use std::io;

use super::{entry, heading, paragraph};
use crate::render::layout::shorten;
use crate::render::{Since, Style, clean, counted};

/// Findings named that are gone; the rest is counted.
const GONE: usize = 10;
/// Columns of one message.
const MESSAGE: usize = 240;

/// Writes the counts, what is gone, and what cannot be compared.
pub(super) fn write(since: &Since, style: &Style, out: &mut impl io::Write) -> io::Result<()> {
    heading(&format!("Since the report as of {}", clean(&since.as_of)), style, out)?;
    write_counts(since, style, out)?;
    for one in since.gone.iter().take(GONE) {
        let control = one.control.as_deref().unwrap_or("repository");
        let text = shorten(&clean(&one.message), MESSAGE, style.ellipsis());
        entry(&format!("  gone: {}  ", clean(control)), &text, style, out)?;
    }
    if let Some(more @ 1..) = since.gone.len().checked_sub(GONE) {
        paragraph(&format!("and {more} more that are gone"), "  ", style, out)?;
    }
    if since.unknown > 0 {
        let text = format!(
            "{} counted and not listed, so that nobody can tell which of them are new: they count \
             as new.",
            counted(since.unknown, "finding"),
        );
        paragraph(&text, "  ", style, out)?;
    }
    if !since.failing.is_empty() {
        let ids: Vec<String> = since.failing.iter().map(|id| clean(id)).collect();
        entry("  failing now, and not then: ", &ids.join(", "), style, out)?;
    }
    Ok(())
}

/// The counts in a sentence.
pub(super) fn write_counts(
    since: &Since,
    style: &Style,
    out: &mut impl io::Write,
) -> io::Result<()> {
    let text = format!(
        "Findings to fix since {}: {} new, {} gone, {} unchanged.",
        clean(&since.as_of),
        since.new.len(),
        since.gone.len(),
        since.unchanged,
    );
    paragraph(&text, "", style, out)
}
