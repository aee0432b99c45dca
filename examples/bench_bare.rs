//! The bare server of `scripts/bench`: one axum route that answers every request with the same bytes, a response of the
//! emulator that it reads from standard input.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a tool of scripts/bench, whose output is what it prints"
)]

use std::io::Read;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderName, Response};
use axum::routing::any;

#[tokio::main]
async fn main() {
    let mut answer = String::new();
    std::io::stdin().read_to_string(&mut answer).unwrap();
    let (headers, body) = parse(&answer);
    let answer = move || {
        let mut response = Response::new(Body::from(body.clone()));
        response.headers_mut().clone_from(&headers);
        std::future::ready(response)
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!("bench_bare ready http://{}", listener.local_addr().unwrap());
    axum::serve(listener, Router::new().route("/", any(answer))).await.unwrap();
}

/// Headers and body of a response, without the headers that hyper writes itself.
fn parse(answer: &str) -> (HeaderMap, Bytes) {
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let headers = head.lines().skip(1).map(|line| line.split_once(": ").unwrap());
    let headers = headers
        .map(|(name, value)| (name.parse::<HeaderName>().unwrap(), value.parse().unwrap()))
        .filter(|(name, _)| !matches!(name.as_str(), "content-length" | "date"))
        .collect();
    (headers, Bytes::from(body.to_owned()))
}
