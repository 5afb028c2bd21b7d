//! Jobs at the same time, and jobs that are killed.

use std::{
    collections::BTreeSet,
    io::Write,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
};

use bytes::Bytes;
use contracts::index::Index;
use domain::course::CourseStatus;
use futures::future::join_all;
use kernel::SignedDuration;
use search::{
    Kind, ObjectError, Objects, Writer,
    directory::Place,
    manifest::MANIFEST,
    objects::{Dying, Fetched, Listed, Memory, Tag},
};
use store::entities::Course;

use crate::stage::{Stage, about, delivery};

fn job<O: Objects>(stage: &Stage, objects: O) -> job_index::Context<O> {
    let writer = Writer::new(objects, Place::Memory);
    job_index::Context::new(stage.world.store().clone(), writer, stage.world.ambient().clone())
}

/// A store in which no manifest is replaced before so many writers have read it.
struct Crowded {
    memory: Arc<Memory>,
    readings: AtomicUsize,
    awaited: AtomicUsize,
    refused: AtomicUsize,
}

impl Crowded {
    /// From now on the manifest is replaced only after so many more readings.
    fn wait_for(&self, readings: usize) {
        self.awaited.store(self.readings.load(SeqCst) + readings, SeqCst);
    }
}

impl Objects for Crowded {
    async fn get(&self, key: &str, known: Option<&Tag>) -> Result<Fetched, ObjectError> {
        let found = self.memory.get(key, known).await;
        if key == MANIFEST {
            self.readings.fetch_add(1, SeqCst);
        }
        tokio::task::yield_now().await;
        found
    }
    async fn download(&self, key: &str, sink: &mut (dyn Write + Send)) -> Result<(), ObjectError> {
        tokio::task::yield_now().await;
        self.memory.download(key, sink).await
    }
    async fn put(&self, key: &str, bytes: Bytes) -> Result<(), ObjectError> {
        tokio::task::yield_now().await;
        self.memory.put(key, bytes).await
    }
    async fn put_if(
        &self,
        key: &str,
        bytes: Bytes,
        expected: Option<&Tag>,
    ) -> Result<Option<Tag>, ObjectError> {
        while self.readings.load(SeqCst) < self.awaited.load(SeqCst) {
            tokio::task::yield_now().await;
        }
        let written = self.memory.put_if(key, bytes, expected).await?;
        self.refused.fetch_add(usize::from(written.is_none()), SeqCst);
        Ok(written)
    }
    async fn list(&self, prefix: &str) -> Result<Vec<Listed>, ObjectError> {
        tokio::task::yield_now().await;
        self.memory.list(prefix).await
    }
    async fn delete(&self, key: &str) -> Result<(), ObjectError> {
        self.memory.delete(key).await
    }
}

#[tokio::test]
async fn jobs_at_the_same_time_lose_nothing() {
    const ROUNDS: usize = 4;
    let stage = Stage::new().await;
    let teachers =
        [stage.world.instructor().await, stage.world.instructor().await, stage.world.instructor().await];
    let mut shared = stage.published(&teachers[0], "Shared").await;
    let objects = Arc::new(Crowded {
        memory: Arc::clone(&stage.objects),
        readings: AtomicUsize::new(0),
        awaited: AtomicUsize::new(0),
        refused: AtomicUsize::new(0),
    });
    let jobs = [(); 3].map(|()| job(&stage, Arc::clone(&objects)));
    let mut expected = BTreeSet::new();
    for round in 0..ROUNDS {
        shared.title = format!("Shared in round {round}");
        stage.world.store().put(&shared).await.unwrap();
        let mut batches = Vec::new();
        for (number, teacher) in teachers.iter().enumerate() {
            // All of them look at one course, and each at some of its own; one makes the whole index anew.
            let mut batch = vec![delivery(&stage.world, &about(&shared))];
            for one in 0..3 {
                let course = stage.published(teacher, &format!("{round} {number} {one}")).await;
                batch.push(delivery(&stage.world, &about(&course)));
                expected.insert(course.title);
            }
            if round == 2 && number == 1 {
                batch.push(delivery(&stage.world, &Index::Rebuild));
            }
            batches.push(batch);
        }
        stage.world.advance(SignedDuration::from_millis(5));
        objects.wait_for(jobs.len());
        let all = jobs.iter().zip(batches).map(|(job, batch)| job_index::handle(job, batch));
        for outcome in join_all(all).await.into_iter().flatten() {
            outcome.map_err(|_| ()).unwrap();
        }
    }
    assert!(objects.refused.load(SeqCst) >= 2 * ROUNDS, "the jobs were in each other's way");
    expected.insert(shared.title);
    let listed: BTreeSet<_> = stage.listed(Kind::Course).await.into_iter().map(|one| one.title).collect();
    assert_eq!(listed, expected);
    for teacher in &teachers {
        let of_him = 3 * ROUNDS + usize::from(teacher.id == teachers[0].id);
        let people = stage.listed(Kind::Instructor).await;
        let found = people.iter().find(|person| person.id == teacher.id.to_string()).unwrap();
        assert_eq!(found.extra["courses_count"], of_him);
    }
}

#[tokio::test]
async fn what_a_rebuild_sums_up_does_not_claim_to_be_newer_than_what_it_has_read() {
    let stage = Stage::new().await;
    let teacher = stage.world.instructor().await;
    for number in 0..210 {
        stage.published(&teacher, &format!("Course {number}")).await;
    }
    let rebuild = vec![delivery(&stage.world, &Index::Rebuild)];
    // Time passes while the tables are read.
    let end = stage.world.ambient().now() + SignedDuration::from_hours(1);
    let ticking = async {
        while stage.world.ambient().now() < end {
            stage.world.advance(SignedDuration::from_millis(1));
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        outcomes = job_index::handle(&stage.context, rebuild) => assert!(matches!(outcomes[..], [Ok(())])),
        () = ticking => {}
    }
    let courses = stage.listed(Kind::Course).await;
    let (first, last) =
        (courses.iter().map(|one| one.version).min(), courses.iter().map(|one| one.version).max());
    assert!(first < last, "the courses came in two pages");
    let sum = stage.listed(Kind::Instructor).await.remove(0);
    assert!(
        Some(sum.version) <= first,
        "a change that was read in between must win: {first:?}, {}",
        sum.version
    );
}

/// A copy, as another bucket.
async fn copy(memory: &Memory) -> Arc<Memory> {
    let copied = Arc::new(Memory::default());
    for Listed { key, modified } in memory.list("").await.unwrap() {
        copied.set_time(modified);
        let Fetched::Found { bytes, .. } = memory.get(&key, None).await.unwrap() else { continue };
        copied.put(&key, bytes).await.unwrap();
    }
    copied
}

/// Kills a job that handles these at each of its calls in turn; its messages come again to another one.
async fn kill_everywhere(stage: &mut Stage, messages: &[Index], before: &[&str], after: &[&str]) {
    let first = Arc::clone(&stage.objects);
    let titles = async |stage: &Stage| -> BTreeSet<String> {
        stage.listed(Kind::Course).await.into_iter().map(|course| course.title).collect()
    };
    let set = |titles: &[&str]| titles.iter().map(|title| (*title).to_owned()).collect::<BTreeSet<_>>();
    let (before, after) = (set(before), set(after));
    for round in 0.. {
        let (dies_at, takes_effect) = (round / 2, round % 2 == 1);
        stage.objects = copy(&first).await;
        stage.world.advance(SignedDuration::from_millis(5));
        let batch = || messages.iter().map(|message| delivery(&stage.world, message)).collect::<Vec<_>>();
        let dying = Dying::new(&stage.objects, dies_at, takes_effect);
        let outcomes = job_index::handle(&job(stage, Arc::clone(&dying)), batch()).await;
        let survived = dying.calls() <= dies_at;
        assert!(!survived || outcomes.iter().all(Result::is_ok), "round {round}");
        let seen = titles(stage).await;
        assert!(seen == before || seen == after, "round {round}: {seen:?}");
        for outcome in job_index::handle(&job(stage, Arc::clone(&stage.objects)), batch()).await {
            outcome.map_err(|_| ()).unwrap();
        }
        assert_eq!(titles(stage).await, after, "round {round}");
        if survived {
            assert!(dies_at > 4, "a batch makes more calls than {dies_at}");
            break;
        }
    }
    stage.objects = first;
}

#[tokio::test]
async fn a_job_killed_at_any_call_loses_nothing_when_its_messages_come_again() {
    let mut stage = Stage::new().await;
    let teacher = stage.world.instructor().await;
    let kept = stage.published(&teacher, "Kept").await;
    let changed = stage.published(&teacher, "Before").await;
    let gone = stage.published(&teacher, "Gone").await;
    let before = [about(&kept), about(&changed), about(&gone)];
    stage.deliver(&before).await;
    stage.world.store().put(&Course { title: "After".into(), ..changed.clone() }).await.unwrap();
    stage.world.store().put(&Course { status: CourseStatus::Draft, ..gone.clone() }).await.unwrap();
    let new = stage.published(&teacher, "New").await;
    let messages = [about(&changed), about(&gone), about(&new)];
    let (old, now) = (["Kept", "Before", "Gone"], ["Kept", "After", "New"]);
    kill_everywhere(&mut stage, &messages, &old, &now).await;
    kill_everywhere(&mut stage, &[Index::Rebuild], &old, &now).await;
}
