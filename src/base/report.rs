//! Events of long work. Rooms send them, `output` draws them; a room never prints.

/// Something that happened during long work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A step began; the text is the step's name until it ends, such as `compile sensor`.
    Started(String),
    /// The step is so far along.
    Advanced {
        /// Name of a started step.
        step: String,
        /// Units done.
        done: u64,
        /// Units in all, when known.
        total: Option<u64>,
    },
    /// A started step ended well; `detail` is what came out, in a few words.
    Finished {
        /// Name of a started step.
        step: String,
        /// What came out, or empty.
        detail: String,
    },
    /// Something worth knowing that is no result.
    Note(String),
    /// Something that will bite later.
    Warning {
        /// Stable kebab-case name.
        code: &'static str,
        /// What and why, a sentence fragment.
        text: String,
    },
}

/// Receives the events of long work.
pub trait Report: Send {
    /// Takes one event.
    fn report(&mut self, event: Event);
}

impl dyn Report + '_ {
    /// Tells that a step began.
    pub fn started(&mut self, step: impl Into<String>) {
        self.report(Event::Started(step.into()));
    }

    /// Tells that a step ended well, and with what.
    pub fn finished(&mut self, step: impl Into<String>, detail: impl Into<String>) {
        self.report(Event::Finished { step: step.into(), detail: detail.into() });
    }

    /// Tells something worth knowing.
    pub fn note(&mut self, text: impl Into<String>) {
        self.report(Event::Note(text.into()));
    }

    /// Warns of something that will bite later.
    pub fn warning(&mut self, code: &'static str, text: impl Into<String>) {
        self.report(Event::Warning { code, text: text.into() });
    }
}

/// Drops every event; for callers that do not draw.
pub struct Silent;

impl Report for Silent {
    fn report(&mut self, _event: Event) {}
}
