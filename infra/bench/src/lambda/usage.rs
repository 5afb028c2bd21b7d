//! CPU time and memory of another process, as Linux counts them.

use std::{collections::BTreeMap, fs, io, time::Duration};

/// How long a process may go on working after it has asked for the next event.
const SETTLE_ROUNDS: u32 = 500;
const SETTLE_STEP: Duration = Duration::from_micros(500);

/// Watches a process. Threads that end keep what they used.
pub(crate) struct Usage {
    pid: u32,
    threads: BTreeMap<String, u64>,
}

impl Usage {
    pub(crate) fn of(pid: u32) -> Self {
        Self { pid, threads: BTreeMap::new() }
    }

    /// CPU time so far, in nanoseconds, once all threads wait. (`/proc/<pid>/stat` counts in steps of 10 ms, too coarse for
    /// requests; the scheduler's own account, proc(5) `schedstat`, is exact for a thread that is not running.)
    ///
    /// # Errors
    /// When the process has ended, or the kernel keeps no such account.
    pub(crate) async fn settled(&mut self) -> io::Result<u64> {
        let mut last = None;
        for _ in 0..SETTLE_ROUNDS {
            let (running, now) = self.look()?;
            if !running && last == Some(now) {
                return Ok(now);
            }
            last = Some(now);
            tokio::time::sleep(SETTLE_STEP).await;
        }
        Err(io::Error::other("the function never comes to rest between two events"))
    }

    fn look(&mut self) -> io::Result<(bool, u64)> {
        let mut running = false;
        for thread in fs::read_dir(format!("/proc/{}/task", self.pid))? {
            let path = thread?.path();
            // A thread can end between the two calls.
            let Ok(account) = fs::read_to_string(path.join("schedstat")) else { continue };
            let Ok(stat) = fs::read_to_string(path.join("stat")) else { continue };
            let spent = account.split_whitespace().next().and_then(|number| number.parse().ok());
            let spent = spent.ok_or_else(|| io::Error::other("the kernel has no /proc/<pid>/schedstat"))?;
            // The state follows the name, which is in brackets.
            running |= stat.rsplit(')').next().is_some_and(|rest| rest.trim_start().starts_with('R'));
            self.threads.insert(path.to_string_lossy().into_owned(), spent);
        }
        Ok((running, self.threads.values().sum()))
    }

    /// Most memory that was ever resident, in bytes.
    ///
    /// # Errors
    /// When the process has ended.
    pub(crate) fn peak_memory(&self) -> io::Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid))?;
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = peak.and_then(|rest| rest.split_whitespace().next()).and_then(|number| number.parse().ok());
        kib.map(|kib: u64| kib * 1024).ok_or_else(|| io::Error::other("/proc/<pid>/status has no VmHWM"))
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::BufRead as _,
        process::{Command, Stdio},
    };

    use super::*;

    #[tokio::test]
    async fn work_of_a_process_shows_and_rest_does_not() {
        let command = "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done; echo done; read -r line";
        let mut child = Command::new("sh")
            .args(["-c", command])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        io::BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let mut usage = Usage::of(child.id());
        let spent = usage.settled().await.unwrap();
        assert!(spent > 10_000_000, "{spent} ns for 200,000 rounds of a shell");
        assert_eq!(usage.settled().await.unwrap(), spent);
        assert!(usage.peak_memory().unwrap() > 100_000);
        child.kill().unwrap();
        child.wait().unwrap();
    }
}
