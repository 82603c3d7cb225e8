//! `tickmark matrix`: item, control, criteria, evidence, cadence, owner and verdict in a table.

use std::io::{self, Write};

use super::args::{MatrixArgs, MatrixBy, MatrixFormat};
use super::settings::as_of;
use super::{Exit, Failure, files};
use crate::evidence::{Directory, Inventory};
use crate::render::Style;
use crate::render::matrix::{Rows, Shape, render};
use crate::verify::{Question, verify};

pub(super) fn run(args: &MatrixArgs, style: &Style) -> Result<Exit, Failure> {
    let root = files::root(&args.root)?;
    let catalog = files::catalog(root, args.pack.as_deref())?;
    let as_of = as_of(args.as_of.as_deref(), &catalog.engagement.zone)?;
    let (inventory, store) = (Inventory::walk(root), Directory::new(root));
    let question =
        Question { as_of, strict: false, wanted: &|_| true, progress: &super::output::progress() };
    let report = verify(&catalog, &inventory, &store, &question).map_err(Failure::Policy)?;
    let rows = match args.by {
        MatrixBy::Item => Rows::Items,
        MatrixBy::Criterion => Rows::Criteria,
    };
    let shape = match args.format {
        MatrixFormat::Table => Shape::Table,
        MatrixFormat::Csv => Shape::Csv,
        MatrixFormat::Markdown => Shape::Markdown,
    };
    let mut out = io::BufWriter::new(io::stdout().lock());
    render(&report, rows, shape, style, &mut out)?;
    out.flush()?;
    Ok(Exit::Passes)
}
