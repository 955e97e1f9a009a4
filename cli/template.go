package cli

import (
	"fmt"
	"strings"

	ucli "github.com/urfave/cli/v2"

	"rung/cli/internal/cmdline"
	"rung/cli/internal/show"
	"rung/templates"
)

func templatesCommand(t *terminal) *ucli.Command {
	return &ucli.Command{
		Name:  "templates",
		Usage: "list the templates, or show one",
		UsageText: cmdline.Examples(
			"rung templates", "list them",
			"rung templates add-column", "show one, with its parameters and an example",
		),
		ArgsUsage:   "[NAME]",
		Description: "Without a NAME: each template and its purpose. With one: its purpose, parameters, locks, steps and an example.",
		Flags:       []ucli.Flag{templatesDirFlag()},
		Action: func(c *ucli.Context) error {
			set, err := loadTemplates(c)
			if err != nil {
				return err
			}
			if !c.Args().Present() {
				o := &jsonTemplates{Templates: []jsonTemplate{}}
				var rows [][]string
				for _, name := range set.Names() {
					o.Templates = append(o.Templates, templateJSON(set[name]))
					rows = append(rows, []string{name, set[name].Purpose})
				}
				t.sayTable(rows)
				return t.finish(o)
			}
			tm, err := set.Find(c.Args().First())
			if err != nil {
				return err
			}
			t.say("%s", show.Lines(strings.TrimRight(templateText(tm), "\n")))
			return t.finish(&jsonTemplates{Templates: []jsonTemplate{templateJSON(tm)}})
		},
	}
}

func templateText(tm *templates.Template) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n\nParameters:\n", tm.Name, tm.Purpose)
	for _, p := range tm.Params {
		optional := ""
		if p.Optional {
			optional = " (optional)"
		}
		fmt.Fprintf(&b, "  %s%s: %s\n", p.Name, optional, p.Usage)
	}
	for _, part := range [][2]string{{"Locks", tm.Locks}, {"Steps", tm.Steps}, {"Example", tm.Example}} {
		fmt.Fprintf(&b, "\n%s:\n  %s\n", part[0], strings.ReplaceAll(part[1], "\n", "\n  "))
	}
	return b.String()
}

type jsonTemplates struct {
	jsonResult
	Templates []jsonTemplate `json:"templates"`
}

type jsonTemplate struct {
	Name    string      `json:"name"`
	Purpose string      `json:"purpose"`
	Params  []jsonParam `json:"params"`
	Locks   string      `json:"locks"`
	Steps   string      `json:"steps"`
	Example string      `json:"example"`
}

type jsonParam struct {
	Name     string `json:"name"`
	Optional bool   `json:"optional"`
	Usage    string `json:"usage"`
}

func templateJSON(tm *templates.Template) jsonTemplate {
	o := jsonTemplate{Name: tm.Name, Purpose: tm.Purpose, Params: []jsonParam{}, Locks: tm.Locks, Steps: tm.Steps, Example: tm.Example}
	for _, p := range tm.Params {
		o.Params = append(o.Params, jsonParam{p.Name, p.Optional, p.Usage})
	}
	return o
}
