//! What AWS would charge, from measured units and from what template.yaml declares. List prices of us-east-1.

use std::io::Write;

use testkit::template;

use crate::Outcome;

/// Dollars for a million requests to an HTTP API.
const HTTP_API_MILLION: f64 = 1.00;
/// Dollars for a million invocations, and for a GB-second on arm64.
const LAMBDA_MILLION: f64 = 0.20;
const LAMBDA_GB_SECOND: f64 = 0.000_013_333_4;
/// Dollars for a million read units, on demand.
const READ_UNITS_MILLION: f64 = 0.125;
/// Dollars for a GB of logs taken in.
const LOGS_GB: f64 = 0.50;
/// Dollars a month.
const SECRET: f64 = 0.40;
const ALARM: f64 = 0.10;
const KMS_KEY: f64 = 1.00;
/// Dollars for a million calls of SQS.
const SQS_MILLION: f64 = 0.40;

/// MB of memory that come with one whole vCPU (Lambda developer guide, "Configure Lambda function memory").
const VCPU_MB: f64 = 1769.0;
/// Milliseconds that a call of DynamoDB takes within the region. Assumed: single-digit by AWS's word.
const DYNAMODB_MS: f64 = 5.0;
/// An idle queue's event source: five pollers, each asking for 20 seconds at a time (Lambda developer guide, "Using Lambda with Amazon
/// SQS"), for 30 days.
const IDLE_POLLS: f64 = 5.0 * 30.0 * 86_400.0 / 20.0;
/// Free each month without end: alarms, and calls of SQS.
const FREE_ALARMS: f64 = 10.0;
const FREE_SQS_CALLS: f64 = 1e6;

/// Targets: dollars for a million reads of a list, and for a month of an idle stack.
const MILLION_READS_TARGET: f64 = 2.00;
const IDLE_TARGET: f64 = 1.00;

/// What one request uses.
pub(crate) struct Use {
    pub(crate) cpu_ms: f64,
    pub(crate) dynamodb_calls: u32,
    pub(crate) read_units: f64,
    pub(crate) log_bytes: u64,
    pub(crate) memory_mb: u64,
}

impl Use {
    /// Milliseconds that are billed: CPU at the share that the memory buys, and waiting for DynamoDB, rounded up.
    fn billed_ms(&self) -> f64 {
        let share = (self.memory_mb as f64 / VCPU_MB).min(1.0);
        (self.cpu_ms / share + f64::from(self.dynamodb_calls) * DYNAMODB_MS).ceil()
    }

    /// The parts of the price of a million such requests.
    fn of_a_million(&self) -> [(&'static str, f64); 5] {
        let gb = self.memory_mb as f64 / 1024.0;
        [
            ("HTTP API requests", HTTP_API_MILLION),
            ("Lambda invocations", LAMBDA_MILLION),
            ("Lambda duration", self.billed_ms() * 1_000.0 * gb * LAMBDA_GB_SECOND),
            ("DynamoDB reads", self.read_units * READ_UNITS_MILLION),
            ("logs", self.log_bytes as f64 / 1_000.0 * LOGS_GB),
        ]
    }
}

/// Prints what a million such requests cost.
pub(crate) fn print_reads(out: &mut impl Write, one: &Use) -> std::io::Result<()> {
    let parts = one.of_a_million();
    let total: f64 = parts.iter().map(|(_, price)| price).sum();
    writeln!(
        out,
        "One million reads of the list of courses, modelled:\n\n| part | $ | from |\n| --- | --- | --- |"
    )?;
    let duration = format!(
        "{:.0} ms billed at {} MB: {:.2} ms of CPU, {} × {DYNAMODB_MS} ms for DynamoDB",
        one.billed_ms(),
        one.memory_mb,
        one.cpu_ms,
        one.dynamodb_calls
    );
    let from = [
        String::new(),
        String::new(),
        duration,
        format!("{:.1} units", one.read_units),
        format!("{} bytes", one.log_bytes),
    ];
    for ((name, price), from) in parts.iter().zip(from) {
        writeln!(out, "| {name} | {price:.2} | {from} |")?;
    }
    writeln!(
        out,
        "| total | {total:.2} {} | at most {MILLION_READS_TARGET:.2} |",
        mark(total, MILLION_READS_TARGET)
    )?;
    writeln!(out, "\nWithout CloudFront, whose first 10 million requests and 1 TB of each month are free.")
}

fn mark(value: f64, limit: f64) -> &'static str {
    if value <= limit { "ok" } else { "**over**" }
}

/// `bench cost`: what the stack costs while nobody uses it.
pub(crate) fn run(args: &[String]) -> Outcome<bool> {
    let check = match args {
        [] => false,
        [check] if check == "--check" => true,
        _ => return Err("cost knows --check only".into()),
    };
    let rows = idle();
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "A month of the idle stack, without Valkey:\n\n| what | number | $ list price | $ after free tiers |\n| --- | --- | --- | --- |"
    )?;
    let (mut list, mut paid) = (0.0, 0.0);
    for row in &rows {
        writeln!(out, "| {} | {} | {:.2} | {:.2} |", row.what, row.number, row.list, row.paid)?;
        list += row.list;
        paid += row.paid;
    }
    writeln!(out, "| total | | {list:.2} | {paid:.2} {} |", mark(paid, IDLE_TARGET))?;
    writeln!(out, "| at most | | | {IDLE_TARGET:.2} |")?;
    Ok(!check || paid <= IDLE_TARGET)
}

struct Row {
    what: &'static str,
    number: usize,
    list: f64,
    paid: f64,
}

fn idle() -> Vec<Row> {
    // What a condition turns on costs nothing where it is off.
    let count = |kind: &str| {
        let of_kind = template::resources(kind);
        of_kind.iter().filter(|(_, resource)| resource.get("Condition").is_none()).count()
    };
    let simple = |what, kind: &str, price: f64| {
        let number = count(kind);
        Row { what, number, list: number as f64 * price, paid: number as f64 * price }
    };
    let alarms = count("AWS::CloudWatch::Alarm");
    let pollers = polled_queues();
    let polls = pollers as f64 * IDLE_POLLS;
    vec![
        simple("secrets", "AWS::SecretsManager::Secret", SECRET),
        simple("KMS keys", "AWS::KMS::Key", KMS_KEY),
        Row {
            what: "alarms",
            number: alarms,
            list: alarms as f64 * ALARM,
            paid: (alarms as f64 - FREE_ALARMS).max(0.0) * ALARM,
        },
        Row {
            what: "queues that Lambda polls",
            number: pollers,
            list: polls / 1e6 * SQS_MILLION,
            paid: (polls - FREE_SQS_CALLS).max(0.0) / 1e6 * SQS_MILLION,
        },
    ]
}

/// Mappings that poll; a stream's are free, and alone have a position to start at.
fn polled_queues() -> usize {
    let mappings = template::resources("AWS::Lambda::EventSourceMapping");
    mappings.iter().filter(|(_, mapping)| mapping["Properties"]["StartingPosition"].is_null()).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_million_requests_cost_what_their_parts_cost() {
        let one = Use { cpu_ms: 0.6, dynamodb_calls: 2, read_units: 3.0, log_bytes: 200, memory_mb: 512 };
        // 0.6 ms of CPU take 2.07 ms at 0.289 of a vCPU; with two calls 12.07.
        assert_eq!(one.billed_ms(), 13.0);
        let [api, invocations, duration, reads, logs] =
            one.of_a_million().map(|(_, price)| (price * 1e4).round() / 1e4);
        assert_eq!((api, invocations, reads, logs), (1.0, 0.2, 0.375, 0.1));
        // 6,500 GB-seconds.
        assert_eq!(duration, 0.0867);
    }

    #[test]
    fn the_idle_stack_pays_for_what_the_template_declares() {
        let rows = idle();
        let secrets = template::resources("AWS::SecretsManager::Secret")
            .iter()
            .filter(|(_, secret)| secret.get("Condition").is_none())
            .count();
        assert_eq!((rows[0].number, rows[0].list), (secrets, secrets as f64 * SECRET));
        assert_eq!(IDLE_POLLS, 648_000.0);
        assert!(rows[3].number > 0 && rows[3].paid < rows[3].list);
    }
}
