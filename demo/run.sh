#!/usr/bin/env bash
# What rung does when something goes wrong, in half a minute: a typo, a lock that somebody
# holds, a kill -9 in the middle of a backfill; and the change of an enum, forth and back. It
# needs a database of its own in DATABASE_URL; `make demo` gives it one:
#
#   bin/rung sandbox -- demo/run.sh
set -euo pipefail
cd "$(dirname "$0")/.."
PATH=$PWD/bin:$PATH
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/sql"
for file in sql/000001_* sql/000003_*; do # a fifth of the people: the story is short
    sed 's/100000/20000/g' "$file" >"$work/sql/${file##*/}"
done
cd "$work"

say() { printf '\n# %s\n' "$*"; }

# Progress goes to stderr; here it is to stay in order with the rest.
show() {
    printf '\n$ %s\n' "$*"
    eval "$*" 2>&1
}

# fails shows a command that must not succeed.
fails() {
    if show "$@"; then
        echo "this should have failed" >&2
        exit 1
    fi
}

# until_true waits for a query to say t, for ten seconds at most.
until_true() {
    for _ in {1..200}; do
        [ "$(psql -AtX -c "$1" "$DATABASE_URL")" != t ] || return 0
        sleep 0.05
    done
    echo "never true: $1" >&2
    exit 1
}

say "Two files: 20,000 users and their tasks."
show rung up

say "A typo: the place, a hint, and nothing is left half done."
cat >sql/000004_task_reminders.up.sql <<'SQL'
ALTER TABLE tasks ADD COLUMN remind_on date;

UPDATE tasks
   SET remind_on = due_on - 3
 WHERE statu <> 'done';
SQL
echo 'ALTER TABLE tasks DROP COLUMN remind_on;' >sql/000004_task_reminders.down.sql
fails rung up
show "sed -i 's/statu /status /' sql/000004_task_reminders.up.sql"

say "A report reads tasks for three seconds. rung does not queue all others behind it: it lets go, names the session that blocks it, and tries again."
PGAPPNAME=monthly-report psql -qX "$DATABASE_URL" >/dev/null <<'SQL' &
BEGIN; LOCK TABLE tasks IN ACCESS SHARE MODE; SELECT pg_sleep(3); COMMIT;
SQL
report=$!
until_true "SELECT EXISTS (SELECT FROM pg_locks WHERE relation = 'tasks'::regclass AND mode = 'AccessShareLock')"
show rung up --lock-timeout 500ms
wait "$report"

say "A backfill of 20,000 rows, and a kill -9 in the middle of it."
echo 'ALTER TABLE users ADD COLUMN domain text;' >sql/000005_users_domain.up.sql
echo 'ALTER TABLE users DROP COLUMN domain;' >sql/000005_users_domain.down.sql
cat >sql/000006_users_domain_fill.up.sql <<'SQL'
-- rung:batch key=users.id rows=500 target=20ms
UPDATE users
   SET domain = split_part(email, '@', 2)
 WHERE id BETWEEN $1 AND $2
   AND domain IS NULL;
SQL
echo 'UPDATE users SET domain = NULL;' >sql/000006_users_domain_fill.down.sql
printf '\n$ %s\n' "rung up & sleep 1; kill -9 \$!"
rung up --quiet 2>/dev/null &
killed=$!
until_true "SELECT to_regclass('rung.batches') IS NOT NULL AND (SELECT count(*) FROM rung.batches WHERE version = 6) >= 5"
kill -9 "$killed"
wait "$killed" 2>/dev/null || true
show rung status
say "There is no dirty flag and no force: up goes on at the row where it was."
show rung up
show "psql -AtX -c 'SELECT count(*) AS rows, count(domain) AS filled FROM users' \"\$DATABASE_URL\""

say "Two values of an enum become one. rung looks at the real schema, and writes the files to review."
show "rung new simplify_status --template enum --set type=task_status --set values=open,done --set map=todo=open,in_progress=open --database-url \"\$DATABASE_URL\""
show "grep -v '^--' sql/000007*.up.sql | head -40"
show rung up
show rung down
show rung up
show rung status --exit-code
