//! The `tickmark` command.

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// A run makes millions of small values on several threads.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    tickmark::cli::run().into()
}
