//! A job that dies before any of its requests, and messages that come twice, late or at once.

use futures::future::join_all;

use crate::stage::Stage;

#[tokio::test]
async fn a_job_that_dies_anywhere_leaves_one_certificate_with_one_number() {
    let stage = Stage::new().await;
    let mut requests = 0;
    loop {
        let student = stage.graduate().await;
        let died = stage.deliver(&student.message(), requests).await.is_none();
        let begun = stage.certificate(&student).await.map(|certificate| certificate.code);
        let shown = stage.enrollment(&student).await.certificate();
        assert!(died || shown.is_some());
        assert_eq!(stage.earned(&student).await, u64::from(shown.is_some()), "after {requests} requests");
        if shown.is_some() {
            assert_eq!(stage.documents(&student).await.len(), 1, "nothing is shown that has no document");
        }
        // A later release may know another clock.
        stage.world.advance(kernel::SignedDuration::from_mins(3));
        stage.done(&student.message()).await;
        let certificate = stage.certificate(&student).await.unwrap();
        assert!(begun.is_none_or(|code| code == certificate.code), "after {requests} requests");
        assert_eq!(stage.enrollment(&student).await.certificate(), Some(certificate.code));
        assert_eq!(stage.earned(&student).await, 1, "after {requests} requests");
        assert_eq!(stage.documents(&student).await, [certificate.object_key()], "after {requests} requests");
        assert_eq!(stage.certificates().await, requests + 1, "one for each student");
        if !died {
            break;
        }
        requests += 1;
    }
    assert_eq!(requests, 7, "enrolment, student, course, teacher, transaction, document, transaction");
}

#[tokio::test]
async fn a_message_that_comes_ten_times_at_once_gives_one_certificate() {
    let stage = Stage::new().await;
    for _ in 0..5 {
        let student = stage.graduate().await;
        let before = stage.certificates().await;
        let message = student.message();
        let all = join_all((0..10).map(|_| stage.deliver(&message, usize::MAX))).await;
        assert!(all.iter().any(|one| matches!(one, Some(Ok(())))));
        stage.done(&message).await;
        assert_eq!(stage.certificates().await, before + 1);
        assert_eq!(stage.earned(&student).await, 1);
        let certificate = stage.certificate(&student).await.unwrap();
        assert_eq!(stage.documents(&student).await, [certificate.object_key()]);
    }
}

#[tokio::test]
async fn a_message_that_comes_again_later_changes_nothing() {
    let stage = Stage::new().await;
    let (first, second) = (stage.graduate().await, stage.graduate().await);
    stage.done(&second.message()).await;
    stage.done(&first.message()).await;
    let before = (stage.certificate(&first).await.unwrap(), stage.enrollment(&first).await.updated_at);
    stage.world.advance(kernel::SignedDuration::from_hours(24 * 13));
    stage.done(&first.message()).await;
    stage.done(&second.message()).await;
    let after = (stage.certificate(&first).await.unwrap(), stage.enrollment(&first).await.updated_at);
    assert_eq!((before.0.code, before.0.updated_at, before.1), (after.0.code, after.0.updated_at, after.1));
    assert_eq!((stage.earned(&first).await, stage.certificates().await), (1, 2));
}

#[tokio::test]
async fn a_student_who_is_erased_while_his_document_is_made_leaves_none() {
    let stage = Stage::new().await;
    let student = stage.graduate().await;
    // Dies before the document, and the erasure comes first.
    assert!(stage.deliver(&student.message(), 5).await.is_none());
    let certificate = stage.certificate(&student).await.unwrap();
    assert_eq!((certificate.ready_at, stage.documents(&student).await.len()), (None, 0));
    let store = stage.world.store();
    use store::Entity as _;
    let (table, key) = (store::Table::Learning, certificate.key());
    let erase_it = async {
        // Once the job has read it.
        while stage.cut.left() > usize::MAX - 2 {
            tokio::task::yield_now().await;
        }
        store.delete(table, key).await.unwrap();
    };
    let (delivered, ()) =
        futures::future::join(stage.deliver(&student.message(), usize::MAX), erase_it).await;
    delivered.unwrap().unwrap();
    assert!(stage.documents(&student).await.is_empty());
    assert_eq!(stage.earned(&student).await, 0);
}
