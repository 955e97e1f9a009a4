# rung and nothing else: no shell, no libc, no root. A team's own image is two lines:
#
#     FROM rung
#     COPY migrations /sql
#
# `up` is only the default: docker run IMAGE status, docker run IMAGE down --to 41.

FROM --platform=$BUILDPLATFORM golang:1.26 AS build
WORKDIR /src
# First what seldom changes, so that it is downloaded once.
COPY go.mod go.sum ./
RUN go mod download
COPY . .
# Empty without BuildKit, and then Go builds for the machine it is on.
ARG TARGETOS
ARG TARGETARCH
RUN GOOS=$TARGETOS GOARCH=$TARGETARCH make build

FROM scratch
LABEL org.opencontainers.image.title="rung" \
      org.opencontainers.image.description="Applies a directory of plain SQL migrations to PostgreSQL" \
      org.opencontainers.image.licenses="MIT"
# For sslmode=verify-full against a managed PostgreSQL.
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /src/bin/rung /rung
# There is no /sql here: run without one, the image fails instead of doing nothing.
ENV RUNG_DIR=/sql
# By number, so that Kubernetes can see that it is not root.
USER 65532:65532
ENTRYPOINT ["/rung"]
CMD ["up"]
