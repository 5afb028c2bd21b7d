//! Signed events, delivered as Stripe does: again and again until the endpoint answers 2xx.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use data_encoding::HEXLOWER;
use hmac::{Hmac, Mac as _};
use kernel::Timestamp;
use sha2::Sha256;

use crate::{Shared, world::Notice};

/// How long the endpoint may take.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Waits before another delivery; Stripe goes on for three days, a local stack is restarted earlier.
const PAUSES: [u64; 8] = [1, 2, 5, 10, 30, 60, 120, 300];

/// The header `Stripe-Signature` of a body: <https://docs.stripe.com/webhooks/signature>.
pub fn sign(secret: &str, body: &str, at: Timestamp) -> String {
    let seconds = at.as_second();
    // HMAC takes a key of any length (RFC 2104, 2).
    let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes());
    let code = mac.map(|mac| mac.chain_update(format!("{seconds}.{body}")).finalize().into_bytes());
    format!("t={seconds},v1={}", HEXLOWER.encode(&code.unwrap_or_default()))
}

/// Delivers events until the process ends.
pub(crate) async fn deliver_all(shared: Arc<Shared>, url: reqwest::Url) {
    let client = match client(&url) {
        Ok(client) => client,
        Err(error) => return tracing::error!(%error, "events can't be delivered"),
    };
    loop {
        let changed = shared.changed.notified();
        while let Some(notice) = shared.next_delivery() {
            tokio::spawn(deliver(Arc::clone(&shared), client.clone(), url.clone(), notice));
        }
        changed.await;
    }
}

async fn deliver(shared: Arc<Shared>, client: reqwest::Client, url: reqwest::Url, notice: Notice) {
    for pause in PAUSES {
        // Each delivery is signed anew, at the time at which it is sent.
        let header = sign(&shared.settings.webhook_secret, &notice.body, shared.settings.clock.now());
        let request = client
            .post(url.clone())
            .header("stripe-signature", header)
            .header("content-type", "application/json; charset=utf-8");
        match request.body(notice.body.clone()).send().await {
            Ok(answer) if answer.status().is_success() => {
                shared.world().sending.remove(&notice.id);
                return tracing::info!(event = notice.id, kind = notice.kind, "delivered");
            }
            Ok(answer) => tracing::warn!(
                event = notice.id,
                kind = notice.kind,
                status = answer.status().as_u16(),
                "refused"
            ),
            Err(error) => tracing::warn!(event = notice.id, kind = notice.kind, %error, "no answer"),
        }
        tokio::time::sleep(Duration::from_secs(pause)).await;
    }
    shared.world().sending.remove(&notice.id);
    tracing::error!(event = notice.id, kind = notice.kind, "given up");
}

/// Names below `localhost` mean this machine (RFC 6761, 6.3), which not every resolver knows.
fn client(url: &reqwest::Url) -> reqwest::Result<reqwest::Client> {
    let mut builder = reqwest::Client::builder().timeout(TIMEOUT).redirect(reqwest::redirect::Policy::none());
    if let Some(host) = url.host_str().filter(|host| host.ends_with(".localhost")) {
        let address = SocketAddr::from(([127, 0, 0, 1], url.port_or_known_default().unwrap_or(80)));
        builder = builder.resolve(host, address);
    }
    builder.build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_what_other_tools_compute() {
        // printf '1700000000.{}' | openssl dgst -sha256 -hmac whsec_test
        let header = sign("whsec_test", "{}", Timestamp::from_second(1_700_000_000).unwrap());
        assert_eq!(
            header,
            "t=1700000000,v1=35495024f4ef3f94e5a93e22221544c4b75e9a42300cd965ab81cb85cd994e91"
        );
    }
}
