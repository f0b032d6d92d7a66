//! The Prometheus text format, version 0.0.4.

use std::fmt::Write as _;

use super::Histogram;

pub(super) const SECOND_US: f64 = 1e6;

/// The text being written.
#[derive(Default)]
pub(super) struct Text(pub(super) String);

impl Text {
    pub(super) fn head(&mut self, name: &str, help: &str, kind: &str) {
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    /// One value; `labels` are empty or in braces.
    pub(super) fn line(&mut self, name: &str, labels: &str, value: impl std::fmt::Display) {
        let _ = writeln!(self.0, "{name}{labels} {value}");
    }

    pub(super) fn counter(&mut self, name: &str, help: &str, value: u64) {
        self.head(name, help, "counter");
        self.line(name, "", value);
    }

    pub(super) fn gauge(&mut self, name: &str, help: &str, value: u64) {
        self.head(name, help, "gauge");
        self.line(name, "", value);
    }

    /// One value for each label, in the order given.
    pub(super) fn family<'a>(
        &mut self,
        (name, kind, help): (&str, &str, &str),
        label: &str,
        values: impl IntoIterator<Item = (&'a str, u64)>,
    ) {
        self.head(name, help, kind);
        for (of, value) in values {
            self.line(name, &format!("{{{label}=\"{of}\"}}"), value);
        }
    }

    /// The lines of one histogram; `label` is empty or one label, `part="send"`.
    pub(super) fn histogram(&mut self, name: &str, label: &str, histogram: &Histogram) {
        let bucket = format!("{name}_bucket");
        let comma = if label.is_empty() { "" } else { "," };
        for (bound_us, count) in histogram.cumulative() {
            let labels = format!("{{{label}{comma}le=\"{}\"}}", bound_us / SECOND_US);
            self.line(&bucket, &labels, count);
        }
        let count = histogram.count();
        self.line(&bucket, &format!("{{{label}{comma}le=\"+Inf\"}}"), count);
        let labels = if label.is_empty() { String::new() } else { format!("{{{label}}}") };
        self.line(&format!("{name}_sum"), &labels, histogram.sum_us() as f64 / SECOND_US);
        self.line(&format!("{name}_count"), &labels, count);
    }
}
