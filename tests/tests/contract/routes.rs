//! API Gateway's routes against the operations of the code.

use std::collections::BTreeSet;

use testkit::template;

/// A route of the template: its method (`ANY` for all), its path and the binary behind it.
struct Route {
    method: String,
    path: String,
    binary: String,
}

fn routes() -> Vec<Route> {
    let mut all = Vec::new();
    for (_, function) in template::resources("AWS::Serverless::Function") {
        let binary = function["Metadata"]["Binary"].as_str().unwrap().to_owned();
        let Some(events) = function["Properties"]["Events"].as_mapping() else { continue };
        for event in events.values().filter(|event| event["Type"].as_str() == Some("HttpApi")) {
            let text = |name: &str| event["Properties"][name].as_str().unwrap().to_owned();
            all.push(Route { method: text("Method"), path: text("Path"), binary: binary.clone() });
        }
    }
    all
}

/// How well a route fits a path, segment by segment: a literal beats a variable, a variable beats `{proxy+}` (API Gateway developer
/// guide, "Working with routes for HTTP APIs"). `None` where it does not fit.
fn fit(route: &str, path: &str) -> Option<Vec<u8>> {
    let mut score = Vec::new();
    let mut steps = path.trim_start_matches('/').split('/');
    for pattern in route.trim_start_matches('/').split('/') {
        if pattern == "{proxy+}" {
            // It takes at least one segment.
            steps.next()?;
            score.push(1);
            return Some(score);
        }
        let step = steps.next()?;
        let variable = pattern.starts_with('{');
        if variable && !step.is_empty() {
            score.push(2);
        } else if pattern == step {
            score.push(3);
        } else {
            return None;
        }
    }
    steps.next().is_none().then_some(score)
}

/// The route that fits best; of two with one path that of the method before that of all.
fn chosen<'a>(routes: &'a [Route], method: &str, path: &str) -> Option<&'a Route> {
    routes
        .iter()
        .filter(|route| route.method == method || route.method == "ANY")
        .filter_map(|route| Some(((fit(&route.path, path)?, route.method == method), route)))
        .max_by(|a, b| a.0.cmp(&b.0))
        .map(|(_, route)| route)
}

/// Every operation's method, its path with something in place of its variables, and the binary that serves it.
fn operations() -> Vec<(String, String, &'static str)> {
    let mut all = Vec::new();
    for group in e2e::groups() {
        let document = serde_json::to_value(&group.document).unwrap();
        for (path, item) in document["paths"].as_object().unwrap() {
            let filled: Vec<String> = path
                .split('/')
                .map(|step| {
                    if step.starts_with('{') {
                        "01933b7a-3c5e-7000-8000-4f2d1c9a7b10".into()
                    } else {
                        step.to_owned()
                    }
                })
                .collect();
            for method in item.as_object().unwrap().keys() {
                all.push((method.to_uppercase(), filled.join("/"), group.binary));
            }
        }
    }
    all
}

#[test]
fn every_operation_is_reached_with_and_without_a_slash_at_its_end() {
    let routes = routes();
    for (method, path, binary) in operations() {
        for path in [path.clone(), format!("{path}/")] {
            // Outside of the API there are files, which are known by one name each.
            if !path.starts_with("/api/") && path.ends_with('/') {
                continue;
            }
            let route = chosen(&routes, &method, &path).unwrap_or_else(|| panic!("no route for {path}"));
            assert_eq!(route.binary, binary, "{method} {path} goes to {}", route.path);
        }
    }
}

#[test]
fn every_function_with_routes_has_operations_behind_each_of_them() {
    let routes = routes();
    let operations = operations();
    let used: BTreeSet<&str> = operations
        .iter()
        .flat_map(|(method, path, _)| [(method, path.clone()), (method, format!("{path}/"))])
        .filter_map(|(method, path)| chosen(&routes, method, &path).map(|route| route.path.as_str()))
        .collect();
    for route in &routes {
        // A group's three routes stand together, so that an unknown path below its base is the group's own 404.
        let base = route.path.trim_end_matches("{proxy+}").trim_end_matches('/');
        let family = [base.to_owned(), format!("{base}/"), format!("{base}/{{proxy+}}")];
        assert!(
            family.iter().any(|path| used.contains(path.as_str())) || route.path == "/{proxy+}",
            "{} serves nothing",
            route.path
        );
    }
}

#[test]
fn the_choice_is_that_of_api_gateway() {
    let route = |path: &str| Route { method: "ANY".into(), path: path.into(), binary: path.into() };
    let routes = [
        route("/{proxy+}"),
        route("/a/{proxy+}"),
        route("/a/{id}/play"),
        route("/a/b/{proxy+}"),
        route("/a"),
    ];
    for (path, expected) in [
        ("/a", "/a"),
        ("/a/x", "/a/{proxy+}"),
        ("/a/x/play", "/a/{id}/play"),
        ("/a/b/play", "/a/b/{proxy+}"),
        ("/z", "/{proxy+}"),
    ] {
        assert_eq!(chosen(&routes, "GET", path).unwrap().path, expected, "{path}");
    }
    let read = Route { method: "GET".into(), binary: "read".into(), ..route("/a") };
    let routes = [route("/a"), read];
    assert_eq!(chosen(&routes, "GET", "/a").unwrap().binary, "read");
    assert_eq!(chosen(&routes, "POST", "/a").unwrap().binary, "/a");
}
