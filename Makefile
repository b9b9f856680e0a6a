# The commands; each sets up what is missing first. The work is in tools/ and in manage.py.
.PHONY: demo test check bench setup messages format requirements vendor
MAKEFLAGS += --no-print-directory
PYTHON ?= python3
PORT ?= 8000
RUN = .venv/bin/python

# A register to try, at http://127.0.0.1:8000 (PORT= changes it)
demo: setup
	@KAIKUKORTTI_DEMO=1 exec sh -ec '$(RUN) manage.py migrate --verbosity 0; $(RUN) manage.py demo; exec $(RUN) manage.py serve --port $(PORT)'

# The whole suite; ARGS= are pytest's
test: setup
	@$(RUN) tools/test.py $(ARGS)

# Lint, types, floors, templates, translations, then the tests
check: setup
	@$(RUN) tools/check.py
	@$(RUN) tools/test.py

# Benchmarks, as ratios against their baselines in the same run
bench: setup
	@$(RUN) tools/with_postgres.py --durable $(RUN) tools/bench.py $(ARGS)

# Virtual environment, pinned packages, Debian's programs, compiled translations
setup:
	@$(PYTHON) tools/setup.py

# Gather the texts to translate into locale/ and compile them
messages: setup
	@$(RUN) tools/messages.py collect

# Bring code and templates into the house's form
format: setup
	@$(RUN) -m ruff check --quiet --fix-only && $(RUN) -m ruff format --quiet && $(RUN) -m djlint kaikukortti/templates --reformat --quiet

# Pin the packages anew (needs uv)
requirements:
	@for list in requirements requirements-dev; do uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate $$list.in -o $$list.txt; done

# Fetch the browser files again and hold them to their checksums (needs npm)
vendor:
	@$(PYTHON) tools/vendor.py
