//! A source behind a presigned URL: read by range, only the part that a chunk needs.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use domain::media::{Limits, plan};
use media::{Source, encode_audio, encode_chunk, inspect};

use crate::common::{FAST, Lab, short_chunks};

/// A web server with byte ranges, as S3 answers them, that counts what it sends.
struct Server {
    url: String,
    sent: Arc<AtomicU64>,
}

impl Server {
    fn start(content: Vec<u8>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/film.mp4?X-Amz-Signature=0", listener.local_addr().unwrap());
        let sent = Arc::new(AtomicU64::new(0));
        let (content, count) = (Arc::new(content), sent.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (content, count) = (content.clone(), count.clone());
                std::thread::spawn(move || serve(stream, &content, &count));
            }
        });
        Self { url, sent }
    }
}

fn serve(mut stream: TcpStream, content: &[u8], sent: &AtomicU64) -> Option<()> {
    let mut from = 0;
    for line in BufReader::new(stream.try_clone().ok()?).lines() {
        let line = line.ok()?.to_ascii_lowercase();
        if let Some(range) = line.strip_prefix("range: bytes=") {
            from = range.split('-').next()?.parse().ok()?;
        }
        if line.is_empty() {
            break;
        }
    }
    let total = content.len();
    if from >= total {
        write!(
            stream,
            "HTTP/1.1 416 Range Not Satisfiable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        )
        .ok()?;
        return None;
    }
    write!(
        stream,
        "HTTP/1.1 206 Partial Content\r\nAccept-Ranges: bytes\r\nContent-Length: {}\r\nContent-Range: bytes {from}-{}/{total}\r\nConnection: close\r\n\r\n",
        total - from,
        total - 1
    )
    .ok()?;
    for part in content[from..].chunks(16 * 1024) {
        stream.write_all(part).ok()?;
        sent.fetch_add(part.len() as u64, Ordering::SeqCst);
    }
    Some(())
}

#[tokio::test]
async fn a_chunk_reads_only_its_part_and_makes_the_same_bytes_as_from_a_file() {
    let lab = Lab::new();
    // Noise, so that the source is large: some 40 MB in 100 s.
    let file = lab.clip(
        "-f lavfi -i testsrc2=s=320x180:r=10:d=100,noise=alls=60:allf=t -f lavfi -i sine=d=100 -c:v libx264 -preset ultrafast -crf 18 -g 20 -c:a aac big.mp4",
    );
    let content = std::fs::read(&file).unwrap();
    let (total, head) = (content.len() as u64, content[..4096].to_vec());
    let server = Server::start(content);
    let (local, remote) = (Source::file(&file), Source::url(server.url.as_str()));
    let info = inspect(&lab.tools, &remote, &head, total, &Limits::default()).await.unwrap();
    assert_eq!(info, lab.look(&file).await.unwrap());
    let inspected = server.sent.swap(0, Ordering::SeqCst);
    assert!(inspected < total * 3 / 4, "{inspected} of {total} bytes to look at it");

    let plan = plan(&info, &short_chunks()).unwrap();
    let made = encode_chunk(&lab.tools, &remote, info.container, &plan, 25, &lab.path("remote"), &FAST)
        .await
        .unwrap();
    let sent = server.sent.load(Ordering::SeqCst);
    assert!(sent < total / 2, "{sent} of {total} bytes for one chunk of fifty");
    let same =
        encode_chunk(&lab.tools, &local, info.container, &plan, 25, &lab.path("local"), &FAST).await.unwrap();
    assert_eq!(made.rungs, same.rungs);
    for name in made.rungs[0].files() {
        let read = |dir: &str| std::fs::read(lab.path(dir).join(&name)).unwrap();
        assert_eq!(read("remote"), read("local"), "{name}");
    }
    let audio =
        encode_audio(&lab.tools, &remote, info.container, &plan, &lab.path("remote"), &FAST).await.unwrap();
    assert_eq!(audio.segments.len(), 50);
}
