//! The system's descriptions agree: code, template, OpenAPI document, samples, docs.

mod codes;
mod data_model;
mod dependencies;
mod edge;
mod examples;
mod openapi;
mod routes;
mod samples;
mod secrets;
mod security;
mod template;
