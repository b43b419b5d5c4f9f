// Reads alert rules and expressions with Prometheus' own parsers, as promtool does when it checks them.
//
//	prometheus-rules rules FILE
//	prometheus-rules expressions FILE     a JSON list of them
//
// Prints the names of the metrics that they read, as a JSON list; or fails, with what is wrong.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/prometheus/common/model"
	"github.com/prometheus/common/promslog"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"
)

func main() {
	names, err := read(os.Args[1], os.Args[2])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if err := json.NewEncoder(os.Stdout).Encode(names); err != nil {
		panic(err)
	}
}

func read(kind, file string) ([]string, error) {
	expressions, err := expressionsIn(kind, file)
	if err != nil {
		return nil, err
	}
	names := []string{}
	for _, text := range expressions {
		expression, err := parser.NewParser(parser.Options{}).ParseExpr(text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", text, err)
		}
		parser.Inspect(expression, func(node parser.Node, _ []parser.Node) error {
			if selector, ok := node.(*parser.VectorSelector); ok && !slices.Contains(names, selector.Name) {
				names = append(names, selector.Name)
			}
			return nil
		})
	}
	slices.Sort(names)
	return names, nil
}

func expressionsIn(kind, file string) ([]string, error) {
	if kind != "rules" {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		var expressions []string
		return expressions, json.Unmarshal(text, &expressions)
	}
	groups, errs := rulefmt.ParseFile(file, false, model.UTF8Validation, parser.NewParser(parser.Options{}), promslog.NewNopLogger())
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	var expressions []string
	for _, group := range groups.Groups {
		for _, rule := range group.Rules {
			expressions = append(expressions, rule.Expr)
		}
	}
	return expressions, nil
}
