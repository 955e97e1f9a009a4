# Run in a sandbox, whose server asks for a password.
secret=$(echo "$DATABASE_URL" | sed 's,.*://postgres:\([^@]*\)@.*,\1,')
with() { # LABEL EDIT-OF-THE-URL ARGUMENT...
	echo "$1:"
	url=$(echo "$DATABASE_URL" | sed "$2")
	shift 2
	rung "$@" --database-url "$url" 2>&1
	echo "? $?"
}
{
	rung up --quiet
	rung dump >/dev/null && echo dumped
	unset PGPASSWORD
	with 'a wrong password' 's,:[^:@]*@,:wr0ng@,' up
	with 'no password' 's,:[^:@]*@,@,' up
	with 'an unknown user' 's,postgres:,nobody:,2' up --json
	with 'an unknown database' 's,/postgres?,/nosuch?,' status
	with 'no SSL' 's,disable,require,' status
	with 'a parameter of another tool' 's,$,\&schema=public,' status
	with 'no reason to wait' 's,:[^:@]*@,:wr0ng@,' wait --wait 10s
} >out
cat out
echo "lines with a password: $(grep -c -e "$secret" -e wr0ng out)"
