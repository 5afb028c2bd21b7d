//! A client of the deployed stack: the people who use it, and the AWS side that only its operators see.

mod aws;
mod commerce;
mod contents;
mod mail;
mod media;
mod people;

use std::{collections::BTreeMap, time::Duration};

use cloud::Cloud;
use kernel::{Ambient, Vars};
use serde::Deserialize;
use store::{Store, Table, Tables};

pub(crate) use commerce::{Shown, card};
pub(crate) use media::{Film, clip, download, named, video_id_of};
pub(crate) use people::{Answer, Course, Person, text};

/// What may take a while on two processors, with other tests beside it.
pub(crate) const PATIENCE: Duration = Duration::from_secs(240);
const POLL: Duration = Duration::from_millis(200);

/// The file that LEARNFLOW_STACK names (infra/local/cli.py writes it).
#[derive(Deserialize)]
struct Description {
    endpoint: String,
    viewer_url: String,
    oidc_issuer: String,
    stripe: String,
    function_logs: std::path::PathBuf,
    functions: BTreeMap<String, String>,
    outputs: BTreeMap<String, String>,
}

/// The deployed stack.
pub(crate) struct Stack {
    description: Description,
    cloud: Cloud,
    http: reqwest::Client,
    pub(crate) ambient: Ambient,
}

impl Stack {
    /// The stack that LEARNFLOW_STACK describes.
    pub(crate) fn open() -> Self {
        let path =
            std::env::var("LEARNFLOW_STACK").expect("LEARNFLOW_STACK is not set: run `make test-system`");
        let text = std::fs::read_to_string(&path)
            .expect("the stack's description can't be read: run `make test-system`");
        let description: Description = serde_json::from_str(&text).unwrap();
        // The emulator's administrator (infra/local/aws.py).
        let vars = Vars::fixed([
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
            ("AWS_REGION", "us-east-1"),
            ("AWS_ENDPOINT_URL", &description.endpoint),
        ]);
        let cloud = Cloud::from_env(&vars).unwrap();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { description, cloud, http, ambient: Ambient::system() }
    }

    /// A word that nobody else uses.
    pub(crate) fn word(&self) -> String {
        format!("{:016x}", u64::from_le_bytes(self.ambient.random.bytes()))
    }

    /// A random number below `limit`.
    pub(crate) fn below(&self, limit: u64) -> u64 {
        u64::from_le_bytes(self.ambient.random.bytes()) % limit
    }

    /// The media table as its functions see it.
    pub(crate) fn store(&self) -> Store {
        let tables = Tables::fixed([(Table::Media, self.output("MediaTableName").to_owned())]);
        Store::new(self.cloud.dynamodb(&Vars::fixed::<&str, &str>([])), tables)
    }

    /// All that the functions have logged so far.
    pub(crate) fn logs(&self) -> String {
        let files = std::fs::read_dir(&self.description.function_logs).unwrap();
        files
            .map(|file| String::from_utf8_lossy(&std::fs::read(file.unwrap().path()).unwrap()).into_owned())
            .collect()
    }

    /// The login provider that runs beside the stack.
    pub(crate) fn oidc_issuer(&self) -> &str {
        &self.description.oidc_issuer
    }

    fn output(&self, name: &str) -> &str {
        self.description.outputs.get(name).unwrap_or_else(|| panic!("the stack has no output {name}"))
    }

    fn function(&self, logical_id: &str) -> &str {
        self.description
            .functions
            .get(logical_id)
            .unwrap_or_else(|| panic!("the stack has no function {logical_id}"))
    }
}

/// Asks until there is an answer.
pub(crate) async fn until<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let wait = async {
        loop {
            if let Some(found) = ask().await {
                return found;
            }
            tokio::time::sleep(POLL).await;
        }
    };
    tokio::time::timeout(PATIENCE, wait).await.unwrap_or_else(|_| panic!("{what}: not within {PATIENCE:?}"))
}
