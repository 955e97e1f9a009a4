#!/usr/bin/env bash
# Installs other migration tools into bin/other-tools, from the Go module proxy and
# from npm, for the tests that hand over from them to rung. What is there already in
# its version stays. sqitch is a package of the system's: scripts/deps.sh.
set -euo pipefail
cd "$(dirname "$0")/.."
dir=$PWD/bin/other-tools
mkdir -p "$dir/npm"

# module PACKAGE VERSION NAME [FLAG…]
module() {
    local package=$1 version=$2 name=$3
    shift 3
    if go version -m "$dir/$name" 2>/dev/null | grep -q "^\smod\s.*\s$version\s"; then return; fi
    echo "other-tools: building $name $version" >&2
    GOBIN=$dir GOFLAGS=-mod=mod CGO_ENABLED=0 go install "$@" "$package@$version" 2>"$dir/$name.log" || {
        cat "$dir/$name.log" >&2
        return 1
    }
}

packages=(dbmate@2.36.0 node-pg-migrate@9.0.0 knex@3.3.0 pg@8.23.1 drizzle-kit@0.31.11 drizzle-orm@0.45.4)
npm_tools() {
    if [ "$(cat "$dir/npm/installed" 2>/dev/null)" = "${packages[*]}" ]; then return; fi
    echo "other-tools: installing ${packages[*]}" >&2
    npm install --prefix "$dir/npm" --no-save --no-audit --no-fund --ignore-scripts --loglevel=error "${packages[@]}" >&2
    echo "${packages[*]}" >"$dir/npm/installed"
}

# npm mostly waits for the network, and go for the processor.
npm_tools &
npm=$!
# Without the drivers of other databases, which take minutes to build.
module github.com/pressly/goose/v3/cmd/goose v3.29.0 goose \
    -tags no_clickhouse,no_libsql,no_mssql,no_mysql,no_sqlite3,no_vertica,no_ydb
module github.com/golang-migrate/migrate/v4/cmd/migrate v4.20.1 migrate -tags postgres
module github.com/jackc/tern/v2 v2.3.4 tern
module github.com/rubenv/sql-migrate/sql-migrate v1.8.1 sql-migrate
wait $npm
