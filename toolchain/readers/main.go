// Reads a client's or a daemon's file with the library of the program that the file is for, and prints what that program
// understands, as JSON; or fails, with the reason, as that program would.
//
//	readers KIND FILE
package main

import (
	"encoding/json"
	"fmt"
	"os"

	cli "github.com/docker/cli/cli/config"
	docker "github.com/docker/docker/daemon/config"
	buildkit "github.com/moby/buildkit/cmd/buildkitd/config"
	k3s "github.com/rancher/wharfie/pkg/registries"
	containers "go.podman.io/image/v5/pkg/sysregistriesv2"
	"go.podman.io/image/v5/types"
)

var readers = map[string]func(file string) (any, error){
	"daemon.json": func(file string) (any, error) {
		return docker.MergeDaemonConfigurations(&docker.Config{}, nil, file)
	},
	"config.json": func(file string) (any, error) {
		reader, err := os.Open(file)
		if err != nil {
			return nil, err
		}
		return cli.LoadFromReader(reader)
	},
	"registries.yaml": func(file string) (any, error) {
		found, err := k3s.GetPrivateRegistries(file)
		if err != nil {
			return nil, err
		}
		return found.Registry, nil
	},
	"buildkitd.toml": func(file string) (any, error) { return buildkit.LoadFile(file) },
	// With the files of FILE.d, as of registries.conf.d.
	"registries.conf": func(file string) (any, error) {
		return containers.GetRegistries(&types.SystemContext{
			SystemRegistriesConfPath:    file,
			SystemRegistriesConfDirPath: file + ".d",
		})
	},
}

func main() {
	read, err := readers[os.Args[1]](os.Args[2])
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(read)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
