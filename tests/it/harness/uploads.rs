//! Uploads of files for detection, as published programs send them: a form of OSS.

use bytes::Bytes;
use http::Request;
use serde_json::Value;

use super::{TestEmulator, TestResponse};

const BOUNDARY: &str = "6f1c0e5d9b";

/// The members of a form for an entry of `UploadUrlList`, in the order in which programs send them.
pub(crate) fn form(entry: &Value) -> Vec<(&'static str, String)> {
    let of_context = |name: &str| entry["Context"][name].as_str().unwrap().to_owned();
    vec![
        ("key", of_context("OssKey")),
        ("policy", of_context("Policy")),
        ("OSSAccessKeyId", of_context("AccessId")),
        ("success_action_status", "200".to_owned()),
        ("Signature", of_context("Signature")),
    ]
}

/// Its body, with the file at its end.
pub(crate) fn body(members: &[(&str, String)], content: &[u8]) -> Bytes {
    let mut body = Vec::new();
    for (name, value) in members {
        let head = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n");
        body.extend([head.as_bytes(), value.as_bytes(), b"\r\n"].concat());
    }
    let head =
        format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"sample\"\r\n\r\n");
    body.extend([head.as_bytes(), content, b"\r\n", format!("--{BOUNDARY}--\r\n").as_bytes()].concat());
    body.into()
}

pub(crate) fn content_type() -> String {
    format!("multipart/form-data; boundary={BOUNDARY}")
}

impl TestEmulator {
    /// The entry of `UploadUrlList` for a hash.
    pub(crate) async fn upload_entry(&self, hash: &str) -> Value {
        let params = [("Type", "0"), ("HashKeyList.1", hash)];
        self.reply("CreateFileDetectUploadUrl", &params).await["UploadUrlList"][0].clone()
    }

    /// Sends a form to where an entry says, under whatever name the link has.
    pub(crate) async fn upload_to(&self, entry: &Value, body: Bytes) -> TestResponse {
        let link = entry["PublicUrl"].as_str().unwrap();
        let (host, path) = link.strip_prefix("http://").unwrap().split_once('/').unwrap();
        let request =
            Request::post(format!("/{path}")).header("host", host).header("content-type", content_type());
        self.send(request.body(body).unwrap()).await
    }

    /// Uploads a file whose hash is this.
    pub(crate) async fn upload(&self, hash: &str, content: &[u8]) -> Value {
        let entry = self.upload_entry(hash).await;
        let answer = self.upload_to(&entry, body(&form(&entry), content)).await;
        assert_eq!((answer.status, answer.body.as_str()), (200, ""));
        entry
    }
}
