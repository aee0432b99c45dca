//! `uploads`: the place to which programs send files for detection, as the object store OSS takes a form. A file is hashed while
//! it arrives; none of it is kept.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::BoxError;
use axum::extract::{Path, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use data_encoding::HEXLOWER;
use futures_util::StreamExt;
use md5::Md5;
use multer::{Constraints, Field, Multipart, SizeLimit};
use sha2::{Digest, Sha256};

use super::Shared;
use crate::domain::upload::{MOST_BYTES, UploadForm, UploadPlace, UploadRefusal};
use crate::posture::{FileHash, UploadedFile};

/// Most bytes of a member that is no file, and of all but the file.
const MOST_TEXT: u64 = 8 << 10;
const MOST_TEXTS: u64 = 64 << 10;
/// Most bytes that are taken in before the file has begun: what comes before it is kept until it is understood.
const MOST_BEFORE: usize = 1 << 20;
/// A form has a handful of members before its file.
const MOST_MEMBERS: usize = 32;

/// A refusal in the words of OSS.
pub(super) struct Refusal(StatusCode, &'static str, &'static str);

impl From<UploadRefusal> for Refusal {
    fn from((code, message): UploadRefusal) -> Self {
        Self(StatusCode::FORBIDDEN, code, message)
    }
}

impl From<multer::Error> for Refusal {
    fn from(error: multer::Error) -> Self {
        match error {
            multer::Error::StreamSizeExceeded { .. } | multer::Error::FieldSizeExceeded { .. } => TOO_LARGE,
            _ => MALFORMED,
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let Self(status, code, message) = self;
        let body = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code><Message>{message}</Message></Error>\n"
        );
        (status, [(header::CONTENT_TYPE, "application/xml")], body).into_response()
    }
}

const MALFORMED: Refusal = Refusal(
    StatusCode::BAD_REQUEST,
    "MalformedPOSTRequest",
    "The body is no well-formed multipart/form-data with a file as its last member.",
);
const TOO_LARGE: Refusal =
    Refusal(StatusCode::BAD_REQUEST, "EntityTooLarge", "The form is larger than the policy allows.");
const TOO_SLOW: Refusal =
    Refusal(StatusCode::BAD_REQUEST, "RequestTimeout", "The form did not arrive in time.");
const NO_ACCOUNT: Refusal =
    Refusal(StatusCode::FORBIDDEN, "AccessDenied", "The account of the upload parameters does not exist.");

pub(super) async fn upload(
    State(emulator): State<Shared>,
    Path((account, hash)): Path<(String, String)>,
    request: Request,
) -> Result<Response, Refusal> {
    let session = emulator.session();
    let now = session.scenario.gateway_clock.now();
    let place = UploadPlace { account: &account, hash: &hash };
    let check = |form: &UploadForm| place.check(form, session.seed, now);
    let limit: Duration = emulator.config().limits.receive;
    let received = tokio::time::timeout(limit, receive(request, check)).await;
    let (file, status) = received.unwrap_or(Err(TOO_SLOW))?;
    if session.keep_upload(&account, file) { Ok(status.into_response()) } else { Err(NO_ACCOUNT) }
}

/// Reads a form up to the end of its file, once what comes before the file is checked; also how success is to be answered.
async fn receive(
    request: Request,
    check: impl Fn(&UploadForm) -> Result<(), UploadRefusal>,
) -> Result<(UploadedFile, StatusCode), Refusal> {
    let has_file = Arc::new(AtomicBool::new(false));
    let mut form = multipart(request, Arc::clone(&has_file))?;
    let (mut members, mut status) = (UploadForm::default(), StatusCode::NO_CONTENT);
    for _ in 0..MOST_MEMBERS {
        let field = form.next_field().await?.ok_or(MALFORMED)?;
        let name = field.name().unwrap_or_default().to_ascii_lowercase();
        if name == "file" {
            check(&members)?;
            has_file.store(true, Ordering::Relaxed);
            return Ok((hashed(field).await?, status));
        }
        let text = field.text().await?;
        match name.as_str() {
            "key" => members.key = text,
            "ossaccesskeyid" => members.access_id = text,
            "policy" => members.policy = text,
            "signature" => members.signature = text,
            // Documented by OSS: 200, 201 or 204, which is also the usual one.
            "success_action_status" if text == "200" => status = StatusCode::OK,
            "success_action_status" if text == "201" => status = StatusCode::CREATED,
            _ => (),
        }
    }
    Err(MALFORMED)
}

fn multipart(request: Request, has_file: Arc<AtomicBool>) -> Result<Multipart<'static>, Refusal> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let boundary = multer::parse_boundary(kind.unwrap_or_default())?;
    let limits = SizeLimit::new()
        .whole_stream(MOST_BYTES + MOST_TEXTS)
        .per_field(MOST_TEXT)
        .for_field("file", MOST_BYTES);
    let mut before = 0;
    let parts = request.into_body().into_data_stream().map(move |part| -> Result<Bytes, BoxError> {
        let part = part?;
        if !has_file.load(Ordering::Relaxed) {
            if before > MOST_BEFORE {
                return Err("the file has not begun".into());
            }
            before += part.len();
        }
        Ok(part)
    });
    Ok(Multipart::with_constraints(parts, boundary, Constraints::new().size_limit(limits)))
}

async fn hashed(mut file: Field<'static>) -> Result<UploadedFile, Refusal> {
    let (mut md5, mut sha256, mut bytes) = (Md5::new(), Sha256::new(), 0);
    while let Some(part) = file.chunk().await? {
        md5.update(&part);
        sha256.update(&part);
        bytes += part.len() as u64;
    }
    let hash = |digest: &[u8]| FileHash::read(&HEXLOWER.encode(digest)).ok_or(MALFORMED);
    Ok(UploadedFile { md5: hash(&md5.finalize())?, sha256: hash(&sha256.finalize())?, bytes })
}
