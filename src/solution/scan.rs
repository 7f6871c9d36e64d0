//! Reads just so much of a YAML text by lines that an entry can be added: where a key of the top level stands, where its block ends,
//! and where the braces of a flow map are. It may err on unusual texts; its caller reads the result back.

/// A line of a text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line<'a> {
    /// Offset of its first byte.
    pub start: usize,
    /// Offset behind its line break.
    pub end: usize,
    /// The line without its break.
    pub content: &'a str,
}

impl Line<'_> {
    fn indent(&self) -> usize {
        self.content.trim_start_matches('\u{feff}').chars().take_while(|c| *c == ' ').count()
    }

    fn is_blank(&self) -> bool {
        self.content.trim().is_empty()
    }

    fn is_comment(&self) -> bool {
        self.content.trim_start().starts_with('#')
    }

    fn says_something(&self) -> bool {
        !self.is_blank() && !self.is_comment() && !matches!(self.content.trim_end(), "---" | "...") && !self.content.starts_with('%')
    }
}

/// A block: the value of a key, on the lines below it.
pub(super) struct Block {
    /// Index of the last line that says something or is a comment that belongs to the block.
    pub attached: usize,
    /// Index of the last line before the next key.
    pub end: usize,
}

/// A map in braces, by byte offsets.
pub(super) struct FlowMap {
    /// The opening brace.
    pub open: usize,
    /// The closing brace.
    pub close: usize,
    /// First byte of the last character between them that is neither blank nor comment.
    pub last: Option<usize>,
}

impl FlowMap {
    /// Tells whether nothing but blanks stands between the braces.
    pub fn is_blank(&self, text: &str) -> bool {
        text.get(self.open + 1..self.close).is_some_and(|inside| inside.chars().all(|c| c == ' '))
    }
}

/// Splits a text into its lines.
pub(super) fn lines(text: &str) -> Vec<Line<'_>> {
    let mut start = 0;
    let split = text.split_inclusive('\n').map(|line| {
        let found = Line { start, end: start + line.len(), content: line.trim_end_matches(['\n', '\r']) };
        start = found.end;
        found
    });
    split.collect()
}

/// Returns the line break that the text uses.
pub(super) fn line_break(text: &str) -> &'static str {
    if text.find('\n').is_some_and(|end| text.get(..end).is_some_and(|line| line.ends_with('\r'))) { "\r\n" } else { "\n" }
}

/// Returns the indentation of the keys at the top level.
pub(super) fn root_indent(lines: &[Line<'_>]) -> usize {
    lines.iter().find(|line| line.says_something()).map_or(0, Line::indent)
}

/// Returns how much deeper the first indented line is than the top level; 2 when there is none.
pub(super) fn usual_indent(lines: &[Line<'_>]) -> usize {
    let root = root_indent(lines);
    let deeper = lines.iter().filter(|line| line.says_something()).map(Line::indent).find(|indent| *indent > root);
    deeper.map_or(2, |indent| indent - root)
}

/// Returns the index of the line that begins with this key of the top level.
pub(super) fn find_key(lines: &[Line<'_>], key: &str) -> Option<usize> {
    let root = root_indent(lines);
    lines.iter().position(|line| line.says_something() && line.indent() == root && key_length(line.content, key) > 0)
}

/// Returns how many bytes of a line are its indentation, this key and the colon; 0 when it begins with another key.
pub(super) fn key_length(line: &str, key: &str) -> usize {
    let rest = line.trim_start_matches('\u{feff}').trim_start_matches(' ');
    let forms = [key.to_owned(), format!("\"{key}\""), format!("'{key}'")];
    let behind = forms.iter().find_map(|form| rest.strip_prefix(form.as_str()));
    match behind.and_then(|behind| behind.trim_start_matches(' ').strip_prefix(':')) {
        Some(value) if value.is_empty() || value.starts_with([' ', '\t']) => line.len() - value.len(),
        _ => 0,
    }
}

/// Returns the indentation that an entry of the block under line `head` has: that of its first line that says something, else of its
/// first comment, else what the text uses elsewhere.
pub(super) fn child_indent(lines: &[Line<'_>], head: usize) -> usize {
    let root = root_indent(lines);
    let below = || lines.iter().skip(head + 1).take_while(|line| line.indent() > root || line.is_blank());
    let first = below().find(|line| line.says_something()).or_else(|| below().find(|line| line.is_comment()));
    first.map_or_else(|| root + usual_indent(lines), Line::indent)
}

/// Returns where the block under line `head` ends.
pub(super) fn block(lines: &[Line<'_>], head: usize) -> Block {
    let root = root_indent(lines);
    let belongs = |line: &&Line<'_>| line.is_blank() || line.indent() > root;
    let size = lines.iter().skip(head + 1).take_while(belongs).count();
    let inside = lines.get(head + 1..=head + size).unwrap_or_default();
    let said = inside.iter().rposition(Line::says_something).map_or(0, |last| last + 1);
    let comments = inside.iter().skip(said).take_while(|line| line.is_comment()).count();
    Block { attached: head + said + comments, end: head + size }
}

/// Finds the flow map that is the value behind `from` (behind a key's colon), on the same line or below.
pub(super) fn flow_map(text: &str, from: usize) -> Option<FlowMap> {
    let mut map: Option<FlowMap> = None;
    let (mut depth, mut previous, mut last) = (0_usize, ' ', None);
    let mut token_start = true;
    let mut rest = text.char_indices().skip_while(|(place, _)| *place < from);
    while let Some((place, c)) = rest.next() {
        match c {
            '#' if previous.is_whitespace() => {
                rest.by_ref().find(|(_, c)| *c == '\n');
                previous = '\n';
                continue;
            }
            _ if c.is_whitespace() => {
                previous = c;
                continue;
            }
            _ if map.is_none() && c != '{' => return None,
            '\'' | '"' if token_start => {
                last = Some(skip_quoted(&mut rest, c)?);
                (previous, token_start) = (c, false);
                continue;
            }
            '{' | '[' => {
                depth += 1;
                if map.is_none() {
                    map = Some(FlowMap { open: place, close: place, last: None });
                    (previous, token_start) = (c, true);
                    continue;
                }
            }
            '}' | ']' => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return map.map(|map| FlowMap { close: place, last, ..map });
                }
            }
            _ => {}
        }
        last = Some(place);
        token_start = matches!(c, '{' | '[' | ',' | ':');
        previous = c;
    }
    None
}

/// Reads to the closing quote and returns its offset. In single quotes a doubled one stands for itself, in double quotes `\` escapes.
fn skip_quoted(rest: &mut (impl Iterator<Item = (usize, char)> + Clone), quote: char) -> Option<usize> {
    loop {
        match rest.next()? {
            (_, '\\') if quote == '"' => drop(rest.next()),
            (place, c) if c == quote => {
                let doubled = quote == '\'' && rest.clone().next().is_some_and(|(_, next)| next == '\'');
                if !doubled {
                    return Some(place);
                }
                rest.next();
            }
            _ => {}
        }
    }
}

/// Returns the offset behind the character that begins at `place`.
pub(super) fn after_char(text: &str, place: usize) -> usize {
    place + text.get(place..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8)
}

/// Returns the offset of the first of the blanks that end at `place`.
pub(super) fn before_blanks(text: &str, place: usize) -> usize {
    text.get(..place).map_or(place, |before| before.trim_end_matches(' ').len())
}
