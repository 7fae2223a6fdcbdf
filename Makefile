# make run: a real result about a real city.  make test: everything is checked.
# Both set up what they need: a virtual environment in .venv and, for tests, browser and fonts.
# make page: builds the page's script after a change of its sources (Node).
# make quick: what can be checked without a browser and a city, under a minute; while one works.
# make test ROOM=walking: all tests of one package.  make coverage: lines and branches that ran.
# make lowest: the main job and some tests with the oldest packages that pyproject.toml admits, in .lowest.
# make town: draws the invented town of the study shuixiang again, after a change of data/shuixiang.
# make schemas, make help-texts: rewrite what is kept of the study's keys (for editors and docs/) and of --help.
# make bench: our times and those of others, the quick form (<= 5 CPU minutes); the others live in .bench,
# pgRouting in Debian's packages of .ci/system_packages.py.
# make bench-all: everything (within 25 minutes on two quiet cores), into benchmarks/README.md.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
BENCH := .bench
LOWEST := .lowest
STUDY ?= monaco
ROOM ?=
PAGE := gusu_geo/report/webmap/page

.PHONY: run test quick lint lowest page town coverage schemas help-texts bench bench-all clean

run: $(VENV)/.run-ready
	$(BIN)/gusu-geo run $(STUDY)

test: $(VENV)/.test-ready $(VENV)/.compiled
	$(BIN)/python -m pytest -n 2 --dist loadfile $(if $(ROOM),tests/$(ROOM))

quick: $(VENV)/.quick-ready $(VENV)/.compiled
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python -m pytest -q -n 2 --dist loadfile -m "not browser and not city and not slow" --fewer-examples

lint: $(VENV)/.test-ready node_modules/.ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	node_modules/.bin/biome lint --error-on-warnings
	node_modules/.bin/tsc --project $(PAGE)
	node_modules/.bin/tsc --project $(PAGE)/engine
	node .ci/build-page.mjs --check
	$(BIN)/python tests/support/sample_page.py | node .ci/old-browsers.mjs

page: $(VENV)/.run-ready node_modules/.ready
	$(BIN)/python -m gusu_geo.report.webmap.constants
	node .ci/build-page.mjs

town: $(VENV)/.run-ready
	PYTHONPATH=data $(BIN)/python -m shuixiang

# Compiled code of an older numba is kept apart.
lowest: export NUMBA_CACHE_DIR := $(LOWEST)/compiled
lowest: $(LOWEST)/.ready
	$(LOWEST)/bin/gusu-geo --help
	$(LOWEST)/bin/gusu-geo run monaco --out $(LOWEST)/out
	$(LOWEST)/bin/gusu-geo site monaco --sites 2 --out $(LOWEST)/out
	$(LOWEST)/bin/python -m pytest -q -m "not browser and not city" tests/siting tests/package/test_frames.py tests/assessment/test_hours.py tests/sources/test_ledgers.py tests/report -W ignore::UserWarning:matplotlib -W ignore::DeprecationWarning

coverage: $(VENV)/.test-ready $(VENV)/.compiled
	$(BIN)/python -m pytest -q -n 2 --dist loadfile --cov --cov-report=term $(if $(ROOM),tests/$(ROOM))

schemas: $(VENV)/.quick-ready
	$(BIN)/python -m gusu_geo.study.schema > .schema.new && mv .schema.new gusu_geo/study/study.schema.json
	$(BIN)/python -m gusu_geo.study.reference zh > .schema.new && mv .schema.new docs/study-file.zh.md
	$(BIN)/python -m gusu_geo.study.reference en > .schema.new && mv .schema.new docs/study-file.md
	$(BIN)/python -m gusu_geo.report.schema summary > .schema.new && mv .schema.new gusu_geo/report/summary.schema.json
	$(BIN)/python -m gusu_geo.report.schema plan > .schema.new && mv .schema.new gusu_geo/report/plan.schema.json
	$(BIN)/python -m gusu_geo.report.schema pairing > .schema.new && mv .schema.new gusu_geo/report/pairing.schema.json
	$(BIN)/python -m gusu_geo.report.schema province > .schema.new && mv .schema.new gusu_geo/report/province.schema.json

help-texts: $(VENV)/.quick-ready
	$(BIN)/python tests/package/test_help.py

bench: $(BENCH)/.ready
	$(BENCH)/bin/python benchmarks/run_times.py --quick --rounds 1
	$(BENCH)/bin/python benchmarks/first_use.py
	$(BENCH)/bin/python benchmarks/rival_verdicts.py monaco
	$(BENCH)/bin/python benchmarks/engine.py --quick

bench-all: $(BENCH)/.ready
	$(BENCH)/bin/python benchmarks/run_times.py --json benchmarks/commands.json --readme
	$(BENCH)/bin/python benchmarks/first_use.py
	$(BENCH)/bin/python benchmarks/rival_verdicts.py --readme
	$(BENCH)/bin/python benchmarks/engine.py --rounds 3 --json benchmarks/figures.json --readme

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit("gusu_geo needs Python 3.11 or newer, this is %s" % sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV) || (rm -rf $(VENV); apt-get update && apt-get install -y --no-install-recommends python3-venv && $(PYTHON) -m venv $(VENV))

$(VENV)/.run-ready: $(BIN)/python pyproject.toml
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

$(VENV)/.quick-ready: $(VENV)/.run-ready
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	touch $@

$(VENV)/.test-ready: $(VENV)/.quick-ready
	$(BIN)/python .ci/system_packages.py
	touch $@

# Kernels are compiled once, not by every worker.
$(VENV)/.compiled: $(wildcard gusu_geo/_kernels/*.py) | $(VENV)/.quick-ready
	PYTHONPATH=tests/support $(BIN)/python tests/support/warm_up.py
	touch $@

# Linter, type checker and bundler of the page's scripts; their versions stand in package.json and
# are raised on purpose.
node_modules/.ready: package.json | $(VENV)/.test-ready
	$(BIN)/python .ci/system_packages.py node
	npm install --ignore-scripts --no-audit --no-fund --no-package-lock --no-update-notifier --loglevel=error
	touch $@

# uv finds the oldest of what we name, and the newest of what they need themselves.
$(LOWEST)/.ready: pyproject.toml
	rm -rf $(LOWEST)
	$(PYTHON) -m venv $(LOWEST)
	$(LOWEST)/bin/python -m pip install --quiet uv==0.13.9
	$(LOWEST)/bin/uv pip install --quiet --python $(LOWEST)/bin/python --resolution lowest-direct --editable '.[notebooks,slopes,test]'
	touch $@

# Rivals that cannot be had are left out; our own figures are measured in any case.
$(BENCH)/.ready: $(BIN)/python pyproject.toml
	-$(BIN)/python .ci/system_packages.py pgrouting
	$(BIN)/python -m venv $(BENCH)
	$(BENCH)/bin/python -m pip install --quiet --editable '.[bench]' || \
		($(BENCH)/bin/python -m pip install --quiet --editable . && $(BENCH)/bin/python benchmarks/rivals_install.py)
	touch $@

clean:
	rm -rf $(VENV) $(BENCH) $(LOWEST) node_modules data/processed/* maps/*.html
