//! A client of `GET /_emulator/events`.

use axum::body::Body;
use http::Request;
use http_body_util::BodyExt;

use super::TestEmulator;

/// A connected client, and the part of the stream that is not read yet.
pub(crate) struct Listener {
    body: Body,
}

impl Listener {
    /// Connected: it receives everything that happens from here on.
    pub(crate) async fn to(emulator: &TestEmulator, path: &str) -> Self {
        Self::with(emulator, Request::get(format!("/_emulator/{path}")).body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn with(emulator: &TestEmulator, mut request: Request<Body>) -> Self {
        request.headers_mut().insert("host", "localhost".parse().unwrap());
        let response = emulator.open(request).await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self { body: response.into_body() }
    }

    /// The stream up to the line that begins so; panics if the stream ends before.
    pub(crate) async fn until(mut self, line: &str) -> String {
        self.read_to(line).await
    }

    pub(crate) async fn read_to(&mut self, line: &str) -> String {
        let mut text = String::new();
        while !text.lines().any(|read| read.starts_with(line)) {
            match self.body.frame().await {
                Some(frame) => {
                    text.push_str(std::str::from_utf8(&frame.unwrap().into_data().unwrap()).unwrap());
                }
                None => panic!("the stream ended before {line:?}: {text}"),
            }
        }
        text
    }

    /// What is left once it ends.
    pub(crate) async fn rest(self) -> String {
        String::from_utf8(self.body.collect().await.unwrap().to_bytes().to_vec()).unwrap()
    }
}
