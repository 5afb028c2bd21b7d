//! The emulator of the local stack (ministack) for one test: S3, SQS, CloudFront; and clients of it.

use std::{
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use cloud::Cloud;
use kernel::Vars;
use store::Table;

use crate::template;

/// Where nothing answers: for groups of which a test needs no storage of objects.
pub const NOWHERE: &str = "http://127.0.0.1:9";

/// The clients of what answers at this address.
///
/// # Panics
/// Never with these settings.
pub fn cloud_at(url: &str) -> Cloud {
    Cloud::from_env(&Vars::fixed(account(url))).unwrap()
}

/// The variables of a job: AWS answers at `url`, DynamoDB with all of its tables at `dynamodb_url`, and these are the job's own.
pub fn job_settings(url: &str, dynamodb_url: &str, own: &[(&str, &str)]) -> Vec<(String, String)> {
    let tables = Table::ALL.map(|table| (table.variable().to_owned(), format!("{table:?}Table")));
    let texts = [&[("AWS_ENDPOINT_URL_DYNAMODB", dynamodb_url)], own].concat();
    let texts = account(url).into_iter().chain(texts);
    texts.map(|(name, value)| (name.to_owned(), value.to_owned())).chain(tables).collect()
}

/// The variables by which the SDK finds an account at this address.
const fn account(url: &str) -> [(&str, &str); 4] {
    [
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_REGION", "us-east-1"),
        ("AWS_ENDPOINT_URL", url),
    ]
}

/// An empty emulator of its own on a free port, which keeps nothing; it ends with this value.
#[derive(Debug)]
pub struct AwsServer {
    process: Child,
    port: u16,
}

impl AwsServer {
    /// Starts an emulator of these services, such as `s3,sqs`, and waits until it answers.
    ///
    /// # Panics
    /// When it is not installed; the message says how to install it.
    pub fn start(services: &str) -> Self {
        loop {
            let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
            // Another test may have taken the port in between.
            if let Some(server) = Self::try_start(services, port) {
                return server;
            }
        }
    }

    #[expect(clippy::panic, reason = "a test's precondition")]
    fn try_start(services: &str, port: u16) -> Option<Self> {
        let python = template::path().parent().unwrap().join(".local/venv/bin/python");
        let process = Command::new(&python)
            .args(["-m", "ministack"])
            .env("GATEWAY_PORT", port.to_string())
            .env("BIND_HOST", "127.0.0.1")
            .env("SERVICES", services)
            .env("PERSIST_STATE", "0")
            .env("IOT_MTLS_ENABLED", "0")
            .env("SFTP_ENABLED", "0")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("this test needs the emulator: run `make install` ({error})"));
        let mut server = Self { process, port };
        let started = Instant::now();
        while !server.answers() {
            if server.process.try_wait().unwrap().is_some() {
                return None;
            }
            assert!(started.elapsed() < Duration::from_secs(60), "the emulator does not start");
            std::thread::sleep(Duration::from_millis(20));
        }
        Some(server)
    }

    fn answers(&self) -> bool {
        self.request("GET /_ministack/health").is_some_and(|answer| answer.starts_with("HTTP/1.1 200"))
    }

    fn request(&self, line: &str) -> Option<String> {
        self.send(line, "")
    }

    fn send(&self, line: &str, body: &str) -> Option<String> {
        let mut connection = TcpStream::connect(("127.0.0.1", self.port)).ok()?;
        let length = body.len();
        let request = format!(
            "{line} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        );
        let mut answer = String::new();
        connection.write_all(request.as_bytes()).ok()?;
        connection.read_to_string(&mut answer).ok()?;
        Some(answer)
    }

    /// Makes a bucket of S3.
    ///
    /// # Panics
    /// When the emulator refuses it.
    pub fn make_bucket(&self, name: &str) {
        let answer = self.request(&format!("PUT /{name}")).unwrap_or_default();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }

    /// Makes a distribution of CloudFront and gives its identifier.
    ///
    /// # Panics
    /// When the emulator refuses it.
    pub fn make_distribution(&self) -> String {
        let config = "<DistributionConfig><CallerReference>test</CallerReference><Origins><Quantity>0</Quantity></Origins><DefaultCacheBehavior/><Comment/><Enabled>true</Enabled></DistributionConfig>";
        let answer = self.send("POST /2020-05-31/distribution", config).unwrap_or_default();
        let id = answer.split_once("<Id>").and_then(|(_, rest)| rest.split_once("</Id>"));
        assert!(id.is_some(), "{answer}");
        id.unwrap().0.to_owned()
    }

    /// How many invalidations a distribution was asked for.
    ///
    /// # Panics
    /// When the emulator does not answer.
    pub fn invalidations(&self, distribution: &str) -> usize {
        let answer = self.request(&format!("GET /2020-05-31/distribution/{distribution}/invalidation"));
        answer.unwrap().matches("<InvalidationSummary>").count()
    }

    /// Its address, for `AWS_ENDPOINT_URL`.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

impl Drop for AwsServer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
