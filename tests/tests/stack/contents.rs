//! All that the stack holds, and the passing of time for what it holds.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::identity::deletion;
use kernel::Vars;
use store::entities::Deletion;

use super::{Person, Stack};

/// Media that ffmpeg writes: their keys are looked at, their bytes hold no text.
const FILMS: [&str; 4] = [".m4s", ".mp4", ".jpg", ".png"];

impl Stack {
    /// A line for each item of each table and each version of each object, but for what has outlived its time at the end of the days
    /// that a deleted account is kept.
    pub(crate) async fn contents(&self) -> Vec<String> {
        let outputs = &self.description.outputs;
        let named = |end: &'static str| outputs.iter().filter(move |(name, _)| name.ends_with(end));
        let mut all = Vec::new();
        for (_, table) in named("TableName") {
            all.extend(self.items(table).await);
        }
        for (_, bucket) in named("BucketName") {
            all.extend(self.objects(bucket).await);
        }
        all
    }

    /// Whether a line of the contents is of the search index, whose objects are replaced once a week.
    pub(crate) fn is_of_the_index(&self, line: &str) -> bool {
        line.starts_with(self.output("IndexBucketName"))
    }

    async fn items(&self, table: &str) -> Vec<String> {
        let client = self.cloud.dynamodb(&Vars::fixed::<&str, &str>([]));
        let until = deletion::erased_from(self.ambient.now()).as_second();
        let mut pages = client.scan().table_name(table).into_paginator().items().send();
        let mut lines = Vec::new();
        while let Some(item) = pages.next().await {
            let item = item.unwrap();
            let end = item.get("expires_at").and_then(|end| end.as_n().ok()?.parse::<i64>().ok());
            if end.is_none_or(|end| end > until) {
                lines.push(format!("{table} {item:?}"));
            }
        }
        lines
    }

    async fn objects(&self, bucket: &str) -> Vec<String> {
        let config = aws_sdk_s3::config::Builder::from(self.cloud.sdk()).force_path_style(true).build();
        let s3 = aws_sdk_s3::Client::from_conf(config);
        let (mut lines, mut after) = (Vec::new(), (None, None));
        loop {
            let call = s3.list_object_versions().bucket(bucket).set_key_marker(after.0);
            let page = call.set_version_id_marker(after.1).send().await.unwrap();
            for version in page.versions() {
                let key = version.key().unwrap();
                if FILMS.iter().any(|film| key.ends_with(film)) {
                    lines.push(format!("{bucket} {key}"));
                    continue;
                }
                let call = s3.get_object().bucket(bucket).key(key).set_version_id(version.version_id.clone());
                // Other tests delete theirs meanwhile.
                let Ok(object) = call.send().await else { continue };
                let bytes = object.body.collect().await.unwrap().into_bytes();
                lines.push(format!("{bucket} {key} {}", String::from_utf8_lossy(&bytes)));
            }
            if page.is_truncated() != Some(true) {
                return lines;
            }
            after = (page.next_key_marker, page.next_version_id_marker);
        }
    }

    /// As if the days had passed in which a deleted account can be restored.
    pub(crate) async fn let_the_grace_end(&self, person: &Person) {
        let key = Deletion::key_of(person.id.parse().unwrap());
        let client = self.cloud.dynamodb(&Vars::fixed::<&str, &str>([]));
        let update = client.update_item().table_name(self.output("IdentityTableName"));
        update
            .key("pk", AttributeValue::S(key.pk))
            .key("sk", AttributeValue::S(key.sk))
            .update_expression("SET due_at = :now, gsi1sk = :due")
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_values(":now", AttributeValue::N("0".to_owned()))
            .expression_attribute_values(":due", AttributeValue::S(format!("{:020}#{}", 0, person.id)))
            .send()
            .await
            .unwrap();
    }

    /// Whether a deleted account waits for its erasure, or is being erased.
    pub(crate) async fn is_being_erased(&self, person: &Person) -> bool {
        let key = Deletion::key_of(person.id.parse().unwrap());
        let client = self.cloud.dynamodb(&Vars::fixed::<&str, &str>([]));
        let call = client.get_item().table_name(self.output("IdentityTableName")).consistent_read(true);
        let call = call.key("pk", AttributeValue::S(key.pk)).key("sk", AttributeValue::S(key.sk));
        call.send().await.unwrap().item.is_some()
    }
}
