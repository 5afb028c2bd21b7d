//! template.yaml against CloudFormation's limits and against the code.

use std::{collections::BTreeSet, fs, path::Path};

use domain::{
    course::CourseStatus,
    enrollment::EnrollmentStatus,
    identity::Role,
    video::{TranscodingStatus, VideoStatus, Visibility},
};
use serde::de::DeserializeOwned;
use serde_yaml_ng::Value;
use testkit::template;

fn functions() -> Vec<(String, Value)> {
    template::resources("AWS::Serverless::Function")
}

fn root() -> std::path::PathBuf {
    template::path().parent().unwrap().to_owned()
}

/// All Rust sources below a folder, as one text.
fn sources(folder: &Path) -> String {
    let mut text = String::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            text.push_str(&sources(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            text.push_str(&fs::read_to_string(path).unwrap());
        }
    }
    text
}

fn package_folder(binary: &str) -> std::path::PathBuf {
    let (kind, name) = binary.split_once('-').unwrap();
    root().join("functions").join(if kind == "api" { "api" } else { "jobs" }).join(name).join("src")
}

#[test]
fn it_stays_clear_of_the_limit_of_500_resources() {
    let resources = template::read()["Resources"].as_mapping().unwrap().len();
    // SAM makes up to three more of a function with routes: a role, a permission for each route, an event source mapping.
    let events: usize = functions()
        .iter()
        .map(|(_, function)| function["Properties"]["Events"].as_mapping().map_or(0, |all| all.len()))
        .sum();
    let estimate = resources + functions().len() + events;
    assert!(estimate < 400, "{estimate} resources after the transformation");
}

#[test]
fn every_binary_has_its_function_and_every_function_its_binary() {
    let in_template: BTreeSet<String> = functions()
        .iter()
        .map(|(_, function)| function["Metadata"]["Binary"].as_str().unwrap().to_owned())
        .collect();
    let mut in_code = BTreeSet::new();
    for (folder, kind) in [("api", "api"), ("jobs", "job")] {
        for entry in fs::read_dir(root().join("functions").join(folder)).unwrap() {
            in_code.insert(format!("{kind}-{}", entry.unwrap().file_name().to_string_lossy()));
        }
    }
    assert_eq!(in_template, in_code);
}

#[test]
fn every_function_reads_the_variables_that_it_is_given() {
    let shared = sources(&root().join("shared"));
    for (id, function) in functions() {
        let binary = function["Metadata"]["Binary"].as_str().unwrap();
        let own = sources(&package_folder(binary));
        let variables = function["Properties"]["Environment"]["Variables"].as_mapping().unwrap();
        // The C library reads its own.
        let names = variables.keys().map(|name| name.as_str().unwrap());
        for name in names.filter(|name| !name.starts_with("MALLOC_")) {
            let quoted = format!("\"{name}\"");
            assert!(own.contains(&quoted) || shared.contains(&quoted), "{id}: nothing reads {name}");
        }
    }
}

/// Whether a filter of a stream may ask for this value of an attribute of items of this type: one that is written.
fn is_written(item_type: &str, attribute: &str, value: &str) -> bool {
    fn is<T: DeserializeOwned>(value: &str) -> bool {
        serde_json::from_value::<T>(value.into()).is_ok()
    }
    match (item_type, attribute) {
        ("course", "status") => is::<CourseStatus>(value),
        ("enrollment", "status") => is::<EnrollmentStatus>(value),
        ("user", "role") => is::<Role>(value),
        ("version", "transcoding_status") => is::<TranscodingStatus>(value),
        ("video", "status") => is::<VideoStatus>(value),
        ("video", "visibility") => is::<Visibility>(value),
        (_, attribute) => attribute == "type",
    }
}

#[test]
fn the_filters_of_streams_ask_for_values_that_are_written() {
    let mut asked = 0;
    for (id, mapping) in template::resources("AWS::Lambda::EventSourceMapping") {
        let filters = mapping["Properties"]["FilterCriteria"]["Filters"].as_sequence();
        for filter in filters.into_iter().flatten() {
            let pattern: serde_json::Value =
                serde_json::from_str(filter["Pattern"].as_str().unwrap()).unwrap();
            let images = pattern["dynamodb"].as_object().unwrap();
            let types = images.values().find_map(|image| image["type"]["S"].as_array()).unwrap();
            for (attribute, values) in images.values().flat_map(|image| image.as_object().unwrap()) {
                for (item_type, value) in types
                    .iter()
                    .flat_map(|one| values["S"].as_array().unwrap().iter().map(move |value| (one, value)))
                {
                    let (item_type, value) = (item_type.as_str().unwrap(), value.as_str().unwrap());
                    assert!(
                        is_written(item_type, attribute, value),
                        "{id}: {attribute} {value} of {item_type}"
                    );
                    asked += 1;
                }
            }
        }
    }
    assert!(asked > 30, "{asked}");
}

#[test]
fn every_function_is_given_the_variables_that_it_reads() {
    let template = template::read();
    for (id, function) in functions() {
        let binary = function["Metadata"]["Binary"].as_str().unwrap();
        let global = &template["Globals"]["Function"]["Environment"]["Variables"];
        let own = &function["Properties"]["Environment"]["Variables"];
        let given: BTreeSet<&str> = [global, own]
            .into_iter()
            .flat_map(|variables| variables.as_mapping().unwrap().keys())
            .map(|name| name.as_str().unwrap())
            .collect();
        let own = sources(&package_folder(binary));
        for table in store::Table::ALL {
            if own.contains(&format!("Table::{table:?}")) {
                assert!(given.contains(table.variable()), "{id} uses {table:?} without {}", table.variable());
            }
        }
        for call in ["required(\"", "parsed(\"", "parsed_or(\"", "optional(\""] {
            for part in own.split(call).skip(1) {
                let name = part.split('"').next().unwrap();
                // Lambda itself sets those.
                let by_lambda = name.starts_with("AWS_");
                assert!(
                    by_lambda || given.contains(name),
                    "{id} reads {name}, which the template does not set"
                );
            }
        }
    }
}

/// Queues without a consumer, whose messages people deal with.
const FOR_PEOPLE: [&str; 1] = ["SetAsideQueue"];

#[test]
fn every_queue_has_dead_letters_an_alarm_and_one_consumer() {
    let queues = template::resources("AWS::SQS::Queue");
    // What lies there is for people: an alarm tells them, and nothing takes it away.
    let (for_people, work): (Vec<_>, Vec<_>) =
        queues.iter().partition(|(id, _)| FOR_PEOPLE.contains(&id.as_str()));
    assert_eq!(for_people.len(), FOR_PEOPLE.len());
    let (dead, live): (Vec<_>, Vec<_>) = work.into_iter().partition(|(id, _)| id.ends_with("DeadLetters"));
    let variables: BTreeSet<String> =
        contracts::Queue::ALL.iter().map(|queue| queue.variable().to_owned()).collect();
    let named: BTreeSet<String> = live
        .iter()
        .map(|(id, _)| format!("{}_QUEUE_URL", id.trim_end_matches("Queue").to_uppercase()))
        .collect();
    assert_eq!(named, variables, "the queues of the code are those of the template");
    let text = fs::read_to_string(template::path()).unwrap();
    for (id, queue) in live {
        assert!(queue["Properties"]["RedrivePolicy"].is_mapping(), "{id} has no dead letters");
        let consumers = text.matches(&format!("EventSourceArn: !GetAtt {id}.Arn, BatchSize")).count();
        assert_eq!(consumers, 1, "{id} has {consumers} consumers");
    }
    for (id, _) in dead.into_iter().chain(for_people) {
        assert!(text.contains(&format!("Value: !GetAtt {id}.QueueName")), "{id} has no alarm");
    }
}

/// To a function with a queue or a stream among its events SAM gives a managed policy, which opens all queues or streams.
#[test]
fn queues_and_streams_are_mapped_beside_their_functions() {
    for (id, function) in functions() {
        for event in
            function["Properties"]["Events"].as_mapping().into_iter().flat_map(|events| events.values())
        {
            let kind = event["Type"].as_str().unwrap();
            assert!(["HttpApi", "ScheduleV2"].contains(&kind), "{id} has an event of the type {kind}");
        }
    }
}

#[test]
fn no_function_may_do_everything_anywhere() {
    for (id, function) in functions() {
        for policy in function["Properties"]["Policies"].as_sequence().unwrap() {
            // Of `!If [condition, statement, nothing]` what it gives when the condition holds.
            let statements = policy["Statement"].as_sequence().unwrap().iter();
            for statement in statements.map(|one| one.as_sequence().map_or(one, |parts| &parts[1])) {
                let actions: Vec<&str> =
                    statement["Action"].as_sequence().unwrap().iter().filter_map(Value::as_str).collect();
                assert!(actions.iter().all(|action| !action.contains('*')), "{id}: {actions:?}");
                if statement["Resource"].as_str() == Some("*") {
                    // AWS knows no narrower resource for the network interfaces of functions in a VPC, nor for the list of streams.
                    let only_wide =
                        |action: &&str| action.starts_with("ec2:") || *action == "dynamodb:ListStreams";
                    assert!(actions.iter().all(only_wide), "{id}: {actions:?} on everything");
                }
            }
        }
    }
}
