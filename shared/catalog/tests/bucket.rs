//! The index in a bucket, on an emulator of S3.

use std::sync::Arc;

use bytes::Bytes;
use catalog::{Bucket, documents};
use search::{Document, ObjectError, Objects, Reader, Request, Writer, directory::Place, objects::Fetched};
use testkit::aws::{AwsServer, cloud_at};

const BUCKET: &str = "index";

fn bucket() -> (AwsServer, Bucket) {
    let aws = AwsServer::start("s3");
    aws.make_bucket(BUCKET);
    let bucket = Bucket::new(cloud_at(&aws.url()).objects(), BUCKET);
    (aws, bucket)
}

#[tokio::test]
async fn an_object_is_replaced_only_by_who_read_it() {
    let (_aws, bucket) = bucket();
    assert_eq!(bucket.get("manifest.json", None).await.unwrap(), Fetched::Missing);
    let first = bucket.put_if("manifest.json", Bytes::from_static(b"1"), None).await.unwrap().unwrap();
    assert_eq!(bucket.put_if("manifest.json", Bytes::from_static(b"x"), None).await.unwrap(), None);
    let second =
        bucket.put_if("manifest.json", Bytes::from_static(b"2"), Some(&first)).await.unwrap().unwrap();
    assert_eq!(bucket.put_if("manifest.json", Bytes::from_static(b"x"), Some(&first)).await.unwrap(), None);
    assert_eq!(bucket.get("manifest.json", Some(&second)).await.unwrap(), Fetched::Same);
    let Fetched::Found { bytes, tag } = bucket.get("manifest.json", Some(&first)).await.unwrap() else {
        panic!("the object is another one")
    };
    assert_eq!((bytes.as_ref(), tag), (&b"2"[..], second.clone()));
    bucket.delete("manifest.json").await.unwrap();
    assert_eq!(bucket.put_if("manifest.json", Bytes::from_static(b"x"), Some(&second)).await.unwrap(), None);
}

#[tokio::test]
async fn a_large_object_comes_in_pieces_and_whole() {
    let (_aws, bucket) = bucket();
    // Two pieces and a byte, each byte telling its place.
    let size = 2 * (8 << 20) + 1;
    let content: Vec<u8> = (0..size).map(|at: u32| (at % 251) as u8).collect();
    bucket.put("parts/large", content.clone().into()).await.unwrap();
    bucket.put("parts/small", Bytes::from_static(b"small")).await.unwrap();
    let mut sink = Vec::new();
    bucket.download("parts/large", &mut sink).await.unwrap();
    assert!(sink == content);
    sink.clear();
    bucket.download("parts/small", &mut sink).await.unwrap();
    assert_eq!(sink, b"small");
    let missing = bucket.download("parts/missing", &mut Vec::new()).await.unwrap_err();
    assert!(matches!(missing, ObjectError::Missing(key) if key == "parts/missing"));
}

#[tokio::test]
async fn a_list_has_more_than_one_page() {
    let (_aws, bucket) = bucket();
    for number in 0..1_005 {
        bucket.put(&format!("parts/{number:04}"), Bytes::from_static(b"x")).await.unwrap();
    }
    bucket.put("manifest.json", Bytes::from_static(b"x")).await.unwrap();
    let listed = bucket.list("parts/").await.unwrap();
    assert_eq!(listed.len(), 1_005);
    assert!(listed.iter().all(|object| object.modified > 1_700_000_000));
}

#[tokio::test]
async fn a_reader_follows_two_writers_at_once() {
    let (_aws, bucket) = bucket();
    let bucket = Arc::new(bucket);
    let folder = tempfile::tempdir().unwrap();
    let writers =
        ["a", "b"].map(|name| Writer::new(Arc::clone(&bucket), Place::Folder(folder.path().join(name))));
    let changes = |name: &str| {
        let id = format!("course-{name}");
        vec![documents::upsert(Document { id, version: 1, title: "Rust".into(), ..Document::default() })]
    };
    let (ours, theirs) = (changes("a"), changes("b"));
    let (first, second) = tokio::join!(writers[0].apply(&ours, 1), writers[1].apply(&theirs, 1));
    assert_eq!((first.unwrap().changed, second.unwrap().changed), (1, 1));
    let reader = Reader::new(Arc::clone(&bucket), Place::Folder(folder.path().join("reader")));
    reader.refresh().await.unwrap();
    let request = Request { text: "rust".into(), ..Request::default() };
    assert_eq!(reader.snapshot().unwrap().search(&request).unwrap().count, 2);
}
