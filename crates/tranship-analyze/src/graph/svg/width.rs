//! How wide text is: no font is at hand, so that widths are those of DejaVu Sans and Verdana, the widest fonts a browser
//! takes for `sans-serif`. In a narrower font a box is a little wide; text never leaves it.

/// Widths of the characters from space to `~`, in thousandths of the font's size.
const WIDTHS: [u16; 95] = [
    318, 401, 460, 838, 636, 1076, 780, 275, 454, 454, 636, 838, 364, 454, 364, 454, 636, 636, 636, 636, 636, 636, 636,
    636, 636, 636, 454, 454, 838, 838, 838, 545, 1000, 684, 686, 698, 771, 632, 575, 775, 752, 421, 455, 693, 557, 863,
    748, 787, 603, 787, 695, 684, 616, 732, 684, 989, 685, 615, 685, 454, 454, 454, 838, 636, 636, 613, 635, 550, 635,
    615, 352, 635, 634, 278, 344, 592, 278, 974, 634, 612, 635, 635, 427, 521, 394, 634, 592, 818, 592, 592, 525, 636,
    454, 636, 838,
];

/// The width of a text in pixels, rounded up.
pub fn width(text: &str, size: i64, bold: bool) -> i64 {
    let sum: i64 = text.chars().map(one).sum();
    let weight = if bold { 1130 } else { 1020 };
    (sum * size * weight + 999_999) / 1_000_000
}

fn one(c: char) -> i64 {
    let at = u32::from(c).checked_sub(32).and_then(|at| usize::try_from(at).ok());
    let known = at.and_then(|at| WIDTHS.get(at)).copied();
    i64::from(known.unwrap_or(1000))
}

/// The text, or as much of it as fits with an ellipsis.
pub fn fit(text: &str, size: i64, bold: bool, most: i64) -> String {
    if width(text, size, bold) <= most {
        return text.to_owned();
    }
    let room = most - width("…", size, bold);
    let mut out = String::new();
    for c in text.chars() {
        out.push(c);
        if width(&out, size, bold) > room {
            out.pop();
            break;
        }
    }
    out.trim_end().to_owned() + "…"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_to_fit_and_no_more() {
        assert_eq!(fit("short", 14, true, 200), "short");
        let cut = fit(&"m".repeat(100), 11, false, 100);
        assert!(width(&cut, 11, false) <= 100 && width(&(cut.clone() + "mm"), 11, false) > 100, "{cut}");
        assert!(cut.ends_with('…'));
        assert!(width("日本", 10, false) >= 20);
    }
}
