//! `tickmark test`: the fixtures of rule files, and mutants of them.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::time::Instant;

use rayon::prelude::*;

use super::args::TestArgs;
use super::{Exit, Failure, files};
use crate::catalog::{File, Files, Problem, load, pack};
use crate::render::Style;
use crate::schema::suggest::nearest;
use crate::testing::{Fixture, Outcome, run as run_fixture};

pub(super) fn run(args: &TestArgs, _style: &Style) -> Result<Exit, Failure> {
    let started = Instant::now();
    let root = files::root(&args.root)?;
    let (controls, own) = files::pack_in(root)?;
    let own_kinds: Vec<String> = own.iter().map(|file| kind_name(&file.path)).collect();
    let kinds = overlaid(pack::kinds(), own);
    let mut tests: BTreeMap<String, File> = BTreeMap::new();
    for file in files::folder(root, "controls", files::TEST_ENDING)? {
        tests.insert(stem(&file.path, files::TEST_ENDING), file);
    }
    let mut asked: Vec<(String, &File)> =
        controls.iter().map(|file| (stem(&file.path, ".yaml"), file)).collect();
    let strays: Vec<&File> = tests
        .iter()
        .filter(|(stem, _)| !asked.iter().any(|(own, _)| own == *stem))
        .map(|(_, file)| file)
        .collect();
    if let Some(stray) = strays.first() {
        let message = format!("`{}` tests no rule file", stray.path);
        return Err(Failure::plain(
            message,
            "name it for the rule file beside it: `<control>.test.yaml`",
        ));
    }
    select(&mut asked, &args.control)?;
    let schema = Fixture::schema().map_err(Failure::Policy)?;
    let ran: Vec<Result<Outcome, Vec<Problem>>> = asked
        .par_iter()
        .map(|(stem, control)| match tests.get(stem) {
            Some(test) => {
                run_fixture(&Fixture::read(test, &schema)?, control, &kinds, !args.no_mutants)
            }
            None => loads(control, &kinds).map(|()| untested(stem)),
        })
        .collect();
    let mut outcomes = Vec::new();
    let mut problems = Vec::new();
    for outcome in ran {
        match outcome {
            Ok(outcome) => outcomes.push(outcome),
            Err(found) => problems.extend(found),
        }
    }
    if !problems.is_empty() {
        return Err(Failure::Policy(problems));
    }
    let whole = args.control.is_empty() && !args.no_mutants;
    // The rules of a kind are for those to break who wrote it.
    for outcome in &mut outcomes {
        outcome.kind_rules.retain(|rule, _| {
            own_kinds.iter().any(|kind| rule.split(':').next() == Some(kind.as_str()))
        });
    }
    let passes = tell(&outcomes, whole, args.no_mutants, started, &mut io::stdout().lock())?;
    Ok(if passes { Exit::Passes } else { Exit::Unmet })
}

/// The built-in kinds with a folder's own in their place.
fn overlaid(built_in: Vec<File>, own: Vec<File>) -> Vec<File> {
    let name = |file: &File| file.path.rsplit('/').next().unwrap_or_default().to_owned();
    let replaced: Vec<String> = own.iter().map(name).collect();
    let mut kinds: Vec<File> =
        built_in.into_iter().filter(|file| !replaced.contains(&name(file))).collect();
    kinds.extend(own);
    kinds
}

fn kind_name(path: &str) -> String {
    let file = path.rsplit('/').next().unwrap_or(path);
    file.split('.').next().unwrap_or(file).to_owned()
}

/// Whether a rule file without tests is right by itself.
fn loads(control: &File, kinds: &[File]) -> Result<(), Vec<Problem>> {
    let engagement = "organisation: nobody yet\nwindow: { start: 2026-01-01, end: 2026-12-31 }\ntime_zone: UTC\n";
    let engagement =
        File { path: "tickmark.yaml".to_owned(), bytes: engagement.as_bytes().to_vec() };
    let files = Files {
        engagement: Some(engagement),
        controls: vec![control.clone()],
        schemas: kinds.to_vec(),
        ..Files::default()
    };
    load(&files).map(drop)
}

fn stem(path: &str, ending: &str) -> String {
    path.strip_suffix(ending).unwrap_or(path).to_owned()
}

fn select(asked: &mut Vec<(String, &File)>, wanted: &[String]) -> Result<(), Failure> {
    let id = |stem: &str| stem.rsplit('/').next().unwrap_or_default().to_uppercase();
    let known: Vec<String> = asked.iter().map(|(stem, _)| id(stem)).collect();
    if let Some(unknown) = wanted.iter().find(|one| !known.contains(one)) {
        let help = match nearest(unknown, known.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "name a control of this folder".to_owned(),
        };
        return Err(Failure::plain(format!("there is no control `{unknown}`"), help));
    }
    asked.retain(|(stem, _)| wanted.is_empty() || wanted.contains(&id(stem)));
    Ok(())
}

fn untested(stem: &str) -> Outcome {
    let control = stem.rsplit('/').next().unwrap_or_default().to_uppercase();
    let failures = vec![format!("there is no `{stem}.test.yaml`: nothing shows that it can fail")];
    Outcome { control, failures, ..Outcome::default() }
}

/// Prints the outcomes as a test runner does; whether all pass.
fn tell(
    outcomes: &[Outcome],
    whole: bool,
    cases_only: bool,
    started: Instant,
    out: &mut impl Write,
) -> io::Result<bool> {
    let mut rules: BTreeMap<&str, bool> = BTreeMap::new();
    for outcome in outcomes {
        let word = if outcome.passes() { "ok  " } else { "FAIL" };
        write!(out, "{word}  {:<8} {:>3} cases", outcome.control, outcome.cases)?;
        if outcome.mutants > 0 {
            write!(out, ", {:>4} mutants, {:>4} caught", outcome.mutants, outcome.caught)?;
        }
        writeln!(out)?;
        for failure in &outcome.failures {
            writeln!(out, "    {failure}")?;
        }
        for name in &outcome.unbreakable {
            writeln!(out, "    {name} cannot fail: no case and no mutant breaks it")?;
        }
        for survivor in &outcome.survivors {
            writeln!(out, "    missed: {}", survivor.0)?;
        }
        for (rule, broken) in &outcome.kind_rules {
            *rules.entry(rule).or_default() |= broken;
        }
    }
    let sum = |of: fn(&Outcome) -> usize| outcomes.iter().map(of).sum::<usize>();
    let unbreakable = sum(|outcome| outcome.unbreakable.len());
    let targets = sum(|outcome| outcome.breakable) + unbreakable;
    let failed = outcomes.iter().filter(|outcome| !outcome.passes()).count();
    let idle: Vec<&str> =
        rules.iter().filter(|(_, broken)| !**broken).map(|(rule, _)| *rule).collect();
    let idle = if whole { idle } else { Vec::new() };
    for rule in &idle {
        writeln!(out, "FAIL  kind {rule} cannot fail: no case and no mutant breaks it")?;
    }
    let seconds = started.elapsed().as_secs_f64();
    writeln!(
        out,
        "\n{} controls, {failed} failed{}; {} cases, {} mutants; {seconds:.1} s",
        outcomes.len(),
        if idle.is_empty() {
            String::new()
        } else {
            format!(", {} rules of kinds cannot fail", idle.len())
        },
        sum(|outcome| outcome.cases),
        sum(|outcome| outcome.mutants),
    )?;
    if !cases_only {
        let (missed, binding) =
            (sum(|outcome| outcome.survivors.len()), sum(|outcome| outcome.binding));
        let explained = sum(|outcome| outcome.explained);
        let score = if targets + binding == 0 {
            0.0
        } else {
            100.0 * (targets + binding - unbreakable - missed) as f64 / (targets + binding) as f64
        };
        writeln!(
            out,
            "mutation score {score:.1} %: {} of {targets} checks and requirements can fail, \
             {} of {binding} faults that no control may miss are caught ({explained} explained); \
             {} of all {} mutants change a verdict",
            targets - unbreakable,
            binding - missed,
            sum(|outcome| outcome.caught),
            sum(|outcome| outcome.mutants),
        )?;
    }
    Ok(failed == 0 && idle.is_empty())
}
