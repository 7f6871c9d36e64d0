//! The grammar of conditions. NOT binds looser than a comparison, as the documented examples need it:
//!
//! ```text
//! or    = and { OR and }            and = not { AND not }            not = NOT not | relation
//! relation = sum [ ( = != <> < <= > >= ) sum | ( IN | NIN ) '[' constant { ',' constant } ']' ]
//! sum   = product { (+|-) product }       product = unary { (*|/|%) unary }       unary = '-' unary | primary
//! primary = number | text | true | false | null | undefined | path | is_defined '(' path ')' | call | '(' or ')'
//! call  = name '(' [ or { ',' or } ] ')'          in the extended dialect
//! ```

use std::ops::Range;

use super::condition::Dialect;
use super::error::{ConditionError, Fault};
use super::expression::{Comparison, Constant, Expression, Node, Operator, Path, Root, is_reserved};
use super::function::Function;
use super::token::{Spanned, Token, tokens};

mod refuse;

/// Nesting that is read: parentheses, NOT and unary minus together.
const DEPTH: usize = 100;

type Result<T = Node> = std::result::Result<T, ConditionError>;

/// Parses an expression, which must fill the whole text.
pub fn expression(text: &str, dialect: Dialect) -> Result {
    let mut parser = Parser { text, dialect, tokens: tokens(text)?, next: 0, depth: 0 };
    let node = parser.or()?;
    match parser.peek() {
        None => Ok(node),
        Some(_) => Err(parser.trailing()),
    }
}

struct Parser<'a> {
    text: &'a str,
    dialect: Dialect,
    tokens: Vec<Spanned>,
    next: usize,
    depth: usize,
}

impl Parser<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.next).map(|spanned| &spanned.token)
    }

    /// Returns the bytes of the next token, or the end of the text.
    fn span(&self) -> Range<usize> {
        self.tokens.get(self.next).map_or(self.text.len()..self.text.len(), |spanned| spanned.span.clone())
    }

    /// Returns the bytes from `start` to the end of the last token taken.
    fn since(&self, start: usize) -> Range<usize> {
        let last = self.next.checked_sub(1).and_then(|index| self.tokens.get(index));
        start..last.map_or(start, |spanned| spanned.span.end)
    }

    fn is_symbol(&self, symbol: &str) -> bool {
        matches!(self.peek(), Some(Token::Symbol(found)) if *found == symbol)
    }

    fn take_symbol(&mut self, symbol: &str) -> bool {
        let found = self.is_symbol(symbol);
        self.next += usize::from(found);
        found
    }

    fn is_word(&self, word: &str) -> bool {
        matches!(self.peek(), Some(Token::Word(found)) if found.eq_ignore_ascii_case(word))
    }

    fn take_word(&mut self, word: &str) -> bool {
        let found = self.is_word(word);
        self.next += usize::from(found);
        found
    }

    fn error(&self, fault: Fault, message: impl Into<String>) -> ConditionError {
        ConditionError::new(self.text, fault, self.span(), message)
    }

    fn node(&self, start: usize, expression: Expression) -> Node {
        Node { expression, span: self.since(start) }
    }

    /// Reads something one level deeper.
    fn deeper(&mut self, read: fn(&mut Self) -> Result) -> Result {
        if self.depth == DEPTH {
            return Err(self.error(Fault::TooDeep, format!("this is nested deeper than {DEPTH} levels")));
        }
        self.depth += 1;
        let node = read(self)?;
        self.depth -= 1;
        Ok(node)
    }

    fn or(&mut self) -> Result {
        self.chain("or", Self::and, Expression::Or)
    }

    fn and(&mut self) -> Result {
        self.chain("and", Self::not, Expression::And)
    }

    fn chain(&mut self, word: &str, part: fn(&mut Self) -> Result, join: fn(Vec<Node>) -> Expression) -> Result {
        let start = self.span().start;
        let first = part(self)?;
        if !self.is_word(word) {
            return Ok(first);
        }
        let mut parts = vec![first];
        while self.take_word(word) {
            parts.push(part(self)?);
        }
        Ok(self.node(start, join(parts)))
    }

    fn not(&mut self) -> Result {
        let start = self.span().start;
        if !self.take_word("not") {
            return self.relation();
        }
        let inner = self.deeper(Self::not)?;
        Ok(self.node(start, Expression::Not(Box::new(inner))))
    }

    fn relation(&mut self) -> Result {
        let start = self.span().start;
        let left = self.sum()?;
        if let Some(Token::Symbol(symbol)) = self.peek()
            && let Some(comparison) = Comparison::of(symbol)
        {
            self.next += 1;
            let right = self.sum()?;
            return Ok(self.node(start, Expression::Compare(comparison, Box::new(left), Box::new(right))));
        }
        let negated = self.is_word("nin");
        if !negated && !self.is_word("in") {
            return Ok(left);
        }
        self.next += 1;
        let list = self.array()?;
        Ok(self.node(start, Expression::In { operand: Box::new(left), list, negated }))
    }

    fn array(&mut self) -> Result<Vec<Constant>> {
        if !self.take_symbol("[") {
            return Err(self.no_array());
        }
        let mut list = Vec::new();
        loop {
            list.push(self.constant().ok_or_else(|| self.no_constant())?);
            if self.take_symbol("]") {
                return Ok(list);
            }
            if !self.take_symbol(",") {
                return Err(self.no_array_end());
            }
        }
    }

    fn constant(&mut self) -> Option<Constant> {
        let before = self.next;
        let negative = self.take_symbol("-");
        let constant = match self.peek()? {
            Token::Number(number) => Some(Constant::Number(if negative { -number } else { *number })),
            Token::Text(text) if !negative => Some(Constant::Text(text.clone())),
            Token::Word(word) if !negative => literal(word).filter(|constant| *constant != Constant::Undefined),
            _ => None,
        };
        self.next = if constant.is_some() { self.next + 1 } else { before };
        constant
    }

    fn sum(&mut self) -> Result {
        self.arithmetic(&["+", "-"], Self::product)
    }

    fn product(&mut self) -> Result {
        self.arithmetic(&["*", "/", "%"], Self::unary)
    }

    fn arithmetic(&mut self, symbols: &[&str], part: fn(&mut Self) -> Result) -> Result {
        let start = self.span().start;
        let first = part(self)?;
        let mut rest = Vec::new();
        while let Some(Token::Symbol(symbol)) = self.peek()
            && symbols.contains(symbol)
            && let Some(operator) = Operator::of(symbol)
        {
            self.next += 1;
            rest.push((operator, part(self)?));
        }
        Ok(if rest.is_empty() { first } else { self.node(start, Expression::Arithmetic(Box::new(first), rest)) })
    }

    fn unary(&mut self) -> Result {
        let start = self.span().start;
        if !self.take_symbol("-") {
            return self.primary();
        }
        let inner = self.deeper(Self::unary)?;
        Ok(self.node(start, Expression::Negate(Box::new(inner))))
    }

    fn primary(&mut self) -> Result {
        let start = self.span().start;
        let constant = match self.peek() {
            Some(Token::Number(number)) => Some(Constant::Number(*number)),
            Some(Token::Text(text)) => Some(Constant::Text(text.clone())),
            Some(Token::Word(word)) => literal(word),
            _ => None,
        };
        if let Some(constant) = constant {
            self.next += 1;
            return Ok(self.node(start, Expression::Constant(constant)));
        }
        match self.peek() {
            Some(Token::Word(word)) => {
                let word = word.clone();
                self.named(&word, start)
            }
            Some(Token::Symbol("(")) => self.parenthesised(),
            _ => Err(self.missing_operand()),
        }
    }

    /// Reads `( … )`; the node keeps no mark of the parentheses, the tree says it.
    fn parenthesised(&mut self) -> Result {
        let open = self.span();
        self.next += 1;
        let node = self.deeper(Self::or)?;
        if self.take_symbol(")") { Ok(node) } else { Err(self.not_closed(open)) }
    }

    /// Reads what begins with a word: a function or a path.
    fn named(&mut self, word: &str, start: usize) -> Result {
        let is = |keywords: &[&str]| keywords.iter().any(|keyword| word.eq_ignore_ascii_case(keyword));
        if is(&["and", "or", "not", "in", "nin"]) {
            return Err(self.missing_operand());
        }
        let called = matches!(self.tokens.get(self.next + 1), Some(Spanned { token: Token::Symbol("("), .. }));
        if is(&["select", "from"]) && !called {
            return Err(self.whole_query());
        }
        if !called {
            let path = self.path(word)?;
            return Ok(self.node(start, Expression::Path(path)));
        }
        match Function::of(word) {
            _ if is(&["is_defined"]) => self.is_defined(start),
            Some(function) if self.dialect == Dialect::Extended => self.call(function, start),
            known => Err(self.no_function(word, known)),
        }
    }

    fn is_defined(&mut self, start: usize) -> Result {
        self.next += 2;
        let Some(Token::Word(word)) = self.peek() else {
            return Err(self
                .error(Fault::MissingOperand, "is_defined takes one path")
                .hint("Write a path, such as is_defined(tags.ring)."));
        };
        let word = word.clone();
        let path = self.path(&word)?;
        if !self.take_symbol(")") {
            return Err(self.error(Fault::Unbalanced, "is_defined takes one path and a closing parenthesis"));
        }
        Ok(self.node(start, Expression::IsDefined(path)))
    }

    /// Reads the arguments of a function, from its parenthesis on.
    fn call(&mut self, function: Function, start: usize) -> Result {
        self.next += 1;
        let open = self.span();
        self.next += 1;
        let mut arguments = Vec::new();
        if !self.take_symbol(")") {
            loop {
                arguments.push(self.deeper(Self::or)?);
                if self.take_symbol(")") {
                    break;
                }
                if !self.take_symbol(",") {
                    return Err(self.not_closed(open));
                }
            }
        }
        if arguments.len() != function.arity() {
            return Err(self.argument_count(function, start, arguments.len()));
        }
        Ok(self.node(start, Expression::Call(function, arguments)))
    }

    /// Tells whether a dot follows the next token.
    fn is_dotted(&self) -> bool {
        matches!(self.tokens.get(self.next + 1), Some(Spanned { token: Token::Symbol("."), .. }))
    }

    fn path(&mut self, word: &str) -> Result<Path> {
        let root = match word {
            "deviceId" => Root::DeviceId,
            "tags" => Root::Tags,
            "properties" if self.is_dotted() => match self.tokens.get(self.next + 2).map(|spanned| &spanned.token) {
                Some(Token::Word(second)) if second == "reported" => {
                    self.next += 2;
                    Root::Reported
                }
                _ => return Err(self.unknown_root(word)),
            },
            _ => return Err(self.unknown_root(word)),
        };
        self.next += 1;
        let mut names = Vec::new();
        while self.take_symbol(".") {
            names.push(self.name()?);
        }
        match (root, names.is_empty()) {
            (Root::DeviceId, false) => Err(self.error(Fault::BadPath, "deviceId is a text and has no parts")),
            (Root::Tags | Root::Reported, true) => {
                Err(self.error(Fault::BadPath, "a name must follow, such as tags.ring or properties.reported.fw"))
            }
            _ => Ok(Path { root, names }),
        }
    }

    fn name(&mut self) -> Result<String> {
        let name = match self.peek() {
            Some(Token::Escaped(name)) => name.clone(),
            Some(Token::Word(word)) if is_reserved(word) => {
                let message = format!("`{word}` is a reserved word");
                let escaped = format!("[[{word}]]");
                return Err(self.error(Fault::ReservedWord, message).hint(format!("Write it in brackets: {escaped}.")).rewrite(&escaped));
            }
            Some(Token::Word(word)) => word.clone(),
            _ => {
                let hint = "A name begins with a letter, _ or $; any other name is written in brackets, such as tags.[[5g]].";
                return Err(self.error(Fault::BadPath, "a name must follow the dot").hint(hint));
            }
        };
        self.next += 1;
        Ok(name)
    }
}

fn literal(word: &str) -> Option<Constant> {
    Some(match word {
        "true" => Constant::Bool(true),
        "false" => Constant::Bool(false),
        "null" => Constant::Null,
        "undefined" => Constant::Undefined,
        _ => return None,
    })
}
