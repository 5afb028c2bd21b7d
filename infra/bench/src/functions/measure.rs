//! One function: its start, its first request, and requests when it is warm.

use super::{
    reads::Reads,
    seed::{Data, LIST},
};
use crate::{
    Outcome,
    aws::Metered,
    lambda::{Instance, Request},
    median, ms,
    platform::{BARE, Platform},
    release,
};

/// Instances that are started; the median counts.
const STARTS: usize = 5;

/// What was measured. CPU times are medians in milliseconds.
pub(crate) struct Measured {
    pub(crate) binary: String,
    pub(crate) init_ms: f64,
    pub(crate) first_ms: Option<f64>,
    pub(crate) one: Option<Warm>,
    pub(crate) list: Option<Warm>,
    /// Most memory that the instance ever held.
    pub(crate) peak_bytes: u64,
    /// The binary as a zip.
    pub(crate) zip_bytes: u64,
    /// A warm request's line in the log.
    pub(crate) log_bytes: u64,
    /// MB, by the template.
    pub(crate) memory_mb: u64,
}

/// A request to a warm instance.
pub(crate) struct Warm {
    pub(crate) cpu_ms: f64,
    pub(crate) metered: Metered,
}

/// The bare function.
pub(crate) async fn bare(platform: &Platform) -> Outcome<Measured> {
    let event = Request::get("/", None);
    let start = async || platform.bare().await;
    measure(platform, BARE, 0, start, Some((&event, None))).await
}

/// A function of the template.
pub(crate) async fn function(
    platform: &Platform,
    data: &Data,
    binary: &str,
    reads: Option<&Reads>,
) -> Outcome<Measured> {
    let start = async || platform.instance(binary).await;
    let memory = platform.memory(binary)?;
    let measured = match reads {
        None => measure(platform, binary, memory, start, None).await,
        Some(reads) => {
            let (one, list) = (data.path(reads.one), reads.list.map(|path| data.path(path)));
            let token = data.token(reads.who);
            let one = Request::get(&one, token);
            let list = list.as_ref().map(|path| Request::get(path, token));
            measure(platform, binary, memory, start, Some((&one, list.as_ref()))).await
        }
    };
    measured.map_err(|error| format!("{binary}: {error}").into())
}

async fn measure(
    platform: &Platform,
    binary: &str,
    memory_mb: u64,
    start: impl AsyncFn() -> Outcome<Instance>,
    requests: Option<(&Request<'_>, Option<&Request<'_>>)>,
) -> Outcome<Measured> {
    let (mut inits, mut firsts) = (Vec::new(), Vec::new());
    let mut instance = start().await?;
    for number in 1..=STARTS {
        inits.push(instance.spent());
        if let Some((one, _)) = requests {
            firsts.push(instance.ask(one).await?.cpu);
        }
        if number < STARTS {
            instance = start().await?;
        }
    }
    let mut measured = Measured {
        binary: binary.to_owned(),
        init_ms: ms(median(&mut inits)),
        first_ms: None,
        one: None,
        list: None,
        peak_bytes: 0,
        zip_bytes: release::zipped_size(&release::binary(binary)?)?,
        log_bytes: 0,
        memory_mb,
    };
    if let Some((one, list)) = requests {
        measured.first_ms = Some(ms(median(&mut firsts)));
        measured.one = Some(warm(platform, &mut instance, one).await?);
        if let Some(list) = list {
            check_list(&instance.ask(list).await?.body)?;
            measured.list = Some(warm(platform, &mut instance, list).await?);
        }
        let before = instance.logged()?;
        instance.ask(list.unwrap_or(one)).await?;
        measured.log_bytes = instance.logged()? - before;
    }
    measured.peak_bytes = instance.peak_memory()?;
    Ok(measured)
}

async fn warm(platform: &Platform, instance: &mut Instance, request: &Request<'_>) -> Outcome<Warm> {
    let cpu_ms = ms(instance.warm(request).await?);
    platform.aws.meter();
    instance.ask(request).await?;
    Ok(Warm { cpu_ms, metered: platform.aws.metered() })
}

/// A list that is not full would look cheap.
fn check_list(body: &serde_json::Value) -> Outcome<()> {
    let items = body["results"].as_array().map(Vec::len);
    if items == Some(LIST) { Ok(()) } else { Err(format!("the list has {items:?} items, not {LIST}").into()) }
}
