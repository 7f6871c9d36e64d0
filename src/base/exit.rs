//! Exit codes: one table for the whole tool. The README's table is generated from [`Exit::ALL`].

/// The outcome of a command as its caller sees it; the process ends with [`Exit::code`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done, also when there was nothing to do.
    Success,
    /// Failed for a reason that no other code names, or a bug of ours.
    Failure,
    /// The command line is wrong.
    Usage,
    /// The user's files are wrong: project, manifest, route, condition, key.
    BadInput,
    /// Signing in is needed or was refused.
    Unauthorized,
    /// An outside system did not answer: engine, registry, hub, scanner.
    Unavailable,
    /// The command worked and the answer is no.
    Refused,
    /// A gate lacks data; the promotion is paused.
    Inconclusive,
    /// An approval is awaited.
    AwaitingApproval,
    /// Outside a release window, or frozen.
    OutsideWindow,
    /// Halted by device health, or rolled back.
    Halted,
    /// Another writer won the compare-and-swap.
    Conflict,
    /// Stopped by SIGINT.
    Interrupted,
    /// Stopped by SIGTERM.
    Terminated,
}

impl Exit {
    /// Every outcome, by rising code.
    pub const ALL: [Self; 14] = [
        Self::Success,
        Self::Failure,
        Self::Usage,
        Self::BadInput,
        Self::Unauthorized,
        Self::Unavailable,
        Self::Refused,
        Self::Inconclusive,
        Self::AwaitingApproval,
        Self::OutsideWindow,
        Self::Halted,
        Self::Conflict,
        Self::Interrupted,
        Self::Terminated,
    ];

    /// Returns the number that the process ends with.
    pub const fn code(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Failure => 1,
            Self::Usage => 2,
            Self::BadInput => 3,
            Self::Unauthorized => 4,
            Self::Unavailable => 5,
            Self::Refused => 10,
            Self::Inconclusive => 11,
            Self::AwaitingApproval => 12,
            Self::OutsideWindow => 13,
            Self::Halted => 14,
            Self::Conflict => 75,
            Self::Interrupted => 130,
            Self::Terminated => 143,
        }
    }

    /// Returns the outcome that a process of ours ended with, [`Exit::Failure`] for a code that is not in the table.
    pub fn of_code(code: i32) -> Self {
        Self::ALL.into_iter().find(|exit| i32::from(exit.code()) == code).unwrap_or(Self::Failure)
    }

    /// Returns what the code tells a script, as a sentence without a full stop.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Success => "done, also when there was nothing to do",
            Self::Failure => "failed for a reason not below, or a bug of ours",
            Self::Usage => "wrong command line",
            Self::BadInput => "your files are wrong: project, manifest, route, condition, key",
            Self::Unauthorized => "signing in is needed or was refused",
            Self::Unavailable => "an outside system did not answer: engine, registry, hub; trying again may help",
            Self::Refused => "the command worked and the answer is no: verification failed, gate closed, a check found a difference",
            Self::Inconclusive => "inconclusive: a gate lacks data, the promotion is paused",
            Self::AwaitingApproval => "awaiting approval",
            Self::OutsideWindow => "outside a release window, or frozen",
            Self::Halted => "halted by device health, or rolled back",
            Self::Conflict => "another writer won the compare-and-swap; run again",
            Self::Interrupted => "stopped by SIGINT (Ctrl-C)",
            Self::Terminated => "stopped by SIGTERM",
        }
    }
}
