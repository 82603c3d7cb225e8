//! What can be typed.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::sample::Frequency;

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
    /// Explain a finding code, a control, a checklist item, a criterion or a kind.
    Explain(ExplainArgs),
    /// Print the control matrix: items, controls, criteria, evidence, cadence, owner and verdict.
    Matrix(MatrixArgs),
    /// Test rule files: fixtures that meet them, cases that do not, and mutants.
    Test(TestArgs),
    /// Pack what an auditor asks for: evidence, manifests, rules, report, index and digests.
    #[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
    Binder(BinderArgs),
    /// Draw a sample from a population, as a dry run of what an auditor may ask for.
    Sample(SampleArgs),
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
    /// Output: `human`, `json`, `sarif`, `junit`, `github`, `gitlab`, `markdown`, `csv`, `html` or
    /// `oscal`, to standard output or to a file (`json=report.json`); repeatable.
    #[arg(long, value_name = "FORMAT[=FILE]", default_value = "human")]
    pub format: Vec<String>,
    /// How many findings to print in full.
    #[arg(long, value_name = "N", default_value_t = 50)]
    pub findings: usize,
    /// The JSON report of an earlier run: the human output tells what is new, gone and unchanged.
    #[arg(long, value_name = "REPORT.json")]
    pub baseline: Option<PathBuf>,
    /// What fails the gate: everything, or only what the baseline did not have to fix.
    #[arg(long, value_enum, default_value_t = FailOn::All)]
    pub fail_on: FailOn,
    /// Take this folder, with `controls/` and `schemas/`, for the built-in pack: for its authors.
    #[arg(long, value_name = "FOLDER")]
    pub pack: Option<PathBuf>,
}

/// What fails the gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    /// Every control that is unmet.
    All,
    /// Findings to fix that the baseline did not have.
    New,
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
    /// Take this folder, with `controls/` and `schemas/`, for the built-in pack: for its authors.
    #[arg(long, value_name = "FOLDER")]
    pub pack: Option<PathBuf>,
}

/// Arguments of `binder`.
#[derive(Debug, Args)]
pub struct BinderArgs {
    /// Root of the evidence repository: the folder of `tickmark.yaml`.
    #[arg(default_value = ".")]
    pub root: PathBuf,
    /// The day the verdicts speak of [default: today].
    #[arg(long, value_name = "DATE")]
    pub as_of: Option<String>,
    /// The archive to write.
    #[arg(long, value_name = "FILE.tar.gz", required = true)]
    pub out: Option<PathBuf>,
    /// Instead of making one: look at one.
    #[command(subcommand)]
    pub command: Option<BinderCommand>,
}

/// What can be done with a binder.
#[derive(Debug, Subcommand)]
pub enum BinderCommand {
    /// Check every digest, derive the verdict again from the binder alone, compare it with the
    /// report inside.
    Verify {
        /// The archive.
        file: PathBuf,
    },
}

/// Arguments of `sample`.
///
/// Sizes are common practice of AICPA auditors: annual 1, quarterly 2, monthly 2 to 5, weekly 5 to
/// 15, daily 20 to 40, per event 25 to 60. The auditor decides.
#[derive(Debug, Args)]
pub struct SampleArgs {
    /// The population, such as `CHM-01.changes`.
    #[arg(value_name = "CONTROL.requirement")]
    pub population: String,
    /// Root of the evidence repository: the folder of `tickmark.yaml`.
    #[arg(default_value = ".")]
    pub root: PathBuf,
    /// The day up to which the population goes [default: today].
    #[arg(long, value_name = "DATE")]
    pub as_of: Option<String>,
    /// How many records [default: the largest customary number for the frequency].
    #[arg(long, value_name = "N")]
    pub size: Option<usize>,
    /// How often the control operates.
    #[arg(long, value_enum, default_value_t = Frequency::PerEvent)]
    pub frequency: Frequency,
    /// How it is written.
    #[arg(long, value_enum, default_value_t = SampleFormat::Table)]
    pub format: SampleFormat,
    /// Take this folder, with `controls/` and `schemas/`, for the built-in pack: for its authors.
    #[arg(long, value_name = "FOLDER")]
    pub pack: Option<PathBuf>,
}

/// Forms of a sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SampleFormat {
    /// A table for people.
    Table,
    /// A record to keep, with everything it takes to draw it again.
    Json,
}

/// Arguments of `explain`.
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// A finding code (`period-missing`), a control or checklist item (`CHM-01`), a criterion
    /// (`CC8.1`) or a kind (`change-record`).
    pub id: String,
    /// The day what was found speaks of [default: today].
    #[arg(long, value_name = "DATE")]
    pub as_of: Option<String>,
    /// Root of the evidence repository, for what was found, and for controls and kinds of its own.
    #[arg(long, default_value = ".")]
    pub root: PathBuf,
    /// Take this folder, with `controls/` and `schemas/`, for the built-in pack: for its authors.
    #[arg(long, value_name = "FOLDER")]
    pub pack: Option<PathBuf>,
}

/// Arguments of `matrix`.
#[derive(Debug, Args)]
pub struct MatrixArgs {
    /// Root of the evidence repository: the folder of `tickmark.yaml`.
    #[arg(default_value = ".")]
    pub root: PathBuf,
    /// The day the verdicts speak of [default: today].
    #[arg(long, value_name = "DATE")]
    pub as_of: Option<String>,
    /// What the rows are.
    #[arg(long, value_enum, default_value_t = MatrixBy::Item)]
    pub by: MatrixBy,
    /// How it is written.
    #[arg(long, value_enum, default_value_t = MatrixFormat::Table)]
    pub format: MatrixFormat,
    /// Take this folder, with `controls/` and `schemas/`, for the built-in pack: for its authors.
    #[arg(long, value_name = "FOLDER")]
    pub pack: Option<PathBuf>,
}

/// Rows of the matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum MatrixBy {
    /// Checklist items.
    Item,
    /// Trust Services Criteria.
    Criterion,
}

/// Forms of the matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum MatrixFormat {
    /// Columns for a terminal; the longest are cut.
    Table,
    /// CSV with all columns.
    Csv,
    /// A Markdown table with all columns.
    Markdown,
}

/// Arguments of `test`.
#[derive(Debug, Args)]
pub struct TestArgs {
    /// Folder that holds `controls/` and `schemas/`.
    #[arg(default_value = ".")]
    pub root: PathBuf,
    /// Only these controls.
    #[arg(long, value_name = "ID")]
    pub control: Vec<String>,
    /// Only the cases: make no mutants.
    #[arg(long)]
    pub no_mutants: bool,
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
    /// `controls/checklist.yaml`.
    Checklist,
    /// `<control>.test.yaml`.
    Test,
    /// The JSON report.
    Report,
    /// The record of a sample.
    Sample,
}
