//! A response as it came over the socket.

/// The bytes of one whole response.
pub(crate) struct Answer(pub(crate) Vec<u8>);

impl Answer {
    /// Head and body included.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn body(&self) -> String {
        let text = String::from_utf8_lossy(&self.0);
        let Some((head, body)) = text.split_once("\r\n\r\n") else { return String::new() };
        if is_chunked(head) { dechunked(body).unwrap_or_default() } else { body.to_owned() }
    }

    /// How many lines the head has.
    pub(crate) fn lines(&self) -> usize {
        String::from_utf8_lossy(&self.0).split("\r\n\r\n").next().unwrap_or_default().lines().count()
    }

    /// Whether the server ends the connection after it.
    pub(crate) fn is_last(&self) -> bool {
        let text = String::from_utf8_lossy(&self.0);
        let head = text.split("\r\n\r\n").next().unwrap_or_default();
        header(head, "connection").is_some_and(|value| value.eq_ignore_ascii_case("close"))
    }
}

/// Whether these bytes are a whole response: as long as its head says, or with the chunk that ends it.
pub(crate) fn is_whole(answer: &[u8]) -> bool {
    let text = String::from_utf8_lossy(answer);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    if is_chunked(head) {
        return dechunked(body).is_some();
    }
    header(head, "content-length").and_then(|length| length.parse().ok()) == Some(body.len())
}

fn is_chunked(head: &str) -> bool {
    header(head, "transfer-encoding").is_some_and(|value| value.eq_ignore_ascii_case("chunked"))
}

fn header<'a>(head: &'a str, wanted: &str) -> Option<&'a str> {
    let mut pairs = head.lines().filter_map(|line| line.split_once(':'));
    pairs.find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value.trim())
}

/// The content of all chunks, if the last one is there.
fn dechunked(mut rest: &str) -> Option<String> {
    let mut content = String::new();
    loop {
        let (size, after) = rest.split_once("\r\n")?;
        let size = usize::from_str_radix(size.trim(), 16).ok()?;
        if size == 0 {
            return (after == "\r\n").then_some(content);
        }
        content += after.get(..size)?;
        rest = after.get(size..)?.strip_prefix("\r\n")?;
    }
}
