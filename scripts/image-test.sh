#!/usr/bin/env bash
# Proves the image on a machine without a container engine:
#
#   bin/rung sandbox -- scripts/image-test.sh
#
# First by hand: the same static binary, alone in an empty root directory, as the
# image's user. Then, where buildah is installed, with the Dockerfile itself: its
# base image is out of reach offline, so this machine's own Go stands in for it.
set -euo pipefail
cd "$(dirname "$0")/.."

fail() {
    echo "image-test: $*" >&2
    exit 1
}
[ "$(id -u)" = 0 ] || fail "needs root, for chroot"
[ -n "${DATABASE_URL:-}" ] || fail "needs a database of its own: bin/rung sandbox -- $0"
[ -x bin/rung ] || fail "needs bin/rung: make build"

max_bytes=15000000
certificates=/etc/ssl/certs/ca-certificates.crt
id=65532:65532

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 0755 "$work"

# The secret as an orchestrator mounts it: for the image's user alone.
secret=$work/database_url
printf '%s\n' "$DATABASE_URL" >"$secret"
chown $id "$secret"
chmod 0400 "$secret"

small_and_static() {
    local size
    size=$(stat -c %s "$1")
    [ "$size" -lt $max_bytes ] || fail "$1 has $size bytes, more than $max_bytes"
    ! ldd "$1" >/dev/null 2>&1 || fail "$1 is not static"
    echo "static, $size bytes"
}

# climb RUN…: what a deploy does, and what an operator does after it. RUN starts
# the image with the arguments that follow, or with its own when there are none.
climb() {
    local log=$work/log password
    {
        "$@"
        "$@" status --exit-code
        "$@" down --to 0 --yes
    } 2>&1 | tee "$log"
    password=$(sed -n 's,^[a-z]*://[^:/]*:\([^@]*\)@.*,\1,p' "$secret")
    [ -z "$password" ] || ! grep -qF "$password" "$log" || fail "the password was printed"
}

# --- by hand ------------------------------------------------------------------

in_chroot() {
    env -i RUNG_DIR=/sql DATABASE_URL_FILE=/run/secrets/database_url \
        "$(command -v chroot)" --userspec=$id --groups=65532 "$root" /rung "${@:-up}"
}

echo "-- the binary alone in an empty root directory, as $id"
root=$work/root
install -D -m 0755 bin/rung "$root/rung"
install -D -m 0644 $certificates "$root$certificates"
install -D -m 0400 -o 65532 -g 65532 "$secret" "$root/run/secrets/database_url"
cp -r sql "$root/sql"
chmod -R a+rX "$root/sql"
small_and_static "$root/rung"
climb in_chroot

# --- with buildah -------------------------------------------------------------

if ! command -v buildah >/dev/null; then
    echo "-- no buildah here: the Dockerfile itself was not built"
    exit 0
fi

buildah=(buildah --storage-driver vfs --root "$work/storage" --runroot "$work/run")

# quietly COMMAND…: buildah's progress is only of interest when it fails.
quietly() {
    "$@" >"$work/log" 2>&1 || { cat "$work/log" >&2; fail "$* went wrong"; }
}

# golang:1.26, but with nothing in it except the certificates. This machine's own
# programs are mounted over it, so that every line of the Dockerfile runs as it is
# written.
stand_in() {
    local base=$work/base container
    mkdir -p "$base/etc/ssl/certs" "$base/usr" "$base/go" "$base/root" "$base/tmp"
    ln -s usr/bin usr/lib usr/lib64 "$base"
    cp $certificates "$base/etc/ssl/certs/"
    container=$("${buildah[@]}" from scratch)
    quietly "${buildah[@]}" copy "$container" "$base" /
    "${buildah[@]}" config \
        --env "PATH=$(go env GOROOT)/bin:/usr/bin" \
        --env GOPATH=/go --env "GOPROXY=$(go env GOPROXY)" "$container"
    quietly "${buildah[@]}" commit --rm "$container" golang:1.26
}

# build TAG DIRECTORY
build() {
    quietly "${buildah[@]}" build --isolation chroot --pull-never --volume /usr:/usr:ro \
        --build-arg TARGETOS=linux --build-arg "TARGETARCH=$(go env GOARCH)" \
        --tag "$1" "$2"
}

# A container of team's image, with the words of its ENTRYPOINT and then the
# arguments, or else its CMD: buildah itself runs only what it is told.
in_image() {
    local words='{{range .OCIv1.Config.Entrypoint}}{{.}} {{end}}'
    [ $# -gt 0 ] || words+='{{range .OCIv1.Config.Cmd}}{{.}} {{end}}'
    # Not quoted: it is to be split.
    # shellcheck disable=SC2046
    "${buildah[@]}" run --isolation chroot \
        --env DATABASE_URL_FILE=/run/secrets/database_url \
        --volume "$secret:/run/secrets/database_url:ro" \
        "$container" -- $("${buildah[@]}" inspect --format "$words" "$container") "$@"
}

echo "-- the Dockerfile, built by buildah, and on it a team's image of two lines"
stand_in
build rung .
mkdir "$work/team"
cp -r sql "$work/team/migrations"
printf 'FROM rung\nCOPY migrations /sql\n' >"$work/team/Dockerfile"
build team "$work/team"
container=$("${buildah[@]}" from --pull-never team)
small_and_static "$("${buildah[@]}" mount "$container")/rung"
quietly "${buildah[@]}" umount "$container"
climb in_image
