module nas-registry/toolchain/delayed-link

go 1.25.0
