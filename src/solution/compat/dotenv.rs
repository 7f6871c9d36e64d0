//! Files of variables, `.env`, in the syntax that python-dotenv 1.2 reads: `export NAME=v`, quotes of both kinds over several lines,
//! comments behind a blank, values without quotes, names without values. Lines that are none of these are told and passed over, as
//! there.

use std::collections::BTreeMap;

/// What a file of variables holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EnvFile {
    /// Bindings in the order of the file; a name may come again.
    pub bindings: Vec<Binding>,
    /// Lines, from 1, that could not be read.
    pub bad_lines: Vec<usize>,
}

/// One `NAME=value`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// The name.
    pub name: String,
    /// The value without its quotes; `None` when there is no `=`.
    pub value: Option<String>,
    /// Line on which it begins, from 1.
    pub line: usize,
}

/// A value whose own `${NAME}` were replaced.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Interpolated {
    /// The value.
    pub value: String,
    /// Names that were not set and had no default; they became nothing.
    pub missing: Vec<String>,
}

/// Reads the text of a file of variables.
pub fn parse(text: &str) -> EnvFile {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n").replace('\r', "\n");
    let mut reader = Reader { rest: &text, line: 1 };
    let mut file = EnvFile::default();
    while !reader.rest.is_empty() {
        let mut line = reader.line;
        match reader.binding(&mut line) {
            Ok(Some((name, value))) => file.bindings.push(Binding { name, value, line }),
            Ok(None) => {}
            Err(NoBinding) => {
                file.bad_lines.push(line);
                reader.rest_of_line();
            }
        }
    }
    file
}

/// Replaces `${NAME}` and `${NAME:-default}` in a value, whatever its quotes were. `lookup` gives what is set.
pub fn interpolate<'a>(value: &str, lookup: impl Fn(&str) -> Option<&'a str>) -> Interpolated {
    let (mut out, mut rest) = (Interpolated::default(), value);
    while let Some((before, after)) = rest.split_once("${") {
        out.value.push_str(before);
        let Some((inside, behind)) = after.split_once('}').and_then(|(inside, behind)| Some((reference(inside)?, behind))) else {
            out.value.push_str("${");
            rest = after;
            continue;
        };
        let (name, default) = inside;
        match lookup(name).or(default) {
            Some(found) => out.value.push_str(found),
            None => out.missing.push(name.to_owned()),
        }
        rest = behind;
    }
    out.value.push_str(rest);
    out
}

/// Splits what stands in braces into a name and a default; `None` when it is no reference.
fn reference(inside: &str) -> Option<(&str, Option<&str>)> {
    match inside.split_once(':') {
        None => Some((inside, None)),
        Some((name, default)) => default.strip_prefix('-').map(|default| (name, Some(default))),
    }
}

/// Returns the last value of each name, in a map.
pub fn values(file: &EnvFile) -> BTreeMap<&str, &str> {
    file.bindings.iter().filter_map(|binding| Some((binding.name.as_str(), binding.value.as_deref()?))).collect()
}

struct Reader<'a> {
    rest: &'a str,
    line: usize,
}

type NameAndValue = (String, Option<String>);

/// A line that is neither a binding nor a comment nor blank.
struct NoBinding;

impl<'a> Reader<'a> {
    /// Reads one binding, a comment or blank lines; the text may be neither. `line` becomes that of the name.
    fn binding(&mut self, line: &mut usize) -> Result<Option<NameAndValue>, NoBinding> {
        self.take_while(blank);
        *line = self.line;
        if self.rest.is_empty() {
            return Ok(None);
        }
        self.export();
        let name = self.name()?;
        self.take_while(blank_in_line);
        let value = if self.rest.starts_with('=') { Some(self.assigned().ok_or(NoBinding)?) } else { None };
        self.comment();
        self.end_of_line().ok_or(NoBinding)?;
        Ok(name.map(|name| (name, value)))
    }

    fn advance(&mut self, length: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(length);
        self.line += taken.matches('\n').count();
        self.rest = rest;
        taken
    }

    fn take_while(&mut self, accept: impl Fn(char) -> bool) -> &'a str {
        let length = self.rest.find(|c| !accept(c)).unwrap_or(self.rest.len());
        self.advance(length)
    }

    fn export(&mut self) {
        let Some(rest) = self.rest.strip_prefix("export") else { return };
        if rest.starts_with(blank_in_line) {
            self.advance("export".len());
            self.take_while(blank_in_line);
        }
    }

    /// Reads a name; `None` before a comment, which has none.
    fn name(&mut self) -> Result<Option<String>, NoBinding> {
        if self.rest.starts_with('#') {
            return Ok(None);
        }
        if let Some(quoted) = self.rest.strip_prefix('\'') {
            let length = quoted.find('\'').filter(|length| *length > 0).ok_or(NoBinding)?;
            let name = self.advance(length + 2);
            return Ok(name.get(1..=length).map(str::to_owned));
        }
        let name = self.take_while(|c| !matches!(c, '=' | '#') && !blank(c));
        if name.is_empty() { Err(NoBinding) } else { Ok(Some(name.to_owned())) }
    }

    fn assigned(&mut self) -> Option<String> {
        self.advance(1);
        let blanks = self.take_while(blank_in_line);
        match self.rest.chars().next() {
            None | Some('\n') => Some(String::new()),
            // `NAME= # comment` is an empty value, `NAME=#text` is not.
            Some('#') if !blanks.is_empty() => Some(String::new()),
            Some(quote @ ('\'' | '"')) => self.quoted(quote),
            Some(_) => Some(self.unquoted()),
        }
    }

    fn unquoted(&mut self) -> String {
        let part = self.take_while(|c| c != '\n');
        let hash = part.char_indices().find(|(at, c)| *c == '#' && part.get(..*at).is_some_and(|before| before.ends_with(blank)));
        hash.and_then(|(at, _)| part.get(..at)).unwrap_or(part).trim_end_matches(blank).to_owned()
    }

    fn quoted(&mut self, quote: char) -> Option<String> {
        let mut escaped = false;
        let inside = self.rest.get(1..)?;
        let end = inside.find(|c| {
            let closes = c == quote && !escaped;
            escaped = c == '\\' && !escaped;
            closes
        })?;
        self.advance(end + 2);
        Some(unescaped(inside.get(..end)?, quote))
    }

    fn comment(&mut self) {
        let blanks = self.rest.find(|c| !blank_in_line(c)).unwrap_or(self.rest.len());
        if self.rest.get(blanks..).is_some_and(|rest| rest.starts_with('#')) {
            self.take_while(|c| c != '\n');
        }
    }

    fn end_of_line(&mut self) -> Option<()> {
        self.take_while(blank_in_line);
        match self.rest.chars().next() {
            None => Some(()),
            Some('\n') => {
                self.advance(1);
                Some(())
            }
            Some(_) => None,
        }
    }

    fn rest_of_line(&mut self) {
        self.take_while(|c| c != '\n');
        self.advance(usize::from(!self.rest.is_empty()));
    }
}

/// Resolves the escapes that count inside quotes of this kind; others stay.
fn unescaped(text: &str, quote: char) -> String {
    let mut out = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            out.push(character);
            continue;
        }
        let Some(next) = characters.next() else {
            out.push('\\');
            break;
        };
        let resolved = match next {
            '\\' | '\'' => Some(next),
            _ if quote == '\'' => None,
            '"' => Some('"'),
            'a' => Some('\u{7}'),
            'b' => Some('\u{8}'),
            'f' => Some('\u{c}'),
            'n' => Some('\n'),
            'r' => Some('\r'),
            't' => Some('\t'),
            'v' => Some('\u{b}'),
            _ => None,
        };
        match resolved {
            Some(character) => out.push(character),
            None => out.extend(['\\', next]),
        }
    }
    out
}

/// White space, the four separators of ASCII included, as Python counts it.
fn blank(c: char) -> bool {
    c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c)
}

fn blank_in_line(c: char) -> bool {
    blank(c) && c != '\n'
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pairs(text: &str) -> Vec<(String, Option<String>)> {
        parse(text).bindings.into_iter().map(|binding| (binding.name, binding.value)).collect()
    }

    #[test]
    fn every_form_is_read() {
        for (text, name, value) in [
            ("A=b", "A", Some("b")),
            ("  export  A = b c  # comment", "A", Some("b c")),
            ("A=a#b", "A", Some("a#b")),
            ("A=#b", "A", Some("#b")),
            ("A= # b", "A", Some("")),
            ("A=", "A", Some("")),
            ("A", "A", None),
            ("'A B'=c", "A B", Some("c")),
            ("A=\"x\\ty\\\"z\\q\" # c", "A", Some("x\ty\"z\\q")),
            ("A='x\\ty\\'z'", "A", Some("x\\ty'z")),
            ("A=\"two\r\nlines\"", "A", Some("two\nlines")),
            ("\u{feff}A=b\r\n", "A", Some("b")),
            ("exportA=b", "exportA", Some("b")),
            ("A=é ü", "A", Some("é ü")),
        ] {
            assert_eq!(pairs(text), [(name.to_owned(), value.map(str::to_owned))], "{text:?}");
        }
        assert_eq!(pairs("# only\n\n   \n"), []);
        assert_eq!(values(&parse("A=1\nA=2\nB")), BTreeMap::from([("A", "2")]));
    }

    #[test]
    fn bad_lines_are_named_and_passed_over() {
        let file = parse("A=1\nB='open\n=x\nC=\"a\" b\nD=4\n");
        // An open quote takes no further line: the rest of its own is skipped.
        assert_eq!((file.bad_lines, file.bindings.len()), (vec![2, 3, 4], 2));
        assert_eq!(file.bindings[1], Binding { name: "D".to_owned(), value: Some("4".to_owned()), line: 5 });
    }

    #[test]
    fn references_are_replaced() {
        let set = BTreeMap::from([("A", "1"), ("E", "")]);
        let of = |value: &str| interpolate(value, |name| set.get(name).copied());
        assert_eq!(of("x${A}y${E}z${A:-9}${B:-9}${A:?}$A${").value, "x1yz19${A:?}$A${");
        assert_eq!(of("${B}-${C}"), Interpolated { value: "-".to_owned(), missing: vec!["B".to_owned(), "C".to_owned()] });
    }

    proptest! {
        #[test]
        fn any_text_is_read_to_its_end(text in "[A-C='\"#\\\\$ {}\n\r\t\u{1c}é]{0,80}") {
            let file = parse(&text);
            prop_assert!(file.bindings.len() + file.bad_lines.len() <= text.len());
        }

        #[test]
        fn quoted_values_come_back(value in "[^'\\\\\r]{0,40}") {
            let text = format!("A='{value}'\n");
            prop_assert_eq!(pairs(&text), vec![("A".to_owned(), Some(value))]);
        }
    }
}
