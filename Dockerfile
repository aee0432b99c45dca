# The image: one static binary in an empty file system. `docker build .` needs only this folder.

# Debian and not Alpine: scripts/build-static links for the GNU target that the tests have run on, and says why.
FROM rust:1-slim-bookworm AS build
WORKDIR /src
COPY . .
# The caches keep compiled dependencies from one build to the next, also when sources or manifest change.
# Cargo compares time stamps, and a checkout may be older than the cached build: hence `touch`.
RUN --mount=type=cache,id=sas-emulator-cargo,target=/usr/local/cargo/registry,sharing=locked \
    --mount=type=cache,id=sas-emulator-target,target=/src/target,sharing=locked \
    find src fixtures -exec touch {} + && scripts/image-root /out

# Runs the binary in an empty root and without privileges, so that a broken image cannot be built. It is a separate stage,
# because RUN leaves mount points such as /etc/resolv.conf behind.
FROM scratch AS tested
COPY --from=build /out/ /out/
USER 65532:65532
RUN ["/out/sas-emulator", "--version"]
RUN ["/out/sas-emulator", "operations"]
RUN ["/out/sas-emulator", "scenarios"]

FROM scratch
COPY --from=tested /out/ /
# The sources: --build-arg REVISION="$(git rev-parse HEAD)". The version is that of Cargo.toml; a test compares them.
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="sas-emulator" \
      org.opencontainers.image.description="A local Alibaba Cloud Security Center (SAS) for official SDKs" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION" \
      org.opencontainers.image.licenses="Apache-2.0"
# By number, because Kubernetes' runAsNonRoot checks numbers, and an empty image has no user names. Any other works, too.
USER 65532:65532
ENV SAS_EMULATOR_LISTEN=0.0.0.0:7270 \
    SAS_EMULATOR_INIT_DIR=/etc/sas-emulator/init
EXPOSE 7270
STOPSIGNAL SIGTERM
# Frequent, because `depends_on: service_healthy` waits for it; the probe takes milliseconds and gives up after 3 seconds.
HEALTHCHECK --interval=3s --timeout=5s --start-period=10s --retries=3 CMD ["/sas-emulator", "healthcheck"]
ENTRYPOINT ["/sas-emulator"]
