//! The platform around the job: storage behind a proxy that can cut the job off, and a look at everything that is stored.

use std::{collections::BTreeMap, time::Duration};

use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_s3::types::{BucketVersioningStatus, VersioningConfiguration};
use contracts::{Envelope, Message};
use gateway::Gateway;
use job_janitor::Task;
use jobs::{Delivery, JobError};
use kernel::Vars;
use store::{Item, Table, item_type};
use testkit::{
    World,
    aws::{AwsServer, cloud_at, job_settings},
    cut::Cut,
};

pub(crate) const UPLOADS: &str = "uploads-bucket";
pub(crate) const MEDIA: &str = "media-bucket";
pub(crate) const EXPORTS: &str = "exports-bucket";

pub(crate) struct Stage {
    pub(crate) world: World,
    pub(crate) s3: aws_sdk_s3::Client,
    pub(crate) cut: Cut,
    /// The payment gateway, where there is one.
    pub(crate) gateway: Option<Gateway>,
    sqs: aws_sdk_sqs::Client,
    queues: BTreeMap<&'static str, String>,
    settings: Vec<(String, String)>,
    _aws: AwsServer,
}

impl Stage {
    pub(crate) async fn new() -> Self {
        let world = World::new().await;
        let aws = AwsServer::start("s3,sqs,cloudfront");
        let cut = Cut::default();
        for bucket in [UPLOADS, MEDIA, EXPORTS] {
            aws.make_bucket(bucket);
        }
        let distribution = aws.make_distribution();
        let own = [
            ("DISTRIBUTION_ID", distribution.as_str()),
            ("UPLOADS_BUCKET", UPLOADS),
            ("MEDIA_BUCKET", MEDIA),
            ("EXPORTS_BUCKET", EXPORTS),
        ];
        let (storage, tables) = (cut.before(aws.url()).await, cut.before(world.dynamodb_url.clone()).await);
        let mut settings = job_settings(&storage, &tables, &own);
        let cloud = cloud_at(&aws.url());
        let s3 = aws_sdk_s3::config::Builder::from(cloud.sdk()).force_path_style(true).build();
        let s3 = aws_sdk_s3::Client::from_conf(s3);
        let versions = VersioningConfiguration::builder().status(BucketVersioningStatus::Enabled).build();
        s3.put_bucket_versioning().bucket(UPLOADS).versioning_configuration(versions).send().await.unwrap();
        let sqs = aws_sdk_sqs::Client::new(cloud.sdk());
        let mut queues = BTreeMap::new();
        for queue in contracts::Queue::ALL {
            let made = sqs.create_queue().queue_name(queue.variable()).send().await.unwrap();
            let url = made.queue_url.unwrap();
            settings.push((queue.variable().into(), url.clone()));
            queues.insert(queue.variable(), url);
        }
        Self { world, s3, cut, gateway: None, sqs, queues, settings, _aws: aws }
    }

    fn vars(&self) -> Vars {
        Vars::fixed(self.settings.clone())
    }

    /// Delivers a message to a fresh instance of the job, which dies before the request after `requests`. `None` when it died.
    pub(crate) async fn deliver<M: Message>(
        &self,
        message: &M,
        requests: usize,
    ) -> Option<Result<(), JobError>> {
        let context = job_privacy::Context::with(self.vars(), self.world.ambient().clone()).unwrap();
        let context = match &self.gateway {
            Some(gateway) => context.on_gateway(gateway.clone()),
            None => context,
        };
        let delivery = Delivery {
            message_id: "1".into(),
            body: contracts::encode(message, self.world.ambient()),
            receive_count: 1,
            time_left: Duration::from_secs(900),
        };
        self.cut.after(requests);
        self.cut.run(job_privacy::handle(&context, delivery)).await
    }

    /// Delivers a message and expects that it is done.
    pub(crate) async fn done<M: Message>(&self, message: &M) {
        self.deliver(message, usize::MAX).await.unwrap().unwrap();
    }

    /// Runs the janitor.
    pub(crate) async fn janitor(&self, task: Task) {
        self.cut.after(usize::MAX);
        let context = job_janitor::Context::with(self.vars(), self.world.ambient().clone()).unwrap();
        job_janitor::handle(&context, task).await.unwrap();
    }

    /// What was sent to a message's queue since the last look.
    pub(crate) async fn sent<M: Message>(&self) -> Vec<(Envelope, M)> {
        let url = &self.queues[M::QUEUE.variable()];
        let mut all = Vec::new();
        loop {
            let call = self.sqs.receive_message().queue_url(url).max_number_of_messages(10);
            let messages = call.send().await.unwrap().messages.unwrap_or_default();
            if messages.is_empty() {
                return all;
            }
            for message in messages {
                let body = message.body.unwrap();
                all.push((serde_json::from_str(&body).unwrap(), contracts::decode(&body).unwrap()));
                let handle = message.receipt_handle.unwrap();
                self.sqs.delete_message().queue_url(url).receipt_handle(handle).send().await.unwrap();
            }
        }
    }

    /// Every item of every table.
    pub(crate) async fn items(&self) -> Vec<(Table, Item)> {
        let mut all = Vec::new();
        for table in Table::ALL {
            let scan = self.world.dynamodb.scan().table_name(format!("{table:?}Table"));
            let mut pages = scan.into_paginator().items().send();
            while let Some(item) = pages.next().await {
                all.push((table, item.unwrap()));
            }
        }
        all
    }

    /// Removes what has outlived its time, as DynamoDB does.
    pub(crate) async fn expire(&self) {
        let now = self.world.ambient().now().as_second();
        for (table, item) in self.items().await {
            let until: Option<i64> = item.get("expires_at").map(|at| at.as_n().unwrap().parse().unwrap());
            if until.is_some_and(|until| until < now) {
                let call = self.world.dynamodb.delete_item().table_name(format!("{table:?}Table"));
                call.key("pk", item["pk"].clone()).key("sk", item["sk"].clone()).send().await.unwrap();
            }
        }
    }

    /// Everything that is stored, readable: items by table and type, versions of objects with their content.
    pub(crate) async fn dump(&self) -> Vec<String> {
        let mut all = Vec::new();
        for (table, item) in self.items().await {
            let mut fields: Vec<_> =
                item.iter().map(|(name, value)| format!("{name}={}", text(value))).collect();
            fields.sort();
            all.push(format!("{table:?} {}: {}", item_type(&item), fields.join(" ")));
        }
        for bucket in [UPLOADS, MEDIA, EXPORTS] {
            for (key, version) in self.versions(bucket).await {
                let call = self.s3.get_object().bucket(bucket).key(&key).version_id(version);
                let body = call.send().await.unwrap().body.collect().await.unwrap().into_bytes();
                all.push(format!("{bucket} {key}: {}", String::from_utf8_lossy(&body)));
            }
        }
        all.sort();
        all
    }

    /// Keys and versions of all objects of a bucket, those that are only hidden too.
    pub(crate) async fn versions(&self, bucket: &str) -> Vec<(String, String)> {
        let listed = self.s3.list_object_versions().bucket(bucket).send().await.unwrap();
        let version = |one: &aws_sdk_s3::types::ObjectVersion| {
            (one.key.clone().unwrap(), one.version_id.clone().unwrap_or_default())
        };
        listed.versions().iter().map(version).collect()
    }

    pub(crate) async fn object(&self, bucket: &str, key: &str, content: &str) {
        let body = content.as_bytes().to_vec().into();
        self.s3.put_object().bucket(bucket).key(key).body(body).send().await.unwrap();
    }
}

fn text(value: &AttributeValue) -> String {
    match value {
        AttributeValue::S(value) | AttributeValue::N(value) => value.clone(),
        AttributeValue::L(list) => format!("[{}]", list.iter().map(text).collect::<Vec<_>>().join(", ")),
        AttributeValue::M(map) => {
            let fields: BTreeMap<_, _> = map.iter().map(|(name, value)| (name, text(value))).collect();
            format!("{fields:?}")
        }
        other => format!("{other:?}"),
    }
}
