# make env | demo | airflow | server | test | e2e | lint | docs | mutants | bench | lock
PYTHON ?= python3.11
BIN := .venv/bin
DEMO := demo
PORT ?= 8080

.PHONY: env demo airflow server test e2e lint docs mutants bench lock clean

env: .venv/ready

.venv/ready: requirements.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv || python3 -m venv .venv
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch .venv/ready

# A synthetic province from deliveries to KPIs, in ./demo.
demo: env
	rm -rf $(DEMO)
	$(BIN)/yimatong simulate --residents 50000 --months 6 --seed 1 --out $(DEMO)/province
	$(BIN)/yimatong run --home $(DEMO)/home --inbox $(DEMO)/province/inbox
	$(BIN)/yimatong export --home $(DEMO)/home --out $(DEMO)/exports
	@echo
	@echo "仓库 warehouse  $(DEMO)/home/warehouse/current.duckdb"
	@echo "报告 report     $(DEMO)/exports/report.html  $(DEMO)/exports/brief.pdf"
	@echo "导出 exports    $(DEMO)/exports/kpi.csv  kpi.parquet  kpi.xlsx  intervals.csv  targets.csv  cities/  export.json"
	@echo "质量 quality    $(DEMO)/home/quality.html"
	@echo "回执 receipts   $(DEMO)/home/receipts/"
	@echo "下一步 next     $(BIN)/python docs/examples/access_by_city.py"

# The Dags at work on a synthetic province that arrives month by month, in ./airflow-home; again: goes on.
airflow: env
	$(BIN)/python -m pipelines.scheduling.trial --port $(PORT)

# One server by docker-compose.yml, data in ./data; again: brings it up to this version.
of_env = $(shell deploy/setting $(1))
FOLDERS = $(addprefix $(or $(call of_env,YIMATONG_DATA),./data)/,home inbox exports logs settings)
server: .env
	mkdir -p $(FOLDERS)
	chown $(or $(call of_env,YIMATONG_UID),10001) $(FOLDERS)
	docker compose up --detach --build

.env:
	(umask 077 && deploy/new-env > .env.part && mv .env.part .env)

test: env lint
	$(BIN)/python -m pytest -q -m "not e2e"

# Slow tests and tests against servers; installs what they need.
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
e2e: env
	ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null || \
	  ($(SUDO) apt-get update -q && $(SUDO) apt-get install -y -q --no-install-recommends postgresql)
	ls /usr/sbin/mariadbd >/dev/null 2>&1 || command -v mariadbd >/dev/null || \
	  ($(SUDO) apt-get update -q && $(SUDO) apt-get install -y -q --no-install-recommends mariadb-server)
	command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || \
	  ($(SUDO) apt-get update -q && $(SUDO) apt-get install -y -q --no-install-recommends chromium)
	command -v soffice >/dev/null || \
	  ($(SUDO) apt-get update -q && $(SUDO) apt-get install -y -q --no-install-recommends libreoffice-calc)
	$(BIN)/python -m pytest -q -m e2e

lint: env
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: env
	$(BIN)/python -m warehouse.docs
	$(BIN)/python -m pipelines.delivering.guide

# Each row check off, looser or over-strict, one at a time: docs/quality.md.
mutants: env
	$(BIN)/python -m tests.quality.mutants

bench: env
	$(BIN)/python benchmarks/journey.py

# Needs uv; the lock holds no address of an index.
lock:
	uv pip compile pyproject.toml --extra airflow --extra server --extra postgresql --extra mariadb --extra second-opinion --extra dev --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-header -o requirements.lock

clean:
	rm -rf $(DEMO) airflow-home .venv
