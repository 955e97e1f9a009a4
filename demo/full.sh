#!/usr/bin/env bash
# Applies all example migrations, reverts them and applies them again. It needs a database of
# its own in DATABASE_URL; `make demo-full` gives it one:
#
#   bin/rung sandbox -- demo/full.sh
set -euo pipefail
cd "$(dirname "$0")/.."
PATH=$PWD/bin:$PATH

say() { printf '\n# %s\n' "$*"; }

# Progress goes to stderr; here it is to stay in order with the rest.
show() {
    printf '\n$ %s\n' "$*"
    eval "$*" 2>&1
}

say "What would happen, file by file. Nothing is touched."
show rung plan

say "Up: the schema, its data, and the history of each step."
show rung up
show rung status
show "rung dump >bin/before.sql"

say "Again: nothing to do, and no lock is taken."
show rung up

say "All the way down."
show rung down --to 0 --yes

say "And up once more, because every down migration undoes its up."
show rung up
show rung status --exit-code
show "rung dump >bin/after.sql"
show "diff bin/before.sql bin/after.sql && echo the same schema"
rm bin/before.sql bin/after.sql
