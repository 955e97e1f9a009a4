package pgurl

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"github.com/lib/pq"
)

// shown is what of a configuration the tables below compare.
func shown(cfg pq.Config) string {
	server := func(host string, addr fmt.Stringer, valid bool, port uint16) string {
		if valid {
			host += "=" + addr.String()
		}
		return fmt.Sprintf("%s:%d", host, port)
	}
	s := server(cfg.Host, cfg.Hostaddr, cfg.Hostaddr.IsValid(), cfg.Port)
	for _, m := range cfg.Multi {
		s += "," + server(m.Host, m.Hostaddr, m.Hostaddr.IsValid(), m.Port)
	}
	s += fmt.Sprintf("/%s %s:%s %s", cfg.Database, cfg.User, cfg.Password, cfg.SSLMode)
	for _, more := range []string{string(cfg.TargetSessionAttrs), cfg.ApplicationName, cfg.Options} {
		if more != "" {
			s += " " + more
		}
	}
	for _, k := range keysOf(cfg.Runtime) {
		s += " " + k + "=" + cfg.Runtime[k]
	}
	return s
}

// What psql takes is read as psql reads it. The user of the system is me.
func TestParse(t *testing.T) {
	for address, want := range map[string]string{
		"":                                 "localhost:5432/me me: prefer",
		"postgres://":                      "localhost:5432/me me: prefer",
		"postgres:///d":                    "localhost:5432/d me: prefer",
		"postgresql://h":                   "h:5432/me me: prefer",
		"  postgres://u:p@h:1/d\r\n":       "h:1/d u:p prefer",
		"postgres://u@h":                   "h:5432/u u: prefer",
		"postgres://u:p%40%2F%3F%23%25@h":  "h:5432/u u:p@/?#% prefer",
		"postgres://u:p@ss#^{}é@h/d":       "h:5432/d u:p@ss#^{}é prefer",
		"postgres://h1:1,h2:2/d":           "h1:1,h2:2/d me: prefer",
		"postgres://h1,h2:2/d":             "h1:5432,h2:2/d me: prefer",
		"postgres://h1,h2/d?port=7":        "h1:7,h2:7/d me: prefer",
		"postgres://h1,h2/d?port=7,8":      "h1:7,h2:8/d me: prefer",
		"postgres://[::1]:7,[fe80::1%251]": "::1:7,fe80::1%1:5432/me me: prefer",
		"postgres://%2Fvar%2Frun:7/d":      "/var/run:7/d me: disable",
		"postgres:///d?host=/var/run":      "/var/run:5432/d me: disable",
		"postgres://u@/d?host=h&port=3":    "h:3/d u: prefer",
		"postgres://h/d?hostaddr=10.0.0.1": "h=10.0.0.1:5432/d me: prefer",
		"postgres://h/d?sslmode=require&target_session_attrs=read-write&application_name=a%20b": "h:5432/d me: require read-write a b",
		"postgres://h/d?ssl=true":                    "h:5432/d me: require",
		"postgres://h/d?sslrootcert=system":          "h:5432/d me: verify-full",
		"postgres://h/d?TimeZone=Asia/Tokyo&a.b=c":   "h:5432/d me: prefer TimeZone=Asia/Tokyo a.b=c",
		"postgres://h/d?options=-c%20work_mem%3D1MB": "h:5432/d me: prefer -c work_mem=1MB",
		"postgres://h/d?channel_binding=prefer&gssencmode=disable&keepalives=1&keepalives_idle=30&keepalives_interval=10&keepalives_count=3&tcp_user_timeout=1000&sslcompression=0&krbsrvname=x&require_auth=": "h:5432/d me: prefer",
		`host=h port = 7 dbname='d b' password='it\'s' user=a\ b`:           "h:7/d b a b:it's prefer",
		"host=h1,h2 hostaddr=10.0.0.1,10.0.0.2 fallback_application_name=f": "h1=10.0.0.1:5432,h2=10.0.0.2:5432/me me: prefer f",
		"host=h sslmode=": "h:5432/me me: prefer",
	} {
		cfg, err := Parse(address, Source{User: "me"})
		if err != nil {
			t.Errorf("%q: %v", address, err)
		} else if got := shown(cfg); got != want {
			t.Errorf("%q\n is %s\nnot %s", address, got, want)
		}
	}
}

// What is no address is refused, and no message holds a piece of the password.
func TestMangled(t *testing.T) {
	for address, want := range map[string]string{
		`"postgres://u:s3cret@h/d"`:                           "stands in quotes",
		`'postgres://u:s3cret@h/d'`:                           "stands in quotes",
		"`postgres://u:s3cret@h/d`":                           "stands in quotes",
		"<postgres://u:s3cret@h/d>":                           "stands in brackets",
		"\ufeffpostgres://u:s3cret@h/d":                       "invisible character U+FEFF",
		"postgres://u:s3cret@h/d\u200b":                       "invisible character U+200B",
		"postgres://u:s3cret@h/d\x00":                         "invisible character U+0000",
		"postgres://u:s3 cret@h/d":                            "has a blank",
		"postgres://u:s3cret@h/d postgres://u@h2/d":           "two database URLs",
		"postgres://u:s3cret@h/d,postgres://u@h2/d":           "two database URLs",
		"DATABASE_URL=postgres://u:s3cret@h/d":                "begins with the name of a variable",
		"export DATABASE_URL=postgres://u:s3cret@h/d":         "begins with the name of a variable",
		"url = 'postgres://u:s3cret@h/d?sslmode=require'":     "begins with the name of a variable",
		"dbname=postgres://u:s3cret@h/d":                      "stands as the value of a parameter",
		"host='postgres://u:s3cret@h/d'":                      "stands as the value of a parameter",
		"psql postgres://u:s3cret@h/d":                        "begins with a command",
		"u:s3cret@h/d":                                        "neither a postgres:// URL nor key=value",
		"u:s3cret@h/d?sslmode=require":                        "has a parameter whose name is none of PostgreSQL's",
		"//u:s3cret@h/d":                                      "does not begin with postgres://",
		"postgres:/u:s3cret@h/d":                              "does not begin with postgres://",
		"POSTGRES://u:s3cret@h/d":                             "does not begin with postgres://",
		"jdbc:postgresql://u:s3cret@h/d":                      "starts with jdbc:postgresql://",
		"postgresql+asyncpg://u:s3cret@h/d":                   "starts with postgresql+asyncpg://",
		"mysql://u:s3cret@h/d?x=y":                            "starts with mysql://",
		"s3cret://u@h/d?a=b":                                  "has a parameter whose name is none of PostgreSQL's",
		"s3cret":                                              "neither a postgres:// URL nor key=value",
		"$DATABASE_URL":                                       "neither a postgres:// URL nor key=value",
		"postgres://u:s3cret/@h/d":                            "cannot be read",
		"postgres://u:12?s3cret@h/d":                          "cannot be read",
		"postgres://u:s3cret%2@h/d":                           "cannot be read",
		"postgres://u@h:s3cret/d":                             "the port is none",
		"postgres://u@h:0/d":                                  "the port is none",
		"postgres://h:1:2/d":                                  "cannot be read",
		"postgres://[::1/d":                                   "cannot be read",
		"postgres://h1,h2,h3/d?port=1,2":                      "2 ports for 3 hosts",
		"host=h1,h2 hostaddr=10.0.0.1":                        "2 hosts and 1 hostaddr",
		"postgres://h/d?hostaddr=s3cret":                      "no IP address",
		"host='u:s3cret@h'":                                   "no host's name",
		"host=h/s3cret":                                       "no host's name",
		"host=h password= s3 cret=x":                          "has a parameter whose name is none of PostgreSQL's",
		"host=h password='s3cret":                             "pairs cannot be read",
		"host=h s3cret":                                       "pairs cannot be read",
		"postgres://h/d?sslmode=s3cret@":                      "unknown sslmode",
		"postgres://h/d?sslmode=maybe":                        `unknown sslmode "maybe"`,
		"postgres://h/d?x":                                    "parameters of the database URL",
		"postgres://h/d?sslmod=require":                       `unknown parameter "sslmod"; did you mean sslmode?`,
		"postgres://h/d?database=x":                           `unknown parameter "database"; did you mean dbname?`,
		"postgres://h/d?x-migrations-table=x":                 "it is golang-migrate's: take it out",
		"postgres://h/d?x-s3cret=x":                           "has a parameter whose name is none of PostgreSQL's",
		"postgres://h/d?frobnicate=s3cret":                    `unknown parameter "frobnicate"; take it out`,
		"postgres://h/d?channel_binding=require":              "does not keep what channel_binding promises",
		"postgres://h/d?require_auth=scram-sha-256":           "does not keep what require_auth promises",
		"postgres://h/d?requirepeer=postgres":                 "does not keep what requirepeer promises",
		"postgres://h/d?gssencmode=require":                   "does not keep what gssencmode promises",
		"postgres://h/d?sslcrl=/x":                            "does not keep what sslcrl promises",
		"postgres://h/d?sslrootcert=system&sslmode=require":   "weaker one",
		"postgres://h/d?sslnegotiation=direct&sslmode=prefer": "weaker one",
		"postgres://h/d?client_encoding=LATIN1":               "works in UTF8",
		"postgres://h/d?datestyle=German":                     "works with DateStyle",
		"postgres://h/d?connect_timeout=soon":                 "connect_timeout that is no number",
	} {
		_, err := Parse(address, Source{User: "me"})
		var e *Error
		switch {
		case !errors.As(err, &e):
			t.Errorf("%q was taken", address)
		case !strings.Contains(e.What+"; "+e.Fix, want) || e.Fix == "":
			t.Errorf("%q: %q, fix %q; not %q", address, e.What, e.Fix, want)
		case strings.Contains(e.What+e.Fix, "s3cret") || strings.Contains(e.What+e.Fix, "cret"):
			t.Errorf("%q: the message shows the password: %q, fix %q", address, e.What, e.Fix)
		}
	}
}

// The address comes first, then the service, then the environment.
func TestEnvironmentAndService(t *testing.T) {
	files := map[string]string{
		"/home/.pg_service.conf": "# mine\n[other]\nhost=x\n\n[prod]\nhost=prod.example\nport=6000\nuser=deploy\nsslmode = verify-full\n",
		"/etc/bad.conf":          "[prod]\nhostt=x\n",
	}
	read := func(name string) ([]byte, error) {
		if text, ok := files[name]; ok {
			return []byte(text), nil
		}
		return nil, fs.ErrNotExist
	}
	for _, c := range []struct{ address, env, want string }{
		{"", "PGHOST=h PGPORT=7 PGUSER=u PGPASSWORD=p PGDATABASE=d PGSSLMODE=require PGAPPNAME=a PGTZ=UTC", "h:7/d u:p require a timezone=UTC"},
		{"postgres://h2/d2", "PGHOST=h PGPORT=7 PGUSER=u PGHOSTADDR=10.0.0.1", "h2:7/d2 u: prefer"},
		{"", "PGHOST=h1,h2 PGPORT=7,8", "h1:7,h2:8/me me: prefer"},
		{"", "PGHOST= PGDATABASE=d", "localhost:5432/d me: prefer"},
		{"", "PGSERVICE=prod HOME=/home PGPORT=7 PGPASSWORD=p", "prod.example:6000/deploy deploy:p verify-full"},
		{"postgres:///d?service=prod&port=9", "HOME=/home", "prod.example:9/d deploy: verify-full"},
		{"", "PGHOST=h PGGSSENCMODE=disable PGSSLCOMPRESSION=1 PGCHANNELBINDING=prefer PGREQUIREAUTH= PGCLIENTENCODING=UTF-8", "h:5432/me me: prefer"},
		{"", "PGHOST=h PGREQUIRESSL=1", "h:5432/me me: require"},
		{"", "PGSERVICE=none HOME=/home", "! there is no service"},
		{"", "PGSERVICE=prod PGSERVICEFILE=/etc/bad.conf", `! the database's address has the unknown parameter "service prod: hostt"`},
		{"", "PGHOST=h PGCHANNELBINDING=require", "! rung does not keep what $PGCHANNELBINDING promises"},
		{"", "PGHOST=u:p@h", "! what stands as the host is no host's name"},
		{"", "PGHOST=postgres://u:p@h/d", "! what stands as the host is no host's name"},
		{"", "PGHOST=h PGCLIENTENCODING=LATIN1", "! rung works in UTF8"},
	} {
		cfg, err := Parse(c.address, Source{Env: strings.Fields(c.env), ReadFile: read, User: "me"})
		got := shown(cfg)
		if err != nil {
			got = "! " + err.Error()
		}
		if !strings.HasPrefix(got, c.want) || err == nil && got != c.want {
			t.Errorf("%q with %s\n is %s\nnot %s", c.address, c.env, got, c.want)
		}
	}
}

func TestReadFile(t *testing.T) {
	if got, err := ReadFile([]byte("postgres://h/d\r\n")); err != nil || got != "postgres://h/d" {
		t.Error(got, err)
	}
	if _, err := ReadFile([]byte("\xef\xbb\xbfpostgres://u:s3cret@h/d")); err == nil || !strings.Contains(err.Error(), "byte order mark") {
		t.Error(err)
	}
}
