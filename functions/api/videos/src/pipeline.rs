//! Work of the media pipeline that is sent again by a retry.

use contracts::media::{IngestUpload, PackageVersion, TranscodePart};
use http_kit::ApiResult;
use jobs::Publisher;
use kernel::{Id, id::kinds};

/// Work on a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Work {
    /// From the check of the file on: there is no plan.
    Check,
    /// These parts of the plan.
    Parts(Vec<u32>),
    /// The packaging: every part is done.
    Package,
}

impl Work {
    /// What is left of a version with so many parts, of which these are not done.
    pub(crate) fn left(parts_total: u32, missing: Vec<u32>) -> Self {
        match (parts_total, missing.is_empty()) {
            (0, _) => Self::Check,
            (_, true) => Self::Package,
            (_, false) => Self::Parts(missing),
        }
    }

    /// Sends it. What is sent twice is done once: every consumer checks the state first.
    pub(crate) async fn send(
        self,
        publisher: &Publisher,
        video_id: Id<kinds::Video>,
        version: u32,
    ) -> ApiResult<()> {
        match self {
            Self::Check => publisher.send(&IngestUpload { video_id, version }).await?,
            Self::Package => publisher.send(&PackageVersion { video_id, version }).await?,
            Self::Parts(parts) => {
                let message = |part| TranscodePart { video_id, version, part };
                publisher.send_all(&parts.into_iter().map(message).collect::<Vec<_>>()).await?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_retry_does_again_only_what_is_not_done() {
        assert_eq!(Work::left(0, Vec::new()), Work::Check);
        assert_eq!(Work::left(3, vec![0, 2]), Work::Parts(vec![0, 2]));
        assert_eq!(Work::left(3, Vec::new()), Work::Package);
    }
}
