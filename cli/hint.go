package cli

import (
	"crypto/x509"
	"errors"
	"io/fs"
	"net"
	"regexp"
	"strings"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"

	"rung/runner"
	"rung/templates"
)

// messageOf is an error's text without what the driver adds to the server's.
func messageOf(err error) string {
	return ownPosition.ReplaceAllString(strings.ReplaceAll(err.Error(), "pq: ", ""), " ($1)")
}

// ownPosition is the driver's note of a place in rung's own SQL.
var ownPosition = regexp.MustCompile(` at (?:column \d+|position \d+:\d+) \((\w{5})\)`)

// hintOf is what the user can do about an error, or "".
func hintOf(err error) string {
	var (
		use       *usage
		hinted    *runner.Hinted
		refusal   *runner.Refusal
		statement *runner.StatementError
		unreach   *runner.Unreachable
		mistake   *templates.Mistake
		damage    *runner.HistoryError
		behind    *runner.BehindError
	)
	switch {
	case errors.As(err, &use):
		return use.hint
	case errors.As(err, &hinted):
		return hinted.Hint
	case errors.As(err, &behind):
		return behind.Hint()
	case errors.As(err, &damage):
		return damage.Hint
	case errors.As(err, &refusal):
		return refusal.Hint
	case errors.As(err, &statement):
		return statement.Hint
	case errors.As(err, &mistake):
		return mistake.Hint
	case errors.As(err, &unreach):
		return connectHint(err)
	}
	return ""
}

const serverHint = "is the server there, and up? --wait 30s waits for it"

// connectHint is for a server that was not reached, or said no.
func connectHint(err error) string {
	e := pq.As(err)
	if e == nil {
		return networkHint(err)
	}
	switch {
	case e.Code == pqerror.InvalidPassword:
		return "check user and password: a special character of a URL's password is percent-encoded"
	case e.Code == pqerror.InvalidAuthorizationSpecification && e.Routine == "ClientAuthentication":
		return "no password helps: a line of the server's pg_hba.conf must let this user, database and address in; where it says no encryption, add sslmode=require"
	case e.Code == pqerror.InvalidAuthorizationSpecification:
		return "check the user: the role must exist, and have LOGIN"
	case e.Code == pqerror.InvalidCatalogName:
		return "create the database first, or correct its name"
	case e.Code == pqerror.TooManyConnections:
		return "all connections are taken: end some, or raise max_connections, or the CONNECTION LIMIT of the role or the database; --wait 30s waits for one"
	case e.Code == pqerror.UndefinedObject || e.Code == pqerror.InvalidParameterValue || e.Code == pqerror.CantChangeRuntimeParam:
		return "the address asks for a setting that this server does not take: correct it, or take it out"
	}
	return ""
}

// networkHint is for a server that gave no answer in PostgreSQL's words.
func networkHint(err error) string {
	var (
		unknown  x509.UnknownAuthorityError
		invalid  x509.CertificateInvalidError
		hostname x509.HostnameError
		file     *fs.PathError
		op       *net.OpError
	)
	switch {
	case errors.Is(err, pq.ErrSSLNotSupported):
		return "the server has no TLS: switch it on there, or where the way is safe add sslmode=disable"
	case errors.As(err, &unknown):
		return "name the root certificate that signed the server's, by sslrootcert=FILE"
	case errors.As(err, &hostname):
		return "connect by a name that the server's certificate has; sslmode=verify-ca does not look at the name"
	case errors.As(err, &invalid):
		return "give the server a certificate that is valid today and for a server"
	case errors.Is(err, pq.ErrSSLKeyHasWorldPermissions), errors.Is(err, pq.ErrSSLKeyUnknownOwnership):
		return "chmod 600 the file of sslkey"
	case errors.As(err, &op) && op.Op == "remote error":
		return "the server ended the TLS handshake: does it want a client's certificate (sslcert, sslkey), or another one?"
	case errors.As(err, &op) && errors.Is(err, fs.ErrPermission):
		return "the socket is closed to this user: connect by TCP, or as a user that may"
	case errors.As(err, &file):
		return "correct sslrootcert, sslcert or sslkey, or make the file readable"
	}
	return serverHint
}
