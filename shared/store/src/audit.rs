//! Whole tables, for the checker of invariants (`infra/invariants`) alone: it is the one use of Scan. No function may use it, and none has
//! the right to in template.yaml: a Scan costs what the table weighs.

use crate::{Item, Position, QueryPage, Store, StoreError, Table};

impl Store {
    /// A page of all items of a table, in no order: up to 1 MB, strongly consistent. What changes while the pages are read may be seen before
    /// or after it changed.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn audit_page(
        &self,
        table: Table,
        start: Option<Position>,
    ) -> Result<QueryPage<Item>, StoreError> {
        let call = self.client().scan().table_name(self.table(table)?).consistent_read(true);
        let answer = call.set_exclusive_start_key(start.map(Position::into_item)).send().await?;
        let next = answer.last_evaluated_key.map(Position::from_item);
        Ok(QueryPage { items: answer.items.unwrap_or_default(), next })
    }
}
