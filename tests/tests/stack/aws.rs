//! The stack from its operator's side.

use std::{collections::BTreeSet, time::Duration};

use aws_sdk_dynamodb::types::AttributeValue;
use contracts::{Message, Queue};
use kernel::Vars;
use reqwest::Method;
use serde_json::{Value, json};

use super::{Person, Stack, until};

/// Invocations are not checked against a signature; the emulator only wants to know who asks.
const ADMINISTRATOR: &str = "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/lambda/aws4_request, SignedHeaders=host, Signature=0";

impl Stack {
    async fn lambda(&self, method: Method, path: &str, body: Value) -> Value {
        let url = format!("{}/2015-03-31{path}", self.description.endpoint);
        let call = self.http.request(method, url).header("authorization", ADMINISTRATOR).json(&body);
        let answer = call.send().await.unwrap();
        let (status, failed) = (answer.status(), answer.headers().contains_key("x-amz-function-error"));
        let body: Value = answer.json().await.unwrap();
        assert!(status.is_success() && !failed, "{path} answered {status}: {body}");
        body
    }

    /// Runs a function as its schedule does.
    async fn run(&self, function: &str, task: Value) {
        let path = format!("/functions/{}/invocations", self.function(function));
        self.lambda(Method::POST, &path, task).await;
    }

    /// Runs the janitor as if it were later.
    pub(crate) async fn sweep(&self, ahead_seconds: u32) {
        self.run("JanitorFunction", json!({"task": "sweep", "ahead_seconds": ahead_seconds})).await;
    }

    /// Runs what the janitor does once a day.
    pub(crate) async fn daily(&self) {
        self.run("JanitorFunction", json!({"task": "daily"})).await;
    }

    /// Runs what is done every hour about orders and subscriptions.
    pub(crate) async fn bill(&self) {
        self.run("BillingCycleFunction", json!({"task": "cycle"})).await;
    }

    /// Stops the function that a queue feeds, so that its messages stay there.
    pub(crate) async fn pause(&self, function: &str) -> Paused<'_> {
        let path = format!("/event-source-mappings/?FunctionName={}", self.function(function));
        let found = self.lambda(Method::GET, &path, Value::Null).await;
        let id =
            found["EventSourceMappings"][0]["UUID"].as_str().expect("an event source mapping").to_owned();
        let paused = Paused { stack: self, path: format!("/event-source-mappings/{id}") };
        paused.enable(false).await;
        paused
    }

    fn queue(&self, queue: Queue) -> &str {
        match queue {
            Queue::Ingest => self.output("IngestQueueUrl"),
            Queue::Transcode => self.output("TranscodeQueueUrl"),
            Queue::Package => self.output("PackageQueueUrl"),
            Queue::Notify => self.output("NotifyQueueUrl"),
            Queue::Privacy => self.output("PrivacyQueueUrl"),
            Queue::Archive => self.output("ArchiveQueueUrl"),
            Queue::Certify => self.output("CertifyQueueUrl"),
            Queue::Index => self.output("IndexQueueUrl"),
            Queue::Edge => self.output("EdgeQueueUrl"),
        }
    }

    /// Puts messages into their queue, in this order.
    pub(crate) async fn send<M: Message>(&self, messages: &[M]) {
        let bodies = messages.iter().map(|message| contracts::encode(message, &self.ambient)).collect();
        self.cloud.queues().send_all(self.queue(M::QUEUE), bodies).await.unwrap();
    }

    /// Puts this very text into a queue.
    pub(crate) async fn send_text(&self, queue: Queue, body: String) {
        self.cloud.queues().send(self.queue(queue), body, Duration::ZERO).await.unwrap();
    }

    /// Takes a message that contains `part` out of a paused queue, for ever; its text.
    pub(crate) async fn take(&self, queue: Queue, part: &str) -> String {
        let sqs = aws_sdk_sqs::Client::new(self.cloud.sdk());
        let url = self.queue(queue);
        until("the message", async || {
            let found = sqs.receive_message().queue_url(url).max_number_of_messages(10).send().await.unwrap();
            let mut taken = None;
            for message in found.messages() {
                let (body, receipt) = (message.body().unwrap(), message.receipt_handle().unwrap());
                if taken.is_none() && body.contains(part) {
                    sqs.delete_message().queue_url(url).receipt_handle(receipt).send().await.unwrap();
                    taken = Some(body.to_owned());
                } else {
                    let back = sqs.change_message_visibility().queue_url(url).receipt_handle(receipt);
                    back.visibility_timeout(0).send().await.unwrap();
                }
            }
            taken
        })
        .await
    }

    /// The keys of the media bucket under a prefix.
    pub(crate) async fn media_keys(&self, prefix: &str) -> BTreeSet<String> {
        let keys = self.cloud.objects().list(self.output("MediaBucketName"), prefix, 1000).await.unwrap();
        assert!(keys.len() < 1000, "more than a page under {prefix}");
        keys.into_iter().collect()
    }

    /// An object of the media bucket, as a text.
    pub(crate) async fn media_text(&self, key: &str) -> String {
        let bytes = self.cloud.objects().read(self.output("MediaBucketName"), key).await.unwrap();
        String::from_utf8(bytes).unwrap()
    }

    /// Makes somebody an admin, as an operator does who has no admin yet: there is no API for the first one.
    pub(crate) async fn promote(&self, person: &mut Person) {
        let table = self.output("IdentityTableName");
        let update = self.cloud.dynamodb(&Vars::fixed::<&str, &str>([])).update_item().table_name(table);
        update
            .key("pk", AttributeValue::S(format!("USER#{}", person.id)))
            .key("sk", AttributeValue::S("USER".to_owned()))
            .update_expression("SET #role = :role")
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_names("#role", "role")
            .expression_attribute_values(":role", AttributeValue::S("admin".to_owned()))
            .send()
            .await
            .unwrap();
        // A session has the role of its login.
        person.log_in().await;
    }
}

/// A function that gets no messages.
pub(crate) struct Paused<'a> {
    stack: &'a Stack,
    path: String,
}

impl Paused<'_> {
    async fn enable(&self, enabled: bool) {
        self.stack.lambda(Method::PUT, &self.path, json!({"Enabled": enabled})).await;
    }

    /// Lets it go on.
    pub(crate) async fn resume(self) {
        self.enable(true).await;
    }
}
