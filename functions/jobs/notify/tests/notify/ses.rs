//! A little HTTP server that stands for SES and Secrets Manager: it can refuse, which the emulator of the system tests can't.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

/// What the server got and what it answers.
#[derive(Clone, Default)]
pub(crate) struct Ses {
    sent: Arc<Mutex<Vec<Value>>>,
    refusal: Arc<Mutex<Option<&'static str>>>,
}

impl Ses {
    /// Starts a server; gives its address.
    pub(crate) async fn start(secret: &'static str) -> (Self, String) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let ses = Self::default();
        let server = ses.clone();
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                tokio::spawn(server.clone().serve(connection, secret));
            }
        });
        (ses, address)
    }

    async fn serve(self, connection: TcpStream, secret: &'static str) -> Option<()> {
        let mut connection = BufReader::new(connection);
        loop {
            let (mut path, mut length) = (String::new(), 0);
            loop {
                let mut line = String::new();
                if connection.read_line(&mut line).await.ok()? == 0 {
                    return None;
                }
                let line = line.trim_end().to_ascii_lowercase();
                if line.is_empty() {
                    break;
                }
                if let Some(value) = line.strip_prefix("content-length: ") {
                    length = value.parse().ok()?;
                } else if let Some(rest) = line.strip_prefix("post ") {
                    path = rest.split(' ').next()?.to_owned();
                }
            }
            let mut body = vec![0; length];
            connection.read_exact(&mut body).await.ok()?;
            let (status, kind, answer) = self.answer(&path, &serde_json::from_slice(&body).ok()?, secret);
            let answer = answer.to_string();
            let head = format!(
                "HTTP/1.1 {status}\r\nx-amzn-errortype: {kind}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
                answer.len()
            );
            connection.write_all((head + &answer).as_bytes()).await.ok()?;
        }
    }

    fn answer(&self, path: &str, body: &Value, secret: &str) -> (u16, &'static str, Value) {
        if path == "/" {
            return (200, "", json!({"SecretString": secret}));
        }
        assert_eq!(path, "/v2/email/outbound-emails");
        if let Some(refusal) = *self.refusal.lock().unwrap() {
            return (400, refusal, json!({"message": "about somebody@learn.example"}));
        }
        let mut sent = self.sent.lock().unwrap();
        sent.push(body.clone());
        (200, "", json!({"MessageId": format!("message-{}", sent.len())}))
    }

    /// From now on every mail is refused with this error; `None` takes them again.
    pub(crate) fn refuse(&self, error: Option<&'static str>) {
        *self.refusal.lock().unwrap() = error;
    }

    /// The mails since the last look.
    pub(crate) fn take(&self) -> Vec<Sent> {
        self.sent.lock().unwrap().drain(..).map(Sent).collect()
    }

    /// The one mail since the last look.
    pub(crate) fn only(&self) -> Sent {
        let mut mails = self.take();
        assert_eq!(mails.len(), 1, "{mails:?}");
        mails.remove(0)
    }
}

/// A request to send a mail.
#[derive(Clone, Debug)]
pub(crate) struct Sent(Value);

impl Sent {
    fn text_at(&self, pointer: &str) -> String {
        self.0
            .pointer(pointer)
            .and_then(Value::as_str)
            .unwrap_or_else(|| panic!("{pointer}: {}", self.0))
            .to_owned()
    }

    pub(crate) fn to(&self) -> String {
        assert_eq!(self.0["Destination"]["ToAddresses"].as_array().unwrap().len(), 1);
        self.text_at("/Destination/ToAddresses/0")
    }

    pub(crate) fn from(&self) -> String {
        self.text_at("/FromEmailAddress")
    }

    pub(crate) fn configuration_set(&self) -> String {
        self.text_at("/ConfigurationSetName")
    }

    pub(crate) fn subject(&self) -> String {
        self.text_at("/Content/Simple/Subject/Data")
    }

    pub(crate) fn text(&self) -> String {
        self.text_at("/Content/Simple/Body/Text/Data")
    }

    /// The HTML, with a slash as a browser reads it.
    pub(crate) fn html(&self) -> String {
        self.text_at("/Content/Simple/Body/Html/Data").replace("&#x2f;", "/")
    }

    /// The value of a header that the mail adds.
    pub(crate) fn header(&self, name: &str) -> Option<String> {
        let headers = self.0.pointer("/Content/Simple/Headers")?.as_array()?;
        let header = headers.iter().find(|header| header["Name"] == name)?;
        header["Value"].as_str().map(ToOwned::to_owned)
    }

    /// The token of the link that the text has.
    pub(crate) fn token(&self) -> String {
        let text = self.text();
        let rest = text.split("?token=").nth(1).unwrap_or_else(|| panic!("no link in {text}"));
        rest.split_whitespace().next().unwrap().to_owned()
    }
}
