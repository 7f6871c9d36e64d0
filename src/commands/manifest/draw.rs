//! Manifests for people, in 80 columns.

use serde_json::Value;

use crate::base::text::sanitized;

/// Characters of a line.
pub const WIDTH: usize = 80;

/// Shortens a text to a number of characters, with an ellipsis where something was left out, and without what drives a terminal.
pub fn fit(text: &str, width: usize) -> String {
    let clean = sanitized(&text.replace('\n', " "));
    if clean.chars().count() <= width {
        return clean;
    }
    clean.chars().take(width.saturating_sub(1)).chain(['…']).collect()
}

/// Draws rows in columns two blanks apart; the last one is shortened so that lines keep the width.
pub fn columns<const N: usize>(indent: usize, rows: &[[String; N]]) -> String {
    let mut widths = [0; N];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(sanitized(cell).chars().count().min(WIDTH / 2));
        }
    }
    let mut text = String::new();
    for row in rows {
        let mut line = " ".repeat(indent);
        for (place, (cell, width)) in row.iter().zip(widths).enumerate() {
            if place + 1 == N {
                let room = WIDTH.saturating_sub(line.chars().count()).max(16);
                line.push_str(&fit(cell, room));
            } else {
                let cell = fit(cell, width);
                line.extend([format!("{cell}{}", " ".repeat(width - cell.chars().count() + 2))]);
            }
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// Draws names with their values, which go on below where they are longer than a line.
pub fn whole(indent: usize, rows: &[[String; 2]]) -> String {
    let width = rows.iter().map(|[name, _]| name.chars().count()).max().unwrap_or_default().min(WIDTH / 2);
    let (start, room) = (indent + width + 2, WIDTH - indent - width - 2);
    let mut text = String::new();
    for [name, value] in rows {
        let name = fit(name, width);
        let clean: Vec<char> = sanitized(&value.replace('\n', " ")).chars().collect();
        let mut head = format!("{}{name}{}", " ".repeat(indent), " ".repeat(width - name.chars().count() + 2));
        for part in clean.chunks(room) {
            text.extend([format!("{head}{}\n", part.iter().collect::<String>())]);
            head = " ".repeat(start);
        }
        if clean.is_empty() {
            text.extend([format!("{}\n", head.trim_end())]);
        }
    }
    text
}

/// Returns the leaves of a value with their dotted paths, lists being leaves.
pub fn leaves(value: &Value) -> Vec<(Vec<String>, String)> {
    let mut found = Vec::new();
    walk(value, &mut Vec::new(), &mut found);
    found
}

fn walk(value: &Value, path: &mut Vec<String>, found: &mut Vec<(Vec<String>, String)>) {
    match value {
        Value::Object(members) if !members.is_empty() => {
            for (name, value) in members {
                path.push(name.clone());
                walk(value, path, found);
                path.pop();
            }
        }
        other => found.push((path.clone(), plain(other))),
    }
}

/// Writes a value as people read it: texts without quotes where nothing is lost.
pub fn plain(value: &Value) -> String {
    match value {
        Value::String(text) if !text.is_empty() && text.parse::<f64>().is_err() && !["true", "false", "null"].contains(&text.as_str()) => {
            text.clone()
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn lines_keep_the_width() {
        let rows = [["a".to_owned(), "x".repeat(200)], ["b".repeat(90), "y\u{1b}[0m".to_owned()]];
        let text = columns(2, &rows);
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH), "{text}");
        assert!(text.contains('…') && !text.contains('\u{1b}'));
    }

    #[test]
    fn whole_values_go_on_below() {
        let rows = [["name".to_owned(), "x".repeat(100)], ["n".to_owned(), String::new()]];
        let text = whole(2, &rows);
        assert_eq!(text, format!("  name  {}\n        {}\n  n\n", "x".repeat(72), "x".repeat(28)));
    }

    #[test]
    fn leaves_have_their_paths() {
        let found = leaves(&json!({ "a": { "b": 1, "c": {} }, "d": ["x"] }));
        let shown: Vec<_> = found.iter().map(|(path, value)| format!("{}={value}", path.join("."))).collect();
        assert_eq!(shown, ["a.b=1", "a.c={}", "d=[\"x\"]"]);
        assert_eq!(
            (plain(&json!("5")), plain(&json!("five")), plain(&json!(true))),
            ("\"5\"".to_owned(), "five".to_owned(), "true".to_owned())
        );
    }
}
