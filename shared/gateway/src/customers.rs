//! Customers: who pays, and whose cards are kept for renewals.

use std::collections::HashMap;

use kernel::Secret;
use stripe_core::customer::{CreateCustomer, DeleteCustomer};

use crate::{Gateway, GatewayError, Key, checked};

/// A customer to be.
#[derive(Clone, Debug)]
pub struct NewCustomer {
    /// Our user, kept in the metadata.
    pub user_id: String,
    /// For receipts and for the fraud checks of the gateway.
    pub email: Option<Secret<String>>,
    /// As the person calls himself.
    pub name: Option<Secret<String>>,
}

/// A customer of the gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomerState {
    /// `cus_…`
    pub id: String,
    /// Our user.
    pub user_id: Option<String>,
}

impl Gateway {
    /// Makes a customer.
    ///
    /// # Errors
    /// [`GatewayError`].
    pub async fn create_customer(&self, new: &NewCustomer, key: &Key) -> Result<CustomerState, GatewayError> {
        let mut request =
            CreateCustomer::new().metadata(HashMap::from([("user_id".to_owned(), new.user_id.clone())]));
        if let Some(email) = &new.email {
            request = request.email(email.expose());
        }
        if let Some(name) = &new.name {
            request = request.name(name.expose());
        }
        let made = self.client.write(request, key).await?;
        let user_id = made.metadata.and_then(|mut metadata| metadata.remove("user_id"));
        Ok(CustomerState { id: made.id.as_str().to_owned(), user_id })
    }

    /// Deletes a customer with his name, his address and his cards, and ends what he is subscribed to. His payments stay, under his number. One
    /// that is deleted already, or never was, counts as done.
    ///
    /// # Errors
    /// [`GatewayError`].
    pub async fn delete_customer(&self, id: &str, key: &Key) -> Result<(), GatewayError> {
        match self.client.write(DeleteCustomer::new(checked(id)?), key).await {
            Ok(_) => Ok(()),
            Err(error) if error.is_missing() => Ok(()),
            Err(error) => Err(error),
        }
    }
}
