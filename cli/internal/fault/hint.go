package fault

import (
	"crypto/x509"
	"errors"
	"io/fs"
	"net"
	"strings"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"

	"rung/internal/lazyre"
	"rung/runner"
	"rung/templates"
)

// Message is an error's text without what the driver adds to the server's.
func Message(err error) string {
	return ownPosition.ReplaceAllString(strings.ReplaceAll(err.Error(), "pq: ", ""), " ($1)")
}

// ownPosition is the driver's note of a place in rung's own SQL.
var ownPosition = lazyre.New(` at (?:column \d+|position \d+:\d+) \((\w{5})\)`)

// hintOf is what the user can do about an error, or "".
func hintOf(err error) string {
	var (
		use       *UsageError
		hinted    *runner.HintedError
		refusal   *runner.RefusalError
		statement *runner.StatementError
		unreach   *runner.UnreachableError
		mistake   *templates.Mistake
		damage    *runner.HistoryError
		behind    *runner.BehindError
		many      *FleetError
		disagree  *runner.DisagreementError
	)
	switch {
	case errors.As(err, &many):
		return many.Hint
	case errors.As(err, &use):
		return use.Hint
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
	case errors.As(err, &disagree):
		return "" // each finding has its own
	case errors.As(err, &unreach):
		return connectHint(err)
	}
	return ""
}

const ServerHint = "check that the server is running and the address is right; --wait 30s waits for it"

// connectHint is for a server that was not reached, or said no.
func connectHint(err error) string {
	e := pq.As(err)
	if e == nil {
		return networkHint(err)
	}
	switch {
	case e.Code == pqerror.InvalidPassword:
		return "check user and password; special characters of a password are percent-encoded in a URL"
	case e.Code == pqerror.InvalidAuthorizationSpecification && e.Routine == "ClientAuthentication":
		return "the server's pg_hba.conf must allow this user, database and address; if the error says no encryption, add sslmode=require"
	case e.Code == pqerror.InvalidAuthorizationSpecification:
		return "check the user: the role must exist and have LOGIN"
	case e.Code == pqerror.InvalidCatalogName:
		return "create the database first, or correct its name"
	case e.Code == pqerror.TooManyConnections:
		return "all connections are in use: end some, or raise max_connections, or the CONNECTION LIMIT of the role or the database; --wait 30s waits for one"
	case e.Code == pqerror.TransactionTimeout:
		return "transaction_timeout, which the role, the database or the server sets, is too short: add options=-c%20transaction_timeout=0 to the database's URL"
	case e.Code == pqerror.UndefinedObject || e.Code == pqerror.InvalidParameterValue || e.Code == pqerror.CantChangeRuntimeParam:
		return "the URL has a setting that this server does not accept: correct or remove it"
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
		return "the server has no TLS: enable it there, or if the network is trusted add sslmode=disable"
	case errors.As(err, &unknown):
		return "name the root certificate that signed the server's with sslrootcert=FILE"
	case errors.As(err, &hostname):
		return "connect by a name in the server's certificate; sslmode=verify-ca does not check the name"
	case errors.As(err, &invalid):
		return "give the server a certificate that is valid now, and valid for servers"
	case errors.Is(err, pq.ErrSSLKeyHasWorldPermissions), errors.Is(err, pq.ErrSSLKeyUnknownOwnership):
		return "run chmod 600 on the sslkey file"
	case errors.As(err, &op) && op.Op == "remote error":
		return "the server ended the TLS handshake: it may require a client certificate (sslcert, sslkey), or another one"
	case errors.As(err, &op) && errors.Is(err, fs.ErrPermission):
		return "this system user may not use the socket: connect over TCP, or as another user"
	case errors.As(err, &file):
		return "correct sslrootcert, sslcert or sslkey, or make the file readable"
	}
	return ServerHint
}
