//! What the stream of the identity table makes.
#![expect(clippy::unwrap_used, reason = "a step of a test that fails ends the test")]

use aws_lambda_events::dynamodb::{Event, EventRecord};
use contracts::{certify::Certify, edge::Edge, index::Index, notify::Notify, privacy::Privacy};
use domain::identity::SecurityEventKind;

/// The sample of events/, which is the event that Lambda gives.
fn sample() -> Vec<EventRecord> {
    serde_json::from_str::<Event>(include_str!("../../../../events/dynamodb/security-event.json"))
        .unwrap()
        .records
}

fn with(kind: &str) -> Vec<EventRecord> {
    let mut records = sample();
    records[0].change.new_image.insert("kind".into(), serde_dynamo::AttributeValue::S(kind.into()));
    records
}

#[test]
fn an_event_travels_under_its_own_identifier_and_time() {
    let sorted = job_dispatch::sort(sample());
    let [message] = &sorted.messages[..] else { panic!("{sorted:?}") };
    assert_eq!(message.event_id.to_string(), "01933b7a-3c5e-7000-8000-00000000e001");
    assert_eq!(message.occurred_at.to_string(), "2026-06-01T12:00:00Z");
    let user_id = "01933b7a-3c5e-7000-8000-4f2d1c9a7b10".parse().unwrap();
    let event = SecurityEventKind::PasswordChanged;
    assert_eq!(message.message, Notify::SecurityEvent { user_id, event_id: message.event_id, event });
}

#[test]
fn a_registration_asks_for_the_verification_mail() {
    let sorted = job_dispatch::sort(with("registered"));
    assert!(matches!(sorted.messages[0].message, Notify::Verification { .. }));
}

#[test]
fn the_end_of_an_account_is_told_by_mail_and_ends_its_subscription() {
    let sorted = job_dispatch::sort(with("deleted"));
    let [message] = &sorted.privacy[..] else { panic!("{sorted:?}") };
    let user_id = "01933b7a-3c5e-7000-8000-4f2d1c9a7b10".parse().unwrap();
    assert_eq!(message.message, Privacy::EndSubscription { user_id });
    assert_eq!(
        message.event_id.to_string(),
        "01933b7a-3c5e-7000-8000-00000000e001",
        "a batch that comes twice"
    );
    assert_eq!(sorted.messages.len(), 1);
    for kind in ["restored", "password_changed", "login"] {
        assert!(job_dispatch::sort(with(kind)).privacy.is_empty(), "{kind}");
    }
}

#[test]
fn nothing_else_makes_a_message() {
    for kind in ["login", "email_verified", "password_reset_requested"] {
        let sorted = job_dispatch::sort(with(kind));
        assert!(sorted.messages.is_empty() && sorted.unreadable.is_empty(), "{kind}");
    }
    for name in ["MODIFY", "REMOVE"] {
        let mut records = sample();
        records[0].event_name = name.into();
        assert!(job_dispatch::sort(records).messages.is_empty(), "{name}");
    }
    let mut records = sample();
    records[0].change.new_image.insert("type".into(), serde_dynamo::AttributeValue::S("session".into()));
    let sorted = job_dispatch::sort(records);
    assert!(sorted.messages.is_empty() && sorted.unreadable.is_empty());
}

#[test]
fn an_unreadable_event_is_set_aside_by_its_key_and_its_neighbours_go_on() {
    let mut records = with("a_kind_of_the_next_release");
    records.extend(sample());
    let sorted = job_dispatch::sort(records);
    assert_eq!(sorted.messages.len(), 1);
    let [(keys, reason)] = &sorted.unreadable[..] else { panic!("{sorted:?}") };
    assert!(keys.contains("EVENTS#01933b7a-3c5e-7000-8000-4f2d1c9a7b10"), "{keys}");
    assert!(reason.contains("a_kind_of_the_next_release"), "{reason}");
    assert!(
        !keys.contains("203.0.113.7") && !reason.contains("203.0.113.7"),
        "where from stays in the table"
    );
}

/// The publication of a course, which is the event that Lambda gives.
fn publication() -> Vec<EventRecord> {
    serde_json::from_str::<Event>(include_str!("../../../../events/dynamodb/course-published.json"))
        .unwrap()
        .records
}

fn status(image: &mut serde_dynamo::Item, status: &str) {
    image.insert("status".into(), serde_dynamo::AttributeValue::S(status.into()));
}

#[test]
fn a_published_course_goes_to_the_index_once_whatever_becomes_of_it() {
    let expected = Index::Course { course_id: "01933b7a-3c5e-7000-8000-00000000c001".parse().unwrap() };
    let mut records = publication();
    records.extend(publication());
    assert_eq!(
        job_dispatch::sort(records).index.into_iter().collect::<Vec<_>>(),
        std::slice::from_ref(&expected)
    );

    let mut unpublished = publication();
    status(&mut unpublished[0].change.old_image, "published");
    status(&mut unpublished[0].change.new_image, "draft");
    assert!(job_dispatch::sort(unpublished).index.contains(&expected));

    let mut removed = publication();
    removed[0].event_name = "REMOVE".into();
    removed[0].change.old_image = std::mem::take(&mut removed[0].change.new_image);
    assert!(job_dispatch::sort(removed).index.contains(&expected));
}

#[test]
fn drafts_and_what_else_the_table_holds_do_not_go_to_the_index() {
    let mut draft = publication();
    status(&mut draft[0].change.new_image, "draft");
    let sorted = job_dispatch::sort(draft);
    assert!(sorted.index.is_empty() && sorted.unreadable.is_empty());

    let mut section = publication();
    section[0].change.new_image.insert("type".into(), serde_dynamo::AttributeValue::S("section".into()));
    let sorted = job_dispatch::sort(section);
    assert!(sorted.index.is_empty() && sorted.messages.is_empty() && sorted.unreadable.is_empty());
}

#[test]
fn who_teaches_goes_to_the_index_under_his_new_name() {
    let user = |role: &str| {
        let mut records = sample();
        records[0].event_name = "MODIFY".into();
        let text = |text: &str| serde_dynamo::AttributeValue::S(text.into());
        let image = &mut records[0].change.new_image;
        image.insert("type".into(), text("user"));
        image.insert("id".into(), text("01933b7a-3c5e-7000-8000-4f2d1c9a7b10"));
        image.insert("role".into(), text(role));
        job_dispatch::sort(records).index
    };
    let user_id = "01933b7a-3c5e-7000-8000-4f2d1c9a7b10".parse().unwrap();
    assert_eq!(user("instructor").into_iter().collect::<Vec<_>>(), [Index::Instructor { user_id }]);
    assert!(user("student").is_empty());
}

/// A record of an item of this type, with what it was and what it is; an empty side does not exist.
fn record(name: &str, kind: &str, old: &[(&str, &str)], new: &[(&str, &str)]) -> Vec<EventRecord> {
    let image = |fields: &[(&str, &str)]| -> serde_dynamo::Item {
        let text = |text: &str| serde_dynamo::AttributeValue::S(text.to_owned());
        let kind = fields.first().map(|_| ("type".to_owned(), text(kind)));
        let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), text(value)));
        fields.chain(kind).collect::<std::collections::HashMap<_, _>>().into()
    };
    let mut records = sample();
    records[0].event_name = name.to_owned();
    (records[0].change.old_image, records[0].change.new_image) = (image(old), image(new));
    records
}

/// Stops the test unless this change makes these messages for the index, and nothing else.
#[track_caller]
fn expect(kind: &str, old: &[(&str, &str)], new: &[(&str, &str)], messages: &[&Index]) {
    let name = match (old, new) {
        ([], _) => "INSERT",
        (_, []) => "REMOVE",
        _ => "MODIFY",
    };
    let sorted = job_dispatch::sort(record(name, kind, old, new));
    assert!(sorted.unreadable.is_empty() && sorted.messages.is_empty(), "{sorted:?}");
    assert_eq!(sorted.index.iter().collect::<Vec<_>>(), messages, "{name} of {kind}: {old:?} to {new:?}");
}

const ID: &str = "01933b7a-3c5e-7000-8000-00000000a001";

#[test]
fn a_channel_goes_to_the_index_and_its_videos_with_it_only_when_they_show_what_changed() {
    let channel_id = ID.parse().unwrap();
    let (own, videos) = (Index::Channel { channel_id }, Index::ChannelVideos { channel_id });
    let channel = |name: &'static str, followers: &'static str| {
        [("id", ID), ("status", "ACTIVE"), ("name", name), ("subscriber_count", followers)]
    };
    let (before, followed, renamed) = (channel("A", "1"), channel("A", "2"), channel("B", "1"));
    let quota = [&before[..], &[("quota", "changed")]].concat();
    expect("channel", &[], &before, &[&own]);
    expect("channel", &before, &followed, &[&own]);
    expect("channel", &before, &renamed, &[&own, &videos]);
    expect("channel", &before, &[], &[&own, &videos]);
    expect("channel", &before, &quota, &[]);
}

#[test]
fn a_video_goes_to_the_index_when_it_is_or_was_public_and_shows_what_changed() {
    let message = Index::Video { video_id: ID.parse().unwrap() };
    let video = |status: &'static str, visibility: &'static str, title: &'static str| {
        [("id", ID), ("status", status), ("visibility", visibility), ("title", title)]
    };
    let public = video("PUBLISHED", "PUBLIC", "A");
    for other in [
        video("ARCHIVED", "PUBLIC", "A"),
        video("READY", "PUBLIC", "A"),
        video("PUBLISHED", "PRIVATE", "A"),
        video("PUBLISHED", "UNLISTED", "A"),
    ] {
        expect("video", &other, &public, &[&message]);
        expect("video", &public, &other, &[&message]);
        let renamed = [other[0], other[1], other[2], ("title", "B")];
        expect("video", &other, &renamed, &[]);
        expect("video", &other, &[], &[]);
    }
    expect("video", &public, &[], &[&message]);
    let renamed = video("PUBLISHED", "PUBLIC", "B");
    expect("video", &public, &renamed, &[&message]);
    let counted = [&public[..], &[("views", "7")]].concat();
    expect("video", &public, &counted, &[]);
}

#[test]
fn who_teaches_no_more_goes_to_the_index_once_more() {
    let user = |role: &'static str| [("id", ID), ("role", role)];
    let message = Index::Instructor { user_id: ID.parse().unwrap() };
    expect("user", &user("instructor"), &user("student"), &[&message]);
    expect("user", &user("student"), &user("student"), &[]);
}

/// A change of a course that is published before and after.
fn edit() -> Vec<EventRecord> {
    let mut records = publication();
    status(&mut records[0].change.old_image, "published");
    records
}

fn number(image: &mut serde_dynamo::Item, name: &str, number: u64) {
    image.insert(name.into(), serde_dynamo::AttributeValue::N(number.to_string()));
}

fn forgotten(records: Vec<EventRecord>) -> Vec<Edge> {
    let sorted = job_dispatch::sort(records);
    assert!(sorted.unreadable.is_empty(), "{sorted:?}");
    sorted.edge.into_iter().map(|received| received.message).collect()
}

#[test]
fn the_edge_forgets_a_course_that_is_gone_or_costs_something_else() {
    let course_id = "01933b7a-3c5e-7000-8000-00000000c001".parse().unwrap();
    let expected = [Edge::Course { course_id, slug: "rust-for-everyone".into() }];

    let mut unpublished = edit();
    status(&mut unpublished[0].change.new_image, "draft");
    assert_eq!(forgotten(unpublished), expected, "unpublished, and deleted while it has students");

    let mut removed = edit();
    removed[0].event_name = "REMOVE".into();
    removed[0].change.new_image.clear();
    assert_eq!(forgotten(removed), expected);

    for (name, before, after) in
        [("price_minor", 1_999, 2_999), ("price_minor", 1_999, 0), ("original_price_minor", 4_999, 3_999)]
    {
        let mut changed = edit();
        number(&mut changed[0].change.old_image, name, before);
        number(&mut changed[0].change.new_image, name, after);
        assert_eq!(forgotten(changed), expected, "{name} from {before} to {after}");
    }
    let mut first_price = edit();
    number(&mut first_price[0].change.new_image, "price_minor", 1_999);
    assert_eq!(forgotten(first_price), expected);

    let mut renamed = edit();
    renamed[0].change.new_image.insert("slug".into(), serde_dynamo::AttributeValue::S("other".into()));
    assert_eq!(forgotten(renamed), expected, "the name that the copies have");
}

#[test]
fn the_edge_keeps_what_ends_soon_by_itself() {
    let mut retitled = edit();
    let title = serde_dynamo::AttributeValue::S("Other words".into());
    retitled[0].change.new_image.insert("title".into(), title);
    number(&mut retitled[0].change.new_image, "student_count", 8);
    number(&mut retitled[0].change.new_image, "rated_5", 3);
    assert!(forgotten(retitled).is_empty());
    assert!(forgotten(publication()).is_empty(), "no copies of a draft");
    let mut draft = publication();
    status(&mut draft[0].change.new_image, "draft");
    number(&mut draft[0].change.new_image, "price_minor", 1_999);
    assert!(forgotten(draft).is_empty());
}

#[test]
fn a_record_that_is_given_again_makes_the_same_message() {
    let unpublished = || {
        let mut records = edit();
        status(&mut records[0].change.new_image, "draft");
        records
    };
    let (first, again) = (job_dispatch::sort(unpublished()).edge, job_dispatch::sort(unpublished()).edge);
    assert_eq!(first, again);
    assert_eq!(first[0].occurred_at.to_string(), "2026-06-01T12:00:00Z");
    let mut next = unpublished();
    next[0].event_id = "d4ca4238a0b923820dcc509a6f75849b".into();
    assert_ne!(job_dispatch::sort(next).edge[0].event_id, first[0].event_id, "another change");
}

/// The message to people that a change makes, if it makes one.
fn told(kind: &str, old: &[(&str, &str)], new: &[(&str, &str)]) -> Option<Notify> {
    let name = if old.is_empty() { "INSERT" } else { "MODIFY" };
    let mut sorted = job_dispatch::sort(record(name, kind, old, new));
    assert!(sorted.unreadable.is_empty() && sorted.messages.len() < 2, "{sorted:?}");
    sorted.messages.pop().map(|received| received.message)
}

#[test]
fn a_new_enrolment_is_confirmed_and_one_that_changes_is_not() {
    let enrollment = [("id", ID), ("user_id", "01933b7a-3c5e-7000-8000-4f2d1c9a7b10"), ("status", "active")];
    let user_id = "01933b7a-3c5e-7000-8000-4f2d1c9a7b10".parse().unwrap();
    let expected = Notify::Enrolled { user_id, enrollment_id: ID.parse().unwrap() };
    assert_eq!(told("enrollment", &[], &enrollment), Some(expected));
    assert_eq!(told("enrollment", &enrollment, &enrollment), None);
}

#[test]
fn a_completed_enrolment_asks_for_its_certificate_until_one_is_being_made() {
    let student = "01933b7a-3c5e-7000-8000-4f2d1c9a7b10";
    let completed =
        [("id", ID), ("user_id", student), ("status", "completed"), ("completed_at", "2026-06-01T12:00:00Z")];
    let asked = |fields: &[(&str, &str)], name: &str| {
        let sorted = job_dispatch::sort(record(name, "enrollment", fields, fields));
        assert!(sorted.unreadable.is_empty(), "{sorted:?}");
        sorted.certify
    };
    let first = asked(&completed, "MODIFY");
    let (user_id, enrollment_id) = (student.parse().unwrap(), ID.parse().unwrap());
    assert_eq!(first[0].message, Certify::Issue { user_id, enrollment_id });
    assert_eq!(first[0].occurred_at.to_string(), "2026-06-01T12:00:00Z");
    assert_eq!(asked(&completed, "MODIFY"), first, "a record that is given again, and a later change");
    assert!(asked(&completed[..3], "MODIFY").is_empty(), "not completed");
    assert!(asked(&completed, "INSERT").is_empty() && asked(&completed, "REMOVE").is_empty());
    let begun = [&completed[..], &[("certificate_code", "LF-7K3M-9QXA-2D5T")]].concat();
    assert!(asked(&begun, "MODIFY").is_empty(), "it is being made");
}

#[test]
fn a_certificate_is_told_when_it_is_there_under_one_identifier() {
    let student = "01933b7a-3c5e-7000-8000-4f2d1c9a7b10";
    let begun = [("code", "LF-7K3M-9QXA-2D5T"), ("user_id", student)];
    let ready = [&begun[..], &[("ready_at", "2026-06-01T12:00:00Z")]].concat();
    let revoked = [&ready[..], &[("revoked_at", "2026-06-02T12:00:00Z")]].concat();
    let code = "LF-7K3M-9QXA-2D5T".parse().unwrap();
    let expected = Notify::CertificateReady { user_id: student.parse().unwrap(), code };
    assert_eq!(told("certificate", &[], &begun), None);
    assert_eq!(told("certificate", &begun, &ready), Some(expected));
    assert_eq!(told("certificate", &ready, &revoked), None);
    let event = || job_dispatch::sort(record("MODIFY", "certificate", &begun, &ready)).messages.remove(0);
    assert_eq!(event(), event());
}

#[test]
fn a_reply_is_told_when_it_is_written_and_not_when_it_is_changed() {
    let reply = [("course_id", ID), ("review_id", ID)];
    let expected = Notify::ReviewReplied { course_id: ID.parse().unwrap(), review_id: ID.parse().unwrap() };
    assert_eq!(told("review_reply", &[], &reply), Some(expected));
    assert_eq!(told("review_reply", &reply, &reply), None);
}

#[test]
fn the_end_of_a_video_s_processing_is_told_and_nothing_that_its_owner_does_later() {
    let video_id = ID.parse().unwrap();
    let video = |status: &'static str| [("id", ID), ("status", status), ("visibility", "PRIVATE")];
    for (before, after, expected) in [
        ("PROCESSING", "READY", Some(Notify::VideoReady { video_id })),
        ("PROCESSING", "PUBLISHED", Some(Notify::VideoReady { video_id })),
        ("PROCESSING", "FAILED", Some(Notify::VideoFailed { video_id })),
        ("UPLOADED", "FAILED", Some(Notify::VideoFailed { video_id })),
        ("UPLOADED", "PROCESSING", None),
        ("FAILED", "PROCESSING", None),
        ("READY", "PUBLISHED", None),
        ("ARCHIVED", "PUBLISHED", None),
        ("READY", "READY", None),
    ] {
        assert_eq!(told("video", &video(before), &video(after)), expected, "{before} to {after}");
    }
    assert_eq!(told("video", &[], &video("PENDING")), None);
}

#[test]
fn a_publication_is_told_once_to_the_teacher() {
    let course_id = "01933b7a-3c5e-7000-8000-00000000c001".parse().unwrap();
    let (first, again) = (job_dispatch::sort(publication()), job_dispatch::sort(publication()));
    assert_eq!(first.messages.len(), 1);
    assert_eq!(first.messages[0].message, Notify::CoursePublished { course_id });
    assert_eq!(first.messages, again.messages, "a record that is given again");
    assert!(job_dispatch::sort(edit()).messages.is_empty(), "it was published before");
}
