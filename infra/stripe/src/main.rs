//! The stand-in as a process of the local stack. Its settings come from the environment; see docs/operations.md, "Payments gateway".

use std::{error::Error, path::PathBuf, time::Duration};

use kernel::{Ambient, Clock, Vars};
use stripe_stand_in::{Settings, StandIn, World};
use tokio::{net::TcpListener, signal::unix::SignalKind};

/// How often it looks whether a renewal is due.
const TICK: Duration = Duration::from_secs(5);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt().with_target(false).with_ansi(false).init();
    let vars = Vars::process();
    let settings = Settings {
        secret_key: vars.required("STRIPE_SECRET_KEY")?,
        publishable_key: vars.required("STRIPE_PUBLISHABLE_KEY")?,
        webhook_secret: vars.required("STRIPE_WEBHOOK_SECRET")?,
        webhook_url: vars.optional("STRIPE_WEBHOOK_URL").map(|url| url.parse()).transpose()?,
        return_base: vars.optional("STRIPE_RETURN_BASE").unwrap_or_default(),
        clock: Clock::system(),
        // Objects of an account that was thrown away must not come back under the same ids.
        seed: Ambient::system().token::<16>(),
        latency: Duration::from_millis(20),
    };
    let state = vars.optional("STRIPE_STATE_FILE").map(PathBuf::from);
    let saved = match &state {
        Some(file) if file.exists() => Some(serde_json::from_slice::<World>(&std::fs::read(file)?)?),
        _ => None,
    };
    let clock = settings.clock.clone();
    let world =
        saved.map_or_else(|| World::new(clock.clone(), &settings.seed), |saved| saved.resumed(clock.clone()));
    let listener = TcpListener::bind(("127.0.0.1", vars.parsed::<u16>("STRIPE_PORT")?)).await?;
    let stand_in = StandIn::resume(settings, world, listener)?;
    tracing::info!(address = stand_in.base(), "the Stripe stand-in listens");
    let mut end = tokio::signal::unix::signal(SignalKind::terminate())?;
    let mut interrupt = tokio::signal::unix::signal(SignalKind::interrupt())?;
    let mut tick = tokio::time::interval(TICK);
    loop {
        tokio::select! {
            _ = tick.tick() => stand_in.settle(),
            _ = end.recv() => break,
            _ = interrupt.recv() => break,
        }
    }
    if let Some(file) = state {
        std::fs::write(file, serde_json::to_vec(&stand_in.world())?)?;
    }
    Ok(())
}
