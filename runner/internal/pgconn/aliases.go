package pgconn

// The name that the error type had before it ended in Error.
type Unreachable = UnreachableError
