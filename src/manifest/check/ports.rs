//! Ports of the host: two modules that want one of them cannot run together.

use std::ops::Range;

use super::findings::{Findings, Found};
use super::options::Options;
use super::placeholder;
use crate::base::jsonc::{Document, Node};
use crate::manifest::document::last_members;

/// Most takers of ports that are remembered.
const TAKERS: usize = 4096;

/// The ports of the host that the modules of a manifest take.
#[derive(Default)]
pub(super) struct Ports {
    taken: Vec<Taken>,
}

/// Who takes ports.
struct Taken {
    module: String,
    running: bool,
    protocol: String,
    address: String,
    ports: (u16, u16),
}

impl Taken {
    /// Returns the first port that two takers both want, at an address of the host that both listen on.
    fn meets(&self, other: &Self) -> Option<u16> {
        let all = |address: &str| matches!(address, "" | "0.0.0.0" | "::" | "[::]");
        // No address means both families, and an address of one never meets one of the other.
        let family = |address: &str| (!address.is_empty()).then(|| address.contains(':'));
        let apart = family(&self.address).zip(family(&other.address)).is_some_and(|(left, right)| left != right);
        let first = self.ports.0.max(other.ports.0);
        let meets = first <= self.ports.1.min(other.ports.1)
            && self.protocol == other.protocol
            && !apart
            && (self.address == other.address || all(&self.address) || all(&other.address));
        meets.then_some(first)
    }

    /// Tells whether the engine may choose among several ports.
    fn is_range(&self) -> bool {
        self.ports.0 < self.ports.1
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
                let Some(ports) = range(&written) else {
                    let message = format!("`{}` publishes the port `{written}`, which is none", module.0);
                    let found = Found::warning("manifest/bad-port", &span, message);
                    findings.add(found.hint("Write a number of 1 to 65535 as text, or a range such as 8000-8010."));
                    continue;
                };
                let address = host.get("HostIp").and_then(Node::as_str).unwrap_or_default().to_owned();
                let (name, running) = (module.0.to_owned(), module.1);
                self.take(findings, &span, Taken { module: name, running, protocol: protocol.clone(), address, ports });
            }
        }
    }

    fn take(&mut self, findings: &mut Findings<'_>, span: &Range<usize>, taken: Taken) {
        if let Some((other, port)) = self.taken.iter().find_map(|other| other.meets(&taken).map(|port| (other, port))) {
            let protocol = &taken.protocol;
            let message = if other.module == taken.module {
                format!("`{}` takes port {port}/{protocol} of the host twice", taken.module)
            } else {
                format!("`{}` and `{}` both take port {port}/{protocol} of the host", other.module, taken.module)
            };
            findings.add(if other.is_range() || taken.is_range() {
                let hint = "The engine takes a free port of a range: the two run together while there is one left.";
                Found::warning("manifest/port-conflict", span, message).hint(hint)
            } else if other.running && taken.running {
                Found::error("manifest/port-conflict", span, message).hint("Give one of them another HostPort.")
            } else {
                Found::warning("manifest/port-conflict", span, message).hint("One of them is stopped; they can never run together.")
            });
        }
        if self.taken.len() < TAKERS {
            self.taken.push(taken);
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
    fn takers_meet_at_one_address_protocol_and_port() {
        let at = |address: &str, protocol: &str, ports| Taken {
            module: String::new(),
            running: true,
            protocol: protocol.to_owned(),
            address: address.to_owned(),
            ports,
        };
        let web = at("127.0.0.1", "tcp", (8000, 8010));
        assert_eq!(web.meets(&at("", "tcp", (8005, 9000))), Some(8005));
        assert_eq!(web.meets(&at("127.0.0.1", "tcp", (80, 8000))), Some(8000));
        for other in
            [at("10.0.0.1", "tcp", (8000, 8000)), at("", "udp", (8000, 8000)), at("", "tcp", (8011, 8011)), at("::", "tcp", (8000, 8000))]
        {
            assert_eq!(web.meets(&other), None);
        }
        let all = |address: &str| at(address, "tcp", (80, 80));
        for (left, right, meets) in
            [("0.0.0.0", "::", false), ("", "::", true), ("0.0.0.0", "", true), ("::", "::1", true), ("[::]", "10.0.0.1", false)]
        {
            assert_eq!(all(left).meets(&all(right)).is_some(), meets, "{left} {right}");
        }
    }
}
