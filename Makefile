# `make demo` shows the whole path; `make test` is what must pass. Both need Python 3.11+ and make.
.DELETE_ON_ERROR:
.PHONY: demo test check lint types pytest interop-packages system audit lock messages docs site screenshots sbom clean
SHELL := /bin/bash

BIN := .venv/bin
# What pytest may use at once; the whole run is meant for 2 cores, which a third worker keeps busy
# while tests of browsers and servers wait. One file stays on one worker: its provider starts once.
WORKERS ?= 3
PORT_BASE ?= 8000
# OPEN=1 opens the pages in the browser.
OPEN ?=
# STORY=substitute plays a whole replacement at the services instead of the walk.
STORY ?=

demo: .venv/runtime
	$(BIN)/ecps-idp demo --port-base $(PORT_BASE) $(if $(OPEN),--open) $(if $(STORY),--story $(STORY))

# Compiled modules are kept, whatever the shell says: each of hundreds of processes that tests start
# would compile the program anew, and each worker all the tests.
check pytest: export PYTHONDONTWRITEBYTECODE :=

# Everything: linters, types, and every test on SQLite and PostgreSQL.
test: system .venv/development interop-packages lint types pytest

# The quick part: no browser, no server, no foreign client.
check: .venv/development lint types
	$(BIN)/pytest -n $(WORKERS) --ignore=tests/e2e --ignore=tests/interop -m "not slow"

lint: .venv/development
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: .venv/development
	$(BIN)/mypy

# Last, so that the closing line is pytest's own summary.
pytest: .venv/development
	$(BIN)/pytest -n $(WORKERS) --dist loadfile -rs

# Programs that tests use and pip cannot bring.
system:
	@.ci/system-packages

interop-packages: tests/interop/node/node_modules/.installed examples/java/.m2/.installed

# Maven names what running tests needs only while it runs them: here they fail, for want of control.
examples/java/.m2/.installed: examples/java/pom.xml
	@if command -v mvn >/dev/null; then \
	  cd examples/java && PSC_CONTROL=http://localhost:1 mvn -q -B -ntp -Dmaven.repo.local=.m2 \
	    -Dmaven.test.failure.ignore=true test >/dev/null && touch .m2/.installed; \
	else echo "Maven is missing: examples/java is left out"; fi

tests/interop/node/node_modules/.installed: tests/interop/node/package-lock.json
	@if command -v npm >/dev/null; then \
	  cd tests/interop/node && npm ci --no-audit --no-fund && touch node_modules/.installed; \
	else echo "npm is missing: tests/interop is left out"; fi

.venv/runtime: requirements.lock pyproject.toml
	.ci/virtual-environment requirements.lock
	@touch $@

.venv/development: requirements-dev.lock pyproject.toml
	.ci/virtual-environment requirements-dev.lock
	@touch $@ .venv/runtime

# Known vulnerabilities of the pinned dependencies, where the advisories can be reached.
audit: .venv/development
	.ci/audit

# Pin every dependency with its hashes, for every supported Python.
COMPILE := $(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 \
  --generate-hashes --no-header --no-annotate --no-strip-extras --upgrade
lock: .venv/development
	$(COMPILE) --extra build --extra dev -o requirements-dev.lock
	$(COMPILE) --extra build -c requirements-dev.lock -o requirements.lock

# Translation catalogues: collect what the pages say, and compile it.
messages: .venv/development
	$(call catalogue,babel.cfg,idp)
	$(call catalogue,babel-services.cfg,relying_services)

define catalogue
	$(BIN)/pybabel extract -F $(1) -k lazy_gettext -k _l --no-location -o messages.pot .
	$(BIN)/pybabel update -i messages.pot -d $(2)/translations --no-fuzzy-matching
	$(BIN)/pybabel compile -d $(2)/translations
endef

# Pages of the documentation that are generated from the code.
docs: .venv/development
	$(BIN)/python -m idp.settings_page docs/settings.md
	$(BIN)/python -m tests.docs.traceability
	$(BIN)/python -m tests.docs.looked_at
	$(BIN)/python -m tests.devices.openapi
	$(BIN)/python -m tests.dev.openapi
	$(BIN)/python -m tests.dev.faults.page
	$(BIN)/python -m tests.control.openapi
	$(BIN)/python -m tests.docs.reference

# The documentation as a site, in dist/site; a warning fails.
site: .venv/development
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build

# Pictures of the documentation, from the tests that stand on those pages.
screenshots: .venv/development
	$(BIN)/python -m tests.e2e.screenshots

# Bill of materials of what runs, from the lock file (CycloneDX).
sbom: .venv/development
	@mkdir -p dist
	$(BIN)/python .ci/sbom.py requirements.lock dist/ecps-idp.cdx.json

clean:
	rm -rf .venv dist build var
