# `make demo` and `make test` work on a new machine; `make help` lists the rest.
.PHONY: help demo demo-down test soak power-cuts bench check check-format check-lint check-types check-shell setup setup-tests setup-bench build clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-12s %s\n", $$1, $$2 }' Makefile

demo: setup ## Deploy registries on two simulated NASes, and push and pull an image
	@node_modules/.bin/tsx lab/demo.ts

demo-down: ## Remove all that the demo made
	@! [ -x node_modules/.bin/tsx ] || node_modules/.bin/tsx lab/demoDown.ts

test: setup-tests check ## Run every check and test
	@npm test --silent

soak: setup-tests build ## Push and pull for half an hour while everything is collected, killed and restarted
	@SOAK_MINUTES=$${SOAK_MINUTES:-30} npm test --silent -- --project e2e tests/e2e/soak.test.ts

power-cuts: setup-tests build ## Cut the power of a NAS thirty times during each thing that a registry does
	@POWER_CUTS=$${POWER_CUTS:-30} npm test --silent -- --project e2e tests/e2e/powerCuts.test.ts

bench: setup-bench build ## Measure against Ansible, Docker Compose and a script, and write docs/benchmarks.md
	@npm run --silent bench

check: ## Format, lint, types and shellcheck
	@$(MAKE) --no-print-directory --output-sync --jobs 2 check-lint check-format check-types check-shell

check-format:
	@npm run --silent format:check

check-lint:
	@npm run --silent lint

check-types:
	@npm run --silent types

check-shell:
	@(git ls-files -z '*.sh'; git grep -lzE '^#!.*/(ba)?sh$$') | sort -zu | xargs -0 shellcheck

setup:
	@toolchain/setup.sh

setup-tests:
	@toolchain/setup.sh tests

setup-bench:
	@toolchain/setup.sh bench

build: ## Compile the package
	@npm run --silent build

clean: demo-down ## Remove everything that was built or downloaded here
	rm -rf bin node_modules .toolchain .lab
