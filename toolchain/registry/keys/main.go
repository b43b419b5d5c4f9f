// Prints every key of distribution's configuration with the kind of its value, as JSON, as the YAML library sees them.
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
	keys := map[string]string{}
	collect(reflect.TypeFor[configuration.Configuration](), "", keys)
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(keys); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// collect writes a list as "key[]" and a mapping with any keys as "key.*".
func collect(t reflect.Type, path string, keys map[string]string) {
	switch {
	case t == reflect.TypeFor[time.Duration]():
		keys[path] = "duration"
	case t.Kind() == reflect.Pointer:
		collect(t.Elem(), path, keys)
	case t.Kind() == reflect.Slice:
		collect(t.Elem(), path+"[]", keys)
	case t.Kind() == reflect.Map:
		collect(t.Elem(), path+".*", keys)
	case t.Kind() == reflect.Struct:
		for i := range t.NumField() {
			field := t.Field(i)
			name, options, _ := strings.Cut(field.Tag.Get("yaml"), ",")
			switch {
			case options == "inline":
				collect(field.Type, path, keys)
			case name == "":
				collect(field.Type, join(path, strings.ToLower(field.Name)), keys)
			default:
				collect(field.Type, join(path, name), keys)
			}
		}
	default:
		keys[path] = t.Kind().String()
	}
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
