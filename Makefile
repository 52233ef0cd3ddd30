# Every target works in .venv, which `make setup` makes. `make help` lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.complete
IMAGES ?=
export TF_CPP_MIN_LOG_LEVEL ?= 3

.PHONY: help setup run test test-slow lint fix bench build resources model lock clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

setup: $(STAMP) ## make .venv with everything for the viewer, training and the checks

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "lesionviewer needs Python 3.11 or newer; '$(PYTHON)' is older. Try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || \
	  { echo "Python's venv module is missing. On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25" wheel
	$(BIN)/python -m pip install --quiet --no-deps --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps -e .
	@.ci/system-libraries $(BIN)/python
	@touch $@

run: setup ## open the window on the bundled samples, or on IMAGES=dir; headless without a display
	@.ci/demo $(BIN)/lesionviewer "$(or $(IMAGES),assets/samples)"

test: setup ## run the tests
	$(BIN)/python -m pytest -m "not slow" $(ARGS)

test-slow: setup ## run the tests that take long
	$(BIN)/python -m pytest -m slow $(ARGS)

lint: setup ## check style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

fix: setup ## mend what ruff can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: setup ## measure, both sides in one run, and write docs/benchmarks.md (IMAGES=dir for other pictures)
	$(BIN)/python -m benchmarks $(if $(IMAGES),--images "$(IMAGES)") $(ARGS)

build: setup ## make the program folder with PyInstaller in dist/
	$(BIN)/python -m pip install --quiet "pyinstaller>=6.16"
	$(BIN)/pyinstaller --noconfirm build.spec

# The shipped model from the beginning; each step is left out or taken up where it stopped.
MODEL := build/model
DATA ?= ../shared/data
IMAGENET ?= ../shared/pretrained/resnet50_imagenet_to_conv4.safetensors
TRAIN := $(BIN)/python -m training train
ON := --data $(DATA)/ham10000/HAM10000_metadata.csv --extra-data $(DATA)/milk10k/metadata.csv
BUNDLE := $(MODEL)/ham10000-resnet50

model: setup ## train the shipped model anew into build/model (DATA=dir, IMAGENET=file); takes hours
	test -e $(MODEL)/first/config.json || $(TRAIN) --config configs/from-scratch.json $(ON) --bundle none \
	  --init $(IMAGENET) --out $(MODEL)/first --estimate
	$(TRAIN) --resume $(MODEL)/first
	test -e $(MODEL)/second/config.json || $(TRAIN) --config configs/wide-views.json $(ON) --bundle none \
	  --init $(MODEL)/first/checkpoints/best.safetensors --out $(MODEL)/second --estimate
	$(TRAIN) --resume $(MODEL)/second
	$(BIN)/python -m training export --run $(MODEL)/second --out $(BUNDLE) --replace \
	  --outliers screenshots=docs/images --outliers close-ups=$(DATA)/ood_clinical_closeups \
	  --licence "CC BY-NC 4.0" --licence-file assets/models/ham10000-resnet50/LICENSE-WEIGHTS.md

resources: setup ## compile resources.qrc again
	$(BIN)/pyside6-rcc --no-compress --format-version 1 resources.qrc -o lesionviewer/ui/resources_rc.py

lock: setup ## resolve the dependencies anew into requirements.lock
	$(BIN)/uv pip compile --quiet pyproject.toml --extra train --extra dev --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --upgrade -o requirements.lock

clean: ## remove what the targets made, .venv included
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache
