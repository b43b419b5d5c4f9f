module nas-registry/toolchain/registry-load

go 1.24
