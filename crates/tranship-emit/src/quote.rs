//! Texts inside files of other languages, so that they mean themselves there.

/// A word for a POSIX shell: as it is when it holds nothing a shell reads, else in single quotes.
pub fn shell(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:=@%+,".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// A text in a JSON file for `docker buildx bake`, which would read `${` and `%{` as expressions.
pub fn bake(text: &str) -> String {
    text.replace("${", "$${").replace("%{", "%%{")
}
