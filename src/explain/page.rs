//! A page of reference: written as text for a terminal or as Markdown.

use std::fmt::Write as _;

use crate::render::{clean, markdown_text};

/// A page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Title.
    pub title: String,
    /// What stands below it.
    pub blocks: Vec<Block>,
}

/// A part of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// A heading.
    Heading(String),
    /// A paragraph.
    Text(String),
    /// The exact words of somebody else.
    Quote(String),
    /// A list: what it is about, and what is said of it.
    List(Vec<(String, String)>),
    /// Source text, with the name of its language.
    Code(&'static str, String),
}

impl Page {
    pub(super) fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), blocks: Vec::new() }
    }

    pub(super) fn heading(&mut self, text: &str) {
        self.blocks.push(Block::Heading(text.to_owned()));
    }

    pub(super) fn text(&mut self, text: impl Into<String>) {
        let text = text.into();
        if !text.is_empty() {
            self.blocks.push(Block::Text(text));
        }
    }

    /// A list under a heading; nothing where it is empty.
    pub(super) fn list(&mut self, heading: &str, list: Vec<(String, String)>) {
        if !list.is_empty() {
            self.heading(heading);
            self.blocks.push(Block::List(list));
        }
    }

    /// The page as plain text, lines as long as they come.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = format!("{}\n", clean(&self.title));
        for block in &self.blocks {
            let _ = match block {
                Block::Heading(heading) => writeln!(text, "\n{}", clean(heading)),
                Block::Text(one) => writeln!(text, "  {}", clean(one)),
                Block::Quote(one) => writeln!(text, "  \"{}\"", clean(one)),
                Block::Code(_, code) => {
                    code.lines().try_for_each(|line| writeln!(text, "    {}", clean(line)))
                }
                Block::List(list) => list.iter().try_for_each(|(lead, said)| match said.as_str() {
                    "" => writeln!(text, "  {}", clean(lead)),
                    said => writeln!(text, "  {}: {}", clean(lead), clean(said)),
                }),
            };
        }
        text
    }

    /// The page as Markdown.
    #[must_use]
    pub fn to_markdown(&self) -> String {
        let mut text = format!("# {}\n", markdown_text(&self.title));
        let mut in_list = false;
        for block in &self.blocks {
            if !in_list || !matches!(block, Block::List(_)) {
                text.push('\n');
            }
            in_list = matches!(block, Block::List(_));
            let _ = match block {
                Block::Heading(heading) => writeln!(text, "## {}", markdown_text(heading)),
                Block::Text(one) => writeln!(text, "{}", markdown_text(one)),
                Block::Quote(one) => writeln!(text, "> {}", markdown_text(one)),
                Block::Code(language, code) => {
                    writeln!(text, "```{language}\n{}\n```", code.trim_end())
                }
                Block::List(list) => list.iter().try_for_each(|(lead, said)| match said.as_str() {
                    "" => writeln!(text, "- {}", markdown_text(lead)),
                    said => {
                        writeln!(text, "- **{}**: {}", markdown_text(lead), markdown_text(said))
                    }
                }),
            };
        }
        text
    }
}
