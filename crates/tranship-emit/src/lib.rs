//! Files from objects: packagings and reports.
//!
//! A [`Bundle`] borrows everything the stages before made; a packaging in [`backends`] turns it into a [`FileTree`] of
//! relative paths and bytes. The same bundle gives the same bytes: no clock, no randomness, no name of the machine.
//! Nothing is written to disk here. Start reading at [`backends::manifests`].

pub mod backends;
pub mod base;
pub mod bundle;
pub mod decision;
pub mod environment;
pub mod explain;
mod json;
pub mod merge;
pub mod place;
pub mod quote;
pub mod release;
pub mod report;
pub mod state;
pub mod tree;

pub use backends::manifests::apply_stream;
pub use base::Base;
pub use bundle::Bundle;
pub use report::Report;
pub use state::{Standing, State};
pub use tree::{File, FileTree};

/// The report as `report.json` holds it.
pub fn report_json(report: &Report<'_>) -> String {
    json::text(report)
}

/// The same text, made with the rows of its ledger as [`report::ledger_rows`] gives them.
pub fn report_json_with(report: &Report<'_>, ledger_rows: String) -> String {
    json::text_with(&report::WithoutLedger(report), "ledger", ledger_rows)
}
