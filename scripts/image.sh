#!/usr/bin/env bash
# Builds the image with the engine that is here.
set -euo pipefail
cd "$(dirname "$0")/.."

for engine in docker podman buildah; do
    if command -v "$engine" >/dev/null; then
        exec "$engine" build --tag rung "$@" .
    fi
done
echo "image: please install docker, podman or buildah" >&2
exit 1
