package pgurl

import (
	"slices"
	"strings"

	"rung/internal/pgtext"
)

// keyword is a parameter that libpq knows (fe-connect.c, PQconninfoOptions).
type keyword struct {
	env string
	// harmless are the values that rung does without; any other is refused, as
	// rung would not keep what it promises. Nil: rung reads the parameter itself.
	harmless []string
	why      string
}

var anything = []string{"*"}

// keywords are all that libpq of PostgreSQL 18 knows.
var keywords = map[string]keyword{
	"host": {env: "PGHOST"}, "hostaddr": {env: "PGHOSTADDR"}, "port": {env: "PGPORT"},
	"dbname": {env: "PGDATABASE"}, "user": {env: "PGUSER"}, "password": {env: "PGPASSWORD"}, "passfile": {env: "PGPASSFILE"},
	"service": {env: "PGSERVICE"}, "servicefile": {},
	"connect_timeout": {env: "PGCONNECT_TIMEOUT"}, "client_encoding": {env: "PGCLIENTENCODING"}, "options": {env: "PGOPTIONS"},
	"application_name": {env: "PGAPPNAME"}, "fallback_application_name": {},
	"sslmode": {env: "PGSSLMODE"}, "sslnegotiation": {env: "PGSSLNEGOTIATION"}, "sslcert": {env: "PGSSLCERT"}, "sslkey": {env: "PGSSLKEY"},
	"sslrootcert": {env: "PGSSLROOTCERT"}, "sslsni": {env: "PGSSLSNI"},
	"ssl_min_protocol_version": {env: "PGSSLMINPROTOCOLVERSION"}, "ssl_max_protocol_version": {env: "PGSSLMAXPROTOCOLVERSION"},
	"target_session_attrs": {env: "PGTARGETSESSIONATTRS"}, "load_balance_hosts": {env: "PGLOADBALANCEHOSTS"},
	"min_protocol_version": {env: "PGMINPROTOCOLVERSION"}, "max_protocol_version": {env: "PGMAXPROTOCOLVERSION"},

	"channel_binding":  {env: "PGCHANNELBINDING", harmless: []string{"disable", "prefer"}, why: "rung's driver binds no channel: sslmode=verify-full keeps out who stands between"},
	"require_auth":     {env: "PGREQUIREAUTH", harmless: []string{""}, why: "rung's driver answers whatever the server asks for: sslmode=verify-full makes sure of the server"},
	"requirepeer":      {env: "PGREQUIREPEER", harmless: []string{""}, why: "rung's driver does not look who owns the socket"},
	"gssencmode":       {env: "PGGSSENCMODE", harmless: []string{"disable", "prefer"}, why: "rung's driver has no GSSAPI: sslmode encrypts"},
	"sslcertmode":      {env: "PGSSLCERTMODE", harmless: []string{"allow"}, why: "rung's driver sends a certificate if it has one and the server asks"},
	"sslcrl":           {env: "PGSSLCRL", harmless: []string{""}, why: "rung's driver reads no list of revoked certificates"},
	"sslcrldir":        {env: "PGSSLCRLDIR", harmless: []string{""}, why: "rung's driver reads no list of revoked certificates"},
	"sslpassword":      {harmless: []string{""}, why: "rung's driver reads no encrypted key"},
	"sslkeylogfile":    {harmless: []string{""}, why: "rung writes no keys down"},
	"replication":      {harmless: []string{"", "0", "false", "off", "no"}, why: "a replication connection runs no migrations"},
	"scram_client_key": {harmless: []string{""}, why: "rung's driver needs the password itself"},
	"scram_server_key": {harmless: []string{""}, why: "rung's driver needs the password itself"},
	"oauth_issuer":     {harmless: []string{""}, why: "rung's driver has no OAuth"}, "oauth_client_id": {harmless: []string{""}, why: "rung's driver has no OAuth"},
	"oauth_client_secret": {harmless: []string{""}, why: "rung's driver has no OAuth"}, "oauth_scope": {harmless: []string{""}, why: "rung's driver has no OAuth"},

	"keepalives": {harmless: anything}, "keepalives_idle": {harmless: anything}, "keepalives_interval": {harmless: anything},
	"keepalives_count": {harmless: anything}, "tcp_user_timeout": {harmless: anything}, "sslcompression": {env: "PGSSLCOMPRESSION", harmless: anything},
	"krbsrvname": {env: "PGKRBSRVNAME", harmless: anything}, "gsslib": {env: "PGGSSLIB", harmless: anything}, "gssdelegation": {env: "PGGSSDELEGATION", harmless: anything},
	"authtype": {harmless: anything}, "tty": {harmless: anything},
}

// settings are parameters of the server that may stand among the others, which
// libpq takes in options only: Go's drivers and tools write them so.
var settings = []string{
	"bytea_output", "client_connection_check_interval", "client_min_messages", "default_tablespace", "default_table_access_method",
	"default_transaction_deferrable", "default_transaction_isolation", "default_transaction_read_only", "datestyle", "extra_float_digits",
	"geqo", "idle_in_transaction_session_timeout", "idle_session_timeout", "intervalstyle", "jit", "lc_messages", "lc_monetary", "lc_numeric",
	"lc_time", "lock_timeout", "log_statement", "log_min_duration_statement", "maintenance_work_mem", "max_parallel_maintenance_workers", "max_parallel_workers_per_gather",
	"parallel_setup_cost", "plan_cache_mode", "role", "row_security", "search_path", "session_replication_role", "standard_conforming_strings", "statement_timeout",
	"synchronous_commit", "tcp_keepalives_count", "tcp_keepalives_idle", "tcp_keepalives_interval", "temp_buffers", "temp_tablespaces", "timezone",
	"transaction_timeout", "work_mem", "xmlbinary", "xmloption",
}

// variables are those of the environment that set a parameter of the server.
var variables = map[string]string{"PGTZ": "timezone", "PGDATESTYLE": "datestyle", "PGGEQO": "geqo"}

// params are the parameters so far; what was set first stays.
type params struct {
	values   map[string]string
	settings map[string]string
}

// ofGolangMigrate are the parameters that its users have in their URLs.
var ofGolangMigrate = []string{"x-migrations-table", "x-migrations-table-quoted", "x-statement-timeout", "x-multi-statement", "x-multi-statement-max-size"}

// add takes one parameter in. Prefix and shown are how an error names it.
func (p *params) add(g pair, prefix, shown string) error {
	name := strings.ToLower(g.name)
	shown = prefix + shown
	k, known := keywords[g.name]
	switch {
	case g.name == "ssl" && g.value == "true": // of JDBC, which libpq takes too
		p.set("sslmode", "require")
	case known && k.harmless != nil:
		if slices.Contains(k.harmless, "*") || slices.Contains(k.harmless, g.value) {
			return nil
		}
		return wrong(k.why, "rung does not keep what %s promises, so take it out", shown)
	case known:
		p.set(g.name, g.value)
	case slices.Contains(settings, name) || strings.Contains(name, ".") && plainName(name):
		if p.settings == nil {
			p.settings = map[string]string{}
		}
		if _, ok := p.settings[g.name]; !ok || prefix == "" {
			p.settings[g.name] = g.value
		}
	case slices.Contains(ofGolangMigrate, name):
		return wrong("it is golang-migrate's: take it out; `rung adopt --from golang-migrate --table TABLE` names its table", "the database's address has the unknown parameter %q", name)
	case g.unsure || !plainName(g.name):
		return wrong(encodeFix+"; in key=value pairs a value with a blank in it stands between single quotes", "the database's address has a parameter whose name is none of PostgreSQL's")
	default:
		return wrong(didYouMean(name), "the database's address has the unknown parameter %q", shown)
	}
	return nil
}

// set keeps the last value of an address; what comes after it only fills gaps.
func (p *params) set(name, value string) {
	if p.values == nil {
		p.values = map[string]string{}
	}
	p.values[name] = value
}

func (p *params) has(name string) bool { _, ok := p.values[name]; return ok }

// addEnvironment fills in from the PG* variables. An empty one counts as none.
func (p *params) addEnvironment(from Source) error {
	for name, k := range keywords {
		value := from.get(k.env)
		if k.env == "" || value == "" || p.has(name) {
			continue
		}
		if name == "host" && p.has("hostaddr") || name == "hostaddr" && p.has("host") || name == "service" {
			continue // an address that says one of the two does not mean another's
		}
		if err := p.add(pair{name: name, value: value}, "$", k.env); err != nil {
			return err
		}
	}
	for env, name := range variables {
		if value := from.get(env); value != "" && !slices.ContainsFunc(keysOf(p.settings), func(k string) bool { return strings.EqualFold(k, name) }) {
			if err := p.add(pair{name: name, value: value}, "$", env); err != nil {
				return err
			}
		}
	}
	if from.get("PGREQUIRESSL") == "1" && !p.has("sslmode") {
		p.set("sslmode", "require")
	}
	return nil
}

// addService fills in from the service that the address or $PGSERVICE names.
func (p *params) addService(from Source) error {
	name := p.values["service"]
	if name == "" {
		name = from.get("PGSERVICE")
	}
	if name == "" {
		return nil
	}
	files := serviceFiles(from)
	if f := p.values["servicefile"]; f != "" {
		files = []string{f}
	}
	for _, file := range files {
		if from.ReadFile == nil {
			break
		}
		text, err := from.ReadFile(file)
		if err != nil {
			continue
		}
		pairs, found := service(string(text), name)
		for _, g := range pairs {
			if p.has(g.name) {
				continue
			}
			if err := p.add(g, "service "+name+": ", g.name); err != nil {
				return err
			}
		}
		if found {
			return nil
		}
	}
	return wrong("it stands as [name] in the file of $PGSERVICEFILE, or ~/.pg_service.conf", "there is no service of the name that the address or $PGSERVICE gives")
}

// service reads one section of a service file.
func service(text, name string) (pairs []pair, found bool) {
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || line[0] == '#':
		case line[0] == '[':
			if found {
				return pairs, true
			}
			found = line == "["+name+"]"
		case found:
			k, v, _ := strings.Cut(line, "=")
			pairs = append(pairs, pair{name: strings.TrimSpace(k), value: strings.TrimSpace(v)})
		}
	}
	return pairs, found
}

func keysOf(m map[string]string) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// didYouMean names the parameter that a letter or two make of what was typed.
func didYouMean(typed string) string {
	other := map[string]string{"database": "dbname", "db": "dbname", "username": "user", "pass": "password", "ssl": "sslmode", "schema": "search_path", "currentschema": "search_path", "timeout": "connect_timeout", "appname": "application_name"}
	if name, ok := other[typed]; ok {
		return "did you mean " + name + "?"
	}
	best, least := "", 3
	for _, name := range append(slices.Sorted(mapKeys), settings...) {
		if d := pgtext.Distance(typed, name); d < least && d < len(name)-1 {
			best, least = name, d
		}
	}
	if best != "" {
		return "did you mean " + best + "?"
	}
	return "take it out; a setting of the server's goes into options=-c name=value"
}

func mapKeys(yield func(string) bool) {
	for name := range keywords {
		if !yield(name) {
			return
		}
	}
}
