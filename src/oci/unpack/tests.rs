//! What unpacking keeps, and what it refuses.

use std::os::unix::fs::MetadataExt as _;

use super::*;
use crate::base::fs::{read, read_text};

enum Item<'a> {
    File(&'a str, &'a [u8]),
    Executable(&'a str, &'a [u8]),
    Folder(&'a str),
    Symlink(&'a str, &'a str),
    Hard(&'a str, &'a str),
    Device(&'a str),
}

/// Writes a tar with paths exactly as given, also those that a tar writer would refuse.
fn tar_of(items: &[Item]) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    for item in items {
        let (path, kind, mode, link, content) = match item {
            Item::File(path, content) => (path, EntryType::Regular, 0o600, "", *content),
            Item::Executable(path, content) => (path, EntryType::Regular, 0o4711, "", *content),
            Item::Folder(path) => (path, EntryType::Directory, 0o700, "", &b""[..]),
            Item::Symlink(path, link) => (path, EntryType::Symlink, 0o777, *link, &b""[..]),
            Item::Hard(path, link) => (path, EntryType::Link, 0o644, *link, &b""[..]),
            Item::Device(path) => (path, EntryType::Char, 0o666, "", &b""[..]),
        };
        let mut header = tar::Header::new_ustar();
        let fields = header.as_ustar_mut().expect("ustar");
        fields.name[..path.len()].copy_from_slice(path.as_bytes());
        fields.linkname[..link.len()].copy_from_slice(link.as_bytes());
        header.set_entry_type(kind);
        header.set_mode(mode);
        header.set_size(content.len() as u64);
        header.set_cksum();
        archive.append(&header, content).expect("appends");
    }
    archive.into_inner().expect("tar")
}

fn layer(items: &[Item]) -> LayerBytes {
    let tar = tar_of(items);
    LayerBytes { media_type: media_type::LAYER.to_owned(), diff_id: Digest::of(&tar), bytes: tar.into() }
}

fn unpacked(layers: &[LayerBytes]) -> (tempfile::TempDir, PathBuf, Result<(), UnpackError>) {
    let scratch = tempfile::tempdir().expect("folder");
    let folder = scratch.path().join("image");
    let outcome = unpack(layers, &folder);
    (scratch, folder, outcome)
}

fn refusal(items: &[Item]) -> String {
    let (scratch, folder, outcome) = unpacked(&[layer(items)]);
    let error = outcome.expect_err("refused");
    assert!(!folder.exists(), "nothing may appear");
    assert_eq!(crate::base::fs::names_in(scratch.path()).expect("list"), Vec::<String>::new(), "nothing may stay behind");
    error.to_string()
}

#[test]
fn files_folders_and_links_arrive_with_plain_modes() {
    let (_scratch, folder, outcome) = unpacked(&[layer(&[
        Item::Folder("./app/"),
        Item::Executable("app/run", b"#!"),
        Item::File("etc/ssl/certs", b"roots"),
        Item::Symlink("app/certs", "/etc/ssl/certs"),
        Item::Symlink("app/up", "../etc"),
        Item::Hard("app/again", "app/run"),
    ])]);
    outcome.expect("unpacks");
    assert_eq!(folder.join("app/run").metadata().expect("file").mode() & 0o7777, 0o755);
    assert_eq!(folder.join("etc/ssl/certs").metadata().expect("file").mode() & 0o7777, 0o644);
    assert_eq!(read_text(&folder.join("app/certs")).expect("through the link"), "roots");
    assert_eq!(read_text(&folder.join("app/up/ssl/certs")).expect("through the link"), "roots");
    assert_eq!(read(&folder.join("app/again")).expect("hard link"), b"#!");
}

#[test]
fn later_layers_replace_and_remove() {
    let first = layer(&[Item::File("a/one", b"1"), Item::File("a/two", b"2"), Item::File("b/three", b"3"), Item::Symlink("c", "b/three")]);
    let second =
        layer(&[Item::File("a/.wh.one", b""), Item::File("b/.wh..wh..opq", b""), Item::File("b/four", b"4"), Item::File("c", b"file")]);
    let (_scratch, folder, outcome) = unpacked(&[first, second]);
    outcome.expect("unpacks");
    assert_eq!(crate::base::fs::names_in(&folder.join("a")).expect("list"), ["two"]);
    assert_eq!(crate::base::fs::names_in(&folder.join("b")).expect("list"), ["four"]);
    assert!(folder.join("c").symlink_metadata().expect("c").is_file(), "a file replaces the link and does not write through it");
}

#[test]
fn nothing_leaves_the_folder() {
    for items in [
        &[Item::File("../evil", b"x")][..],
        &[Item::File("a/../../evil", b"x")],
        &[Item::File("/etc/evil", b"x")],
        &[Item::Symlink("link", "../outside")],
        &[Item::Symlink("a/b/link", "../../../outside")],
        &[Item::Folder("d1/d2"), Item::Symlink("d1/d2/s", "../.."), Item::Symlink("d1/d2/s/x", "../../..")],
        &[Item::Folder("a/b/c"), Item::Symlink("a/b/c/s", "../../.."), Item::Symlink("a/b/c/t", "s/../../evil")],
        &[Item::Folder("a/b"), Item::Symlink("a/b/s", "../.."), Item::Hard("h", "a/b/s")],
        &[Item::Hard("h", "../../etc/passwd")],
        &[Item::Symlink("gone", "nowhere"), Item::File("gone/file", b"x")],
        &[Item::File("file", b"x"), Item::File("file/below", b"x")],
        &[Item::Device("dev/null")],
    ] {
        assert!(refusal(items).contains("is refused: "));
    }
}

#[test]
fn a_layer_must_have_its_diff_id() {
    let wrong = LayerBytes { diff_id: Digest::of(b"other"), ..layer(&[Item::File("a", b"1")]) };
    assert!(matches!(unpacked(&[wrong]).2, Err(UnpackError::DiffId { .. })));
    let mut trailing = tar_of(&[Item::File("a", b"1")]);
    let diff_id = Digest::of(&trailing);
    trailing.extend_from_slice(b"hidden");
    let trailing = LayerBytes { media_type: media_type::LAYER.to_owned(), bytes: trailing.into(), diff_id };
    assert!(matches!(unpacked(&[trailing]).2, Err(UnpackError::DiffId { .. })));
}

#[test]
fn bombs_and_broken_archives_are_told_apart() {
    let tar = tar_of(&[Item::File("a", &vec![7; 100_000])]);
    let mut unpacker = Unpacker { root: PathBuf::new(), bytes_left: 50_000, entries_left: 10 };
    let scratch = tempfile::tempdir().expect("folder");
    unpacker.root = scratch.path().canonicalize().expect("root");
    let bomb = LayerBytes { media_type: media_type::LAYER.to_owned(), diff_id: Digest::of(&tar), bytes: tar.clone().into() };
    assert!(matches!(unpacker.layer(&bomb), Err(UnpackError::TooLarge { unit: "bytes", .. })));
    let mut crowded = Unpacker { root: unpacker.root.clone(), bytes_left: 1 << 20, entries_left: 1 };
    let two = layer(&[Item::File("a", b""), Item::File("b", b"")]);
    assert!(matches!(crowded.layer(&two), Err(UnpackError::TooLarge { unit: "entries", .. })));
    let cut = LayerBytes { bytes: bomb.bytes.slice(..60_000), ..bomb.clone() };
    assert!(matches!(unpacked(&[cut]).2, Err(UnpackError::Broken { .. })));
    let zstd = LayerBytes { media_type: "application/vnd.oci.image.layer.v1.tar+zstd".to_owned(), ..bomb };
    assert!(matches!(unpacked(&[zstd]).2, Err(UnpackError::Unsupported { .. })));
}

#[test]
fn a_gzip_layer_of_the_builder_round_trips() {
    let mut builder = crate::oci::LayerBuilder::new();
    builder.executable("app/module", &b"binary"[..]).expect("file");
    let layer = builder.finish(crate::base::Clock::fixed_at(0).expect("epoch").now()).expect("layer");
    let bytes = LayerBytes { media_type: layer.descriptor.media_type, bytes: layer.bytes, diff_id: layer.diff_id };
    let (_scratch, folder, outcome) = unpacked(&[bytes]);
    outcome.expect("unpacks");
    assert_eq!(read(&folder.join("app/module")).expect("file"), b"binary");
}
