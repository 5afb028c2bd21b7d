//! What can go wrong with storage.

use aws_sdk_dynamodb::{
    error::{ProvideErrorMetadata, SdkError},
    operation::{delete_item::DeleteItemError, put_item::PutItemError, update_item::UpdateItemError},
};

use crate::{Item, Table};

/// A storage call failed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The condition of a write does not hold; with the item as it was, where it exists.
    #[error("the condition does not hold")]
    ConditionFailed(Option<Box<Item>>),
    /// DynamoDB asks for patience; the SDK's retries are used up.
    #[error("DynamoDB is throttling")]
    Throttled,
    /// An item is not what its type says.
    #[error("an item of type {kind} can't be read: {reason}")]
    Malformed {
        /// The entity's type.
        kind: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// The function has no such table: its template lacks the variable.
    #[error("the table {0:?} is not among the function's tables")]
    NoTable(Table),
    /// Anything else, with DynamoDB's code.
    #[error("DynamoDB: {0}")]
    Unexpected(String),
}

/// Codes of DynamoDB that mean «later».
const THROTTLED: [&str; 5] = [
    "ProvisionedThroughputExceededException",
    "ThrottlingException",
    "RequestLimitExceeded",
    "TransactionInProgressException",
    "TransactionConflictException",
];

fn classify<E: ProvideErrorMetadata + std::error::Error + 'static>(error: &SdkError<E>) -> StoreError {
    match error.code() {
        Some(code) if THROTTLED.contains(&code) => StoreError::Throttled,
        Some(code) => StoreError::Unexpected(format!("{code}: {}", error.message().unwrap_or_default())),
        None => StoreError::Unexpected(
            std::error::Error::source(error)
                .map_or_else(|| error.to_string(), |source| format!("{error}: {source}")),
        ),
    }
}

impl From<SdkError<UpdateItemError>> for StoreError {
    fn from(error: SdkError<UpdateItemError>) -> Self {
        match error.as_service_error() {
            Some(UpdateItemError::ConditionalCheckFailedException(failed)) => {
                Self::ConditionFailed(failed.item.clone().map(Box::new))
            }
            _ => classify(&error),
        }
    }
}

impl From<SdkError<PutItemError>> for StoreError {
    fn from(error: SdkError<PutItemError>) -> Self {
        match error.as_service_error() {
            Some(PutItemError::ConditionalCheckFailedException(failed)) => {
                Self::ConditionFailed(failed.item.clone().map(Box::new))
            }
            _ => classify(&error),
        }
    }
}

impl From<SdkError<DeleteItemError>> for StoreError {
    fn from(error: SdkError<DeleteItemError>) -> Self {
        match error.as_service_error() {
            Some(DeleteItemError::ConditionalCheckFailedException(failed)) => {
                Self::ConditionFailed(failed.item.clone().map(Box::new))
            }
            _ => classify(&error),
        }
    }
}

macro_rules! classified {
    ($($module:ident :: $error:ident),*) => { $(
        impl From<SdkError<aws_sdk_dynamodb::operation::$module::$error>> for StoreError {
            fn from(error: SdkError<aws_sdk_dynamodb::operation::$module::$error>) -> Self {
                classify(&error)
            }
        }
    )* };
}
classified!(
    get_item::GetItemError,
    batch_get_item::BatchGetItemError,
    batch_write_item::BatchWriteItemError,
    query::QueryError,
    scan::ScanError,
    transact_write_items::TransactWriteItemsError
);
