# make demo and make test set everything up themselves; only Python >= 3.11 (with venv) and make are needed.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test test-all test-matrix test-floors test-coexistence chaos bench bench-anomalies prices collector pictures screenshots docs lint format clean

demo: .venv/ready
	$(BIN)/otel-llmcost demo

# A file's tests run in one process, which has one embedded store: see tests/support/embedded.py.
WORKERS ?= 2
PYTEST := -m pytest -q -n $(WORKERS) --dist loadfile --max-worker-restart 0 --durations 25

# The tests that you want after each change: minutes. All others are in test-all, which .ci/run runs.
test: .venv/ready
	$(BIN)/python $(PYTEST) -m "not slow and not collector"

# Everything, with the real Collector where Go is there to build it.
test-all: .venv/ready
	@if command -v go >/dev/null; then collector/build.sh; \
	else echo "skipped: tests of the collector (install Go >= 1.25, then make collector)"; fi
	$(BIN)/python $(PYTEST)

# The instrumentation's suite on older SDKs, and on the oldest versions of what we depend on.
test-matrix: .venv/ready
	$(BIN)/python -m tools.matrix $(MATRIX)

# Ingest, daemon, store and page on the oldest versions of everything that pyproject.toml allows.
test-floors: .venv/ready
	$(BIN)/python -m tools.matrix floors

# Other emitters and frameworks with their real packages, which must not enter .venv.
test-coexistence: .venv-coexistence/ready
	.venv-coexistence/bin/python -m pytest -q tests/coexistence

# Accidents under load: what was acknowledged must be stored once, to the cent. About ten minutes.
# Three accidents need the collector's binary (make collector), one needs to mount (root).
CHAOS_ROUNDS ?= 20
chaos: .venv/ready
	$(BIN)/python -m tools.chaos --rounds $(CHAOS_ROUNDS) $(CHAOS)

bench: .venv/bench-ready
	$(BIN)/python -m benchmarks

# CLIENTS=file [BENCH="--quick --half choose --list"]; see benchmarks/anomalies.md
bench-anomalies: .venv/ready
	$(BIN)/python -m benchmarks.anomalies --clients $(or $(CLIENTS),$(error bench-anomalies needs CLIENTS=file)) $(BENCH)

# After a change in otel_llmcost/pricing/data: a new version of the book, its tests, other catalogues.
prices: .venv/ready
	$(BIN)/python -m tools.pin
	$(BIN)/python -m pytest -q tests/pricing tests/cli/test_price_book.py
	$(BIN)/otel-llmcost price-book check

# The boards as Grafana's components draw them, from the demo's store. Needs Node, npm and Chromium.
pictures: .venv/ready dashboards/render/node_modules
	test -d .demo/store || $(BIN)/otel-llmcost demo --store .demo
	$(BIN)/otel-llmcost anomalies detect --hours 168 --url .demo
	$(BIN)/otel-llmcost budgets set 60 --per month --url .demo
	$(BIN)/otel-llmcost budgets set 12 --per month --for team=legal --warn-at 60 --url .demo
	$(BIN)/python dashboards/render/render.py .demo

# Every page at 1440 and 390 px, light and dark, in site/screenshots, to be looked at. Needs Chromium.
# The README's: python -m tools.screenshots .demo --image docs/pictures/page.png
screenshots: .venv/ready
	test -d .demo/store || $(BIN)/otel-llmcost demo --store .demo
	$(BIN)/python -m tools.screenshots .demo

dashboards/render/node_modules: dashboards/render/package.json
	npm install --legacy-peer-deps --no-package-lock --no-audit --no-fund --prefix dashboards/render
	@touch $@

# The real OpenTelemetry Collector, from its Go modules: 3 minutes cold, seconds with caches. Needs Go >= 1.25.
collector:
	collector/build.sh

# The documentation as a site in site/. It needs no network; for its search, serve it: python -m http.server -d site
docs: .venv/ready
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict --quiet

lint: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright
	$(BIN)/python -m tools.words

format: .venv/ready
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

.venv/ready: pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[all]" --group dev
	@touch $@

.venv/bench-ready: .venv/ready
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --group bench
	@touch $@

.venv-coexistence/ready: pyproject.toml
	@test -x .venv-coexistence/bin/python || $(PYTHON) -m venv .venv-coexistence
	.venv-coexistence/bin/python -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"
	.venv-coexistence/bin/python -m pip install --quiet --disable-pip-version-check --editable ".[all]" --group coexistence --group frameworks
	@touch $@

clean:
	rm -rf .venv .venv-matrix .venv-coexistence .demo site
