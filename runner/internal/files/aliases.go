package files

// The names that the error types had before they ended in Error.
type (
	BadFiles = BadFilesError
	Hinted   = HintedError
)
