//! The grammar of conditions. NOT binds looser than a comparison, as the documented examples need it:
//!
//! ```text
//! or    = and { OR and }            and = not { AND not }            not = NOT not | relation
//! relation = sum [ ( = != <> < <= > >= ) sum | ( IN | NIN ) '[' constant { ',' constant } ']' ]
//! sum   = product { (+|-) product }       product = unary { (*|/|%) unary }       unary = '-' unary | primary
//! primary = number | text | true | false | null | undefined | path | is_defined '(' path ')' | '(' or ')'
//! ```

use std::ops::Range;

use super::error::{ConditionError, Fault};
use super::expression::{Comparison, Constant, Expression, Node, Operator, Path, Root, is_reserved};
use super::token::{Spanned, Token, tokens};

/// Nesting that is read: parentheses, NOT and unary minus together.
const DEPTH: usize = 100;

/// Functions that message routing knows and conditions do not document.
const FUNCTIONS: [&str; 20] = [
    "startswith",
    "starts_with",
    "endswith",
    "ends_with",
    "contains",
    "lower",
    "upper",
    "length",
    "is_null",
    "is_string",
    "is_number",
    "is_bool",
    "is_array",
    "is_object",
    "is_primitive",
    "abs",
    "as_number",
    "array_contains",
    "concat",
    "substring",
];

type Result<T = Node> = std::result::Result<T, ConditionError>;

/// Parses an expression, which must fill the whole text.
pub fn expression(text: &str) -> Result {
    let mut parser = Parser { text, tokens: tokens(text)?, next: 0, depth: 0 };
    let node = parser.or()?;
    match parser.peek() {
        None => Ok(node),
        Some(_) => Err(parser.trailing()),
    }
}

struct Parser<'a> {
    text: &'a str,
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
        let refuse = |parser: &Self, message: &str| {
            parser.error(Fault::InArray, message).hint("Write constants in square brackets, such as IN ['a', 'b'].")
        };
        if !self.take_symbol("[") {
            return Err(refuse(self, "IN and NIN need an array of constants"));
        }
        let mut list = Vec::new();
        loop {
            list.push(self.constant().ok_or_else(|| refuse(self, "a constant is missing in this array"))?);
            if self.take_symbol("]") {
                return Ok(list);
            }
            if !self.take_symbol(",") {
                return Err(refuse(self, "this array is not closed"));
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
        if self.take_symbol(")") {
            return Ok(node);
        }
        Err(match self.peek() {
            None => ConditionError::new(self.text, Fault::Unbalanced, open, "this parenthesis is not closed"),
            Some(_) => self.trailing(),
        })
    }

    /// Reads what begins with a word: a function or a path.
    fn named(&mut self, word: &str, start: usize) -> Result {
        let keyword = ["and", "or", "not", "in", "nin"].iter().any(|keyword| word.eq_ignore_ascii_case(keyword));
        if keyword {
            return Err(self.missing_operand());
        }
        if ["select", "from"].iter().any(|keyword| word.eq_ignore_ascii_case(keyword)) {
            let message = "this is a query; a target condition is what follows its WHERE";
            return Err(self.error(Fault::QueryForm, message).hint("Remove everything up to and with WHERE."));
        }
        if matches!(self.tokens.get(self.next + 1), Some(Spanned { token: Token::Symbol("("), .. })) {
            return self.call(word, start);
        }
        let path = self.path(word)?;
        Ok(self.node(start, Expression::Path(path)))
    }

    fn call(&mut self, name: &str, start: usize) -> Result {
        if !name.eq_ignore_ascii_case("is_defined") {
            let known = FUNCTIONS.iter().any(|function| name.eq_ignore_ascii_case(function));
            let message =
                if known { format!("{name} is documented for message routes only") } else { format!("there is no function `{name}`") };
            return Err(self.error(Fault::Dialect, message).hint("The one function of target conditions is is_defined(PATH)."));
        }
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

    fn path(&mut self, word: &str) -> Result<Path> {
        let dotted = matches!(self.tokens.get(self.next + 1), Some(Spanned { token: Token::Symbol("."), .. }));
        let root = match word {
            "deviceId" => Root::DeviceId,
            "tags" => Root::Tags,
            "properties" if dotted => match self.tokens.get(self.next + 2).map(|spanned| &spanned.token) {
                Some(Token::Word(second)) if second == "reported" => {
                    self.next += 2;
                    Root::Reported
                }
                _ => return Err(self.unknown_root(word, dotted)),
            },
            _ => return Err(self.unknown_root(word, dotted)),
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
                return Err(self.error(Fault::ReservedWord, message).hint(format!("Write it in brackets: [[{word}]].")));
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

    fn missing_operand(&self) -> ConditionError {
        match self.peek() {
            None => self.error(Fault::MissingOperand, "the condition ends where a value must follow"),
            Some(Token::Symbol(")")) => self.error(Fault::Unbalanced, "a value must stand before this parenthesis"),
            Some(_) => self.error(Fault::MissingOperand, "a value must stand here").hint("Values are paths, constants and parentheses."),
        }
    }

    /// Says what is wrong with a token after a complete condition.
    fn trailing(&self) -> ConditionError {
        match self.peek() {
            Some(Token::Symbol(")")) => self.error(Fault::Unbalanced, "this parenthesis closes nothing"),
            Some(Token::Symbol(symbol)) if Comparison::of(symbol).is_some() => {
                self.error(Fault::MissingOperator, "a comparison cannot be compared").hint("Join comparisons with AND or OR.")
            }
            Some(Token::Word(word)) if ["group", "order", "where", "from"].iter().any(|clause| word.eq_ignore_ascii_case(clause)) => {
                self.error(Fault::QueryForm, "clauses of a query are no part of a target condition")
            }
            Some(Token::Word(word)) if ["not", "between", "like"].iter().any(|other| word.eq_ignore_ascii_case(other)) => {
                let hint = "Write NIN ['a', 'b'], or two comparisons joined with AND.";
                self.error(Fault::ForeignOperator, format!("`{word}` cannot stand between two values")).hint(hint)
            }
            _ => self.error(Fault::MissingOperator, "an operator is missing before this").hint("Join conditions with AND or OR."),
        }
    }

    /// Says what a word that is no root was probably meant to be.
    fn unknown_root(&self, word: &str, dotted: bool) -> ConditionError {
        let before = |back: usize| self.next.checked_sub(back).and_then(|index| self.tokens.get(index)).map(|spanned| &spanned.token);
        let roots = "Conditions read deviceId, tags.NAME and properties.reported.NAME.";
        let refuse = || self.error(Fault::RootNotAllowed, format!("conditions cannot read `{word}`"));
        if word.eq_ignore_ascii_case("deviceid") {
            return self.error(Fault::CaseDeviceId, format!("there is no attribute `{word}`")).hint("Did you mean `deviceId`?");
        }
        if dotted && word.eq_ignore_ascii_case("tag") {
            return self.error(Fault::TagSingular, format!("there is no attribute `{word}`")).hint("Did you mean `tags.`?");
        }
        match (word, before(1), before(2)) {
            ("capabilities", ..) => {
                refuse().hint("capabilities can be read in queries only; edge deployments reach edge devices alone anyway.")
            }
            ("properties", ..) => refuse().hint("Of the properties only properties.reported.NAME can be read."),
            ("$", ..) => refuse().hint("A path begins without `$.`, such as tags.ring."),
            (_, Some(Token::Symbol("-")), Some(Token::Word(first))) if !dotted => {
                refuse().hint(format!("A name with a dash is written in brackets: [[{first}-{word}]]."))
            }
            _ if !dotted && ["true", "false", "null", "undefined"].iter().any(|literal| word.eq_ignore_ascii_case(literal)) => {
                refuse().hint(format!("Write `{}` in lower case.", word.to_ascii_lowercase()))
            }
            (_, Some(Token::Symbol(symbol)), _) if !dotted && Comparison::of(symbol).is_some() => {
                refuse().hint(format!("Text is written in single quotes: '{word}'."))
            }
            _ if ["tags", "Tags", "TAGS"].contains(&word) => refuse().hint("Did you mean `tags.`?"),
            _ => refuse().hint(roots),
        }
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
