//! Ports of the host: two modules that want one of them cannot run together.

use std::collections::BTreeMap;
use std::ops::Range;

use super::findings::{Findings, Found};
use super::options::Options;
use super::placeholder;
use crate::base::jsonc::{Document, Node};
use crate::manifest::document::last_members;

/// Most ports of one range that are looked at.
const MOST: u16 = 1024;

/// Most modules that are remembered for one port.
const TAKERS: usize = 64;

/// The ports of the host that the modules of a manifest take.
#[derive(Default)]
pub(super) struct Ports {
    taken: BTreeMap<(String, u16), Vec<Taken>>,
}

/// Who takes a port.
struct Taken {
    module: String,
    address: String,
    running: bool,
}

impl Taken {
    /// Tells whether two takers want the port at an address of the host that both listen on.
    fn meets(&self, other: &Self) -> bool {
        let all = |address: &str| matches!(address, "" | "0.0.0.0" | "::" | "[::]");
        all(&self.address) || all(&other.address) || self.address == other.address
    }
}

impl Ports {
    /// Adds the ports of a module, and tells those that another has already.
    pub fn add(&mut self, findings: &mut Findings<'_>, file: &Document, module: (&str, bool), options: &Options<'_>) {
        let root = options.root();
        let network = root.pointer(&["HostConfig", "NetworkMode"]).and_then(Node::as_str);
        if network == Some("host") {
            return;
        }
        let Some(bindings) = root.pointer(&["HostConfig", "PortBindings"]) else { return };
        for binding in last_members(bindings) {
            let protocol = binding.key.split_once('/').map_or("tcp", |(_, protocol)| protocol).to_ascii_lowercase();
            for host in binding.value.items() {
                let Some(port) = host.get("HostPort").filter(|port| !port.is_null()) else { continue };
                let span = options.span(file, &port.span);
                let written = port.as_str().map_or_else(|| port.to_value().to_string(), ToOwned::to_owned);
                if written.is_empty() || placeholder::is_in(&written) {
                    continue;
                }
                let Some((first, last)) = range(&written) else {
                    let message = format!("`{}` publishes the port `{written}`, which is none", module.0);
                    findings.add(
                        Found::warning("manifest/bad-port", &span, message)
                            .hint("Write a number of 1 to 65535 as text, or a range such as 8000-8010."),
                    );
                    continue;
                };
                let address = host.get("HostIp").and_then(Node::as_str).unwrap_or_default().to_owned();
                let taken = |_| Taken { module: module.0.to_owned(), address: address.clone(), running: module.1 };
                for number in (first..=last).take(usize::from(MOST)) {
                    self.take(findings, &span, (&protocol, number), taken(()));
                }
            }
        }
    }

    fn take(&mut self, findings: &mut Findings<'_>, span: &Range<usize>, (protocol, number): (&str, u16), taken: Taken) {
        let others = self.taken.entry((protocol.to_owned(), number)).or_default();
        if let Some(other) = others.iter().find(|other| other.meets(&taken)) {
            let message = if other.module == taken.module {
                format!("`{}` takes port {number}/{protocol} of the host twice", taken.module)
            } else {
                format!("`{}` and `{}` both take port {number}/{protocol} of the host", other.module, taken.module)
            };
            let found = if other.running && taken.running {
                Found::error("manifest/port-conflict", span, message).hint("Give one of them another HostPort.")
            } else {
                Found::warning("manifest/port-conflict", span, message).hint("One of them is stopped; they can never run together.")
            };
            findings.add(found);
        }
        if others.len() < TAKERS {
            others.push(taken);
        }
    }
}

/// Reads a port or a range of ports.
fn range(text: &str) -> Option<(u16, u16)> {
    let port = |text: &str| text.trim().parse::<u16>().ok().filter(|port| *port > 0);
    match text.split_once('-') {
        Some((first, last)) => port(first).zip(port(last)).filter(|(first, last)| first <= last),
        None => port(text).map(|port| (port, port)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_numbers_or_ranges() {
        for (text, ports) in
            [("443", Some((443, 443))), ("8000-8002", Some((8000, 8002))), ("0", None), ("9-8", None), ("70000", None), ("x", None)]
        {
            assert_eq!(range(text), ports, "{text}");
        }
    }

    #[test]
    fn addresses_meet_when_one_listens_on_all() {
        let at = |address: &str| Taken { module: String::new(), address: address.to_owned(), running: true };
        assert!(at("").meets(&at("127.0.0.1")) && at("0.0.0.0").meets(&at("")) && at("10.0.0.1").meets(&at("10.0.0.1")));
        assert!(!at("127.0.0.1").meets(&at("10.0.0.1")));
    }
}
