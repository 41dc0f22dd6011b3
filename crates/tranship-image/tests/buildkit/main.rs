//! What BuildKit's own packages make of Dockerfiles, beside what we make of them: verdicts, instructions, values, and the
//! configuration of the image. Needs the testbed's `dockerfile-oracle`.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a test: it reads files and may stop at a broken promise"
)]

mod cases;
mod compare;
mod corpus;
mod oracle;

use tranship_testing::{Mutator, not_run};

use compare::{Case, agree};

/// Prints every disagreement and fails if there is one.
fn check(cases: &[Case]) {
    let Some(answers) = oracle::dockerfiles(cases) else {
        return not_run("dockerfile-oracle is not built (testbed/build)");
    };
    assert_eq!(answers.len(), cases.len(), "an answer for each case");
    let faults: Vec<String> = cases.iter().zip(&answers).flat_map(|(case, answer)| agree(case, answer)).collect();
    let refused = answers.iter().filter(|answer| answer.get("config").is_none()).count();
    println!("{} Dockerfiles, {refused} of them refused, {} disagreements", cases.len(), faults.len());
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn hostile_dockerfiles_read_as_buildkit_reads_them() {
    check(&cases::all());
}

#[test]
fn dockerfiles_of_the_examples_read_as_buildkit_reads_them() {
    let cases = corpus::below(&tranship_testing::places::workspace().join("examples"));
    assert!(!cases.is_empty(), "the examples hold Dockerfiles");
    check(&cases);
}

#[test]
fn dockerfiles_of_the_corpus_read_as_buildkit_reads_them() {
    let Some(shared) = tranship_testing::places::shared() else { return tranship_testing::not_run::no_shared() };
    let folders = ["dockerfiles", "compose", "pairs"];
    let cases: Vec<Case> =
        folders.iter().flat_map(|folder| corpus::below(&shared.join("corpus").join(folder))).collect();
    assert!(cases.len() > 250, "only {} Dockerfiles in the corpus", cases.len());
    check(&cases);
}

#[test]
fn damaged_dockerfiles_read_as_buildkit_reads_them() {
    let seeds = cases::all();
    let mut mutator = Mutator::new(20_261_121);
    let damaged = (0..3_000).filter_map(|number| {
        let seed = seeds.get(number % seeds.len())?;
        let text = mutator.edit(&mutator.clone().edit(&seed.text));
        Some(Case { name: format!("{} damaged {number}", seed.name), text, ..seed.clone() })
    });
    check(&damaged.collect::<Vec<_>>());
}

#[test]
fn words_are_expanded_as_buildkit_expands_them() {
    let texts = cases::words();
    let Some(answers) = oracle::words(&texts) else {
        return not_run("dockerfile-oracle is not built (testbed/build)");
    };
    let faults: Vec<String> =
        texts.iter().zip(&answers).filter_map(|(text, answer)| compare::word(text, answer)).collect();
    println!("{} texts, {} disagreements", texts.len(), faults.len());
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn ignore_files_match_as_moby_matches_them() {
    let cases = cases::ignores();
    let Some(answers) = oracle::ignores(&cases) else {
        return not_run("dockerfile-oracle is not built (testbed/build)");
    };
    let faults: Vec<String> =
        cases.iter().zip(&answers).flat_map(|(case, answer)| compare::ignore(case, answer)).collect();
    println!("{} ignore files, {} disagreements", cases.len(), faults.len());
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
