#!/usr/bin/env bash
# Climbs the shipped ladder and comes down again. It needs a database of its own
# in DATABASE_URL; `make demo` gives it one:
#
#   bin/rung sandbox -- demo/run.sh
set -euo pipefail
cd "$(dirname "$0")/.."
PATH=$PWD/bin:$PATH

say() { printf '\n# %s\n' "$*"; }

show() {
    printf '\n$ %s\n' "$*"
    "$@"
}

say "What would happen, file by file. Nothing is touched."
show rung plan

say "Up: the schema, its data, and the record of each step."
show rung up
show rung status

say "Again: nothing to do, and no lock is taken."
show rung up

say "All the way down."
show rung down --to 0 --yes

say "And up once more, because every way back is a true one."
show rung up
show rung status --exit-code
