//! Nothing that is fed to the readers makes them panic or run away.

use tranship_image::{BuildOptions, Ignore, expand, facts, parse};
use tranship_source::FileId;
use tranship_testing::Mutator;

const SEEDS: [&str; 6] = [
    "# syntax=docker/dockerfile:1\n# escape=`\nARG V=1\nFROM a:$V AS x\nRUN <<EOF `\n b\ntext\nEOF\nONBUILD COPY --from=0 a b\nFROM x\nUSER ${U:-a}\n",
    "FROM a\nCOPY --chown=1:2 <<-'f' <<g /x/\n\ta\n\tf\n$B\ng\nCMD [\"a\", \"\\u00e9\"]\nHEALTHCHECK --interval=1m CMD [\"x\"]\n",
    "FROM a AS b\nENV A=${B:-${C#*.}} D=${E//x*/y} F=\"q '$G'\" \\\n  # note\n\n H='i j'\nEXPOSE 1-9/udp $P\nVOLUME [\"/v\"]\n",
    "FROM a AS b\nCOPY --from=c / /\nFROM b AS c\nCOPY --from=b / /\nRUN --mount=type=cache,target=/x,\"id=a,b\" y\n",
    "*.log\n!keep.log\n**/node_modules/**\n[a-z]?.txt\n# note\n",
    "${A%%*a*a*a*a*b}${A//?*?/x}",
];

#[test]
fn garbage_is_read_without_a_panic() {
    let mut mutator = Mutator::new(4);
    let long = "a".repeat(300);
    let lookup = |name: &str| (name.len() == 1).then(|| long.clone());
    for round in 0..6_000 {
        let mut bytes = mutator.damage(SEEDS[round % SEEDS.len()]);
        for _ in 0..round % 3 {
            bytes = mutator.damage(&String::from_utf8_lossy(&bytes));
        }
        let text = String::from_utf8_lossy(&bytes);
        let checked = parse(FileId(0), &text);
        for fault in checked.diagnostics.iter().filter_map(|fault| fault.primary.as_ref()) {
            assert!(
                text.get(fault.span.start as usize..fault.span.end as usize).is_some(),
                "a fault lies in the text: {fault:?}\n{text}"
            );
        }
        drop(facts(&checked.value, &BuildOptions::default()));
        drop(expand(&text, '\\', &lookup));
        drop(Ignore::parse(&text).map(|ignore| ignore.ignores("a/b/c.txt")));
    }
}

#[test]
fn deep_and_long_texts_end() {
    let deep = format!("FROM a\nENV A={}x{}\n", "${B:-".repeat(2_000), "}".repeat(2_000));
    let checked = parse(FileId(0), &deep);
    assert!(facts(&checked.value, &BuildOptions::default()).has_errors(), "nesting has an end");
    let stages: Vec<String> =
        (0..3_000).map(|stage| format!("FROM a AS s{stage}\nCOPY --from=s{} / /\n", stage / 2)).collect();
    let many = stages.concat();
    drop(facts(&parse(FileId(0), &many).value, &BuildOptions::default()));
}
