//! The `tranship` binary: arguments in, library call, human and JSON view out.
//!
//! The only crate that prints, reads the disk or exits. Exit codes: 0 done; 1 the answer is no; 2 wrong input or usage;
//! 3 a platform failed after work began. Start reading at [`cli`], then at one file of [`commands`].
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod calls;
mod choices;
mod cli;
mod commands;
mod cover;
mod disk;
mod environments;
mod inspect;
mod json;
mod looked;
mod reach;
mod release;
mod rights;
mod same;
mod secrets;
mod storage;
mod talk;
mod timings;
mod tree;
mod understand;

use std::process::ExitCode;

use clap::Parser;
use mimalloc::MiMalloc;

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    if cli.timings {
        timings::enable();
    }
    let ended = timings::stage("whole", || commands::run(cli));
    timings::print();
    match ended {
        Ok(exit) => exit.into(),
        Err(fault) => {
            talk::fault(&fault);
            commands::Exit::BadInput.into()
        }
    }
}
