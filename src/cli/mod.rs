//! The command line: what was typed, then what it means, then the rooms in order.

mod args;
mod baseline;
mod binder;
mod check;
mod explain;
mod files;
mod matrix;
mod output;
mod sample;
mod settings;
mod test;
mod verify;

use std::process::ExitCode;

use clap::Parser;

pub use args::{Cli, Command};

/// What a run ends with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// The gate passes.
    Passes,
    /// Controls are unmet, or files have findings.
    Unmet,
    /// We could not verify: usage, configuration, rule files, input or output.
    CouldNotVerify,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Passes => 0,
            Exit::Unmet => 1,
            Exit::CouldNotVerify => 2,
        })
    }
}

/// Parses the arguments and runs the command.
#[must_use]
pub fn run() -> Exit {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let asked = !error.use_stderr();
            let printed = error.print().is_ok();
            return if asked && printed { Exit::Passes } else { Exit::CouldNotVerify };
        }
    };
    let style = output::style(cli.color);
    let result = match &cli.command {
        Command::Verify(args) => verify::run(args, &style),
        Command::Check(args) => check::run(args, &style),
        Command::Explain(args) => explain::run(args, &style),
        Command::Matrix(args) => matrix::run(args, &style),
        Command::Test(args) => test::run(args, &style),
        Command::Binder(args) => binder::run(args, &style),
        Command::Sample(args) => sample::run(args, &style),
        Command::Schema(args) => output::schema(args.name),
    };
    match result {
        Ok(exit) => exit,
        Err(failure) => failure.tell(&style),
    }
}

/// Why a run could not verify.
#[derive(Debug)]
pub enum Failure {
    /// What evidence is judged by is wrong.
    Policy(Vec<crate::catalog::Problem>),
    /// The arguments, or the file system.
    Plain {
        /// What is wrong.
        message: String,
        /// What to do.
        help: String,
    },
    /// The reader of our output went away, which is no failure of ours.
    BrokenPipe,
}

impl Failure {
    pub(crate) fn plain(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::Plain { message: message.into(), help: help.into() }
    }

    fn tell(self, style: &crate::render::Style) -> Exit {
        match self {
            Self::Policy(problems) => output::problems(&problems, style),
            Self::Plain { message, help } => output::plain(&message, &help),
            Self::BrokenPipe => return Exit::CouldNotVerify,
        }
        Exit::CouldNotVerify
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        if error.kind() == std::io::ErrorKind::BrokenPipe {
            return Self::BrokenPipe;
        }
        Self::plain(
            format!("the output cannot be written: {error}"),
            "see the message of the system",
        )
    }
}
