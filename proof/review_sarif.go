package proof

import (
	"encoding/json"
	"net/url"
	"path/filepath"
)

// The forms of SARIF 2.1.0, as far as code hosts read them.
type sarifLog struct {
	Schema  string     `json:"$schema"`
	Version string     `json:"version"`
	Runs    []sarifRun `json:"runs"`
}

type sarifRun struct {
	Tool    sarifTool     `json:"tool"`
	Columns string        `json:"columnKind"`
	Results []sarifResult `json:"results"`
}

type sarifTool struct {
	Driver sarifDriver `json:"driver"`
}

type sarifDriver struct {
	Name  string      `json:"name"`
	Rules []sarifRule `json:"rules"`
}

type sarifRule struct {
	ID    string    `json:"id"`
	Short sarifText `json:"shortDescription"`
	Full  sarifText `json:"fullDescription"`
	Help  sarifText `json:"help"`
}

type sarifText struct {
	Text string `json:"text"`
}

type sarifResult struct {
	RuleID       string             `json:"ruleId"`
	RuleIndex    int                `json:"ruleIndex"`
	Level        string             `json:"level"`
	Message      sarifText          `json:"message"`
	Locations    []sarifLocation    `json:"locations"`
	Suppressions []sarifSuppression `json:"suppressions,omitempty"`
}

type sarifLocation struct {
	Physical sarifPhysical `json:"physicalLocation"`
}

type sarifPhysical struct {
	Artifact sarifArtifact `json:"artifactLocation"`
	Region   sarifRegion   `json:"region"`
}

type sarifArtifact struct {
	URI string `json:"uri"`
}

type sarifRegion struct {
	StartLine   int `json:"startLine"`
	StartColumn int `json:"startColumn,omitempty"`
	EndLine     int `json:"endLine"`
}

type sarifSuppression struct {
	Kind          string `json:"kind"`
	Justification string `json:"justification"`
}

// sarifLevels are SARIF's words for the severities.
var sarifLevels = map[Severity]string{Error: "error", Danger: "error", Warning: "warning", Notice: "note"}

// SARIF is the report as SARIF 2.1.0: with it a code host shows each finding on
// its line.
func (r *ReviewReport) SARIF() ([]byte, error) {
	run := sarifRun{Tool: sarifTool{sarifDriver{Name: "rung review", Rules: []sarifRule{}}}, Columns: "unicodeCodePoints", Results: []sarifResult{}}
	index := map[string]int{}
	for i, record := range findingRecords {
		index[record.ID] = i
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRule{record.ID, sarifText{record.When}, sarifText{record.When + " " + record.Why}, sarifText{"Instead: " + record.Safe}})
	}
	for _, f := range append(append([]*ReviewFinding{}, r.Findings...), r.Suppressed...) {
		text := f.What + ". " + f.meaning() + " Instead: " + f.Safe
		if f.Command != "" {
			text += " " + f.Command
		}
		result := sarifResult{
			RuleID: f.ID, RuleIndex: index[f.ID], Level: sarifLevels[f.Severity], Message: sarifText{text},
			Locations: []sarifLocation{{sarifPhysical{sarifArtifact{uriOf(f.File)}, f.region()}}},
		}
		if f.Suppressed != "" {
			result.Suppressions = []sarifSuppression{{"inSource", f.Suppressed}}
		}
		run.Results = append(run.Results, result)
	}
	return json.MarshalIndent(sarifLog{"https://json.schemastore.org/sarif-2.1.0.json", "2.1.0", []sarifRun{run}}, "", "  ")
}

// region are the lines of the statement, or from where the server points at on.
func (f *ReviewFinding) region() sarifRegion {
	r := sarifRegion{StartLine: f.Line, EndLine: max(f.Line, f.statement.LastLine)}
	if f.FailedAt != nil {
		r.StartLine, r.StartColumn = f.FailedAt.Line, f.FailedAt.Column
	}
	return r
}

// uriOf is a path as the reference that SARIF asks for.
func uriOf(path string) string { return (&url.URL{Path: filepath.ToSlash(path)}).EscapedPath() }
