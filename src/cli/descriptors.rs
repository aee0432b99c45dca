//! File descriptors: each connection takes one, and the system limits them.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Taken by other things than connections: the listener, files, the runtime, connections beyond the limit.
const OTHER_DESCRIPTORS: usize = 64;
/// With fewer connections than this nothing can be served.
const MIN_CONNECTIONS: usize = 4;

/// Raises the limit of this process, and of commands that it runs, as far as it may go.
pub(super) fn raise_limit() {
    let limit = getrlimit(Resource::Nofile);
    // Some systems refuse it: then the limit stays.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit });
}

/// How many connections there may be: as many as `wanted`, or fewer if there are not enough descriptors; and how many those
/// are, if they are not enough.
pub(super) fn connections(wanted: usize) -> (usize, Option<usize>) {
    let allowed = getrlimit(Resource::Nofile).current;
    let allowed = allowed.map_or(usize::MAX, |allowed| usize::try_from(allowed).unwrap_or(usize::MAX));
    let connections = fitting(wanted, allowed);
    (connections, (connections < wanted).then_some(allowed))
}

fn fitting(wanted: usize, allowed: usize) -> usize {
    wanted.min(allowed.saturating_sub(OTHER_DESCRIPTORS).max(MIN_CONNECTIONS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_fit_in_the_descriptors_that_there_are() {
        assert_eq!(fitting(10_000, usize::MAX), 10_000);
        assert_eq!(fitting(10_000, 1024), 960);
        assert_eq!(fitting(100, 1024), 100);
        assert_eq!(fitting(10_000, 32), MIN_CONNECTIONS);
    }
}
