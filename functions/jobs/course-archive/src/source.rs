//! An archive in the uploads bucket, read by ranges.

use archive::Source;
use cloud::{Objects, objects::ObjectError};

/// The archive.
pub(crate) struct Remote<'a> {
    pub(crate) objects: &'a Objects,
    pub(crate) bucket: &'a str,
    pub(crate) key: &'a str,
    pub(crate) size: u64,
}

impl Source for Remote<'_> {
    type Error = ObjectError;

    fn size(&self) -> u64 {
        self.size
    }

    async fn read(&self, from: u64, length: u64) -> Result<Vec<u8>, ObjectError> {
        // A range names its last byte, so an empty one can't be asked for (RFC 9110, 14.1.2).
        match length.checked_sub(1) {
            None => Ok(Vec::new()),
            Some(last) => self.objects.read_range(self.bucket, self.key, from, from + last).await,
        }
    }
}
