package fault

import "rung/runner"

// Description is an error taken apart, and the object that --json has for it.
type Description struct {
	Kind     string `json:"kind"`
	ExitCode int    `json:"exit_code"`
	Message  string `json:"message"`
	Hint     string `json:"hint,omitempty"`
	Standing string `json:"standing,omitempty"`

	File       string `json:"file,omitempty"`
	Line       int    `json:"line,omitempty"`
	Col        int    `json:"col,omitempty"`
	Source     string `json:"source,omitempty"`
	Caret      int    `json:"caret,omitempty"`
	SQLState   string `json:"sqlstate,omitempty"`
	Detail     string `json:"detail,omitempty"`
	ServerHint string `json:"server_hint,omitempty"`
	Query      string `json:"query,omitempty"`
	Where      string `json:"where,omitempty"`
	Keys       string `json:"keys,omitempty"`
	KeyCount   int    `json:"key_count,omitempty"`
	Key        string `json:"key,omitempty"`

	Blockers []Blocker        `json:"blockers,omitempty"`
	Problems []runner.Problem `json:"problems,omitempty"`
	Findings []runner.Finding `json:"findings,omitempty"`
	Reasons  []string         `json:"reasons,omitempty"`
}
