//! docs/errors.md lists the codes that the API gives, with their statuses, and no other.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use testkit::template;

/// The constructors of `ApiError` that take a code first, and the status that each gives.
const CONSTRUCTORS: [(&str, u16); 7] = [
    ("bad_request", 400),
    ("unauthorized", 401),
    ("forbidden", 403),
    ("not_found", 404),
    ("conflict", 409),
    ("unprocessable", 422),
    ("unavailable", 503),
];

/// Where `reason.code()` takes a code from: enums of the domain that functions refuse with.
const CODE_METHODS: [&str; 5] = [
    "shared/domain/src/playback/access.rs",
    "shared/domain/src/playback/audience.rs",
    "shared/domain/src/commerce/promo.rs",
    "shared/domain/src/commerce/subscription.rs",
    "shared/ephemeral/src/lib.rs",
];

/// Codes with the statuses that they come with; none where a constructor with any status gave one.
type Codes = BTreeMap<String, BTreeSet<u16>>;

struct Scan {
    file: PathBuf,
    code_methods: BTreeSet<String>,
    codes: Codes,
    /// Errors whose code the scan can't tell.
    unknown: Vec<String>,
}

fn parse(path: &Path) -> TokenStream {
    fs::read_to_string(path).unwrap().parse().unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The text of a string literal that can be a code: one word, all of its letters of one case.
fn code(tree: &TokenTree) -> Option<String> {
    let text = tree.to_string();
    let text = text.strip_prefix('"')?.strip_suffix('"')?;
    let word = |one: fn(&u8) -> bool| text.bytes().all(|byte| byte == b'_' || one(&byte));
    let is_code = text.len() > 2
        && (word(u8::is_ascii_uppercase) || (word(u8::is_ascii_lowercase) && text.contains('_')));
    is_code.then(|| text.to_owned())
}

/// All code-like literals below these tokens.
fn literals(tokens: TokenStream) -> BTreeSet<String> {
    let of = |tree: TokenTree| match &tree {
        TokenTree::Group(group) => literals(group.stream()),
        TokenTree::Literal(_) => code(&tree).into_iter().collect(),
        _ => BTreeSet::new(),
    };
    tokens.into_iter().flat_map(of).collect()
}

/// All texts below these tokens: in a `fn code` each of them is a code.
fn texts(tokens: TokenStream) -> BTreeSet<String> {
    let of = |tree: TokenTree| match tree {
        TokenTree::Group(group) => texts(group.stream()),
        TokenTree::Literal(text) => BTreeSet::from([text.to_string().trim_matches('"').to_owned()]),
        _ => BTreeSet::new(),
    };
    tokens.into_iter().flat_map(of).collect()
}

fn is(tree: Option<&TokenTree>, text: &str) -> bool {
    tree.is_some_and(|tree| {
        !matches!(tree, TokenTree::Group(_) | TokenTree::Literal(_)) && tree.to_string() == text
    })
}

/// The groups in `tokens` that follow `before`, as `mod tests` or `fn code`.
fn bodies(tokens: TokenStream, before: &[&str], found: &mut Vec<TokenStream>) {
    let trees: Vec<_> = tokens.into_iter().collect();
    for (at, tree) in trees.iter().enumerate() {
        if (0..before.len()).all(|step| is(trees.get(at + step), before[step])) {
            let brace = trees[at..].iter().find_map(|tree| match tree {
                TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => Some(group.stream()),
                _ => None,
            });
            found.extend(brace);
        }
        if let TokenTree::Group(group) = tree {
            bodies(group.stream(), before, found);
        }
    }
}

/// The arguments of a call.
fn arguments(tokens: TokenStream) -> Vec<Vec<TokenTree>> {
    let trees: Vec<_> = tokens.into_iter().collect();
    trees.split(|tree| is(Some(tree), ",")).map(<[TokenTree]>::to_vec).collect()
}

impl Scan {
    /// Finds the calls in `tokens`; `body` is the innermost block around them.
    fn walk(&mut self, tokens: &TokenStream, body: &TokenStream) {
        let trees: Vec<_> = tokens.clone().into_iter().collect();
        for (at, tree) in trees.iter().enumerate() {
            let TokenTree::Group(group) = tree else { continue };
            let after = |steps: usize| at.checked_sub(steps).and_then(|at| trees.get(at));
            if is(after(2), "mod") && is(after(1), "tests") {
                continue;
            }
            if group.delimiter() == Delimiter::Parenthesis && is(after(2), ":") && is(after(3), ":") {
                let own = is(after(4), "Self") && is(after(1), "new");
                if is(after(4), "ApiError") || is(after(4), "Self") {
                    self.call(&after(1).unwrap().to_string(), group.stream(), body, own);
                }
            }
            let block = group.delimiter() == Delimiter::Brace;
            self.walk(&group.stream(), if block { tokens } else { body });
        }
    }

    /// A call of a constructor; `own` when it is `Self::new`, which many types have.
    fn call(&mut self, name: &str, tokens: TokenStream, body: &TokenStream, own: bool) {
        let arguments = arguments(tokens);
        let is_any = name == "new" && (!own || is(arguments[0].first(), "StatusCode"));
        let status = CONSTRUCTORS.iter().find(|(one, _)| *one == name).map(|(_, status)| *status);
        let argument = match (status, is_any) {
            (Some(_), _) => arguments.first(),
            (None, true) => arguments.get(1),
            (None, false) => return,
        };
        let argument = argument.unwrap_or_else(|| panic!("{}: {name} without a code", self.file.display()));
        let text: TokenStream = argument.iter().cloned().collect();
        let mut found = literals(text.clone());
        if text.to_string().replace(' ', "").ends_with(".code()") {
            found = self.code_methods.clone();
        } else if found.is_empty() {
            // A variable: the block gives it its value.
            found = literals(body.clone());
        }
        if found.is_empty() {
            self.unknown.push(format!("{}: {name}({text}, …)", self.file.display()));
        }
        for code in found {
            self.codes.entry(code).or_default().extend(status);
        }
    }

    fn folder(&mut self, folder: &Path) {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            if path.is_dir() {
                if path.file_name().is_some_and(|name| name != "tests") {
                    self.folder(&path);
                }
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let tokens = parse(&path);
                self.file = path;
                self.walk(&tokens, &tokens);
            }
        }
    }
}

fn in_code(root: &Path) -> Scan {
    let mut code_methods = Vec::new();
    for file in CODE_METHODS {
        let before = code_methods.len();
        bodies(parse(&root.join(file)), &["fn", "code"], &mut code_methods);
        assert!(code_methods.len() > before, "{file} has no fn code");
    }
    let code_methods = code_methods.into_iter().flat_map(texts).collect();
    let mut scan = Scan { file: PathBuf::new(), code_methods, codes: Codes::new(), unknown: Vec::new() };
    scan.folder(&root.join("functions/api"));
    scan.folder(&root.join("shared/http/src"));
    scan
}

/// The rows of the document's tables: code and status.
fn in_docs(root: &Path) -> BTreeMap<String, u16> {
    let text = fs::read_to_string(root.join("docs/errors.md")).unwrap();
    let row = |line: &str| {
        let (code, rest) = line.strip_prefix("| `")?.split_once("` | ")?;
        Some((code.to_owned(), rest.split_once(' ')?.0.parse().ok()?))
    };
    text.lines().filter_map(row).collect()
}

#[test]
fn the_table_of_error_codes_is_the_one_of_the_code() {
    let root = template::path().parent().unwrap().to_owned();
    let scan = in_code(&root);
    // The constructors hand on the code that they are given.
    let unknown: Vec<_> =
        scan.unknown.iter().filter(|place| !place.contains("shared/http/src/error.rs: new(code")).collect();
    assert!(unknown.is_empty(), "codes that nobody can look up: {unknown:#?}");
    for code in
        ["INTERNAL", "RATE_LIMITED", "INSTRUCTORS_ONLY", "token_expired", "blocked", "device_limit_exceeded"]
    {
        assert!(scan.codes.contains_key(code), "the scan does not see {code}");
    }
    let documented = in_docs(&root);
    let missing: Vec<_> = scan.codes.keys().filter(|code| !documented.contains_key(*code)).collect();
    assert!(missing.is_empty(), "docs/errors.md lacks {missing:?}");
    let gone: Vec<_> = documented.keys().filter(|code| !scan.codes.contains_key(*code)).collect();
    assert!(gone.is_empty(), "docs/errors.md lists {gone:?}, which no code gives");
    let wrong: Vec<_> = documented
        .iter()
        .filter(|(code, status)| {
            let given = &scan.codes[*code];
            !given.is_empty() && !given.contains(status)
        })
        .collect();
    assert!(wrong.is_empty(), "docs/errors.md has another status than the code: {wrong:?}");
}
