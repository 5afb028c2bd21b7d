//! Runs a function's real binary as Lambda does, and watches what it costs.

mod event;
mod runtime_api;
mod usage;

use std::{
    collections::BTreeMap,
    io::{Read as _, Seek as _},
    path::Path,
    process::Stdio,
    time::Duration,
};

use serde_json::Value;
use tokio::{process::Child, sync::oneshot};

use crate::{Outcome, median};
pub(crate) use event::Request;
use runtime_api::{FromFunction, RuntimeApi};
use usage::Usage;

/// How long an answer or a start may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// Requests that make an instance warm.
const WARM_UP: usize = 20;
/// Requests to a warm instance that count; the median of them.
const CALLS: usize = 200;
/// How much of the log is shown when something goes wrong.
const LOG_SHOWN: usize = 2_000;

/// A running instance of a function. It ends with this value.
pub(crate) struct Instance {
    child: Child,
    api: RuntimeApi,
    usage: Usage,
    log: std::fs::File,
    /// Where the next event goes.
    waiting: Option<oneshot::Sender<String>>,
    /// CPU at rest, in nanoseconds.
    spent: u64,
}

/// An answer and what it cost.
pub(crate) struct Reply {
    /// HTTP status.
    pub(crate) status: u64,
    /// The body as JSON; null when it is none.
    pub(crate) body: Value,
    /// CPU time of the invocation, from the event to the request for the next one, in nanoseconds.
    pub(crate) cpu: u64,
}

impl Instance {
    /// Starts the binary and waits until it asks for its first event.
    ///
    /// # Errors
    /// What the function logs when it can't start.
    pub(crate) async fn start(
        binary: &Path,
        memory: u64,
        variables: &BTreeMap<String, String>,
    ) -> Outcome<Self> {
        let api = RuntimeApi::start().await?;
        let log = tempfile::tempfile()?;
        let child = tokio::process::Command::new(binary)
            .env_clear()
            .envs(variables)
            .env("AWS_LAMBDA_RUNTIME_API", api.address())
            .env("AWS_LAMBDA_FUNCTION_NAME", "bench")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", memory.to_string())
            .env("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/bench")
            .env("AWS_LAMBDA_LOG_STREAM_NAME", "bench")
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log.try_clone()?)
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| format!("{} can't be run: {error}", binary.display()))?;
        let pid = child.id().ok_or("the function ended at once")?;
        let mut instance = Self { child, api, usage: Usage::of(pid), log, waiting: None, spent: 0 };
        instance.rest().await?;
        Ok(instance)
    }

    /// CPU time so far, in nanoseconds: after [`Self::start`], that of the start.
    pub(crate) fn spent(&self) -> u64 {
        self.spent
    }

    /// Most memory that it ever held, in bytes.
    pub(crate) fn peak_memory(&self) -> Outcome<u64> {
        Ok(self.usage.peak_memory()?)
    }

    /// Bytes that it has logged so far.
    pub(crate) fn logged(&self) -> Outcome<u64> {
        Ok(self.log.metadata()?.len())
    }

    /// What it has logged so far.
    pub(crate) fn log(&self) -> Outcome<String> {
        use std::os::unix::fs::FileExt as _;
        let mut text = vec![0; usize::try_from(self.logged()?)?];
        // At a place: the child writes where this file stands.
        self.log.read_exact_at(&mut text, 0)?;
        Ok(String::from_utf8(text)?)
    }

    /// Sends a request as API Gateway does and waits for the answer.
    pub(crate) async fn call(&mut self, request: &Request<'_>) -> Outcome<Reply> {
        let (answer, cpu) = self.invoke(request.event()).await?;
        let body =
            answer["body"].as_str().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
        Ok(Reply { status: answer["statusCode"].as_u64().unwrap_or_default(), body, cpu })
    }

    /// As [`Self::call`], and stops unless the answer is a success.
    pub(crate) async fn ask(&mut self, request: &Request<'_>) -> Outcome<Reply> {
        let reply = self.call(request).await?;
        if (200..300).contains(&reply.status) {
            return Ok(reply);
        }
        let Request { method, path, .. } = request;
        Err(format!("{method} {path} answered {}: {}", reply.status, reply.body).into())
    }

    /// CPU time of the request when the instance is warm, in nanoseconds.
    pub(crate) async fn warm(&mut self, request: &Request<'_>) -> Outcome<u64> {
        for _ in 0..WARM_UP {
            self.ask(request).await?;
        }
        let mut calls = Vec::with_capacity(CALLS);
        for _ in 0..CALLS {
            calls.push(self.ask(request).await?.cpu);
        }
        Ok(median(&mut calls))
    }

    /// Any event; gives the answer and the CPU time, in nanoseconds.
    pub(crate) async fn invoke(&mut self, event: Value) -> Outcome<(Value, u64)> {
        let before = self.spent;
        let waiting = self.waiting.take().ok_or("the function did not ask for an event")?;
        waiting.send(event.to_string()).map_err(|_| "the function no longer waits for its event")?;
        let FromFunction::Answered(answer) = self.message().await? else {
            return Err(self.failure("the function asked for an event without having answered").into());
        };
        self.rest().await?;
        Ok((serde_json::from_slice(&answer)?, self.spent - before))
    }

    /// Waits until it has asked for the next event and does nothing.
    async fn rest(&mut self) -> Outcome<()> {
        match self.message().await? {
            FromFunction::Ready(waiting) => self.waiting = Some(waiting),
            FromFunction::Answered(_) => return Err("the function answered twice".into()),
            FromFunction::Failed(why) => return Err(self.failure(&why).into()),
        }
        self.spent = self.usage.settled().await?;
        Ok(())
    }

    async fn message(&mut self) -> Outcome<FromFunction> {
        let message = tokio::select! {
            message = tokio::time::timeout(PATIENCE, self.api.message()) => message,
            ended = self.child.wait() => {
                return Err(self.failure(&format!("the function ended: {}", ended?)).into());
            }
        };
        match message {
            Ok(Some(FromFunction::Failed(why))) => Err(self.failure(&why).into()),
            Ok(Some(message)) => Ok(message),
            _ => Err(self.failure("the function does not answer").into()),
        }
    }

    fn failure(&mut self, why: &str) -> String {
        let mut log = String::new();
        let read = self.log.rewind().and_then(|()| self.log.read_to_string(&mut log));
        let shown: String = match read {
            Ok(_) => log.chars().take(LOG_SHOWN).collect(),
            Err(error) => format!("its log can't be read: {error}"),
        };
        format!("{why}\n{shown}")
    }
}
