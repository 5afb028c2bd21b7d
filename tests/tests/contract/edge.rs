//! What CloudFront keeps, against the operations of the code.

use std::collections::BTreeSet;

use contracts::{Received, edge::Edge};
use serde_yaml_ng::Value;
use testkit::template;

const ID: &str = "01933b7a-3c5e-7000-8000-4f2d1c9a7b10";

fn distribution() -> Value {
    let (_, distribution) = template::resources("AWS::CloudFront::Distribution").remove(0);
    distribution["Properties"]["DistributionConfig"].clone()
}

/// What a tagged value such as `!Ref VisitorsCache` says.
fn word(value: &Value) -> &str {
    match value {
        Value::Tagged(tagged) => tagged.value.as_str().unwrap_or_default(),
        plain => plain.as_str().unwrap_or_default(),
    }
}

/// The path patterns in their order, and whether copies are kept of what they cover.
fn behaviours() -> Vec<(String, bool)> {
    let all = distribution()["CacheBehaviors"].as_sequence().unwrap().clone();
    let kept = |one: &Value| word(&one["CachePolicyId"]) == "VisitorsCache";
    all.iter().map(|one| (one["PathPattern"].as_str().unwrap().to_owned(), kept(one))).collect()
}

/// Whether a pattern, whose only wildcard here is a `*` at its end, covers a path.
fn covers(pattern: &str, path: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => path.starts_with(start),
        None => path == pattern,
    }
}

/// Every GET, its path with something in place of its variables, and whether it may answer 304, as all do of which copies are kept.
fn reads() -> Vec<(String, String, bool)> {
    let document = serde_json::to_value(e2e::openapi()).unwrap();
    let paths = document["paths"].as_object().unwrap();
    let get = |(path, item): (&String, &serde_json::Value)| {
        let step = |step: &str| if step.starts_with('{') { ID.to_owned() } else { step.to_owned() };
        let filled: Vec<_> = path.split('/').map(step).collect();
        let responses = item.get("get")?["responses"].as_object().unwrap();
        Some((path.clone(), filled.join("/"), responses.contains_key("304")))
    };
    paths.iter().filter_map(get).collect()
}

#[test]
fn what_may_be_kept_is_where_copies_are_kept() {
    let behaviours = behaviours();
    let mut used = BTreeSet::new();
    for (operation, path, may_be_kept) in reads() {
        let first = behaviours.iter().find(|(pattern, _)| covers(pattern, &path));
        let (pattern, kept) = first.unwrap_or_else(|| panic!("no behaviour for {operation}"));
        if may_be_kept {
            assert!(kept, "{operation} says how long it is kept, and {pattern} keeps nothing");
            used.insert(pattern.clone());
        }
    }
    let kept: BTreeSet<_> = behaviours.into_iter().filter(|(_, kept)| *kept).map(|(path, _)| path).collect();
    assert_eq!(kept, used, "copies are kept of nothing");
}

#[test]
fn callers_share_no_copy_and_what_says_nothing_is_not_kept() {
    let (id, policy) = template::resources("AWS::CloudFront::CachePolicy").remove(0);
    assert_eq!(id, "VisitorsCache");
    let config = &policy["Properties"]["CachePolicyConfig"];
    assert_eq!((config["MinTTL"].as_u64(), config["DefaultTTL"].as_u64()), (Some(0), Some(0)));
    let key = &config["ParametersInCacheKeyAndForwardedToOrigin"];
    assert_eq!(key["QueryStringsConfig"]["QueryStringBehavior"].as_str(), Some("all"));
    let headers = key["HeadersConfig"]["Headers"].as_sequence().unwrap();
    let headers: Vec<_> = headers.iter().filter_map(Value::as_str).collect();
    assert_eq!(headers, ["Authorization", "Origin"]);
    let errors = distribution()["CustomErrorResponses"].as_sequence().unwrap().clone();
    let errors: Vec<_> = errors
        .iter()
        .map(|one| (one["ErrorCode"].as_u64().unwrap(), one["ErrorCachingMinTTL"].as_u64().unwrap()))
        .collect();
    assert_eq!(
        errors,
        [404, 500, 502, 503, 504].map(|code| (code, 0)),
        "errors are kept for ten seconds else"
    );
}

/// Videos are kept from countries by `CloudFront-Viewer-Country`, which this policy hands on, and `AllViewer`, which is the other one for an API,
/// does not (CloudFront developer guide, "Use managed origin request policies").
const ALL_VIEWER_EXCEPT_HOST_HEADER: &str = "b689b0a8-53d0-40ab-baf2-68738e2966ac";

#[test]
fn the_viewers_country_reaches_every_function() {
    let all = distribution()["CacheBehaviors"].as_sequence().unwrap().clone();
    let to_api: Vec<_> = all.iter().filter(|one| word(&one["TargetOriginId"]) == "api").collect();
    assert!(to_api.len() > 5);
    for behaviour in to_api {
        let policy = behaviour["OriginRequestPolicyId"].as_str();
        assert_eq!(policy, Some(ALL_VIEWER_EXCEPT_HOST_HEADER), "{:?}", behaviour["PathPattern"]);
    }
}

#[test]
fn an_invalidated_course_is_gone_from_every_answer_that_is_kept_under_its_name() {
    let message = Edge::Course { course_id: ID.parse().unwrap(), slug: "a-slug".into() };
    let event_id = ID.parse().unwrap();
    let received = Received { event_id, occurred_at: "2026-06-01T12:00:00Z".parse().unwrap(), message };
    let paths = job_edge::Invalidation::of([&received]).unwrap().paths;
    let mut found = 0;
    for (operation, path, may_be_kept) in reads() {
        if may_be_kept && operation.starts_with("/api/v1/courses/{") {
            for path in [path.clone(), path.replace(ID, "a-slug"), format!("{path}/?page=2")] {
                assert!(paths.iter().any(|pattern| covers(pattern, &path)), "{path} is not in {paths:?}");
            }
            found += 1;
        }
    }
    assert!(found >= 4, "{found} operations");
}
