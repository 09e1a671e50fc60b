# The front door. The work is done in tools/ and CMakeLists.txt; everything that is made goes into build/.
PREFIX ?= /usr/local
DESTDIR ?=
FUZZ_SECONDS ?= 60

.DEFAULT_GOAL := help
.PHONY: help demo test check bench fuzz install clean distclean format tidy

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

demo: ## install what a build needs, build, and load the first rows into DuckDB
	@tools/demo "$(PWD)"

check: ## the short check before a commit: format, layers, sanitizers, C tests
	@tools/setup demo
	@tools/check

test: ## everything, with what it needs installed first; ends with N passed, N failed, N skipped
	@tools/setup test
	@tools/test

bench: ## build the benchmarks and run them
	@tools/setup bench
	@tools/build -q release all bench
	@for bench in bench/*; do if [ -f "$$bench" ] && [ -x "$$bench" ]; then "$$bench" || exit 1; fi; done

fuzz: ## run each fuzzer for FUZZ_SECONDS (60)
	@tools/setup test
	@tools/fuzz $(FUZZ_SECONDS)

install: ## install command, library, headers and manual page into PREFIX (/usr/local), below DESTDIR
	@tools/setup demo
	@tools/build -q release
	@DESTDIR="$(DESTDIR)" cmake --install build/release --prefix "$(PREFIX)"

format: ## format the C files
	@tools/check-format -i

tidy: ## look for likely mistakes with clang-tidy
	@tools/setup tidy
	@tools/build -q clang
	@find src tests -name '*.c' ! -path 'tests/fuzz/*' | xargs -P "$$(nproc)" -n 4 clang-tidy-14 -quiet -p build/clang

clean: ## remove what was built, and keep what was fetched
	@find build -mindepth 1 -maxdepth 1 ! -name deps ! -name 'venv*' -exec rm -rf {} + 2>/dev/null || true

distclean: ## remove build/ altogether
	@rm -rf build
