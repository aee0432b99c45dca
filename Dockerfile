# The image: one static binary in an empty file system. `docker build .` needs nothing but this folder.

# Debian and not Alpine: scripts/build-static links for the GNU target that the tests have run on, and says why.
FROM rust:1-slim-bookworm AS build
WORKDIR /src
COPY . .
# The caches keep compiled dependencies from one build to the next, whatever changes in the sources or the manifest.
# Cargo compares time stamps, and a checkout may be older than what the cache was filled from: hence `touch`.
RUN --mount=type=cache,id=sas-emulator-cargo,target=/usr/local/cargo/registry,sharing=locked \
    --mount=type=cache,id=sas-emulator-target,target=/src/target,sharing=locked \
    find src fixtures -exec touch {} + && scripts/image-root /out

# The binary as it will be, in an empty root and without privileges: a broken image cannot be built. A stage of its own,
# because RUN leaves mount points such as /etc/resolv.conf behind.
FROM scratch AS tested
COPY --from=build /out/ /out/
USER 65532:65532
RUN ["/out/sas-emulator", "--version"]
RUN ["/out/sas-emulator", "operations"]
RUN ["/out/sas-emulator", "scenarios"]

FROM scratch
COPY --from=tested /out/ /
# What this is made from: --build-arg REVISION="$(git rev-parse HEAD)". The version is that of Cargo.toml; a test compares.
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="sas-emulator" \
      org.opencontainers.image.description="A local Alibaba Cloud Security Center (SAS) for official SDKs" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION" \
      org.opencontainers.image.licenses="Apache-2.0"
# By number, so that Kubernetes' runAsNonRoot can tell; no such name exists in an empty image anyway. Any other will do.
USER 65532:65532
ENV SAS_EMULATOR_LISTEN=0.0.0.0:7270 \
    SAS_EMULATOR_INIT_DIR=/etc/sas-emulator/init
EXPOSE 7270
STOPSIGNAL SIGTERM
# Often, because `depends_on: service_healthy` waits for it; the probe takes milliseconds and gives up after 3 seconds.
HEALTHCHECK --interval=3s --timeout=5s --start-period=10s --retries=3 CMD ["/sas-emulator", "healthcheck"]
ENTRYPOINT ["/sas-emulator"]
