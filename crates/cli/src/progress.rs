//! Progress on stderr, when that is a terminal.

use atdata::index::Watcher;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::{self, IsTerminal};
use std::time::Duration;

/// How often the bar is drawn, at most.
const DRAWS_A_SECOND: u8 = 10;

/// Runs shorter than this end before the bar would be read.
const PATIENCE: Duration = Duration::from_millis(300);

/// A bar over what is to be read. It may be moved by several threads.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: ProgressBar,
    visible: bool,
}

impl Progress {
    /// A bar over so many bytes, which are only counted where the total is not known.
    pub(crate) fn bytes(verb: &'static str, total: Option<u64>) -> Self {
        let template = match total {
            Some(_) => {
                "{msg} [{bar:24}] {binary_bytes}/{binary_total_bytes} {binary_bytes_per_sec} {eta}"
            }
            None => "{msg} {binary_bytes} {binary_bytes_per_sec} {elapsed}",
        };
        Self::new(verb, total, template)
    }

    /// A bar over so many samples.
    pub(crate) fn samples(verb: &'static str, total: u64) -> Self {
        let template = "{msg} [{bar:24}] {human_pos}/{human_len} samples {per_sec} {eta}";
        Self::new(verb, Some(total), template)
    }

    fn new(verb: &'static str, total: Option<u64>, template: &str) -> Self {
        let visible = io::stderr().is_terminal();
        let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::hidden());
        let style = ProgressStyle::with_template(template);
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> "));
        bar.set_message(verb);
        Self { bar, visible }
    }

    /// Moves the bar by so many bytes.
    pub(crate) fn add(&self, bytes: u64) {
        self.draw();
        self.bar.inc(bytes);
    }

    /// Moves the bar to where so much is done; that may be back.
    pub(crate) fn set(&self, bytes: u64) {
        self.draw();
        self.bar.set_position(bytes);
    }

    fn draw(&self) {
        if self.visible && self.bar.is_hidden() && self.bar.elapsed() > PATIENCE {
            self.bar.set_draw_target(ProgressDrawTarget::stderr_with_hz(DRAWS_A_SECOND));
        }
    }
}

/// What watches a copy, and moves a bar.
pub(crate) fn watching(verb: &'static str, total: Option<u64>) -> Watcher {
    let bar = Progress::bytes(verb, total);
    Some(Box::new(move |so_far| {
        bar.set(so_far.bytes);
        true
    }))
}

impl Drop for Progress {
    /// Takes the bar away, so that results and errors start on a clean line.
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
