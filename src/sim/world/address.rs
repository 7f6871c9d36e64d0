//! Loopback addresses of a world: one for the hub, one for each device, chosen at the first start and kept for ever, so that
//! certificates, connection strings and the minds of people stay right.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::{IpAddr, Ipv4Addr, TcpListener};

use serde::{Deserialize, Serialize};

use super::{WorldError, WorldPaths};
use crate::base::{Digest, fs};

/// Port of the device protocol, which SDKs do not let a program choose.
pub const MQTT_PORT: u16 = 8883;

/// How many blocks are tried before giving up.
const BLOCKS: u8 = 32;

/// The addresses that a world keeps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Addresses {
    /// Address of the hub emulator.
    pub hub: Ipv4Addr,
    /// Addresses of devices by id, also of devices that are not part of the world at present.
    pub devices: BTreeMap<String, Ipv4Addr>,
}

impl Addresses {
    /// Returns the addresses of a world: the kept ones, and new ones for the ids that have none yet. New addresses are such that
    /// `is_free` holds; what is returned was saved.
    ///
    /// # Errors
    /// When no free address is left, or the file does not read or write.
    pub fn assign(paths: &WorldPaths, ids: &[String], is_free: &dyn Fn(Ipv4Addr) -> bool) -> Result<Self, WorldError> {
        let file = paths.addresses();
        let kept: Option<Self> = match fs::read_json(&file) {
            Ok(kept) => Some(kept),
            Err(error) if error.is_not_found() => None,
            Err(error) => return Err(error.into()),
        };
        let mut addresses = match kept {
            Some(kept) => kept,
            None => Self { hub: first_address(paths, is_free)?, devices: BTreeMap::new() },
        };
        for id in ids {
            if !addresses.devices.contains_key(id) {
                let address = addresses.next(is_free).ok_or(WorldError::NoAddress(MQTT_PORT))?;
                addresses.devices.insert(id.clone(), address);
            }
        }
        fs::write_json(&file, &addresses)?;
        Ok(addresses)
    }

    /// Returns the next free address above the hub's, inside 127.0.0.0/8 and never ending in 0 or 255.
    fn next(&self, is_free: &dyn Fn(Ipv4Addr) -> bool) -> Option<Ipv4Addr> {
        let used: BTreeSet<Ipv4Addr> = self.devices.values().copied().chain([self.hub]).collect();
        let first = u32::from(self.hub);
        let last = u32::from(Ipv4Addr::new(127, 255, 255, 254));
        (first..=last)
            .map(Ipv4Addr::from)
            .filter(|address| !matches!(address.octets()[3], 0 | 255))
            .find(|address| !used.contains(address) && is_free(*address))
    }
}

/// Chooses the hub's address, `127.X.Y.1`, from the world's folder; a block that is taken gives way to the next choice.
fn first_address(paths: &WorldPaths, is_free: &dyn Fn(Ipv4Addr) -> bool) -> Result<Ipv4Addr, WorldError> {
    (0..BLOCKS)
        .map(|attempt| {
            let mut seed = paths.root().as_os_str().as_encoded_bytes().to_vec();
            seed.push(attempt);
            let digest = *Digest::of(&seed).bytes();
            // The lowest blocks belong to names such as localhost and to resolvers (127.0.0.1, 127.0.1.1, 127.0.0.53).
            Ipv4Addr::new(127, digest[0].clamp(1, 254), digest[1], 1)
        })
        .find(|address| is_free(*address))
        .ok_or(WorldError::NoAddress(MQTT_PORT))
}

/// Tells whether the device protocol's port is free on an address.
pub fn is_free(address: Ipv4Addr) -> bool {
    TcpListener::bind((address, MQTT_PORT)).is_ok()
}

/// Binds a port that the world needs, without blocking mode, fit for tokio.
///
/// # Errors
/// [`WorldError::PortTaken`] with address and port.
pub fn listen(address: IpAddr, port: u16) -> Result<TcpListener, WorldError> {
    let bind = || -> io::Result<TcpListener> {
        let listener = TcpListener::bind((address, port))?;
        listener.set_nonblocking(true)?;
        Ok(listener)
    };
    bind().map_err(|source| WorldError::PortTaken { address, port, source })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn world() -> (tempfile::TempDir, WorldPaths) {
        let state = tempfile::tempdir().expect("folder");
        let paths = WorldPaths::new(state.path(), "default".parse().expect("name"));
        fs::create_private_folder(paths.root()).expect("folder");
        (state, paths)
    }

    fn ids(names: &[&str]) -> Vec<String> {
        names.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn addresses_are_kept_when_devices_come_and_go() {
        let (_state, paths) = world();
        let first = Addresses::assign(&paths, &ids(&["a", "b"]), &|_| true).expect("assigned");
        assert_eq!(first.devices.len(), 2);
        assert_ne!(first.devices["a"], first.devices["b"]);
        // Being taken changes nothing for an address that was given once.
        let second = Addresses::assign(&paths, &ids(&["b", "c"]), &|address| address.octets()[3] > 10).expect("assigned");
        assert_eq!((second.hub, second.devices["a"], second.devices["b"]), (first.hub, first.devices["a"], first.devices["b"]));
        assert_eq!(second.devices["c"].octets()[3], 11);
    }

    #[test]
    fn taken_blocks_and_the_edges_of_a_block_are_passed_over() {
        let (_state, paths) = world();
        let free = Addresses::assign(&paths, &[], &|_| true).expect("assigned").hub;
        fs::remove(&paths.addresses()).expect("removed");
        let many: Vec<String> = (0..300).map(|number| format!("d{number}")).collect();
        let addresses = Addresses::assign(&paths, &many, &|address| address != free).expect("assigned");
        assert_ne!(addresses.hub, free);
        let all: BTreeSet<_> = addresses.devices.values().collect();
        assert_eq!(all.len(), 300);
        assert!(all.iter().all(|address| address.is_loopback() && !matches!(address.octets()[3], 0 | 255)));
        fs::remove(&paths.addresses()).expect("removed");
        assert!(matches!(Addresses::assign(&paths, &[], &|_| false), Err(WorldError::NoAddress(8883))));
    }

    #[test]
    fn a_taken_port_is_named() {
        let holder = TcpListener::bind("127.0.0.1:0").expect("bound");
        let port = holder.local_addr().expect("address").port();
        let error = listen(IpAddr::V4(Ipv4Addr::LOCALHOST), port).expect_err("taken");
        assert_eq!(error.to_string(), format!("127.0.0.1 port {port} is taken"));
    }
}
