//! Why a condition came to its truth over a message: a tree of its parts, each with its text, type, value and, where that is not plain,
//! the reason. The evaluator itself shows the values; nothing here computes them.

use std::ops::Range;

use serde::Serialize;
use serde_json::{Value as JsonValue, json};

use super::body::{self, Found, Json, Path};
use super::compile::{Code, Joined, Program, Step};
use super::evaluate::{self, Subject, Trace};
use super::function::{Function, Test};
use super::print;
use super::value::{Truth, Type, Value};
use crate::base::text::sanitized;
use crate::model::Message;

/// Characters of a part's text that are shown.
const SHOWN: usize = 200;

/// A part of a condition and what it came to. Serialised: `text`, `type` (number, text, bool, null, undefined, body), `value`, `reason`
/// (absent where the value is plain) and `parts[]` (absent where there are none).
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Explanation {
    /// The part as it is written.
    pub text: String,
    /// Its bytes in the text of the route.
    #[serde(skip)]
    pub span: Range<usize>,
    /// Its static type.
    #[serde(rename = "type")]
    pub of: &'static str,
    /// What it came to: a truth as `true` or `false`, a number, a text in single quotes, `null`, `undefined`.
    pub value: String,
    /// Why, where that is not plain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Its parts in the order of the text.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Explanation>,
}

/// A truth with the tree that it comes from.
#[derive(Clone, Debug, PartialEq)]
pub struct Explained {
    /// What the broker decides by.
    pub truth: Truth,
    /// The whole condition.
    pub root: Explanation,
}

/// Evaluates a condition over a message and explains every part; `text` is what it was compiled from.
pub fn explain(program: &Program, text: &str, message: &Message) -> Explained {
    let subject = Subject::new(message);
    let mut tracer = Tracer { text, subject: &subject, open: Vec::new() };
    let truth = evaluate::traced(program, &subject, &mut tracer);
    let mut root = tracer.open.pop().map_or_else(|| node(program, text, &Value::Undefined, None), |(node, ..)| node);
    if truth == Truth::Undefined && root.value != "undefined" {
        let noun = match program.result {
            Type::Number => "a number",
            Type::Body => "this body value",
            _ => "a text",
        };
        root.reason.get_or_insert(format!("{noun} as a whole condition is neither true nor false: it never routes"));
    }
    Explained { truth, root }
}

/// Returns the static tree of a condition: texts and types, no values.
pub fn typed(program: &Program, text: &str) -> JsonValue {
    let parts: Vec<&Program> = match &program.code {
        Code::Not(inner) | Code::Negate(inner) => vec![inner],
        Code::Call(_, arguments) => arguments.iter().collect(),
        Code::Steps(first, steps) => std::iter::once(&**first).chain(steps.iter().map(|joined| &joined.right)).collect(),
        _ => Vec::new(),
    };
    let mut shown = json!({ "text": excerpt(text, &program.origin.0), "type": name(program.result) });
    if !parts.is_empty() {
        shown["parts"] = parts.into_iter().map(|part| typed(part, text)).collect();
    }
    shown
}

/// Returns the name of a type.
pub fn name(of: Type) -> &'static str {
    match of {
        Type::Number => "number",
        Type::Text => "text",
        Type::Bool => "bool",
        Type::Null => "null",
        Type::Undefined => "undefined",
        Type::Body => "body",
    }
}

/// Builds the tree while the evaluator runs: parts that wait for what joins them, each with its value and the chain that it belongs to.
struct Tracer<'a> {
    text: &'a str,
    subject: &'a Subject<'a>,
    open: Vec<(Explanation, Value, Option<*const Program>)>,
}

impl Trace for Tracer<'_> {
    fn found(&mut self, program: &Program, value: &Value) {
        let count = match &program.code {
            Code::Not(_) | Code::Negate(_) => 1,
            Code::Call(_, arguments) => arguments.len(),
            _ => 0,
        };
        let parts: Vec<_> = self.open.split_off(self.open.len().saturating_sub(count));
        let values: Vec<&Value> = parts.iter().map(|(_, value, _)| value).collect();
        let reason = reason(program, value, &values, self.subject);
        let mut node = node(program, self.text, value, reason);
        node.parts = parts.into_iter().map(|(node, ..)| node).collect();
        self.open.push((node, value.clone(), None));
    }

    fn joined(&mut self, chain: &Program, joined: &Joined, value: &Value) {
        let (Some((right, right_value, _)), Some((left, left_value, of))) = (self.open.pop(), self.open.pop()) else { return };
        let this = std::ptr::from_ref(chain);
        let reason = reason_of_step(joined, &left_value, &right_value, value);
        let node = if of == Some(this) {
            let mut parts = left.parts;
            parts.push(right);
            Explanation {
                value: shown(value),
                of: name(joined.result),
                reason: reason.or(left.reason.filter(|_| *value == Value::Undefined)),
                parts,
                ..left
            }
        } else {
            let whole = node(chain, self.text, value, reason);
            Explanation { of: name(joined.result), parts: vec![left, right], ..whole }
        };
        self.open.push((node, value.clone(), Some(this)));
    }
}

fn node(program: &Program, text: &str, value: &Value, reason: Option<String>) -> Explanation {
    let span = program.origin.0.clone();
    Explanation { text: excerpt(text, &span), span, of: name(program.result), value: shown(value), reason, parts: Vec::new() }
}

/// Returns a part of a text on one line, shortened.
fn excerpt(text: &str, span: &Range<usize>) -> String {
    let part = text.get(span.clone()).unwrap_or_default();
    let line: String = part.split_whitespace().collect::<Vec<_>>().join(" ");
    let short: String = sanitized(&line).chars().take(SHOWN).collect();
    if short.len() < sanitized(&line).len() { format!("{short}…") } else { short }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Undefined => "undefined".to_owned(),
        Value::Null | Value::Missing => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Number(number) if number.is_nan() => "NaN".to_owned(),
        Value::Number(number) if number.is_infinite() => if *number > 0.0 { "Infinity" } else { "-Infinity" }.to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Text(units) => {
            let quoted = print::quoted(units.get(..SHOWN.min(units.len())).unwrap_or_default());
            if units.len() > SHOWN { format!("{quoted}…") } else { quoted }
        }
    }
}

/// Says why a part that is no chain has its value, where that is not plain.
fn reason(program: &Program, value: &Value, arguments: &[&Value], subject: &Subject<'_>) -> Option<String> {
    let unclear = || *value == Value::Undefined;
    match &program.code {
        Code::Constant(_) => unclear().then(|| "this constant is undefined".to_owned()),
        Code::Property(name) => reason_of_property(name, value),
        Code::System(name) => unclear().then(|| format!("the message has no system property `{}`", sanitized(name))),
        Code::PropertyOr(name, other) => match subject.property(name) {
            Some(_) => Some(format!("an application property named `{}` comes first", sanitized(name))),
            None => reason(other, value, arguments, subject),
        },
        Code::Body(path) => reason_of_body(path, subject),
        Code::Not(_) if unclear() && arguments.iter().all(|argument| **argument == Value::Undefined) => {
            Some("the opposite of undefined is undefined".to_owned())
        }
        Code::Not(_) => unclear().then(|| "the opposite of a body value that is neither true nor false is undefined".to_owned()),
        Code::TwinIncludes(_) => subject.body().err().map(ToString::to_string),
        Code::Call(function, _) => reason_of_call(*function, value, arguments),
        Code::Negate(_) | Code::Steps(..) => None,
    }
}

fn reason_of_property(name: &str, value: &Value) -> Option<String> {
    match value {
        Value::Undefined => Some(format!("the message has no property `{}`", sanitized(name))),
        Value::Null => Some(format!("the property `{}` has no value", sanitized(name))),
        _ => None,
    }
}

fn reason_of_body(path: &Path, subject: &Subject<'_>) -> Option<String> {
    let name = sanitized(path.text());
    match subject.body() {
        Err(why) => Some(why.to_string()),
        Ok(body) => match path.find(body) {
            Found::Nothing => Some(format!("the body has no `{name}`, which counts as null")),
            Found::One(Json::Object(_)) => Some(format!("`{name}` is an object, which has no value in a condition")),
            Found::One(Json::List(_)) => Some(format!("`{name}` is a list, which has no value in a condition")),
            Found::One(Json::Text(text)) if body::is_date(text) => {
                Some(format!("the reader of the broker turns `{name}` into a date, which has no value in a condition"))
            }
            Found::One(Json::Undefined) => Some(format!("`{name}` is the word undefined")),
            Found::Unclear => Some(format!("the reader of the broker does not understand the path `{name}`")),
            Found::One(_) => None,
        },
    }
}

fn reason_of_call(function: Function, value: &Value, arguments: &[&Value]) -> Option<String> {
    match (function, arguments) {
        (Function::Is(Test::Null, Type::Body), _) => Some("is_null answers the opposite for body values".to_owned()),
        (Function::Is(Test::Defined, Type::Body), [Value::Missing]) => Some("a missing path counts as null, which is defined".to_owned()),
        _ if *value != Value::Undefined => None,
        _ if arguments.iter().any(|argument| **argument == Value::Undefined) => Some("an argument is undefined".to_owned()),
        (Function::AsNumber, [Value::Text(_)]) => Some("the text is no number".to_owned()),
        (Function::Substring, [Value::Text(_), ..]) => Some("start or length lies outside of the text".to_owned()),
        (Function::Math(_) | Function::Power, [Value::Number(_), ..]) => Some("the result is no number".to_owned()),
        _ => Some("an argument is of a type that the function does not take".to_owned()),
    }
}

/// Says why an operator came to its value, where that is not plain.
fn reason_of_step(joined: &Joined, left: &Value, right: &Value, value: &Value) -> Option<String> {
    let undefined = *left == Value::Undefined || *right == Value::Undefined;
    let said = match (joined.step, value) {
        (Step::Compare(_, Type::Body), Value::Bool(_)) if kind(left) != kind(right) => {
            return Some(format!(
                "{} is compared with {}: nothing is converted, and types are ordered truth value < number < text < null",
                kind(left),
                kind(right)
            ));
        }
        (_, value) if *value != Value::Undefined => return None,
        (Step::Compare(..), _) if undefined => "a comparison with undefined is undefined",
        (Step::Compare(..), _) => "a property without a value compares with nothing",
        (Step::And, _) => "neither side is false, and one is undefined",
        (Step::Or, _) => "neither side is true, and one is undefined",
        (Step::BodyLogic(_), _) => "with a body value on the left, both sides must be true or false",
        (Step::Arithmetic(..), _) if undefined => "an operand is undefined",
        (Step::Arithmetic(_, Type::Body), _) => "an operand is no number",
        (Step::Arithmetic(..), _) => "the result is no number",
        (Step::Concat, _) => "an operand is undefined or no text",
        _ => return None,
    };
    Some(said.to_owned())
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Undefined => "undefined",
        Value::Null | Value::Missing => "null",
        Value::Bool(_) => "a truth value",
        Value::Number(_) => "a number",
        Value::Text(_) => "a text",
    }
}

#[cfg(test)]
mod tests {
    use super::super::compile::Scope;
    use super::super::set::Condition;
    use super::*;

    fn message(body: &str) -> Message {
        let mut message = Message { body: body.to_owned().into(), ..Message::default() };
        message.properties.insert("kind".to_owned(), Some("pump".to_owned()));
        message.properties.insert("empty".to_owned(), None);
        message.system_properties.insert("contentType".to_owned(), "application/json".to_owned());
        message.system_properties.insert("contentEncoding".to_owned(), "utf-8".to_owned());
        message
    }

    fn explained(condition: &str, body: &str) -> Explained {
        let compiled = Condition::compile(condition, Scope::Route).expect(condition);
        let explained = explain(compiled.program(), condition, &message(body));
        assert_eq!(explained.truth, compiled.truth(&message(body)), "{condition}");
        explained
    }

    #[test]
    fn reasons_name_what_is_missing() {
        for (condition, body, value, reason) in [
            ("temp", "", "undefined", "no property `temp`"),
            ("kind", "", "'pump'", "a text as a whole condition"),
            ("empty", "", "null", "has no value"),
            ("$body.t", "{t:5}", "5", "this body value as a whole condition"),
            ("$foo", "", "undefined", "no system property `foo`"),
            ("$body.t", "{}", "null", "counts as null"),
            ("$body.o", "{o:{}}", "undefined", "is an object"),
            ("$body.o", "{o:[]}", "undefined", "is a list"),
            ("$body.d", "{d:'2017-03-09T00:00:00'}", "undefined", "into a date"),
            ("$body.t", "[]", "undefined", "no JSON object"),
            ("$body.t", "", "undefined", "the body is empty"),
            ("is_null($body.t)", "{t:5}", "true", "the opposite"),
            ("is_defined($body.t)", "{}", "true", "counts as null"),
            ("not $body.t", "{t:5}", "undefined", "neither true nor false"),
            ("not (temp = 'x')", "", "undefined", "the opposite of undefined"),
            ("kind = temp", "", "undefined", "comparison with undefined"),
            ("empty = 'x'", "", "undefined", "without a value"),
            ("$body.t = '5'", "{t:5}", "false", "a number is compared with a text"),
            ("$body.t and true", "{t:5}", "undefined", "both sides must be"),
            ("kind = 'pump' and temp = 'x'", "", "undefined", "neither side is false"),
            ("kind = 'x' or temp = 'x'", "", "undefined", "neither side is true"),
            ("as_number(kind) > 5", "", "undefined", "comparison with undefined"),
            ("(0 / 0) > 1", "", "undefined", "comparison with undefined"),
            ("undefined", "", "undefined", "this constant"),
        ] {
            let root = explained(condition, body).root;
            assert_eq!(root.value, value, "{condition}");
            assert!(root.reason.as_ref().is_some_and(|said| said.contains(reason)), "{condition}: {:?}", root.reason);
        }
        for (condition, body) in [("kind = 'pump'", ""), ("$body.t > 4", "{t:5}"), ("missing = 'x' and false", "")] {
            assert_eq!(explained(condition, body).root.reason, None, "{condition}");
        }
        let inner = &explained("as_number(kind) > 5", "").root.parts[0];
        assert_eq!(inner.reason.as_deref(), Some("the text is no number"));
    }

    #[test]
    fn chains_are_flat_and_parts_in_order() {
        let root = explained("kind = 'pump' and true and temp = 'x'", "").root;
        let parts: Vec<(&str, &str)> = root.parts.iter().map(|part| (part.text.as_str(), part.value.as_str())).collect();
        assert_eq!(parts, [("kind = 'pump'", "true"), ("true", "true"), ("temp = 'x'", "undefined")]);
        assert_eq!(root.parts[2].span, 27..37);
        let long = vec!["kind = 'x'"; 20_000].join(" or ");
        assert_eq!(explained(&long, "").root.parts.len(), 20_000);
    }

    #[test]
    fn types_are_told_without_a_message() {
        let condition = Condition::compile("as_number(temp) > 50 and $body.ok = true", Scope::Route).expect("compiles");
        let tree = typed(condition.program(), "as_number(temp) > 50 and $body.ok = true");
        assert_eq!(
            tree["parts"][0]["parts"][0],
            json!({"text": "as_number(temp)", "type": "number", "parts": [{"text": "temp", "type": "text"}]})
        );
        assert_eq!(tree["parts"][1]["parts"][0]["type"], "body");
    }
}
