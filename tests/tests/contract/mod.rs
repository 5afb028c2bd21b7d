//! The system's descriptions agree: code, template, OpenAPI document, samples, docs.

mod codes;
mod openapi;
mod routes;
mod samples;
mod template;
