//! How fast JSON lines are split and read: `cargo bench --bench reading`.

#![expect(clippy::print_stdout, reason = "the figures are the output")]

use std::fmt::Write;
use std::hint::black_box;
use std::time::Instant;

use rayon::prelude::*;
use tickmark::document::{Arena, Block, Blocks, JsonOptions, read_json};

const SIZE: usize = 64 << 20;
const ROUNDS: usize = 5;

fn main() {
    let text = log();
    measure("split into lines", &text, || split(&text));
    measure("read, one core", &text, || read(&text));
    measure("read, all cores", &text, || read_in_parallel(&text));
    measure("serde_json to Value, one core", &text, || read_with_serde(&text));
}

/// A log of changes such as evidence holds: about 330 bytes a line, a few of them with escapes.
fn log() -> String {
    let mut text = String::with_capacity(SIZE + 1024);
    for id in 0.. {
        if text.len() >= SIZE {
            break;
        }
        let message = if id % 10 == 0 { r#"say \"hi\"\n"# } else { "retrain on fresh data" };
        let line = writeln!(
            text,
            r#"{{"change_id":"CHG-{id:07}","title":"{message}","subject":"fraud-scorer","subject_version":"{}.{}","author":"p-{:03}","approver":"p-{:03}","approved_at":"2026-03-{:02}T09:14:00Z","deployed_at":"2026-03-{:02}T17:40:12Z","emergency":{},"tests":{{"passed":{},"failed":0,"coverage":0.{}}},"reviewers":["p-001","p-002"]}}"#,
            id % 7,
            id % 31,
            id % 97,
            id % 89,
            id % 28 + 1,
            id % 28 + 1,
            id % 50 == 0,
            id % 1000,
            id % 9973,
        );
        line.unwrap_or_default();
    }
    text
}

fn measure(what: &str, text: &str, mut work: impl FnMut() -> usize) {
    let mut best = f64::INFINITY;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        black_box(work());
        best = best.min(start.elapsed().as_secs_f64());
    }
    let megabytes = text.len() as f64 / 1e6;
    println!("{what:32}{:8.0} MB/s", megabytes / best);
}

fn blocks(text: &str, mut each: impl FnMut(&Block) -> usize) -> usize {
    let mut blocks = Blocks::new(text.as_bytes());
    let mut count = 0;
    while let Some(Ok(block)) = blocks.next() {
        count += each(&block);
        blocks.recycle(block);
    }
    count
}

fn split(text: &str) -> usize {
    blocks(text, |block| block.lines().count())
}

fn read(text: &str) -> usize {
    let mut arena = Arena::new();
    blocks(text, |block| read_block(block, &mut arena))
}

fn read_block(block: &Block, arena: &mut Arena) -> usize {
    let mut values = 0;
    for text in block.lines().filter_map(|line| line.text.ok()) {
        let faults = read_json(text, arena, JsonOptions::default());
        assert!(faults.is_empty());
        values += arena.len();
    }
    values
}

fn read_in_parallel(text: &str) -> usize {
    Blocks::new(text.as_bytes())
        .filter_map(Result::ok)
        .par_bridge()
        .map(|block| read_block(&block, &mut Arena::new()))
        .sum()
}

fn read_with_serde(text: &str) -> usize {
    blocks(text, |block| {
        let lines = block.lines().filter_map(|line| line.text.ok());
        lines.filter_map(|text| serde_json::from_str::<serde_json::Value>(text).ok()).count()
    })
}
