//! The index in S3.

use std::io::Write;

use bytes::Bytes;
use cloud::{conditional::Reading, objects::ObjectError as S3Error};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use search::{
    ObjectError, Objects,
    objects::{Fetched, Listed, Tag},
};

/// Bytes of one request of a download (S3 user guide, "Performance guidelines": 8 or 16 MB).
const PIECE: u64 = 8 << 20;
/// Requests of a download at the same time; as many pieces are in memory.
const PIECES: usize = 4;
/// How often a piece is asked for, whose bytes broke off after the answer had begun: the client repeats requests, not bodies.
const TRIES: u32 = 3;

/// The bucket of the index.
#[derive(Clone, Debug)]
pub struct Bucket {
    objects: cloud::Objects,
    name: String,
}

impl Bucket {
    /// The bucket of this name.
    pub fn new(objects: cloud::Objects, name: impl Into<String>) -> Self {
        Self { objects, name: name.into() }
    }

    async fn piece(&self, key: &str, from: u64) -> Result<cloud::conditional::Piece, S3Error> {
        let mut tries = 1;
        loop {
            match self.objects.piece(&self.name, key, from, from + PIECE - 1).await {
                Err(S3Error::Unavailable(_)) if tries < TRIES => tries += 1,
                other => return other,
            }
        }
    }
}

fn failed(key: &str) -> impl Fn(S3Error) -> ObjectError {
    move |error| match error {
        S3Error::NotFound => ObjectError::Missing(key.to_owned()),
        error => ObjectError::Failed { key: key.to_owned(), reason: error.to_string() },
    }
}

impl Objects for Bucket {
    async fn get(&self, key: &str, known: Option<&Tag>) -> Result<Fetched, ObjectError> {
        let known = known.map(|tag| tag.0.as_str());
        let found = self.objects.read_unless(&self.name, key, known).await.map_err(failed(key))?;
        Ok(match found {
            Reading::Found { body, etag } => Fetched::Found { bytes: body, tag: Tag(etag) },
            Reading::Same => Fetched::Same,
            Reading::Missing => Fetched::Missing,
        })
    }

    async fn download(&self, key: &str, sink: &mut (dyn Write + Send)) -> Result<(), ObjectError> {
        let written =
            |error: std::io::Error| ObjectError::Failed { key: key.to_owned(), reason: error.to_string() };
        let first = self.piece(key, 0).await.map_err(failed(key))?;
        sink.write_all(&first.body).map_err(written)?;
        let pieces = first.total.div_ceil(PIECE);
        let rest = stream::iter(1..pieces).map(|number| self.piece(key, number * PIECE)).buffered(PIECES);
        let mut rest = std::pin::pin!(rest.map_err(failed(key)));
        while let Some(piece) = rest.try_next().await? {
            sink.write_all(&piece.body).map_err(written)?;
        }
        Ok(())
    }

    async fn put(&self, key: &str, bytes: Bytes) -> Result<(), ObjectError> {
        self.objects.write_large(&self.name, key, bytes).await.map_err(failed(key))
    }

    async fn put_if(
        &self,
        key: &str,
        bytes: Bytes,
        expected: Option<&Tag>,
    ) -> Result<Option<Tag>, ObjectError> {
        let expected = expected.map(|tag| tag.0.as_str());
        let tag = self.objects.write_if(&self.name, key, bytes, expected).await.map_err(failed(key))?;
        Ok(tag.map(Tag))
    }

    async fn list(&self, prefix: &str) -> Result<Vec<Listed>, ObjectError> {
        let entries = self.objects.list_all(&self.name, prefix).await.map_err(failed(prefix))?;
        Ok(entries.into_iter().map(|entry| Listed { key: entry.key, modified: entry.modified }).collect())
    }

    async fn delete(&self, key: &str) -> Result<(), ObjectError> {
        self.objects.delete(&self.name, key).await.map_err(failed(key))
    }
}
