//! Customers, products, prices and coupons.

use serde_json::{Value, json};

use crate::{
    error::ApiError,
    form::Params,
    world::{World, text},
};

impl World {
    pub(crate) fn create_customer(&mut self, params: &Params) -> Result<String, ApiError> {
        params.only(&["email", "name", "metadata[*]"])?;
        let id = self.id("cus");
        let now = self.now();
        Ok(self.add(json!({
            "id": id, "object": "customer", "address": null, "balance": 0, "created": now, "currency": null, "default_source": null,
            "delinquent": false, "description": null, "email": params.text("email"),
            "invoice_settings": {"custom_fields": null, "default_payment_method": null, "footer": null, "rendering_options": null},
            "livemode": false, "metadata": params.map("metadata"), "name": params.text("name"), "phone": null, "preferred_locales": [],
            "shipping": null, "tax_exempt": "none",
        })))
    }

    /// What he was subscribed to ends with him.
    pub(crate) fn delete_customer(&mut self, id: &str, params: &Params) -> Result<String, ApiError> {
        params.only(&[])?;
        if self.get("customer", id)?["deleted"] == true {
            return Err(ApiError::missing("customer", id));
        }
        let his = |found: &&Value| text(found, "object") == "subscription" && text(found, "customer") == id;
        let subscriptions: Vec<String> =
            self.objects.values().filter(his).map(|found| text(found, "id").to_owned()).collect();
        for subscription in subscriptions {
            if !self.has_ended(&subscription)? {
                self.end_subscription(&subscription, "cancellation_requested");
            }
        }
        self.patch(id, json!({"deleted": true, "email": null, "name": null}));
        Ok(id.to_owned())
    }

    pub(crate) fn create_product(&mut self, params: &Params) -> Result<String, ApiError> {
        params.only(&["name", "metadata[*]"])?;
        let name = params.required("name")?.to_owned();
        let id = self.id("prod");
        let now = self.now();
        Ok(self.add(json!({
            "id": id, "object": "product", "active": true, "created": now, "default_price": null, "description": null, "images": [],
            "livemode": false, "marketing_features": [], "metadata": params.map("metadata"), "name": name, "package_dimensions": null,
            "shippable": null, "tax_code": null, "type": "service", "updated": now, "url": null,
        })))
    }

    pub(crate) fn update_product(&mut self, id: &str, params: &Params) -> Result<String, ApiError> {
        params.only(&["name", "active"])?;
        self.get("product", id)?;
        if let Some(name) = params.text("name") {
            self.patch(id, json!({"name": name}));
        }
        if let Some(active) = params.flag("active")? {
            self.patch(id, json!({"active": active}));
        }
        Ok(id.to_owned())
    }

    pub(crate) fn create_price(&mut self, params: &Params) -> Result<String, ApiError> {
        params.only(&["product", "currency", "unit_amount", "recurring[interval]", "metadata[*]"])?;
        let product = params.required("product")?.to_owned();
        if self.get("product", &product)?.get("active") != Some(&Value::Bool(true)) {
            return Err(ApiError::refused(Some("product_inactive"), "This product is not active."));
        }
        params.required("unit_amount")?;
        let amount = params.int("unit_amount")?.unwrap_or_default();
        let interval = params.required("recurring[interval]")?.to_owned();
        if !matches!(interval.as_str(), "month" | "year") {
            return Err(ApiError::parameter(
                "parameter_unknown",
                "recurring[interval]",
                "Only month and year are known here",
            ));
        }
        let currency = params.required("currency")?.to_owned();
        let id = self.id("price");
        let now = self.now();
        Ok(self.add(json!({
            "id": id, "object": "price", "active": true, "billing_scheme": "per_unit", "created": now, "currency": currency,
            "custom_unit_amount": null, "livemode": false, "lookup_key": null, "metadata": params.map("metadata"), "nickname": null,
            "product": product, "tax_behavior": "unspecified", "tiers_mode": null, "transform_quantity": null, "type": "recurring",
            "recurring": {"interval": interval, "interval_count": 1, "meter": null, "trial_period_days": null, "usage_type": "licensed"},
            "unit_amount": amount, "unit_amount_decimal": amount.to_string(),
        })))
    }

    pub(crate) fn update_price(&mut self, id: &str, params: &Params) -> Result<String, ApiError> {
        params.only(&["active"])?;
        self.get("price", id)?;
        if let Some(active) = params.flag("active")? {
            self.patch(id, json!({"active": active}));
        }
        Ok(id.to_owned())
    }

    pub(crate) fn create_coupon(&mut self, params: &Params) -> Result<String, ApiError> {
        params.only(&["amount_off", "currency", "duration", "max_redemptions", "name"])?;
        params.required("amount_off")?;
        let amount = params.int("amount_off")?.unwrap_or_default();
        let currency = params.required("currency")?.to_owned();
        if params.required("duration")? != "once" {
            return Err(ApiError::parameter("parameter_unknown", "duration", "Only once is known here"));
        }
        if amount <= 0 || params.text("name").is_some_and(|name| name.chars().count() > 40) {
            return Err(ApiError::refused(
                None,
                "A coupon takes off at least 1 and its name has at most 40 characters.",
            ));
        }
        let id = self.id("coupon");
        let now = self.now();
        Ok(self.add(json!({
            "id": id, "object": "coupon", "amount_off": amount, "created": now, "currency": currency, "duration": "once",
            "duration_in_months": null, "livemode": false, "max_redemptions": params.int("max_redemptions")?, "metadata": {},
            "name": params.text("name"), "percent_off": null, "redeem_by": null, "times_redeemed": 0, "valid": true,
        })))
    }

    /// Uses a coupon and gives what it takes off.
    pub(crate) fn redeem(&mut self, id: &str, currency: &str) -> Result<i64, ApiError> {
        let coupon = self.get("coupon", id)?;
        if coupon.get("valid") != Some(&Value::Bool(true)) {
            return Err(ApiError::refused(Some("coupon_expired"), "This coupon has been used up."));
        }
        if text(coupon, "currency") != currency {
            return Err(ApiError::refused(None, "The coupon is in another currency."));
        }
        let used = self.int_of(id, "times_redeemed") + 1;
        let valid = self.field(id, "max_redemptions").as_i64().is_none_or(|max| used < max);
        self.patch(id, json!({"times_redeemed": used, "valid": valid}));
        Ok(self.int_of(id, "amount_off"))
    }
}
