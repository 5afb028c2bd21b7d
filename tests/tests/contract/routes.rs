//! API Gateway's routes against the operations of the code.

use std::collections::BTreeSet;

use testkit::template;

/// A route of the template: its path and the binary behind it.
struct Route {
    path: String,
    binary: String,
}

fn routes() -> Vec<Route> {
    let mut all = Vec::new();
    for (_, function) in template::resources("AWS::Serverless::Function") {
        let binary = function["Metadata"]["Binary"].as_str().unwrap().to_owned();
        let Some(events) = function["Properties"]["Events"].as_mapping() else { continue };
        for event in events.values().filter(|event| event["Type"].as_str() == Some("HttpApi")) {
            let path = event["Properties"]["Path"].as_str().unwrap().to_owned();
            all.push(Route { path, binary: binary.clone() });
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

fn chosen<'a>(routes: &'a [Route], path: &str) -> Option<&'a Route> {
    routes
        .iter()
        .filter_map(|route| Some((fit(&route.path, path)?, route)))
        .max_by(|a, b| a.0.cmp(&b.0))
        .map(|(_, route)| route)
}

/// Every operation's path with something in place of its variables, with the binary that serves it.
fn operations() -> Vec<(String, &'static str)> {
    let mut all = Vec::new();
    for group in e2e::groups() {
        for path in group.document.paths.paths.keys() {
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
            all.push((filled.join("/"), group.binary));
        }
    }
    all
}

#[test]
fn every_operation_is_reached_with_and_without_a_slash_at_its_end() {
    let routes = routes();
    for (path, binary) in operations() {
        for path in [path.clone(), format!("{path}/")] {
            if path == "/.well-known/jwks.json/" {
                continue;
            }
            let route = chosen(&routes, &path).unwrap_or_else(|| panic!("no route for {path}"));
            assert_eq!(route.binary, binary, "{path} goes to {}", route.path);
        }
    }
}

#[test]
fn every_function_with_routes_has_operations_behind_each_of_them() {
    let routes = routes();
    let operations = operations();
    let used: BTreeSet<&str> = operations
        .iter()
        .flat_map(|(path, _)| [path.clone(), format!("{path}/")])
        .filter_map(|path| chosen(&routes, &path).map(|route| route.path.as_str()))
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
    let route = |path: &str| Route { path: path.into(), binary: path.into() };
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
        assert_eq!(chosen(&routes, path).unwrap().path, expected, "{path}");
    }
}
