//! The erasure of a person.

use contracts::{Received, notify::Notify};
use domain::identity::normalize_email;
use jobs::JobError;
use kernel::{Id, Secret, id::kinds};
use store::entities::{Deletion, User};

use crate::{
    Context,
    places::{PLACES, Subject},
};

pub(crate) async fn run(context: &Context, user_id: Id<kinds::User>) -> Result<(), JobError> {
    let deletions = context.store.deletions();
    // A condition of this write decides: an account that was restored, or is not due, is never touched; and from here on none is
    // restored.
    let Some((deletion, user)) = deletions.begin_erasure(user_id, context.ambient.now()).await? else {
        tracing::info!(user = %user_id, "nothing to erase: restored, not due yet, or erased before");
        return Ok(());
    };
    let subject = Subject::of(context, user).await?;
    for place in PLACES {
        place.erase(context, &subject).await?;
    }
    let stays = subject.teaches(context).await?;
    tell(context, &deletion, &subject.user).await?;
    let pseudonym = stays.then(|| pseudonym_of(&subject.user));
    deletions.finish_erasure(user_id, pseudonym.as_ref()).await?;
    tracing::info!(user = %user_id, pseudonym = stays, "erased");
    Ok(())
}

/// The last mail. It is sent before the address goes, so it may be sent again; its identifier lets it arrive once.
async fn tell(context: &Context, deletion: &Deletion, user: &User) -> Result<(), JobError> {
    let email = normalize_email(user.email.expose());
    let occurred_at = deletion.erasing_at.unwrap_or(deletion.deleted_at);
    let message = Notify::Erased { email, language: user.language };
    let event = Received { event_id: deletion.event_id, occurred_at, message };
    Ok(context.publisher.send_events(&[event]).await?)
}

/// What stands for an author whose courses have students.
fn pseudonym_of(user: &User) -> User {
    let name = (Secret::new("Deleted".into()), Secret::new("user".into()));
    let nobody = Secret::new(String::new());
    let mut pseudonym =
        User::new(user.id, nobody, format!("deleted-{}", user.id), name, user.role, user.created_at);
    pseudonym.status = user.status;
    pseudonym.deleted_at = user.deleted_at;
    pseudonym
}
