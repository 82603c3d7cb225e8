//! What can be typed.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Verifies that an evidence repository shows its controls operating over the audit window.
#[derive(Debug, Parser)]
#[command(version, about, max_term_width = 100)]
pub struct Cli {
    /// When to use colour.
    #[arg(long, value_enum, default_value_t = Color::Auto, global = true)]
    pub color: Color,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Colour choice; `auto` follows NO_COLOR, CLICOLOR_FORCE, CLICOLOR and the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal that has it.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Judge every control over the whole window.
    Verify(VerifyArgs),
    /// Check what single files alone can show, as a pre-commit hook does.
    Check(CheckArgs),
    /// Explain a finding code, a control or a kind.
    Explain(ExplainArgs),
    /// Print a JSON Schema for editors.
    Schema(SchemaArgs),
}

/// Arguments of `verify`.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// Root of the evidence repository: the folder of `tickmark.yaml`.
    #[arg(default_value = ".")]
    pub root: PathBuf,
    /// The day the verdicts speak of, such as 2026-08-15 [default: today].
    #[arg(long, value_name = "DATE")]
    pub as_of: Option<String>,
    /// Only these controls.
    #[arg(long, value_name = "ID")]
    pub control: Vec<String>,
    /// Only controls that serve these checklist items.
    #[arg(long, value_name = "ID")]
    pub item: Vec<String>,
    /// Only controls that support these criteria.
    #[arg(long, value_name = "ID")]
    pub criterion: Vec<String>,
    /// Fail on what is pending, too.
    #[arg(long)]
    pub strict: bool,
    /// Output: `human` or `json`, to standard output or to a file (`json=report.json`); repeatable.
    #[arg(long, value_name = "FORMAT[=FILE]", default_value = "human")]
    pub format: Vec<String>,
    /// How many findings to print in full.
    #[arg(long, value_name = "N", default_value_t = 50)]
    pub findings: usize,
}

/// Arguments of `check`.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// Evidence files.
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
    /// Root of the evidence repository [default: the nearest folder above that has `tickmark.yaml`].
    #[arg(long)]
    pub root: Option<PathBuf>,
    /// The day to check for [default: today].
    #[arg(long, value_name = "DATE")]
    pub as_of: Option<String>,
}

/// Arguments of `explain`.
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// A finding code (`period-missing`), a control (`CHM-01`) or a kind (`change-record`).
    pub id: String,
    /// Root of the evidence repository, for controls and kinds of its own.
    #[arg(long, default_value = ".")]
    pub root: PathBuf,
}

/// Arguments of `schema`.
#[derive(Debug, Args)]
pub struct SchemaArgs {
    /// Which schema.
    #[arg(value_enum)]
    pub name: SchemaName,
}

/// The schemas of files that people write or read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SchemaName {
    /// Rule files.
    Control,
    /// `tickmark.yaml`.
    Engagement,
    /// `*.evidence.yaml`.
    Manifest,
    /// `folder.evidence.yaml`.
    Folder,
    /// `exceptions.yaml`.
    Exceptions,
    /// The JSON report.
    Report,
}
