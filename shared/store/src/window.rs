//! A page of a query that knows whether another one follows.

use crate::{Entity, Item, Position, Query, QueryPage, Store, StoreError, from_item};

impl Store {
    /// The `limit` items after the first `skip`. One more is read to know whether a next page exists: DynamoDB's own
    /// `LastEvaluatedKey` also comes with the last full page, and would lead a client to an empty one.
    pub(crate) async fn window<E: Entity>(
        &self,
        query: Query,
        skip: u32,
        limit: u32,
    ) -> Result<QueryPage<E>, StoreError> {
        let index = query.clone().into_parts().index;
        let (skip, limit) = (skip as usize, limit as usize);
        let mut wanted = skip + limit + 1;
        let mut items = Vec::with_capacity(wanted);
        let mut query = query;
        loop {
            let page = self
                .query_items(E::TABLE, query.clone().limit(u32::try_from(wanted).unwrap_or(u32::MAX)))
                .await?;
            wanted = wanted.saturating_sub(page.items.len());
            items.extend(page.items);
            match page.next {
                Some(next) if wanted > 0 => query = query.after(Some(next)),
                _ => break,
            }
        }
        let more = items.len() > skip + limit;
        let shown: Vec<Item> = items.into_iter().skip(skip).take(limit).collect();
        let next = shown.last().filter(|_| more).map(|item| position(item, index.as_deref()));
        Ok(QueryPage { items: shown.into_iter().map(from_item).collect::<Result<_, _>>()?, next })
    }
}

/// The keys of an item, from which a query of the table or of this index goes on.
fn position(item: &Item, index: Option<&str>) -> Position {
    let mut names = vec!["pk".to_owned(), "sk".to_owned()];
    names.extend(index.iter().flat_map(|index| [format!("{index}pk"), format!("{index}sk")]));
    let keys = names.into_iter().filter_map(|name| item.get(&name).cloned().map(|value| (name, value)));
    Position::from_item(keys.collect())
}
