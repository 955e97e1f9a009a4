# sh watchdog.sh DIR PIDFILE: makes DIR and says "ready"; waits for the end of
# standard input; then ends all processes of its own process group and removes
# DIR. See ward.go.

# Whatever the program that started us may think of PATH, rm must be found.
PATH=/usr/bin:/bin:/usr/sbin:/sbin:$PATH

# The terminal's signals are not for us, and the QUIT below is for the others.
trap '' HUP INT QUIT TERM PIPE

# That we make it, and not our maker, leaves no moment at which that one could be
# killed and the directory stay.
mkdir -m 700 "$1" || exit 1
echo ready
exec >/dev/null 2>&1

while read -r _; do :; done

nap() { sleep 0.02 2>/dev/null || sleep 1; }

# The process that wrote the pid file; initdb's servers write it negative.
writer() { sed -n '1s/^-//;1p' "$pidfile"; }

await_writer() {
	tries=0
	while [ -n "$2" ] && [ "$tries" -lt 250 ] && [ -f "$pidfile" ] && kill -0 "$(writer)" 2>/dev/null; do
		tries=$((tries + 1))
		nap
	done
}

pidfile="$1/$2"

# See Ward.Helper.
if [ -s "$1/helper.pid" ]; then
	kill -KILL "$(cat "$1/helper.pid")" 2>/dev/null
	# A child that has just started has not written its pid file yet.
	for _ in 1 2 3 4 5; do
		nap
		await_writer "$@"
	done
fi

# PostgreSQL takes SIGQUIT for an immediate shutdown, which leaves a data
# directory that nobody needs any more, but no process and no shared memory.
kill -QUIT 0
await_writer "$@"

# A server that was killed with SIGKILL leaves its pid file, and a System V
# segment, whose id is the second word of line 7.
if [ -n "$2" ] && [ -f "$pidfile" ]; then
	segment=$(sed -n '7s/.* //p' "$pidfile")
	[ -z "$segment" ] || ipcrm -m "$segment" 2>/dev/null
fi

# A process that is just dying may still add a file.
tries=0
while [ "$tries" -lt 100 ] && { rm -rf "$1" 2>/dev/null; [ -e "$1" ]; }; do
	tries=$((tries + 1))
	nap
done

# Whoever ignored the QUIT goes now, and this shell with it.
kill -KILL 0
