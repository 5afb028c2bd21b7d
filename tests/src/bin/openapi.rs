//! Writes the OpenAPI document of the whole API to standard output (`make openapi`).

use std::io::Write as _;

fn main() -> std::io::Result<()> {
    std::io::stdout().write_all(e2e::openapi_text().as_bytes())
}
