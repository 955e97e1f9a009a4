package pgurl

import (
	"cmp"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lib/pq"
)

// config makes the driver's configuration of the parameters.
func (p *params) config(from Source) (pq.Config, error) {
	v := p.values
	cfg := pq.Config{
		User: cmp.Or(v["user"], from.User), Password: v["password"], Passfile: v["passfile"], Options: v["options"],
		ApplicationName: cmp.Or(v["application_name"], v["fallback_application_name"]), SSLSNI: v["sslsni"] == "" || v["sslsni"] == "1",
		SSLCert: v["sslcert"], SSLKey: v["sslkey"], SSLRootCert: v["sslrootcert"],
		ClientEncoding: "UTF8", Datestyle: "ISO, MDY", Runtime: map[string]string{},
	}
	cfg.Database = cmp.Or(v["dbname"], cfg.User)
	for _, step := range []func(*pq.Config) error{p.server, p.choices, p.serverSettings, p.encryption} {
		if err := step(&cfg); err != nil {
			return pq.Config{}, err
		}
	}
	return cfg, nil
}

// server reads hosts, addresses and ports: as many of each, or one port for all.
func (p *params) server(cfg *pq.Config) error {
	hosts, addrs, ports := list(p.values["host"]), list(p.values["hostaddr"]), list(p.values["port"])
	n := max(len(hosts), len(addrs), 1)
	if len(hosts) > 0 && len(addrs) > 0 && len(hosts) != len(addrs) {
		return wrong("give as many of the one as of the other", "the database's address has %d hosts and %d hostaddr", len(hosts), len(addrs))
	}
	if len(ports) > 1 && len(ports) != n {
		return wrong("give one port for all, or one for each", "the database's address has %d ports for %d hosts", len(ports), n)
	}
	for i := range n {
		m := pq.ConfigMultihost{Host: "localhost", Port: 5432}
		if i < len(hosts) && hosts[i] != "" {
			m.Host = hosts[i]
		}
		if strings.ContainsAny(strings.TrimPrefix(m.Host, "@"), "@ \t\n'\"") || strings.Contains(m.Host, "://") || !strings.HasPrefix(m.Host, "/") && !strings.HasPrefix(m.Host, "@") && strings.Contains(m.Host, "/") {
			return wrong(encodeFix, "what stands as the host is no host's name")
		}
		if i < len(addrs) && addrs[i] != "" {
			a, err := netip.ParseAddr(addrs[i])
			if err != nil {
				return wrong("it is an IP address; a name is a host", "what stands as hostaddr is no IP address")
			}
			m.Hostaddr = a
		}
		if port := at(ports, i); port != "" {
			n, err := strconv.ParseUint(port, 10, 16)
			if err != nil || n == 0 {
				return wrong("the port is a number from 1 to 65535; "+encodeFix, "the database URL cannot be read: what stands as the port is none")
			}
			m.Port = uint16(n)
		}
		if i == 0 {
			cfg.Host, cfg.Hostaddr, cfg.Port = m.Host, m.Hostaddr, m.Port
		} else {
			cfg.Multi = append(cfg.Multi, m)
		}
	}
	return nil
}

func list(s string) []string {
	if s == "" {
		return nil
	}
	items := strings.Split(s, ",")
	for i := range items {
		items[i] = strings.TrimSpace(items[i])
	}
	return items
}

// at is the item for host i: the only one is for all.
func at(items []string, i int) string {
	switch {
	case len(items) == 0:
		return ""
	case len(items) == 1:
		return items[0]
	}
	return items[i]
}

// choice reads a parameter that takes one of several words.
func choice[T ~string](p *params, to *T, name string, of ...T) error {
	value, ok := p.values[name]
	if !ok || value == "" {
		return nil
	}
	if *to = T(value); slices.Contains(of, *to) {
		return nil
	}
	words := make([]string, len(of))
	for i, w := range of {
		words[i] = string(w)
	}
	shown := ""
	if plainName(strings.ReplaceAll(value, "-", "_")) {
		shown = " " + strconv.Quote(value)
	}
	return wrong("it is one of "+strings.Join(words, ", "), "the database's address has the unknown %s%s", name, shown)
}

func (p *params) choices(cfg *pq.Config) error {
	cfg.MinProtocolVersion, cfg.MaxProtocolVersion = pq.ProtocolVersion30, pq.ProtocolVersion30
	versions := []pq.ProtocolVersion{pq.ProtocolVersion30, pq.ProtocolVersion32, pq.ProtocolVersionLatest}
	tls := []pq.SSLProtocolVersion{pq.SSLProtocolVersionTLS10, pq.SSLProtocolVersionTLS11, pq.SSLProtocolVersionTLS12, pq.SSLProtocolVersionTLS13}
	return cmp.Or(
		choice(p, &cfg.SSLMode, "sslmode", pq.SSLModeDisable, pq.SSLModeAllow, pq.SSLModePrefer, pq.SSLModeRequire, pq.SSLModeVerifyCA, pq.SSLModeVerifyFull),
		choice(p, &cfg.SSLNegotiation, "sslnegotiation", pq.SSLNegotiationPostgres, pq.SSLNegotiationDirect),
		choice(p, &cfg.TargetSessionAttrs, "target_session_attrs", pq.TargetSessionAttrsAny, pq.TargetSessionAttrsReadWrite, pq.TargetSessionAttrsReadOnly,
			pq.TargetSessionAttrsPrimary, pq.TargetSessionAttrsStandby, pq.TargetSessionAttrsPreferStandby),
		choice(p, &cfg.LoadBalanceHosts, "load_balance_hosts", pq.LoadBalanceHostsDisable, pq.LoadBalanceHostsRandom),
		choice(p, &cfg.MinProtocolVersion, "min_protocol_version", versions...),
		choice(p, &cfg.MaxProtocolVersion, "max_protocol_version", versions...),
		choice(p, &cfg.SSLMinProtocolVersion, "ssl_min_protocol_version", tls...),
		choice(p, &cfg.SSLMaxProtocolVersion, "ssl_max_protocol_version", tls...),
	)
}

// serverSettings are those that go along when the connection is opened.
func (p *params) serverSettings(cfg *pq.Config) error {
	if e := strings.ToLower(strings.NewReplacer("-", "", "_", "").Replace(p.values["client_encoding"])); e != "" && e != "utf8" && e != "unicode" && e != "auto" {
		return wrong("take client_encoding out, and $PGCLIENTENCODING: files are UTF-8", "rung works in UTF8, and the database's address asks for another client_encoding")
	}
	if text := p.values["connect_timeout"]; text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			return wrong("it is a whole number of seconds", "the database's address has a connect_timeout that is no number")
		}
		if n > 0 {
			cfg.ConnectTimeout = time.Duration(max(n, 2)) * time.Second // 2 at least, as in libpq
		}
	}
	for _, name := range keysOf(p.settings) {
		value := p.settings[name]
		if strings.EqualFold(name, "datestyle") {
			if strings.ReplaceAll(strings.ToLower(value), " ", "") != "iso,mdy" {
				return wrong("take it out, and $PGDATESTYLE; a file can SET it", "rung works with DateStyle ISO, MDY, and the database's address asks for another")
			}
			continue
		}
		cfg.Runtime[name] = value
	}
	return nil
}

// encryption settles what of TLS goes together. The default is prefer, as in
// libpq.
func (p *params) encryption(cfg *pq.Config) error {
	local := strings.HasPrefix(cfg.Host, "/") || strings.HasPrefix(cfg.Host, "@")
	switch {
	case local && len(cfg.Multi) == 0 && !cfg.Hostaddr.IsValid():
		cfg.SSLMode = pq.SSLModeDisable // as over a socket nothing is encrypted
	case cfg.SSLRootCert == "system" && cfg.SSLMode == "":
		cfg.SSLMode = pq.SSLModeVerifyFull
	case cfg.SSLRootCert == "system" && cfg.SSLMode != pq.SSLModeVerifyFull:
		return wrong("write sslmode=verify-full", "sslrootcert=system asks for sslmode=verify-full, and the database's address has a weaker one")
	case cfg.SSLMode == "":
		cfg.SSLMode = pq.SSLModePrefer
	}
	weak := cfg.SSLMode == pq.SSLModeAllow || cfg.SSLMode == pq.SSLModePrefer || cfg.SSLMode == pq.SSLModeDisable && !local
	if cfg.SSLNegotiation == pq.SSLNegotiationDirect && weak {
		return wrong("write sslmode=require, verify-ca or verify-full", "sslnegotiation=direct asks for a sslmode that requires TLS, and the database's address has a weaker one")
	}
	return nil
}
