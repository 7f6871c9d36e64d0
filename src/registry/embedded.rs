//! The embedded store: one OCI image layout a repository (OCI image-spec v1.1, image-layout.md), in `FOLDER/REGISTRY/PATH`, a
//! port written with `+` since many tools split a layout's path at a colon.
//!
//! Safe for several processes: every file is written beside its place and renamed; `index.json` changes under a lock. A tag, also
//! the `sha256-HEX.sig` of a signature, is an index entry with the annotation `org.opencontainers.image.ref.name`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use serde_json::Value;

use super::store::{Manifest, Store, StoreError};
use crate::base::Digest;
use crate::base::fs::{self, Lock};
use crate::model::{Reference, Repository};
use crate::oci::{Descriptor, Index, media_type};

const REF_NAME: &str = "org.opencontainers.image.ref.name";
const LAYOUT_FILE: &str = "oci-layout";
const LAYOUT: &[u8] = br#"{"imageLayoutVersion":"1.0.0"}"#;
const INDEX_FILE: &str = "index.json";
const LOCK_FILE: &str = ".lock";

/// The store in a folder of this machine.
#[derive(Clone, Debug)]
pub struct EmbeddedStore {
    folder: PathBuf,
}

/// One entry of a repository's index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Where it lies.
    pub repository: Repository,
    /// Its tag; `None` when the tag has moved on to another image.
    pub tag: Option<String>,
    /// The manifest or index.
    pub descriptor: Descriptor,
}

impl EmbeddedStore {
    /// Returns the store in `folder`, which is made (mode 0700) with the first thing that is stored.
    pub fn open(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// Returns the folder of a repository's image layout, whether it is there or not.
    pub fn layout(&self, repository: &Repository) -> PathBuf {
        self.folder.join(repository.registry().replace(':', "+")).join(repository.path())
    }

    /// Returns every entry of every repository, sorted by repository, then tag, then digest. Signatures and attestations
    /// (`sha256-HEX.sig`, `.att`) are entries like others.
    pub fn entries(&self) -> Result<Vec<Entry>, StoreError> {
        let mut entries = Vec::new();
        for registry in fs::names_in(&self.folder)? {
            let root = self.folder.join(&registry);
            self.collect(&root, &registry.replace('+', ":"), &mut entries)?;
        }
        entries.sort_by(|left, right| {
            let key = |entry: &Entry| (entry.repository.clone(), entry.tag.clone(), entry.descriptor.digest);
            key(left).cmp(&key(right))
        });
        Ok(entries)
    }

    fn collect(&self, folder: &Path, name: &str, entries: &mut Vec<Entry>) -> Result<(), StoreError> {
        let is_layout = folder.join(LAYOUT_FILE).is_file();
        if is_layout && let Ok(repository) = name.parse::<Repository>() {
            for descriptor in self.index(&repository)?.manifests {
                entries.push(Entry { repository: repository.clone(), tag: tag_of(&descriptor).map(str::to_owned), descriptor });
            }
        }
        for child in fs::names_in(folder)? {
            let path = folder.join(&child);
            // Blobs of a layout are no repositories; a repository named `blobs` below one is not looked for.
            if path.is_dir() && !(is_layout && child == "blobs") {
                self.collect(&path, &format!("{name}/{child}"), entries)?;
            }
        }
        Ok(())
    }

    fn blob_path(&self, repository: &Repository, digest: Digest) -> PathBuf {
        self.layout(repository).join("blobs/sha256").join(digest.hex())
    }

    fn index(&self, repository: &Repository) -> Result<Index, StoreError> {
        let path = self.layout(repository).join(INDEX_FILE);
        let Some(bytes) = fs::read_if_any(&path)? else { return Ok(Index::new(Vec::new())) };
        Index::parse(&bytes).map_err(|error| StoreError::Malformed { subject: path.display().to_string(), reason: described(&error) })
    }

    fn read_blob(&self, repository: &Repository, digest: Digest) -> Result<Option<Bytes>, StoreError> {
        let Some(bytes) = fs::read_if_any(&self.blob_path(repository, digest))? else { return Ok(None) };
        let actual = Digest::of(&bytes);
        if actual == digest {
            return Ok(Some(bytes.into()));
        }
        Err(StoreError::Tampered { subject: repository.at(digest).to_string(), actual })
    }

    fn read_manifest(&self, reference: &Reference) -> Result<Option<Manifest>, StoreError> {
        let repository = &reference.repository;
        let index = self.index(repository)?;
        let by_tag = || {
            let tag = reference.tag.as_deref().unwrap_or("latest");
            index.manifests.iter().find(|entry| tag_of(entry) == Some(tag)).map(|entry| entry.digest)
        };
        let Some(digest) = reference.digest.or_else(by_tag) else { return Ok(None) };
        let Some(bytes) = self.read_blob(repository, digest)? else {
            return match reference.digest {
                Some(_) => Ok(None),
                None => Err(StoreError::Malformed { subject: reference.to_string(), reason: format!("its blob {digest} is missing") }),
            };
        };
        let entry = index.manifests.iter().find(|entry| entry.digest == digest);
        let media_type = entry.map(|entry| entry.media_type.clone()).or_else(|| manifest_type(&bytes));
        Ok(media_type.map(|media_type| Manifest { digest, media_type, bytes }))
    }

    fn write_blob(&self, repository: &Repository, bytes: &[u8]) -> Result<Digest, StoreError> {
        let digest = Digest::of(bytes);
        let path = self.blob_path(repository, digest);
        // A blob that was cut short or changed on disk is replaced; only the right bytes count as being there.
        if self.read_blob(repository, digest).is_ok_and(|found| found.is_some()) {
            return Ok(digest);
        }
        self.prepare(repository)?;
        fs::write(&path, bytes)?;
        Ok(digest)
    }

    /// Makes the repository's folders and its layout file.
    fn prepare(&self, repository: &Repository) -> Result<(), StoreError> {
        fs::create_private_folder(&self.folder)?;
        let layout = self.layout(repository);
        fs::create_folder(&layout.join("blobs/sha256"))?;
        let file = layout.join(LAYOUT_FILE);
        if !file.exists() {
            fs::write(&file, LAYOUT)?;
        }
        Ok(())
    }

    fn write_manifest(&self, repository: &Repository, media_type: &str, bytes: &[u8], tag: Option<&str>) -> Result<Digest, StoreError> {
        self.require_parts(repository, bytes)?;
        let digest = self.write_blob(repository, bytes)?;
        let Some(tag) = tag else { return Ok(digest) };
        let layout = self.layout(repository);
        let _held = Lock::acquire(&layout.join(LOCK_FILE))?;
        let mut index = self.index(repository)?;
        let named =
            Descriptor { annotations: Some(BTreeMap::from([(REF_NAME.to_owned(), tag.to_owned())])), ..Descriptor::of(media_type, bytes) };
        retag(&mut index.manifests, tag, named);
        fs::write(&layout.join(INDEX_FILE), &index.bytes())?;
        Ok(digest)
    }

    /// Refuses a manifest whose blobs or children are not stored, as a registry would.
    fn require_parts(&self, repository: &Repository, bytes: &[u8]) -> Result<(), StoreError> {
        let malformed = |reason: String| StoreError::Malformed { subject: repository.at(Digest::of(bytes)).to_string(), reason };
        let document: Value = serde_json::from_slice(bytes).map_err(|error| malformed(format!("it is no JSON: {error}")))?;
        let lists = ["manifests", "layers"].iter().filter_map(|name| document[name].as_array()).flatten();
        for part in lists.chain(document.get("config")) {
            let digest: Digest = part["digest"]
                .as_str()
                .and_then(|text| text.parse().ok())
                .ok_or_else(|| malformed("it names a part without a sha256 digest".to_owned()))?;
            if !self.blob_path(repository, digest).is_file() {
                return Err(malformed(format!("its part {digest} is not stored")));
            }
        }
        Ok(())
    }
}

/// Puts a tag on `named`. The image that had it stays in the index without a name; a signature's tag just moves, since the newer
/// manifest holds what the older one held.
fn retag(entries: &mut Vec<Descriptor>, tag: &str, named: Descriptor) {
    let accessory = tag.starts_with("sha256-");
    let mut left = Vec::new();
    entries.retain(|entry| match tag_of(entry) {
        Some(held) if held == tag => {
            left.push(Descriptor { annotations: None, ..entry.clone() });
            false
        }
        Some(_) => true,
        None => entry.digest != named.digest,
    });
    let still_needed = |old: &Descriptor| !accessory && old.digest != named.digest;
    for old in left.into_iter().filter(still_needed) {
        if !entries.iter().any(|entry| entry.digest == old.digest) {
            entries.push(old);
        }
    }
    entries.push(named);
    entries.sort_by(|left, right| (tag_of(left), left.digest).cmp(&(tag_of(right), right.digest)));
}

fn tag_of(entry: &Descriptor) -> Option<&str> {
    entry.annotations.as_ref()?.get(REF_NAME).map(String::as_str)
}

/// Returns the media type of a manifest or index from its own bytes, or `None` when it is neither.
pub(super) fn manifest_type(bytes: &[u8]) -> Option<String> {
    let document: Value = serde_json::from_slice(bytes).ok()?;
    if document["schemaVersion"].as_u64() != Some(2) {
        return None;
    }
    let named = document["mediaType"].as_str().map(str::to_owned);
    named.or_else(|| match (document["manifests"].is_array(), document["layers"].is_array()) {
        (true, _) => Some(media_type::INDEX.to_owned()),
        (_, true) => Some(media_type::MANIFEST.to_owned()),
        _ => None,
    })
}

/// Returns an error with its causes in one line.
pub(super) fn described(error: &dyn std::error::Error) -> String {
    std::iter::successors(Some(error), |error| error.source()).map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// Runs file work on a thread that may block.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, StoreError> + Send + 'static) -> Result<T, StoreError> {
    tokio::task::spawn_blocking(work).await.expect("work on files does not panic")
}

impl Store for EmbeddedStore {
    fn manifest<'a>(&'a self, reference: &'a Reference) -> BoxFuture<'a, Result<Option<Manifest>, StoreError>> {
        let (store, reference) = (self.clone(), reference.clone());
        blocking(move || store.read_manifest(&reference)).boxed()
    }

    fn blob<'a>(&'a self, repository: &'a Repository, digest: Digest) -> BoxFuture<'a, Result<Option<Bytes>, StoreError>> {
        let (store, repository) = (self.clone(), repository.clone());
        blocking(move || store.read_blob(&repository, digest)).boxed()
    }

    fn has_blob<'a>(&'a self, repository: &'a Repository, digest: Digest) -> BoxFuture<'a, Result<bool, StoreError>> {
        let path = self.blob_path(repository, digest);
        blocking(move || Ok(path.is_file())).boxed()
    }

    fn push_blob<'a>(&'a self, repository: &'a Repository, bytes: Bytes) -> BoxFuture<'a, Result<Digest, StoreError>> {
        let (store, repository) = (self.clone(), repository.clone());
        blocking(move || store.write_blob(&repository, &bytes)).boxed()
    }

    fn push_manifest<'a>(
        &'a self,
        repository: &'a Repository,
        media_type: &'a str,
        bytes: Bytes,
        tag: Option<&'a str>,
    ) -> BoxFuture<'a, Result<Digest, StoreError>> {
        let (store, repository) = (self.clone(), repository.clone());
        let (media_type, tag) = (media_type.to_owned(), tag.map(str::to_owned));
        blocking(move || store.write_manifest(&repository, &media_type, &bytes, tag.as_deref())).boxed()
    }

    fn tags<'a>(&'a self, repository: &'a Repository) -> BoxFuture<'a, Result<Vec<String>, StoreError>> {
        let (store, repository) = (self.clone(), repository.clone());
        blocking(move || {
            let index = store.index(&repository)?;
            let mut tags: Vec<String> = index.manifests.iter().filter_map(tag_of).map(str::to_owned).collect();
            tags.sort();
            Ok(tags)
        })
        .boxed()
    }
}
