//! The grammar of routes and conditions.
//!
//! ```text
//! route = [ SELECT '*' ] FROM source [ WHERE expr ] INTO sink        source = ( '/' ( '*' | name ) )+
//! sink  = $name | name '(' text ')'
//! expr  = NOT and unary '-' bind tightest, then * / %, then + - ||, then < <= > >=, then = != <>, then AND, then OR, then ??
//! ```
//!
//! Text after a sink is ignored, and so is text after a condition that stands alone.

use std::ops::Range;

use super::error::Fault;
use super::syntax::{Node, NodeKind, Operator, RouteSyntax, Sink};
use super::token::{Keyword, Kind, Token, tokens};

/// Nesting that is read: parentheses, calls, NOT and unary minus together.
const DEPTH: usize = 100;

/// What is said where an operand is missing.
const VALUE: &str = "a value must stand here";

type Result<T = Node> = std::result::Result<T, Fault>;

/// Longest text that is read. All desired properties of a module together may have 32 KB.
const LONGEST: usize = 1 << 20;

fn require_short(text: &str) -> Result<()> {
    if text.len() <= LONGEST { Ok(()) } else { Err(Fault::parse(0..0, format!("the text has more than {} MiB", LONGEST >> 20))) }
}

/// Parses a whole route; what follows the sink is ignored.
pub fn route(text: &str) -> Result<RouteSyntax> {
    require_short(text)?;
    let mut parser = Parser { text, tokens: tokens(text), next: 0, depth: 0 };
    if parser.tokens.is_empty() {
        let fault = Fault { stage: super::Stage::Endpoint, ..Fault::parse(0..0, "the route is empty") };
        return Err(fault.hint("Write FROM source [WHERE condition] INTO sink."));
    }
    parser.route()
}

/// Parses a condition that stands alone; what follows it is ignored, with the exceptions that the broker makes.
pub fn condition(text: &str) -> Result {
    require_short(text)?;
    let mut parser = Parser { text, tokens: tokens(text), next: 0, depth: 0 };
    if parser.tokens.is_empty() {
        return Ok(Node { kind: NodeKind::Undefined, span: 0..0 });
    }
    let node = parser.expression()?;
    let closed = parser.next.checked_sub(1).and_then(|last| parser.tokens.get(last)).is_some_and(|token| token.kind == Kind::Symbol(")"));
    match parser.kind() {
        Some(Kind::Unknown | Kind::Unterminated) => Err(parser.unexpected("nothing may follow")),
        Some(Kind::Symbol(")")) if closed => Err(Fault::parse(parser.span(), "this parenthesis closes nothing")),
        _ => Ok(node),
    }
}

struct Parser<'a> {
    text: &'a str,
    tokens: Vec<Token>,
    next: usize,
    depth: usize,
}

impl Parser<'_> {
    fn kind(&self) -> Option<Kind> {
        self.tokens.get(self.next).map(|token| token.kind)
    }

    /// Returns the bytes of the next token, or the end of the text.
    fn span(&self) -> Range<usize> {
        self.tokens.get(self.next).map_or(self.text.len()..self.text.len(), |token| token.span.clone())
    }

    /// Returns the bytes from `start` to the end of the last token taken.
    fn since(&self, start: usize) -> Range<usize> {
        let last = self.next.checked_sub(1).and_then(|index| self.tokens.get(index));
        start..last.map_or(start, |token| token.span.end)
    }

    fn word(&self) -> &str {
        self.text.get(self.span()).unwrap_or_default()
    }

    fn take(&mut self, kind: Kind) -> bool {
        let found = self.kind() == Some(kind);
        self.next += usize::from(found);
        found
    }

    fn require(&mut self, kind: Kind, wanted: &str) -> Result<()> {
        if self.take(kind) { Ok(()) } else { Err(self.unexpected(wanted)) }
    }

    /// Tells whether the next token stands directly behind a name.
    fn follows_name(&self) -> bool {
        let last = self.next.checked_sub(1).and_then(|index| self.tokens.get(index));
        last.is_some_and(|token| token.kind == Kind::Name && token.span.end == self.span().start)
    }

    fn route(&mut self) -> Result<RouteSyntax> {
        let start = self.span().start;
        if self.take(Kind::Keyword(Keyword::Select)) {
            self.require(Kind::Symbol("*"), "`*` must follow SELECT")?;
        }
        self.require(Kind::Keyword(Keyword::From), "a route begins with FROM")?;
        let source = self.source()?;
        let mut condition_span = 0..0;
        let condition = if self.take(Kind::Keyword(Keyword::Where)) {
            let first = self.span().start;
            let node = self.expression()?;
            condition_span = self.since(first);
            Some(node)
        } else {
            None
        };
        let source_span = self.since(start);
        if !self.take(Kind::Keyword(Keyword::Into)) {
            return Err(match condition {
                Some(_) => {
                    let fault = self.unexpected("INTO must follow the condition");
                    match self.kind() {
                        None => fault,
                        // A name goes on behind a character that names cannot hold.
                        Some(Kind::Unknown | Kind::Bracketed) if self.follows_name() => fault.coded("route/unwritable-property"),
                        Some(_) => fault.coded("route/text-after-condition"),
                    }
                }
                None => self.unexpected("WHERE or INTO must follow the source"),
            });
        }
        let sink_start = self.span().start;
        let sink = self.sink()?;
        Ok(RouteSyntax { source, condition, sink, sink_span: self.since(sink_start), source_span, condition_span })
    }

    fn source(&mut self) -> Result<String> {
        let mut source = String::new();
        while source.is_empty() || self.kind() == Some(Kind::Symbol("/")) {
            self.require(Kind::Symbol("/"), "a source begins with `/`, such as /messages/*")?;
            source.push('/');
            if !matches!(self.kind(), Some(Kind::Symbol("*") | Kind::Name)) {
                return Err(self.unexpected("a name or `*` must follow the `/` of a source"));
            }
            source.push_str(self.word());
            self.next += 1;
        }
        Ok(source)
    }

    fn sink(&mut self) -> Result<Sink> {
        let word = self.word().to_owned();
        if self.take(Kind::SystemProperty) {
            return Ok(Sink::System(word));
        }
        let forms = "a sink is $upstream or BrokeredEndpoint(\"/modules/NAME/inputs/NAME\")";
        self.require(Kind::Name, forms)?;
        self.require(Kind::Symbol("("), forms)?;
        let argument = self.word().get(1..self.word().len().saturating_sub(1)).unwrap_or_default().to_owned();
        self.require(Kind::Text, "the endpoint is a quoted text, such as \"/modules/filter/inputs/in\"")?;
        self.require(Kind::Symbol(")"), "one argument and a closing parenthesis make a sink")?;
        Ok(Sink::Function(word, argument))
    }

    fn expression(&mut self) -> Result {
        self.chain(Operator::BINDINGS)
    }

    /// Reads something one level deeper.
    fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if self.depth == DEPTH {
            return Err(Fault::parse(self.span(), format!("this is nested deeper than {DEPTH} levels")));
        }
        self.depth += 1;
        let found = read(self)?;
        self.depth -= 1;
        Ok(found)
    }

    /// Reads operands joined by operators that bind at most as loosely as `binding - 1`.
    fn chain(&mut self, binding: usize) -> Result {
        let Some(own) = binding.checked_sub(1) else { return self.unary() };
        let start = self.span().start;
        let first = self.chain(own)?;
        let mut rest = Vec::new();
        while let Some(operator) = self.operator().filter(|operator| operator.binding() == own) {
            let span = self.span();
            self.next += 1;
            rest.push((operator, span, self.chain(own)?));
        }
        if rest.is_empty() {
            return Ok(first);
        }
        Ok(Node { kind: NodeKind::Chain(Box::new(first), rest), span: self.since(start) })
    }

    fn operator(&self) -> Option<Operator> {
        match self.kind()? {
            Kind::Keyword(Keyword::And) => Some(Operator::And),
            Kind::Keyword(Keyword::Or) => Some(Operator::Or),
            Kind::Symbol(symbol) => Operator::of(symbol),
            _ => None,
        }
    }

    fn unary(&mut self) -> Result {
        let start = self.span().start;
        if self.take(Kind::Keyword(Keyword::Not)) {
            let inner = self.deeper(Self::unary)?;
            return Ok(Node { kind: NodeKind::Not(Box::new(inner)), span: self.since(start) });
        }
        if self.take(Kind::Symbol("-")) {
            let inner = self.deeper(Self::unary)?;
            return Ok(Node { kind: NodeKind::Negate(Box::new(inner)), span: self.since(start) });
        }
        self.primary()
    }

    fn primary(&mut self) -> Result {
        let start = self.span().start;
        let kind = match self.kind() {
            Some(Kind::Symbol("(")) => return self.parenthesised(),
            Some(Kind::Symbol("{")) => self.escaped()?,
            Some(Kind::Name) => self.named()?,
            Some(kind) => match constant(kind, self.word()) {
                Some(constant) => {
                    self.next += 1;
                    constant
                }
                None => return Err(self.unexpected(VALUE)),
            },
            None => return Err(self.unexpected("a value must follow")),
        };
        Ok(Node { kind, span: self.since(start) })
    }

    fn parenthesised(&mut self) -> Result {
        let open = self.span();
        self.next += 1;
        let node = self.deeper(Self::expression)?;
        if self.take(Kind::Symbol(")")) {
            return Ok(node);
        }
        Err(Fault::parse(open, "this parenthesis is not closed"))
    }

    fn escaped(&mut self) -> Result<NodeKind> {
        self.next += 1;
        let name = self.word().to_owned();
        self.require(Kind::SystemProperty, "$ and a name must follow `{`")?;
        self.require(Kind::Symbol("}"), "`}` must follow the name")?;
        Ok(NodeKind::Escaped(name))
    }

    fn named(&mut self) -> Result<NodeKind> {
        let name = self.word().to_owned();
        self.next += 1;
        if !self.take(Kind::Symbol("(")) {
            return Ok(NodeKind::Property(name));
        }
        let mut arguments = Vec::new();
        if self.take(Kind::Symbol(")")) {
            return Ok(NodeKind::Call(name, arguments));
        }
        loop {
            arguments.push(self.deeper(Self::expression)?);
            if self.take(Kind::Symbol(")")) {
                return Ok(NodeKind::Call(name, arguments));
            }
            self.require(Kind::Symbol(","), "`,` or `)` must follow an argument")?;
        }
    }

    /// Says what is wrong with the next token, where `wanted` tells what should stand there.
    fn unexpected(&self, wanted: &str) -> Fault {
        let fault = |message: &str| Fault::parse(self.span(), message);
        let second_equal =
            self.next.checked_sub(1).and_then(|index| self.tokens.get(index)).is_some_and(|token| token.kind == Kind::Symbol("="));
        match (self.kind(), self.word()) {
            (Some(Kind::Unterminated), _) => {
                fault("this text is not closed, or holds an escape that does not exist").hint("Escapes are \\' \\\" \\\\ and \\uXXXX.")
            }
            (Some(Kind::Unknown), _) => fault("this character has no meaning here"),
            (Some(Kind::Bracketed), _) => fault("brackets belong to $body paths only").hint("Write $body.list[0] for an item of the body."),
            (Some(Kind::Symbol("=")), _) if second_equal => fault("`==` is no operator").hint("Write one `=`."),
            (Some(Kind::Name), "&&" | "||") => fault(wanted).hint("Write AND or OR."),
            (Some(Kind::Name), name) if name.starts_with('\'') && name.len() > 1 => {
                fault(wanted).hint("Text in single quotes that touches other characters is read as a name: put blanks around it.")
            }
            (Some(Kind::Keyword(_) | Kind::Literal | Kind::Integer | Kind::Real | Kind::Hexadecimal), word) => {
                let hint = format!("`{word}` is no name here; a property of that name cannot be written.");
                let fault = fault(wanted).hint(hint);
                if wanted == VALUE && matches!(self.kind(), Some(Kind::Keyword(_))) {
                    fault.coded("route/unwritable-property")
                } else {
                    fault
                }
            }
            _ => fault(wanted),
        }
    }
}

/// Reads a token that is a constant, or a `$` name.
fn constant(kind: Kind, word: &str) -> Option<NodeKind> {
    Some(match kind {
        Kind::Literal => match word {
            "true" => NodeKind::Bool(true),
            "false" => NodeKind::Bool(false),
            "null" => NodeKind::Null,
            _ => NodeKind::Undefined,
        },
        Kind::Text => NodeKind::Text(unescaped(word.get(1..word.len() - 1).unwrap_or_default())),
        // An exponent without digits before it is a number token that no reader understands.
        Kind::Integer | Kind::Real => word.parse().map_or(NodeKind::Undefined, NodeKind::Number),
        Kind::Hexadecimal => {
            let bits = u64::from_str_radix(word.get(2..).unwrap_or_default(), 16);
            bits.map_or(NodeKind::Undefined, |bits| NodeKind::Number(signed(bits)))
        }
        Kind::SystemProperty => NodeKind::SystemProperty(word.to_owned()),
        _ => return None,
    })
}

#[expect(clippy::cast_precision_loss, reason = "numbers of conditions are doubles")]
fn signed(bits: u64) -> f64 {
    bits.cast_signed() as f64
}

/// Resolves escapes in the broker's two passes: first `\uXXXX` everywhere, then a backslash before a quote or a backslash.
fn unescaped(text: &str) -> Vec<u16> {
    let units: Vec<u16> = text.encode_utf16().collect();
    let backslash = u16::from(b'\\');
    let mut first = Vec::with_capacity(units.len());
    let mut place = 0;
    while let Some(unit) = units.get(place) {
        let marked = *unit == backslash && matches!(units.get(place + 1), Some(117 | 85));
        let code = units.get(place + 2..place + 6).filter(|_| marked).and_then(hexadecimal);
        first.push(code.unwrap_or(*unit));
        place += if code.is_some() { 6 } else { 1 };
    }
    let mut second = Vec::with_capacity(first.len());
    let mut units = first.into_iter().peekable();
    while let Some(unit) = units.next() {
        let escaped = if unit == backslash { units.next_if(|next| [34, 39, 92].contains(next)) } else { None };
        second.push(escaped.unwrap_or(unit));
    }
    second
}

fn hexadecimal(units: &[u16]) -> Option<u16> {
    let text = String::from_utf16(units).ok()?;
    if text.bytes().all(|byte| byte.is_ascii_hexdigit()) { u16::from_str_radix(&text, 16).ok() } else { None }
}
