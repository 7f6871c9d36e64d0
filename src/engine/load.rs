//! Loading an archive into the engine.

use bollard::query_parameters::ImportImageOptions;
use bytes::Bytes;
use futures_util::TryStreamExt as _;

use super::connect::Engine;
use super::error::EngineError;
use crate::model::Platform;

impl Engine {
    /// Loads an archive of [`super::docker_archive`] and returns the engine's id of the image `name` in it. The image counts as
    /// loaded when the engine can show it with the right architecture.
    pub async fn load(&self, name: &str, archive: Bytes, platform: &Platform) -> Result<String, EngineError> {
        let failed = |source| EngineError::Load { endpoint: self.endpoint.clone(), image: name.to_owned(), source };
        let events = self.docker.import_image(ImportImageOptions::default(), bollard::body_full(archive), None);
        events.try_for_each(|_event| std::future::ready(Ok(()))).await.map_err(failed)?;
        let shown = self.docker.inspect_image(name).await.map_err(failed)?;
        let actual = shown.architecture.unwrap_or_default();
        if actual != platform.architecture {
            let wanted = platform.to_string();
            return Err(EngineError::WrongPlatform { image: name.to_owned(), wanted, actual: format!("linux/{actual}") });
        }
        Ok(shown.id.unwrap_or_default())
    }
}
