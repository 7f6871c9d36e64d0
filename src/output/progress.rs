//! Draws the events of long work: bars on a terminal, one line at the start and one at the end of a step elsewhere.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::json;

use super::printer::{self, Ci, LogFormat, PrinterOptions, ProgressMode, Verbosity};
use crate::base::text::sanitized;
use crate::base::{Event, Report};

/// A [`Report`] that draws on stderr.
pub struct Progress {
    bars: Option<MultiProgress>,
    running: BTreeMap<String, (Instant, Option<ProgressBar>)>,
    log_format: LogFormat,
    verbosity: Verbosity,
    mode: ProgressMode,
    colored: bool,
    ci: Ci,
}

impl Progress {
    pub(super) fn new(options: &PrinterOptions, terminal: bool) -> Self {
        let drawn = terminal
            && options.progress == ProgressMode::Auto
            && options.verbosity == Verbosity::Default
            && options.log_format == LogFormat::Text;
        Self {
            bars: drawn.then(|| MultiProgress::with_draw_target(ProgressDrawTarget::stderr())),
            running: BTreeMap::new(),
            log_format: options.log_format,
            verbosity: options.verbosity,
            mode: options.progress,
            colored: options.colored,
            ci: options.ci,
        }
    }

    /// Prints one line of the given level, above any bars.
    pub fn line(&self, level: &str, code: Option<&str>, text: &str) {
        if self.verbosity == Verbosity::Quiet && level != "warning" {
            return;
        }
        let text = sanitized(text);
        let line = match (self.log_format, level, code) {
            (LogFormat::Json, _, Some(code)) => json!({ "level": level, "code": code, "message": text }).to_string(),
            (LogFormat::Json, ..) => json!({ "level": level, "message": text }).to_string(),
            (LogFormat::Text, "warning", code) => {
                let label = if self.colored { "\u{1b}[1;33mwarning:\u{1b}[0m" } else { "warning:" };
                format!("{label} {text}{}", code.map(|code| format!(" [{code}]")).unwrap_or_default())
            }
            (LogFormat::Text, ..) => text.clone(),
        };
        match &self.bars {
            Some(bars) => bars.suspend(|| printer::to_stderr(&line)),
            None => printer::to_stderr(&line),
        }
        if level == "warning" {
            printer::annotate(self.ci, "warning", &text);
        }
    }

    fn start(&mut self, step: String) {
        if self.mode == ProgressMode::None {
            return;
        }
        let bar = self.bars.as_ref().map(|bars| {
            let bar = bars.add(ProgressBar::new_spinner().with_message(sanitized(&step)));
            bar.set_style(ProgressStyle::with_template("{spinner} {msg} {elapsed}").expect("a literal template"));
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        });
        if bar.is_none() {
            self.line("status", None, &format!("{step} ..."));
        }
        self.running.insert(step, (Instant::now(), bar));
    }

    fn advance(&mut self, step: &str, done: u64, total: Option<u64>) {
        let Some((_, Some(bar))) = self.running.get(step) else { return };
        if let Some(total) = total {
            bar.set_length(total);
            bar.set_style(ProgressStyle::with_template("{bar:24} {percent:>3}% {msg} {elapsed}").expect("a literal template"));
        }
        bar.set_position(done);
    }

    fn finish(&mut self, step: &str, detail: &str) {
        let Some((started, bar)) = self.running.remove(step) else { return };
        if let Some(bar) = bar {
            bar.finish_and_clear();
        }
        let detail = if detail.is_empty() { String::new() } else { format!(": {detail}") };
        self.line("status", None, &format!("{step}{detail} ({:.1} s)", started.elapsed().as_secs_f64()));
    }
}

impl Report for Progress {
    fn report(&mut self, event: Event) {
        match event {
            Event::Started(step) => self.start(step),
            Event::Advanced { step, done, total } => self.advance(&step, done, total),
            Event::Finished { step, detail } => self.finish(&step, &detail),
            Event::Note(text) => self.line("note", None, &text),
            Event::Warning { code, text } => self.line("warning", Some(code), &text),
        }
    }
}

impl Drop for Progress {
    /// Takes unfinished bars off the screen, so that an error is not drawn into them.
    fn drop(&mut self) {
        for (_, bar) in self.running.values() {
            if let Some(bar) = bar {
                bar.finish_and_clear();
            }
        }
    }
}
