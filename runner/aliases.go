package runner

// The names that the error types had before they ended in Error.
type (
	Refusal      = RefusalError
	Disagreement = DisagreementError
	Unreachable  = UnreachableError
	Stopped      = StoppedError
	BadFiles     = BadFilesError
	Hinted       = HintedError
)
