//! Who this module is, and the workload API: the agent signs for the module and names the certificates to trust,
//! so no key ever enters the module.

use std::io;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpStream, UnixStream};

use super::topic::encode;
use super::{Error, Result};

/// How long a call of the workload API may take.
const CALL_LIMIT: Duration = Duration::from_secs(30);

/// Most bytes that an answer may have.
const ANSWER_LIMIT: u64 = 1024 * 1024;

/// What the agent tells a module through its environment.
#[derive(Clone, Debug)]
pub struct Workload {
    /// Name of the IoT hub; it stands in tokens and in the user name.
    pub hub: String,
    /// Id of the device.
    pub device: String,
    /// Id of this module.
    pub module: String,
    /// Host name or address of edgeHub.
    pub gateway: String,
    generation: String,
    uri: String,
    api_version: String,
}

impl Workload {
    /// Reads the variables `IOTEDGE_…`.
    pub fn from_environment() -> Result<Self> {
        let read = |name: &'static str| {
            std::env::var(name)
                .map_err(|error| Error::new(format!("cannot read the variable {name}"), error))
        };
        Ok(Self {
            hub: read("IOTEDGE_IOTHUBHOSTNAME")?,
            device: read("IOTEDGE_DEVICEID")?,
            module: read("IOTEDGE_MODULEID")?,
            gateway: read("IOTEDGE_GATEWAYHOSTNAME")?,
            generation: read("IOTEDGE_MODULEGENERATIONID")?,
            uri: read("IOTEDGE_WORKLOADURI")?,
            api_version: std::env::var("IOTEDGE_APIVERSION")
                .unwrap_or_else(|_| "2018-06-28".to_owned()),
        })
    }

    /// Has the agent sign a shared access token that is valid for `life`.
    pub async fn token(&self, life: Duration) -> Result<String> {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_err(|error| Error::new("cannot tell the time", error))?;
        let expiry = (now + life).as_secs();
        let audience = encode(&format!(
            "{}/devices/{}/modules/{}",
            self.hub, self.device, self.module
        ));
        let data = STANDARD.encode(format!("{audience}\n{expiry}"));
        let path = format!(
            "/modules/{}/genid/{}/sign",
            encode(&self.module),
            encode(&self.generation)
        );
        let body = json!({ "keyId": "primary", "algo": "HMACSHA256", "data": data }).to_string();
        let answer = self.call("POST", &path, &body).await?;
        let digest = answer["digest"]
            .as_str()
            .ok_or_else(|| Error::new("cannot sign a token", "the answer has no digest"))?;
        Ok(format!(
            "SharedAccessSignature sr={audience}&sig={}&se={expiry}",
            encode(digest)
        ))
    }

    /// Returns the certificates that edgeHub's own may descend from, as PEM.
    pub async fn trust_bundle(&self) -> Result<String> {
        let answer = self.call("GET", "/trust-bundle", "").await?;
        let pem = answer["certificate"].as_str();
        pem.map(str::to_owned).ok_or_else(|| {
            Error::new(
                "cannot read the trust bundle",
                "the answer has no certificate",
            )
        })
    }

    async fn call(&self, method: &str, path: &str, body: &str) -> Result<Value> {
        let target = format!("{path}?api-version={}", encode(&self.api_version));
        let head = format!(
            "{method} {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        let call = async {
            let mut stream = self.connect().await?;
            stream.write_all(format!("{head}{body}").as_bytes()).await?;
            let mut answer = Vec::new();
            stream.take(ANSWER_LIMIT).read_to_end(&mut answer).await?;
            parse_answer(&answer)
        };
        let outcome = tokio::time::timeout(CALL_LIMIT, call)
            .await
            .unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
        outcome.map_err(|error| {
            Error::new(
                format!("cannot call {method} {path} at {}", self.uri),
                error,
            )
        })
    }

    async fn connect(&self) -> io::Result<Box<dyn Stream>> {
        if let Some(path) = self.uri.strip_prefix("unix://") {
            return Ok(Box::new(UnixStream::connect(path).await?));
        }
        if let Some(address) = self.uri.strip_prefix("http://") {
            return Ok(Box::new(
                TcpStream::connect(address.trim_end_matches('/')).await?,
            ));
        }
        Err(io::Error::new(
            io::ErrorKind::Unsupported,
            "IOTEDGE_WORKLOADURI is neither unix:// nor http://",
        ))
    }
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// Takes the JSON body out of a whole HTTP/1.1 answer.
fn parse_answer(answer: &[u8]) -> io::Result<Value> {
    let invalid = |what: String| io::Error::new(io::ErrorKind::InvalidData, what);
    let end = answer
        .windows(4)
        .position(|four| four == b"\r\n\r\n")
        .ok_or_else(|| invalid("the answer has no header".to_owned()))?;
    let (head, body) = (
        String::from_utf8_lossy(&answer[..end]).to_ascii_lowercase(),
        &answer[end + 4..],
    );
    let status: Option<u16> = head
        .split_whitespace()
        .nth(1)
        .and_then(|status| status.parse().ok());
    let chunked = head
        .lines()
        .any(|line| line.starts_with("transfer-encoding:") && line.ends_with("chunked"));
    let body = if chunked {
        join_chunks(body).ok_or_else(|| invalid("the answer ends early".to_owned()))?
    } else {
        body.to_vec()
    };
    match status {
        Some(200..=299) => Ok(serde_json::from_slice(&body)?),
        _ => Err(invalid(format!(
            "{} {}",
            head.lines().next().unwrap_or_default(),
            String::from_utf8_lossy(&body)
        ))),
    }
}

/// Joins the chunks of a body that came in chunked transfer coding; `None` when the last one is missing.
fn join_chunks(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = rest.windows(2).position(|two| two == b"\r\n")?;
        let line = std::str::from_utf8(&rest[..end]).ok()?;
        let size = usize::from_str_radix(line.split(';').next()?.trim(), 16).ok()?;
        if size == 0 {
            return Some(body);
        }
        let chunk = end.checked_add(2)?;
        body.extend_from_slice(rest.get(chunk..chunk.checked_add(size)?)?);
        rest = rest.get(chunk.checked_add(size)?.checked_add(2)?..)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read_with_a_length_and_in_chunks() {
        let plain =
            parse_answer(b"HTTP/1.1 200 OK\r\ncontent-length: 14\r\n\r\n{\"digest\":\"a\"}")
                .expect("an answer");
        let chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"dig\r\n9;x=1\r\nest\":\"a\"}\r\n0\r\n\r\n";
        assert_eq!(plain, json!({ "digest": "a" }));
        assert_eq!(parse_answer(chunked).expect("an answer"), plain);
    }

    #[test]
    fn a_refusal_says_why() {
        let refusal = parse_answer(b"HTTP/1.1 404 Not Found\r\n\r\n{\"message\":\"unknown\"}")
            .expect_err("refused");
        assert_eq!(
            refusal.to_string(),
            "http/1.1 404 not found {\"message\":\"unknown\"}"
        );
        assert!(
            parse_answer(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{\"di")
                .is_err()
        );
    }
}
