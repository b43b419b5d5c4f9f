// Prints distribution's configuration as a JSON Schema, as its YAML library sees it.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"strings"
	"time"

	"github.com/distribution/distribution/v3/configuration"
)

func main() {
	encoder := json.NewEncoder(os.Stdout)
	if err := encoder.Encode(schemaOf(reflect.TypeFor[configuration.Configuration]())); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

type schema = map[string]any

func schemaOf(t reflect.Type) schema {
	if t == reflect.TypeFor[time.Duration]() {
		return schema{"$ref": "#/definitions/duration"}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return schemaOf(t.Elem())
	case reflect.Slice:
		return schema{"type": "array", "items": schemaOf(t.Elem())}
	case reflect.Map:
		return schema{"type": "object", "additionalProperties": schemaOf(t.Elem())}
	case reflect.Struct:
		properties := schema{}
		collect(t, properties)
		return schema{"type": "object", "properties": properties, "additionalProperties": false}
	case reflect.Interface:
		return schema{}
	case reflect.Bool:
		return schema{"type": "boolean"}
	case reflect.Int:
		return schema{"type": "integer"}
	case reflect.String:
		return schema{"type": "string"}
	default:
		panic("no JSON type for " + t.String())
	}
}

func collect(t reflect.Type, properties schema) {
	for i := range t.NumField() {
		field := t.Field(i)
		name, options, _ := strings.Cut(field.Tag.Get("yaml"), ",")
		switch {
		case options == "inline":
			collect(field.Type, properties)
		case name == "":
			properties[strings.ToLower(field.Name)] = schemaOf(field.Type)
		default:
			properties[name] = schemaOf(field.Type)
		}
	}
}
