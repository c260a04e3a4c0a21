# make demo: age the sample faces. make notebook: the same step by step. make web: the
# page that ages photographs. make site: the same as files for any web host. make test:
# run the tests. make wheel: export the networks and build dist/. All make .venv first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
FACES ?= images/test
AGED ?= aged
SITE ?= site

.PHONY: demo notebook web site test wheel lint format clean

$(VENV)/installed: setup.py pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable .[train]
	touch $@

$(VENV)/installed-dev: $(VENV)/installed
	$(BIN)/python -m pip install --quiet --editable .[dev]
	touch $@

demo: $(VENV)/installed
	$(BIN)/python test.py --test_data_dir=$(FACES) --save_dir=$(AGED)

notebook: $(VENV)/installed
	$(BIN)/python -m pip install --quiet --editable .[demo]
	$(BIN)/jupyter lab Demo.ipynb

# With exported networks (make wheel) it ages in a second; else by Keras.
web: $(VENV)/installed
	$(BIN)/python -m pip install --quiet --editable .[web]
	$(BIN)/ipcgan-web $(WEB)

# Needs npm, for the library that computes networks in browsers.
site: $(VENV)/installed-dev
	$(BIN)/python tools/build_site.py --save_dir=$(SITE)

test: $(VENV)/installed-dev
	$(BIN)/python -m pytest --numprocesses=auto --dist=loadfile --no-loadscope-reorder

wheel: $(VENV)/installed-dev
	$(BIN)/python tools/build_wheel.py

lint: $(VENV)/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/installed-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV) $(AGED) $(SITE) build dist
