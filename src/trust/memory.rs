//! A store in memory, for tests: it can lose writes and refuse reads.

use std::collections::BTreeMap;
use std::sync::Mutex;

use bytes::Bytes;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

use crate::base::Digest;
use crate::model::{Reference, Repository};
use crate::registry::{Manifest, Store, StoreError};

/// Images by repository, with switches for trouble.
#[derive(Default)]
pub(super) struct Memory(Mutex<State>);

#[derive(Default)]
struct State {
    blobs: BTreeMap<(Repository, Digest), Bytes>,
    manifests: BTreeMap<(Repository, Digest), Manifest>,
    tags: BTreeMap<(Repository, String), Digest>,
    lost_writes: u32,
    writes: u32,
    down: Option<(String, bool)>,
}

impl Memory {
    /// The next writes to a signature tag vanish, as if another writer had replaced them.
    pub(super) fn lose(&self, writes: u32) {
        self.0.lock().expect("state").lost_writes = writes;
    }

    /// Returns how many times a signature tag was written.
    pub(super) fn signature_writes(&self) -> u32 {
        self.0.lock().expect("state").writes
    }

    /// Reads of references that contain this text fail: refused access, or no answer.
    pub(super) fn fail(&self, text: &str, unauthorized: bool) {
        self.0.lock().expect("state").down = Some((text.to_owned(), unauthorized));
    }

    /// Points a tag at a manifest that is stored already.
    pub(super) fn point(&self, repository: &Repository, tag: String, digest: Digest) {
        self.0.lock().expect("state").tags.insert((repository.clone(), tag), digest);
    }

    /// Changes a stored blob behind the store's back.
    pub(super) fn corrupt(&self, repository: &Repository, digest: Digest) {
        let mut state = self.0.lock().expect("state");
        state.blobs.entry((repository.clone(), digest)).and_modify(|bytes| *bytes = Bytes::from_static(b"changed"));
        if let Some(manifest) = state.manifests.get_mut(&(repository.clone(), digest)) {
            manifest.bytes = Bytes::from_static(b"changed");
        }
    }

    fn trouble(state: &State, subject: &str) -> Result<(), StoreError> {
        let Some((_, unauthorized)) = state.down.as_ref().filter(|(text, _)| subject.contains(text)) else { return Ok(()) };
        let (registry, subject) = ("reg.example.com".to_owned(), subject.to_owned());
        Err(if *unauthorized {
            StoreError::Unauthorized { registry, subject, source: "401".into() }
        } else {
            StoreError::Unavailable { registry, subject, source: "503".into() }
        })
    }
}

impl Store for Memory {
    fn manifest<'a>(&'a self, reference: &'a Reference) -> BoxFuture<'a, Result<Option<Manifest>, StoreError>> {
        async move {
            let state = self.0.lock().expect("state");
            Self::trouble(&state, &reference.to_string())?;
            let tagged = |tag: &String| state.tags.get(&(reference.repository.clone(), tag.clone())).copied();
            let Some(digest) = reference.digest.or_else(|| reference.tag.as_ref().and_then(tagged)) else { return Ok(None) };
            let Some(found) = state.manifests.get(&(reference.repository.clone(), digest)) else { return Ok(None) };
            let actual = Digest::of(&found.bytes);
            if actual != digest {
                return Err(StoreError::Tampered { subject: reference.to_string(), actual });
            }
            Ok(Some(found.clone()))
        }
        .boxed()
    }

    fn blob<'a>(&'a self, repository: &'a Repository, digest: Digest) -> BoxFuture<'a, Result<Option<Bytes>, StoreError>> {
        async move {
            let state = self.0.lock().expect("state");
            Self::trouble(&state, &digest.to_string())?;
            let Some(bytes) = state.blobs.get(&(repository.clone(), digest)) else { return Ok(None) };
            let actual = Digest::of(bytes);
            if actual != digest {
                return Err(StoreError::Tampered { subject: digest.to_string(), actual });
            }
            Ok(Some(bytes.clone()))
        }
        .boxed()
    }

    fn has_blob<'a>(&'a self, repository: &'a Repository, digest: Digest) -> BoxFuture<'a, Result<bool, StoreError>> {
        async move { Ok(self.0.lock().expect("state").blobs.contains_key(&(repository.clone(), digest))) }.boxed()
    }

    fn push_blob<'a>(&'a self, repository: &'a Repository, bytes: Bytes) -> BoxFuture<'a, Result<Digest, StoreError>> {
        async move {
            let digest = Digest::of(&bytes);
            self.0.lock().expect("state").blobs.insert((repository.clone(), digest), bytes);
            Ok(digest)
        }
        .boxed()
    }

    fn push_manifest<'a>(
        &'a self,
        repository: &'a Repository,
        media_type: &'a str,
        bytes: Bytes,
        tag: Option<&'a str>,
    ) -> BoxFuture<'a, Result<Digest, StoreError>> {
        async move {
            let digest = Digest::of(&bytes);
            let manifest = Manifest { digest, media_type: media_type.to_owned(), bytes };
            let mut state = self.0.lock().expect("state");
            if tag.is_some_and(|tag| tag.starts_with("sha256-")) {
                state.writes += 1;
                if state.lost_writes > 0 {
                    state.lost_writes -= 1;
                    return Ok(digest);
                }
            }
            state.manifests.insert((repository.clone(), digest), manifest);
            if let Some(tag) = tag {
                state.tags.insert((repository.clone(), tag.to_owned()), digest);
            }
            Ok(digest)
        }
        .boxed()
    }

    fn tags<'a>(&'a self, repository: &'a Repository) -> BoxFuture<'a, Result<Vec<String>, StoreError>> {
        async move {
            let state = self.0.lock().expect("state");
            Ok(state.tags.keys().filter(|(owner, _)| owner == repository).map(|(_, tag)| tag.clone()).collect())
        }
        .boxed()
    }
}
