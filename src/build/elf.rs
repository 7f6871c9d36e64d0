//! Just enough of ELF to tell whether a program runs on a platform without anything else in the image (System V ABI, ELF header
//! and program header).

use crate::model::Platform;

const CLASS_64: u8 = 2;
const LITTLE_ENDIAN: u8 = 1;
/// Program header type of the path to a dynamic loader.
const INTERPRETER: u32 = 3;

/// Says why a program cannot run on a platform from an empty image, or nothing when it can.
pub fn objection(program: &[u8], platform: &Platform) -> Option<String> {
    if program.get(..4) != Some(b"\x7fELF") {
        return Some("it is no ELF program".to_owned());
    }
    let (class, data) = (program.get(4)?, program.get(5)?);
    if *data != LITTLE_ENDIAN {
        return Some("it is big-endian".to_owned());
    }
    let Some(machine) = half(program, 18) else { return Some("its header is cut short".to_owned()) };
    let wanted = match platform.architecture.as_str() {
        "amd64" => 62,
        "arm64" => 183,
        "arm" => 40,
        other => return Some(format!("the architecture {other} is not known here")),
    };
    if machine != wanted {
        return Some(format!("it is for {}", machine_name(machine)));
    }
    match needs_loader(program, *class == CLASS_64) {
        Some(false) => None,
        Some(true) => Some("it is linked dynamically and the image has no loader".to_owned()),
        None => Some("its program headers are cut short".to_owned()),
    }
}

fn machine_name(machine: u16) -> String {
    match machine {
        3 => "386".to_owned(),
        40 => "arm".to_owned(),
        62 => "amd64".to_owned(),
        183 => "arm64".to_owned(),
        243 => "riscv64".to_owned(),
        other => format!("ELF machine {other}"),
    }
}

/// Looks for the segment that names a loader; `None` when the headers lie outside the file.
fn needs_loader(program: &[u8], wide: bool) -> Option<bool> {
    let (offset, size, count) = if wide {
        (usize::try_from(long(program, 32)?).ok()?, half(program, 54)?, half(program, 56)?)
    } else {
        (usize::try_from(word(program, 28)?).ok()?, half(program, 42)?, half(program, 44)?)
    };
    for number in 0..usize::from(count) {
        let place = offset.checked_add(number.checked_mul(usize::from(size))?)?;
        if word(program, place)? == INTERPRETER {
            return Some(true);
        }
    }
    Some(false)
}

fn half(bytes: &[u8], place: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(place..place.checked_add(2)?)?.try_into().ok()?))
}

fn word(bytes: &[u8], place: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(place..place.checked_add(4)?)?.try_into().ok()?))
}

fn long(bytes: &[u8], place: usize) -> Option<u64> {
    Some(u64::from_le_bytes(bytes.get(place..place.checked_add(8)?)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A 64-bit header with one program header of the given type.
    fn program(machine: u16, segment: u32) -> Vec<u8> {
        let mut bytes = vec![0; 64 + 56];
        bytes[..6].copy_from_slice(b"\x7fELF\x02\x01");
        bytes[18..20].copy_from_slice(&machine.to_le_bytes());
        bytes[32..40].copy_from_slice(&64_u64.to_le_bytes());
        bytes[54..56].copy_from_slice(&56_u16.to_le_bytes());
        bytes[56..58].copy_from_slice(&1_u16.to_le_bytes());
        bytes[64..68].copy_from_slice(&segment.to_le_bytes());
        bytes
    }

    #[test]
    fn tells_the_machine_and_the_loader() {
        let amd64: Platform = "linux/amd64".parse().expect("platform");
        assert_eq!(objection(&program(62, 1), &amd64), None);
        assert_eq!(objection(&program(183, 1), &amd64).as_deref(), Some("it is for arm64"));
        assert_eq!(objection(&program(62, INTERPRETER), &amd64).as_deref(), Some("it is linked dynamically and the image has no loader"));
        assert_eq!(objection(b"#!/bin/sh", &amd64).as_deref(), Some("it is no ELF program"));
    }

    #[test]
    fn a_cut_program_is_no_panic() {
        let amd64: Platform = "linux/amd64".parse().expect("platform");
        let whole = program(62, 1);
        for length in 6..whole.len() - 56 + 4 {
            let _any = objection(&whole[..length], &amd64);
        }
        let mut wild = whole;
        wild[32..40].copy_from_slice(&u64::MAX.to_le_bytes());
        assert!(objection(&wild, &amd64).is_some());
    }
}
