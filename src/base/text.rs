//! Text from outside, made fit for a terminal.

/// Returns `line` without control characters (ESC, CR, BEL …; tab becomes a blank), so that a log cannot drive the terminal.
pub fn sanitized(line: &str) -> String {
    line.chars().map(|c| if c == '\t' { ' ' } else { c }).filter(|c| !c.is_control() && !is_bidi_control(*c)).collect()
}

/// Tells the characters that reorder text on screen without being seen (Unicode UAX 9, explicit formatting).
fn is_bidi_control(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Writes a number with its noun: `1 image`, `2 images`. The noun takes an s in the plural.
pub fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

/// Returns the candidate nearest to `word` by edit distance, when it is near enough to be what was meant.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = word.chars().count().div_ceil(3);
    candidates
        .into_iter()
        .map(|candidate| (edit_distance(word, candidate), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, candidate)| candidate)
}

/// Counts single-character insertions, deletions and replacements (Levenshtein) between two words.
fn edit_distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in right.iter().enumerate() {
            let replaced = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_do_not_survive() {
        assert_eq!(sanitized("a\u{1b}[31mb\tc\r\u{7}d\u{202e}"), "a[31mb cd");
    }

    #[test]
    fn suggests_only_what_is_near() {
        let names = ["rings", "routes", "registry"];
        assert_eq!(nearest("ring", names), Some("rings"));
        assert_eq!(nearest("rotues", names), Some("routes"));
        assert_eq!(nearest("zebra", names), None);
    }
}
