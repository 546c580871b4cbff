# Everything runs in .venv; the first target that needs it sets it up from requirements.lock.
PYTHON ?= python3
BIN := .venv/bin

# What builds the data is set up in .venv; what tests, lints and draws comes into it with the first target that needs that.
.PHONY: release sbom newest build test fuzz attack test-standards test-spark test-site site-bundle floors check docs docs-site notebooks test-notebooks examples lint types bench lock clean

build: .venv/ready            ## claims -> checked tables in data/processed and datapackage.json
	$(BIN)/datapkg build

test: .venv/dev               ## every test, with branch coverage
	$(BIN)/python -m pytest -n auto --cov --cov-report=term

fuzz: .venv/dev               ## the fuzz tests, with N inputs each (default: 20,000)
	DATAPKG_FUZZ=$(or $(N),20000) $(BIN)/python -m pytest -n auto -k "any_ or no_content" tests/model tests/read tests/registry \
	  tests/pages/test_start.py tests/release/test_record.py tests/test_fuzz.py

attack: .venv/dev             ## what is hostile at length: writers killed at 200 points, fuzz tests, 200 processes that must not abort
	$(BIN)/python -m pytest -n auto -m attack
	DATAPKG_FUZZ=2000 DATAPKG_PROCESSES=200 $(BIN)/python -m pytest -n auto tests/model/test_text.py \
	  tests/model/test_shape.py tests/model/test_specs.py tests/pages/test_start.py tests/read/test_hostile.py tests/registry/test_addresses.py tests/cli/test_foreign.py

test-standards: .venv-standards/ready .venv-cff/ready tests/standards/node/node_modules/ready ## a release, judged by tools that we did not write
	.venv-standards/bin/python -m pytest -n auto tests/standards

test-spark: .venv/dev .venv-spark/ready ## Spark, on a cluster in processes of this machine (needs Java 17 or newer); DATAPKG_SPARK=all for every table
	.venv-spark/bin/python -m pytest tests/spark

sbom: .venv-sbom/ready        ## what goes with a release of the code: its bill of materials (CycloneDX), from the lock alone
	mkdir -p dist
	.venv-sbom/bin/cyclonedx-py requirements --pyproject pyproject.toml --output-reproducible --no-validate \
	  -o dist/sbom.cdx.json requirements-action.lock

test-site: .venv/dev datapkg/site/web/node_modules/ready ## the pages of a site: types, style, and in a browser (needs Node and Chromium)
	cd datapkg/site/web && npm run --silent check
	sites=$$(mktemp -d) && trap 'rm -rf "$$sites"' EXIT && $(BIN)/python tests/site/browser/made.py "$$sites/made" >"$$sites/log" 2>&1 || { cat "$$sites/log"; exit 1; } && \
	  DATAPKG_SITES="$$sites/made" node --test --test-concurrency=2 --test-reporter=spec tests/site/browser/*.test.mjs

site-bundle: datapkg/site/web/node_modules/ready ## bundle the pages of a site anew
	cd datapkg/site/web && npm run --silent build

floors: .venv-floors/ready    ## a reader's work with the oldest libraries that pyproject.toml allows
	PYTHONPATH=. .venv-floors/bin/python tests/floors.py

release: .venv/ready          ## a signed release of the data: make release VERSION=0.4.0 KEY=~/.minisign/datapkg.key
	@test -n "$(VERSION)" -a -n "$(KEY)" || { echo "say what and by whom: make release VERSION=0.4.0 KEY=FILE" >&2; exit 2; }
	$(BIN)/datapkg release $(VERSION) --sign $(KEY)
	$(BIN)/datapkg verify $(VERSION)

newest:                       ## the same with the newest libraries that there are today: what will break next
	rm -rf .venv-newest
	$(PYTHON) -m venv .venv-newest
	.venv-newest/bin/python tests/floors.py --newest > .venv-newest/names.txt
	.venv-newest/bin/python -m pip install --quiet --disable-pip-version-check --no-compile -r .venv-newest/names.txt
	PYTHONPATH=. .venv-newest/bin/python tests/floors.py

check: .venv/ready            ## is what is committed what the build makes?
	$(BIN)/datapkg build --check

docs: .venv/dev               ## regenerate docs/tables.md, checks.md, conflicts.md, coverage.md, capacity.md, quality.md, schemas/claims, schemas/expectations
	$(BIN)/python -m datapkg.pages

docs-site: .venv/dev .venv-docs/ready ## docs/ as a site, in dist/manual/site; a link that leads nowhere fails
	$(BIN)/python docs/manual/pages.py dist/manual
	cd dist/manual && ../../.venv-docs/bin/zensical build --clean --strict
	@! grep -rnoE '<(script|link|img|iframe|source)[^>]* (src|href)="?https?:[^ >]*' dist/manual/site --include='*.html' || \
	  { echo "the site would ask other servers for these" >&2; exit 1; }

notebooks: .venv/dev .venv-docs/ready datapkg/site/web/node_modules/ready ## run docs/notebooks and store what they show
	.venv-docs/bin/python docs/manual/notebooks.py --renew

test-notebooks: .venv/dev .venv-docs/ready datapkg/site/web/node_modules/ready ## do docs/notebooks show what is stored?
	.venv-docs/bin/python docs/manual/notebooks.py

examples: .venv/dev           ## run docs/examples and renew their pictures; FROM=working reads data/processed
	$(BIN)/python tests/examples.py $(FROM)

lint: .venv/dev
	$(BIN)/ruff check . && $(BIN)/ruff format --check .

types: .venv/dev
	$(BIN)/mypy

bench: .venv/dev .venv-bench/ready ## ratios against peers, measured in one run, into benchmarks/results.json; SIZE=small|large, PART=...
	$(BIN)/python -m benchmarks $(SIZE) $(PART)

# A lock names everything, so that pip is told to look no further: before 23.3 it takes name[extra] for another project
# than the pinned name, and fails.
lock:                         ## renew the pins (needs uv)
	uv pip compile pyproject.toml --extra build --extra cite --extra s3 --extra xlsx --extra mcp --group dev --universal --python-version 3.11 \
	  --generate-hashes --strip-extras --no-emit-index-url --no-annotate --no-header -o requirements.lock
	uv pip compile pyproject.toml requirements-action.in --extra build -c requirements.lock --universal \
	  --python-version 3.11 --generate-hashes --strip-extras --no-emit-index-url --no-annotate --no-header \
	  --no-emit-package semiconductor-datapkg -o requirements-action.lock
	for name in standards cff sbom docs bench spark; do uv pip compile requirements-$$name.in --universal --python-version 3.11 \
	  --generate-hashes --strip-extras --no-emit-index-url --no-annotate --no-header -o requirements-$$name.lock; done

# Deleting and remaking the folder keeps a half-finished or outdated environment from being used.
.venv/ready: requirements-action.lock requirements.lock pyproject.toml
	rm -rf .venv
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "datapkg needs Python 3.11 or newer; try: make PYTHON=python3.11")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-action.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

.venv/dev: .venv/ready
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	touch $@

.venv-standards/ready: requirements-standards.lock
	rm -rf .venv-standards
	$(PYTHON) -m venv .venv-standards
	.venv-standards/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-standards.lock
	touch $@

.venv-floors/ready: pyproject.toml tests/floors.py
	rm -rf .venv-floors
	$(PYTHON) -m venv .venv-floors
	.venv-floors/bin/python tests/floors.py --pins > .venv-floors/pins.txt
	.venv-floors/bin/python -m pip install --quiet --disable-pip-version-check -r .venv-floors/pins.txt
	touch $@

.venv-sbom/ready: requirements-sbom.lock
	rm -rf .venv-sbom
	$(PYTHON) -m venv .venv-sbom
	.venv-sbom/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-sbom.lock
	touch $@

# The notebooks read with the libraries of .venv, which libraries.pth leads to.
.venv-docs/ready: requirements-docs.lock docs/manual/libraries.pth
	rm -rf .venv-docs
	$(PYTHON) -m venv .venv-docs
	.venv-docs/bin/python -m pip install --quiet --disable-pip-version-check --no-compile --no-deps --require-hashes -r requirements-docs.lock
	cp docs/manual/libraries.pth .venv-docs/lib/python*/site-packages
	touch $@

.venv-bench/ready: requirements-bench.lock
	rm -rf .venv-bench
	$(PYTHON) -m venv .venv-bench
	.venv-bench/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-bench.lock
	touch $@

# What Spark is told to do is told with the libraries of .venv.
.venv-spark/ready: requirements-spark.lock docs/manual/libraries.pth
	rm -rf .venv-spark
	$(PYTHON) -m venv .venv-spark
	.venv-spark/bin/python -m pip install --quiet --disable-pip-version-check --no-compile --no-deps --require-hashes -r requirements-spark.lock
	cp docs/manual/libraries.pth .venv-spark/lib/python*/site-packages
	touch $@

# cffconvert pins an old jsonschema and cannot live beside the others.
.venv-cff/ready: requirements-cff.lock
	rm -rf .venv-cff
	$(PYTHON) -m venv .venv-cff
	.venv-cff/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-cff.lock
	touch $@

# Without Node the tests that need it are skipped, and say so.
tests/standards/node/node_modules/ready: tests/standards/node/package-lock.json
	if command -v npm; then cd tests/standards/node && npm ci --silent --no-audit --no-fund; fi
	mkdir -p $(@D) && touch $@

datapkg/site/web/node_modules/ready: datapkg/site/web/package-lock.json
	cd datapkg/site/web && npm ci --silent --no-audit --no-fund
	touch $@

clean:
	rm -rf .venv .venv-floors .venv-newest .venv-standards .venv-cff .venv-sbom .venv-docs .venv-bench .venv-spark tests/standards/node/node_modules datapkg/site/web/node_modules dist .coverage .mypy_cache .ruff_cache .pytest_cache .hypothesis
