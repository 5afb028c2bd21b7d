//! An embedded DynamoDB (dynoxide) behind the real SDK client, with the tables of template.yaml.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use aws_sdk_dynamodb::{
    Client,
    config::{
        BehaviorVersion, ConfigBag, Credentials, Intercept, Region, RuntimeComponents,
        interceptors::BeforeTransmitInterceptorContextRef, retry::RetryConfig,
    },
    error::BoxError,
    types::{
        AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection,
        ProjectionType, ScalarAttributeType,
    },
};
use serde_yaml_ng::Value;
use store::{Store, Table, Tables};

use crate::template;

/// Counts the calls that reach DynamoDB.
#[derive(Clone, Debug, Default)]
pub struct Calls(Arc<AtomicUsize>);

impl Calls {
    /// Calls since the last look.
    pub fn take(&self) -> usize {
        self.0.swap(0, Ordering::Relaxed)
    }
}

impl Intercept for Calls {
    fn name(&self) -> &'static str {
        "Calls"
    }

    fn read_before_transmit(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

/// Starts an empty database of its own and gives a store on it. It lives as long as the test's runtime.
pub async fn start() -> (Store, Client, Calls) {
    connect(&serve().await).await
}

/// Starts a database without tables, for processes that reach it at the URL that it gives. It lives as long as the runtime.
pub async fn serve() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let database = dynoxide::Database::memory().unwrap();
    tokio::spawn(dynoxide::server::serve_on(listener, database));
    format!("http://{address}")
}

/// Makes the tables in a database without tables and gives a store on them.
pub async fn connect(url: &str) -> (Store, Client, Calls) {
    let calls = Calls::default();
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
        .http_client(cloud::http_client())
        // Nobody waits for a database of its own to recover.
        .retry_config(RetryConfig::standard().with_initial_backoff(Duration::from_millis(1)))
        .endpoint_url(url)
        .interceptor(calls.clone())
        .build();
    let client = Client::from_conf(config);
    for (id, resource) in template::resources("AWS::DynamoDB::Table") {
        create(&client, &id, &resource["Properties"]).await;
    }
    let names = Table::ALL.map(|table| (table, format!("{table:?}Table")));
    calls.take();
    (Store::new(client.clone(), Tables::fixed(names)), client, calls)
}

fn schema(keys: &Value) -> Vec<KeySchemaElement> {
    let element = |key: &Value| {
        let kind = KeyType::from(key["KeyType"].as_str().unwrap());
        KeySchemaElement::builder()
            .attribute_name(key["AttributeName"].as_str().unwrap())
            .key_type(kind)
            .build()
            .unwrap()
    };
    keys.as_sequence().unwrap().iter().map(element).collect()
}

async fn create(client: &Client, name: &str, properties: &Value) {
    let mut call = client
        .create_table()
        .table_name(name)
        .billing_mode(BillingMode::PayPerRequest)
        .set_key_schema(Some(schema(&properties["KeySchema"])));
    for attribute in properties["AttributeDefinitions"].as_sequence().unwrap() {
        let definition = AttributeDefinition::builder()
            .attribute_name(attribute["AttributeName"].as_str().unwrap())
            .attribute_type(ScalarAttributeType::from(attribute["AttributeType"].as_str().unwrap()));
        call = call.attribute_definitions(definition.build().unwrap());
    }
    for index in properties["GlobalSecondaryIndexes"].as_sequence().unwrap_or(&Vec::new()) {
        let projection = ProjectionType::from(index["Projection"]["ProjectionType"].as_str().unwrap());
        let index = GlobalSecondaryIndex::builder()
            .index_name(index["IndexName"].as_str().unwrap())
            .set_key_schema(Some(schema(&index["KeySchema"])))
            .projection(Projection::builder().projection_type(projection).build());
        call = call.global_secondary_indexes(index.build().unwrap());
    }
    call.send().await.unwrap();
}
