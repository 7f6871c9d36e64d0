//! Whether a program runs without the files of its image around it: an ELF file without an interpreter (System V ABI, chapter 5,
//! program header).

use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::Path;

use crate::base::fs;

/// Type of the program header that names the dynamic loader.
const PT_INTERP: u32 = 3;
/// Program headers that a real program may have.
const MOST_HEADERS: u64 = 1000;

/// Returns nothing for a static program, else why it is none, as the end of a sentence that begins with the program.
pub fn check_static(file: &Path) -> Result<(), &'static str> {
    const NO_PROGRAM: &str = "is no ELF program; the process runtime runs static programs only";
    let mut file = fs::open(file).map_err(|_| "cannot be opened")?;
    let mut head = [0_u8; 64];
    file.read_exact(&mut head).map_err(|_| NO_PROGRAM)?;
    if !head.starts_with(b"\x7fELF") {
        return Err(NO_PROGRAM);
    }
    let (class, order) = (head[4], head[5]);
    if order != 1 {
        return Err("is made for machines of the other byte order");
    }
    let number = |bytes: &[u8]| bytes.iter().rev().fold(0_u64, |sum, byte| (sum << 8) | u64::from(*byte));
    let (offset, size, count) = match class {
        1 => (number(&head[28..32]), number(&head[42..44]), number(&head[44..46])),
        2 => (number(&head[32..40]), number(&head[54..56]), number(&head[56..58])),
        _ => return Err(NO_PROGRAM),
    };
    if !(4..=256).contains(&size) || count == 0 || count > MOST_HEADERS {
        return Err(NO_PROGRAM);
    }
    for index in 0..count {
        let mut kind = [0_u8; 4];
        let place = offset.checked_add(index * size).ok_or(NO_PROGRAM)?;
        file.seek(SeekFrom::Start(place)).and_then(|_| file.read_exact(&mut kind)).map_err(|_| NO_PROGRAM)?;
        if u32::from_le_bytes(kind) == PT_INTERP {
            return Err("needs a dynamic loader; the process runtime runs static programs only");
        }
    }
    Ok(())
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Returns the head of a 64-bit program with one loadable segment.
    pub fn static_program() -> Vec<u8> {
        let mut bytes = vec![0_u8; 64 + 56];
        bytes[..6].copy_from_slice(b"\x7fELF\x02\x01");
        bytes[32] = 64;
        bytes[54] = 56;
        bytes[56] = 1;
        bytes[64] = 1;
        bytes
    }

    #[test]
    fn only_programs_without_an_interpreter_pass() {
        let folder = tempfile::tempdir().expect("folder");
        let file = folder.path().join("program");
        let check = |bytes: &[u8]| {
            fs::write(&file, bytes).expect("written");
            check_static(&file)
        };
        assert_eq!(check(&static_program()), Ok(()));
        let mut dynamic = static_program();
        dynamic[64] = 3;
        assert!(check(&dynamic).expect_err("dynamic").starts_with("needs a dynamic loader"));
        for broken in [&b"#!/bin/sh"[..], &[0; 64], &static_program()[..100]] {
            let mut bytes = broken.to_vec();
            if bytes.len() == 100 {
                bytes[33] = 1;
            }
            assert!(check(&bytes).is_err());
        }
        assert!(check_static(Path::new("/bin/sh")).is_err(), "the shell of this system is dynamic");
    }
}
