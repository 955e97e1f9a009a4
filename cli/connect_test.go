package cli

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lib/pq"

	"rung/cli/internal/fault"
	"rung/internal/pgtest"
)

// certificate makes a root that has signed itself, for localhost.
func certificate(t *testing.T) (cert, key []byte) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	about := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "localhost"}, DNSNames: []string{"localhost"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, about, about, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8})
}

// Each reason why a server is not reached has its own fix, and --wait does not
// wait for what no waiting cures.
func TestConnectErrors(t *testing.T) {
	server := pgtest.Server(t)
	plain := server.URL("")
	cert, key := certificate(t)
	place := func(name string) string { return filepath.Join(server.Dir, "data", name) }
	put := func(name, text string) {
		// The server writes them: they must be its own.
		pgtest.Exec(t, plain, "COPY (SELECT unnest(string_to_array("+pq.QuoteLiteral(strings.TrimSpace(text))+", E'\\n'))) TO "+pq.QuoteLiteral(place(name)))
		pgtest.Exec(t, plain, "COPY (SELECT 1) TO PROGRAM "+pq.QuoteLiteral("chmod 600 '"+place(name)+"'"))
	}
	dir := t.TempDir()
	root, other, open := filepath.Join(dir, "root.crt"), filepath.Join(dir, "other.crt"), filepath.Join(dir, "open.key")
	write(t, root, string(cert))
	stranger, strangerKey := certificate(t)
	write(t, other, string(stranger))
	write(t, open, string(strangerKey))
	if err := os.Chmod(open, 0o644); err != nil {
		t.Fatal(err)
	}
	pgtest.Exec(t, plain, "CREATE ROLE limited LOGIN CONNECTION LIMIT 0; CREATE ROLE nologin NOLOGIN")
	at := func(user, more string) string {
		u := strings.Replace(strings.Replace(plain, "sslmode=disable", more, 1), "127.0.0.1", "localhost", 1)
		return strings.Replace(u, "postgres://postgres@", "postgres://"+user+"@", 1)
	}
	check := func(url, want, hint string) {
		t.Helper()
		var out bytes.Buffer
		start := time.Now()
		code := Run([]string{"rung", "--database-url", url, "--wait", "2min", "wait"}, strings.NewReader(""), &out, &out)
		if want == "" {
			if code != 0 {
				t.Errorf("%s: %s", url, &out)
			}
			return
		}
		if code != fault.ExitUnreachable || !strings.Contains(out.String(), want) || !strings.Contains(out.String(), "hint: "+hint) || strings.Contains(out.String(), "waiting for") || time.Since(start) > time.Minute {
			t.Errorf("%s: exit %d\n%s\nis to say %q and %q", url, code, &out, want, hint)
		}
	}
	check(at("postgres", "sslmode=require"), "SSL is not enabled on the server", "the server has no TLS")
	check(at("nobody", "sslmode=disable"), `role "nobody" does not exist (28000)`, "check the user: the role must exist")
	check(at("nologin", "sslmode=disable"), "not permitted to log in (28000)", "check the user: the role must exist")
	check(at("postgres", "sslmode=disable&work_mem=much"), "(22023)", "the URL has a setting")

	put("server.crt", string(cert))
	put("server.key", string(key))
	put("pg_hba.conf", "hostssl all all all trust\nhost all limited all reject\nhost all postgres all scram-sha-256")
	pgtest.Exec(t, plain, "ALTER SYSTEM SET ssl = on")
	pgtest.Exec(t, plain, "SELECT pg_reload_conf()")
	await := time.Now().Add(20 * time.Second)
	for Run([]string{"rung", "--database-url", at("postgres", "sslmode=require"), "wait"}, strings.NewReader(""), &bytes.Buffer{}, &bytes.Buffer{}) != 0 {
		if time.Now().After(await) {
			t.Fatal("the server does not offer TLS")
		}
	}
	check(at("postgres", "sslmode=verify-full&sslrootcert="+root), "", "")
	check(at("postgres", "sslmode=verify-full&sslrootcert="+other), "unknown authority", "name the root certificate that signed the server's")
	check(strings.Replace(at("postgres", "sslmode=verify-full&sslrootcert="+root), "localhost", "127.0.0.1", 1), "127.0.0.1", "connect by a name in the server's certificate")
	check(at("postgres", "sslmode=verify-full&sslrootcert=/nowhere"), "/nowhere", "correct sslrootcert")
	check(at("postgres", "sslmode=require&sslcert="+other+"&sslkey="+open), "private key has world access", "run chmod 600 on the sslkey file")
	check(at("limited", "sslmode=disable"), "pg_hba.conf rejects connection", "the server's pg_hba.conf must allow")
	check(at("postgres:wrong", "sslmode=disable"), "(28P01)", "check user and password")
}
