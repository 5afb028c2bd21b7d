//! What somebody who teaches has: a channel, courses with lessons, films.

use domain::{channel::Quota, course::CourseStatus, video::VideoStatus};
use kernel::{Id, id::kinds};
use serde_json::json;
use store::{
    Update,
    entities::{
        CatalogStats, Channel, Course, CourseExport, CourseImport, Lesson, LessonContent, LessonPlace,
        LessonQuiz, LessonResources, QuizKey, ReviewReply, Section, SectionPlace, Upload, VideoThumbnail,
        WeeklyUploads,
    },
};
use testkit::fixtures;

use super::{Person, put};
use crate::stage::{EXPORTS, MEDIA, Stage, UPLOADS};

pub(super) async fn channel(stage: &Stage, person: &mut Person) -> Id<kinds::Channel> {
    let mut channel: Channel = fixtures::channel(&stage.world, &person.caller, Quota::STANDARD);
    channel.name = person.plant("channel");
    channel.handle = person.plant("handle");
    channel.description = person.plant("channel-description");
    channel.avatar_url = person.plant("channel-avatar");
    channel.banner_url = person.plant("channel-banner");
    assert_eq!(stage.world.store().channels().create(&channel).await.unwrap(), None);
    put::<WeeklyUploads>(stage, json!({"channel_id": channel.id, "week": "2026-W23", "count": 2})).await;
    channel.id
}

/// Three courses: one with a student, one without, one that was deleted.
pub(super) async fn teaching(stage: &Stage, person: &mut Person, channel: Id<kinds::Channel>) {
    let (ambient, store, owner) = (stage.world.ambient(), stage.world.store(), person.caller.clone());
    let now = ambient.now();
    let published = |course: Course| Course {
        status: CourseStatus::Published,
        published_at: Some(now),
        price_minor: Some(0),
        ..course
    };
    let kept = published(fixtures::course(&stage.world, &owner));
    person.kept = kept.id;
    assert!(store.courses().create(&kept).await.unwrap());
    let student = stage.world.student().await;
    let enrollment = fixtures::enrollment(&stage.world, &student, kept.id);
    store.enrollments().enroll_free(&enrollment).await.unwrap();
    let mut film = fixtures::video(&stage.world, &owner, VideoStatus::Ready);
    (film.channel_id, film.course_id) = (channel, Some(kept.id));
    store.put(&film).await.unwrap();
    store.put(&fixtures::version(&film)).await.unwrap();
    stage.object(MEDIA, &format!("hls/videos/{}/1/master.m3u8", film.id), "a film that stays").await;
    source(stage, person, film.id, channel).await;

    let mut empty = published(fixtures::course(&stage.world, &owner));
    empty.slug = person.plant("slug");
    empty.title = person.plant("title");
    empty.description = person.plant("description");
    empty.short_description = person.plant("short");
    empty.category = person.plant("category");
    empty.thumbnail = person.plant("thumbnail");
    empty.outcomes = vec![person.plant("outcome")];
    empty.requirements = vec![person.plant("requirement")];
    empty.tags = vec![person.plant("tag")];
    assert!(store.courses().create(&empty).await.unwrap());
    lessons(stage, person, empty.id).await;
    let comment = person.plant("reply");
    let review = ambient.id::<kinds::Review>();
    put::<ReviewReply>(
        stage,
        json!({"review_id": review, "course_id": empty.id, "comment": comment, "created_at": now}),
    )
    .await;
    let count = Update::upsert::<CatalogStats>(CatalogStats::key_of()).add("published_count", 2);
    store.update(count).await.unwrap();

    archives(stage, person, empty.id).await;

    let mut deleted = fixtures::course(&stage.world, &owner);
    deleted.title = person.plant("deleted-title");
    assert!(store.courses().create(&deleted).await.unwrap());
    lessons(stage, person, deleted.id).await;
    store.courses().delete(deleted.id, owner.id, now).await.unwrap();
}

/// An archive of a course, and one that is to become a course.
async fn archives(stage: &Stage, person: &mut Person, course: Id<kinds::Course>) {
    let (ambient, owner) = (stage.world.ambient(), person.id());
    let mut export = CourseExport::new(ambient.id(), owner, course, ambient.now());
    export.reason = Some(person.plant("export-reason"));
    stage.world.store().put(&export).await.unwrap();
    stage.object(EXPORTS, &export.object_key(), &person.secret("course-archive")).await;
    let mut import = CourseImport::new(ambient.id(), owner, ambient.now());
    import.reason = Some(person.plant("import-reason"));
    stage.world.store().put(&import).await.unwrap();
    let key = CourseImport::object_key_of(owner, import.id);
    stage.object(UPLOADS, &key, &person.secret("course-import")).await;
}

async fn lessons(stage: &Stage, person: &mut Person, course: Id<kinds::Course>) {
    let (ambient, owner) = (stage.world.ambient(), person.id());
    let (now, section, lesson) =
        (ambient.now(), ambient.id::<kinds::Section>(), ambient.id::<kinds::Lesson>());
    put::<Section>(
        stage,
        json!({
            "id": section, "course_id": course, "title": person.plant("section"), "description": person.plant("about-section"),
            "lesson_order": [lesson], "created_at": now, "updated_at": now,
        }),
    )
    .await;
    put::<SectionPlace>(stage, json!({"section_id": section, "course_id": course, "instructor_id": owner}))
        .await;
    put::<Lesson>(
        stage,
        json!({
            "id": lesson, "course_id": course, "section_id": section, "kind": "text", "title": person.plant("lesson"),
            "created_at": now, "updated_at": now,
        }),
    )
    .await;
    let place =
        json!({"lesson_id": lesson, "section_id": section, "course_id": course, "instructor_id": owner});
    put::<LessonPlace>(stage, place).await;
    let text = person.plant("text");
    put::<LessonContent>(
        stage,
        json!({"lesson_id": lesson, "course_id": course, "content": text, "updated_at": now}),
    )
    .await;
    let sheet = json!({
        "questions": [{"text": person.plant("question"), "points": 1, "kind": "short_text", "options": []}],
        "pass_percent": 70, "attempts_max": 3,
    });
    put::<LessonQuiz>(
        stage,
        json!({"lesson_id": lesson, "course_id": course, "version": 1, "sheet": sheet, "updated_at": now}),
    )
    .await;
    let file = ambient.id::<()>();
    let sent = json!([{
        "id": file, "title": person.plant("file-title"), "file_name": person.plant("file-name"),
        "content_type": "application/pdf", "size": 7, "added_at": now,
    }]);
    put::<LessonResources>(
        stage,
        json!({"lesson_id": lesson, "course_id": course, "resources": sent, "updated_at": now}),
    )
    .await;
    let accepted = json!({"kind": "short_text", "accepted": [person.plant("accepted")]});
    let solutions = json!([{"answer": accepted, "explanation": person.plant("explanation")}]);
    put::<QuizKey>(
        stage,
        json!({"lesson_id": lesson, "course_id": course, "version": 1, "solutions": solutions, "updated_at": now}),
    )
    .await;
}

/// A film of the channel alone.
pub(super) async fn films(stage: &Stage, person: &mut Person, channel: Id<kinds::Channel>) {
    let mut film = fixtures::video(&stage.world, &person.caller, VideoStatus::Published);
    film.channel_id = channel;
    film.title = person.plant("film");
    film.description = person.plant("about-film");
    stage.world.store().put(&film).await.unwrap();
    stage.world.store().put(&fixtures::version(&film)).await.unwrap();
    let segment = person.secret("segment");
    stage.object(MEDIA, &format!("hls/videos/{}/1/v480/seg_00000.m4s", film.id), &segment).await;
    let poster = person.secret("poster");
    stage.object(MEDIA, &format!("posters/{}/1/poster_1.jpg", film.id), &poster).await;
    let uploaded = person.secret("uploaded-thumbnail");
    let key = VideoThumbnail::object_key(film.id, stage.world.ambient().id());
    stage.object(MEDIA, &key, &uploaded).await;
    source(stage, person, film.id, channel).await;
}

/// The upload of a film, with an object that was written twice, and that of a picture for it, of which no event has come.
async fn source(stage: &Stage, person: &mut Person, film: Id<kinds::Video>, channel: Id<kinds::Channel>) {
    let (ambient, now) = (stage.world.ambient(), stage.world.ambient().now());
    let key = format!("uploads/{film}/1/{film}");
    let sent = person.secret("thumbnail-upload");
    stage.object(UPLOADS, &VideoThumbnail::upload_key(film, ambient.id()), &sent).await;
    for _ in 0..2 {
        let source = person.secret("source");
        stage.object(UPLOADS, &key, &source).await;
    }
    put::<Upload>(
        stage,
        json!({
            "id": ambient.id::<()>(), "user_id": person.id(), "channel_id": channel, "video_id": film, "version": 1,
            "object_key": key, "filename": person.plant("filename"), "content_type": "video/mp4", "size_bytes": 9,
            "mode": "single", "status": "COMPLETED", "week": "2026-W23", "valid_until": now,
            "created_at": now, "updated_at": now,
        }),
    )
    .await;
}
