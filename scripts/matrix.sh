#!/usr/bin/env bash
# Runs all tests on several major versions of PostgreSQL:
#
#   scripts/matrix.sh 14 15 16 17 18
#
# The servers come from npm (scripts/postgres.sh). psql and pg_dump are those of
# the machine; a test that cannot do without a newer one says what it leaves out.
# PACKAGES, and PATTERN for go test's -run, choose fewer than all.
# Where pg_dump is older than the server, databases are compared by what the
# catalog says of each object (internal/pgtest/snapshot.sql).
set -euo pipefail
cd "$(dirname "$0")/.."

# major PROGRAM: of PostgreSQL.
major() { "$1" --version | sed -E 's/^[^0-9]*([0-9]+).*/\1/'; }

failed=()
for version; do
    dir=$(scripts/postgres.sh "$version")
    printf '\n== %s\n' "$("$dir/postgres" --version)"
    log=$(mktemp)
    skip=()
    if [ ! -x "$dir/pg_basebackup" ]; then
        echo "not run on $version: TestBatchMaxLag, TestWorkMaxLag and TestReviewStandby, which make a replica with the server's own pg_basebackup"
        skip+=('^Test(Batch|Work)MaxLag$' '^TestReviewStandby$')
    fi
    if [ "$(major pg_dump)" -lt "$version" ]; then
        echo "not run on $version: TestJSONOutput and the scripts dump, role and schema, since this machine's pg_dump is older"
        skip+=('^TestJSONOutput$' '^TestScripts$/^#00$/^(dump|role|schema)$')
    fi
    pattern=$(IFS='|'; echo "${skip[*]:-}")
    # shellcheck disable=SC2086 # PACKAGES are several words
    if RUNG_PG_BINDIR=$dir go test ${PACKAGES:-./...} -count=1 -timeout 60m -v ${PATTERN:+-run "$PATTERN"} ${pattern:+-skip "$pattern"} >"$log" 2>&1; then
        grep -h '_test.go:[0-9]*: not ' "$log" || true
        grep '^ok' "$log"
    else
        failed+=("$version")
        grep -v '^=== ' "$log" | grep -v '^ *--- PASS' || true
    fi
    rm -f "$log"
done
if [ ${#failed[@]} -gt 0 ]; then
    echo "failed on: ${failed[*]}" >&2
    exit 1
fi
