//! A real Valkey (or Redis) server for one test.

use std::{
    net::TcpListener,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// A server of its own on a free port, without persistence; it ends with this value.
#[derive(Debug)]
pub struct ValkeyServer {
    process: Child,
    port: u16,
}

impl ValkeyServer {
    /// Starts a server and waits until it takes connections.
    ///
    /// # Panics
    /// When no server is installed; the message says what to install.
    pub fn start() -> Self {
        loop {
            let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
            // Another test may have taken the port in between.
            if let Some(server) = Self::try_start(port) {
                return server;
            }
        }
    }

    /// Starts a server on this port: the second life of one that was killed.
    ///
    /// # Panics
    /// As [`ValkeyServer::start`], and when the port is taken.
    pub fn start_on(port: u16) -> Self {
        Self::try_start(port).expect("the port is taken")
    }

    #[expect(clippy::panic, reason = "a test's precondition")]
    fn try_start(port: u16) -> Option<Self> {
        let number = port.to_string();
        let arguments = ["--port", &number, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
        let spawn = |program: &str| {
            Command::new(program).args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn()
        };
        let process = spawn("valkey-server").or_else(|_| spawn("redis-server")).unwrap_or_else(|error| {
            panic!("this test needs a server: apt-get install redis-server (or valkey-server): {error}")
        });
        let mut server = Self { process, port };
        let started = Instant::now();
        loop {
            let connected = std::net::TcpStream::connect(("127.0.0.1", port)).is_ok();
            if server.process.try_wait().unwrap().is_some() {
                return None;
            }
            if connected {
                return Some(server);
            }
            assert!(started.elapsed() < Duration::from_secs(10), "the server on port {port} does not start");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }
}

impl Drop for ValkeyServer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
