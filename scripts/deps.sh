#!/usr/bin/env bash
# Installs those of the named things that this machine lacks, and is silent when
# it lacks none:
#
#   scripts/deps.sh postgresql pgbouncer buildah
set -euo pipefail

# Where server programs and daemons are, beside PATH: the places that
# internal/sandbox looks in.
PATH=$PATH:/usr/sbin${RUNG_PG_BINDIR:+:$RUNG_PG_BINDIR}
shopt -s nullglob
for dir in /usr/lib/postgresql/*/bin /usr/pgsql-*/bin /usr/libexec/postgresql* \
           /opt/homebrew/opt/postgresql*/bin /usr/local/opt/postgresql*/bin \
           /Applications/Postgres.app/Contents/Versions/*/bin /usr/local/pgsql/bin; do
    PATH=$PATH:$dir
done

has() {
    local program
    for program; do
        command -v "$program" >/dev/null || return 1
    done
}

present() {
    case $1 in
    postgresql) has initdb postgres psql pg_dump ;;
    sqitch) has sqitch && perl -MDBD::Pg -e 1 2>/dev/null ;;
    rails) has ruby && ruby -ractive_record -rpg -e 1 2>/dev/null ;;
    chromium) has chromium || has chromium-browser || has google-chrome ;;
    *) has "$1" ;;
    esac
}

missing=()
for thing; do
    present "$thing" || missing+=("$thing")
done
[ ${#missing[@]} -gt 0 ] || exit 0

# quietly COMMAND…: what it prints is only of interest when it fails.
quietly() {
    local log
    log=$(mktemp)
    if ! "$@" >"$log" 2>&1 </dev/null; then
        cat "$log" >&2
        rm -f "$log"
        echo "deps: could not install ${missing[*]}" >&2
        exit 1
    fi
    rm -f "$log"
}

if has apt-get && { [ "$(id -u)" = 0 ] || has sudo; }; then
    as_root=()
    if [ "$(id -u)" != 0 ]; then
        as_root=(sudo)
        sudo -v # asks for the password here, where it is seen
    fi
    echo "deps: installing ${missing[*]} with apt-get" >&2
    apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive
         apt-get -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 -qy)
    packages=()
    for thing in "${missing[@]}"; do
        case $thing in
        postgresql) packages+=(postgresql postgresql-client) ;;
        ps) packages+=(procps) ;;
        sqitch) packages+=(sqitch libdbd-pg-perl) ;;
        rails) packages+=(ruby-activerecord ruby-pg) ;; # migrations are all of it that is needed
        *) packages+=("$thing") ;;
        esac
    done
    quietly "${apt[@]}" update
    quietly "${apt[@]}" install --no-install-recommends "${packages[@]}"
elif has brew; then
    echo "deps: installing ${missing[*]} with brew" >&2
    quietly brew install "${missing[@]/#postgresql/postgresql@17}"
else
    echo "deps: please install ${missing[*]} (PostgreSQL with its server programs, 12 or later)" >&2
    exit 1
fi
