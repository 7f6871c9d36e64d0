//! `DEVICE[/MODULE]` on the command line.

use crate::model::{DeviceId, Identity};

/// Reads a device, or a module of a device.
pub fn identity(text: &str) -> Result<Identity, String> {
    let (device, module) = text.split_once('/').map_or((text, None), |(device, module)| (device, Some(module)));
    device.parse::<DeviceId>().map_err(|error| error.to_string())?;
    match module {
        None => Ok(Identity::device(device)),
        // Module ids of a hub follow the rules of device ids.
        Some(module) => match module.parse::<DeviceId>() {
            Ok(_) => Ok(Identity::module(device, module)),
            Err(error) => Err(error.to_string().replace("device name", "module name")),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slash_parts_device_and_module() {
        assert_eq!(identity("edge-1"), Ok(Identity::device("edge-1")));
        assert_eq!(identity("edge-1/$edgeAgent"), Ok(Identity::module("edge-1", "$edgeAgent")));
        for text in ["", "/m", "d/", "d/m/x", "a b", "d/m n"] {
            assert!(identity(text).is_err(), "{text}");
        }
    }
}
