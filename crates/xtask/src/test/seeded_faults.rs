//! Faults seeded into what `convert` wrote: the native check refuses all that a real API server refuses.

use anyhow::Result;
use tempfile::TempDir;
use tranship_testing::api_server;
use tranship_testing::program::scratch;

use super::context::Context;
use super::examples;
use super::outcome::{Outcome, Skipped};
use super::units::count;
use crate::binary::cargo;

/// The example whose objects are broken; it has most kinds of them.
const EXAMPLE: &str = "examples/songnodes";

/// The tests of the seeded faults, over emitted objects instead of their own.
pub fn run(context: &Context) -> Result<Outcome> {
    let server = match context.server() {
        Ok(server) => server,
        Err(why) => {
            let mut outcome = Outcome::default();
            outcome
                .not_run
                .push(Skipped { reason: format!("the server's verdict on seeded faults: {why}"), live: true });
            return Ok(outcome);
        }
    };
    let out = TempDir::with_prefix_in("tranship-faults-", scratch())?;
    let tree = out.path().join("tree");
    if let Err(why) = examples::convert(context.tranship()?, &context.root.join(EXAMPLE), "tranship-faults", &tree) {
        let mut outcome = Outcome::default();
        outcome.count(Err(why));
        return Ok(outcome);
    }
    let done = cargo(&["test", "-p", "tranship-kube", "--test", "seeded_faults"])
        .env("TRANSHIP_FAULTS_DIR", &tree)
        .env(api_server::KUBECONFIG, server.kubeconfig())
        .run()?;
    context.keep("seeded-faults", &done)?;
    let mut outcome = count(&done.text());
    if done.code() != Some(0) && outcome.failed == 0 {
        outcome.count(Err(done.last_words()));
    }
    Ok(outcome)
}
