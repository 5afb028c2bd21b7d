//! Small pages: no script, nothing loaded, readable by any browser and screen reader.

use axum::response::{Html, IntoResponse as _, Response};
use http::{HeaderMap, HeaderName, StatusCode, header};

/// Nothing is loaded, nothing runs, and a form goes nowhere but here.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
const STYLE: &str = "body{max-width:36rem;margin:4rem auto;padding:0 1rem;font:1.1rem/1.6 system-ui,sans-serif;\
    color:#1a1a1a;background:#fff}button{font:inherit;padding:.6rem 1.4rem;border:0;border-radius:.4rem;\
    background:#1d4ed8;color:#fff;cursor:pointer}button:focus-visible{outline:3px solid #f59e0b;outline-offset:2px}\
    dt{font-weight:600;margin-top:.8rem}dd{margin:0;overflow-wrap:anywhere}pre{white-space:pre-wrap;overflow-wrap:anywhere;font-size:.8rem}\
    @media(prefers-color-scheme:dark){body{color:#f5f5f5;background:#171717}button{background:#60a5fa;color:#111}a{color:#93c5fd}}";

/// A page in a language (ISO 639-1) with a heading and what stands below it, both in HTML. Nobody keeps or indexes it.
pub fn page(status: StatusCode, language: &str, title: &str, content: &str) -> Response {
    let page = format!(
        "<!doctype html><html lang=\"{language}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\
         <meta name=\"robots\" content=\"noindex\"><title>{title} · LearnFlow</title><style>{STYLE}</style></head>\
         <body><main><h1>{title}</h1>{content}</main></body></html>"
    );
    let headers: [(HeaderName, &str); 4] = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (status, headers, Html(page)).into_response()
}

/// A text that stands for itself in HTML, between tags and in quoted attributes.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('\'', "&#39;")
        .replace('"', "&quot;")
}

/// Whether who asks wants a page to look at rather than data: browsers name HTML when they open an address, programs do not.
pub fn is_wanted(headers: &HeaderMap) -> bool {
    let mut lines = headers.get_all(header::ACCEPT).iter().filter_map(|line| line.to_str().ok());
    lines.any(|line| {
        line.split(',').any(|range| {
            let mut parts = range.split(';').map(|part| part.trim().to_ascii_lowercase());
            let is_html = parts.next().is_some_and(|kind| kind == "text/html");
            let refused = |part: String| {
                part.strip_prefix("q=").and_then(|weight| weight.parse::<f32>().ok()) == Some(0.0)
            };
            is_html && !parts.any(refused)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_want_pages_and_programs_data() {
        for (accept, wanted) in [
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", true),
            ("application/json, TEXT/HTML; charset=utf-8; q=0.5", true),
            ("*/*", false),
            ("application/json", false),
            ("text/html;q=0", false),
            ("text/html;q=0.0, */*", false),
            ("text/htmlx", false),
            ("", false),
        ] {
            let headers = HeaderMap::from_iter([(header::ACCEPT, accept.parse().unwrap())]);
            assert_eq!(is_wanted(&headers), wanted, "{accept}");
        }
        assert!(!is_wanted(&HeaderMap::new()));
    }

    #[test]
    fn no_text_ends_what_it_stands_in() {
        let escaped = escape("<script>\"'&amp;");
        assert_eq!(escaped, "&lt;script&gt;&quot;&#39;&amp;amp;");
    }
}
