//! The `tickmark` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    tickmark::cli::run().into()
}
