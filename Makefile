# make book   set up, execute every notebook, build the site, open it
# make pdf    the same with the whole book as one PDF, which its pages offer for download
# make test   set up, run every test
# make lab    set up, open the notebooks in JupyterLab
# make notebooks [NOTEBOOK=book/diffusion.ipynb]   execute notebooks, write them in normal form
# make coursework   write the student version of the assignments, a zip
# make grade SUBMISSIONS=folder   grade what the students handed in: a CSV, and a page for each student
# make coursework-load   grade two hundred submissions, state time and memory
# make bench [TASKS="digits paths"]   measure the package beside its peers (ten minutes); all tasks renew benchmarks/results.json
# make format   mend style
# make mutants [MUTANTS='infodyn.charts.*']   change the formulas, count the changes that the tests notice
# make accuracy   compare what the package tells with its definition in hundreds of digits
# make lock     renew requirements.lock from pyproject.toml
PYTHON ?= python3
NOTEBOOK ?=
SUBMISSIONS ?=
TRUSTED ?=
MUTANTS ?=
TASKS ?=
VENV := .venv/bin
READY := .venv/.ready
BENCH_READY := .venv-bench/.ready
NEED_PYTHON = command -v $(PYTHON) >/dev/null || { echo "infodyn needs Python 3.11 or newer, and there is no $(PYTHON): install it, or name yours: make PYTHON=/path/to/python3"; exit 1; }

# Notebooks and tests run side by side: one thread each is faster than all of them in each other's way.
book pdf test notebooks mutants accuracy: export OPENBLAS_NUM_THREADS ?= 1

.PHONY: book pdf test lab notebooks coursework grade coursework-load format mutants accuracy lock

book: $(READY)
	@$(VENV)/python tools/book.py build
	@$(VENV)/python tools/book.py open

pdf: $(READY)
	@$(VENV)/python tools/book.py pdf
	@echo "The printed edition: _build/html/infodyn.pdf"

test: $(READY)
	@$(VENV)/python -m pytest -n 2 --dist loadfile

lab: $(READY)
	@$(VENV)/jupyter lab --notebook-dir=book

notebooks: $(READY)
	@$(VENV)/python tools/notebooks.py $(NOTEBOOK)

coursework: $(READY)
	@$(VENV)/python -m coursework release _build/coursework

grade: $(READY)
	@test -n "$(SUBMISSIONS)" || { echo "Say where the submissions are: make grade SUBMISSIONS=folder"; exit 1; }
	@$(VENV)/python -m coursework grade $(if $(TRUSTED),--trusted) "$(SUBMISSIONS)"

coursework-load: $(READY)
	@$(VENV)/python -m coursework load

.PHONY: bench
bench: $(BENCH_READY)
	@.venv-bench/bin/python -m benchmarks $(TASKS)

format: $(READY)
	@$(VENV)/ruff check --fix .
	@$(VENV)/ruff format .

mutants: $(READY)
	@$(VENV)/python tools/mutants.py $(MUTANTS)

accuracy: $(READY)
	@$(VENV)/python -m benchmarks.accuracy

lock: $(READY)
	@$(VENV)/python tools/lock.py

$(READY): requirements.lock pyproject.toml
	@$(NEED_PYTHON)
	@$(PYTHON) tools/set_up.py
	@touch $(READY)

$(BENCH_READY): requirements.lock pyproject.toml
	@$(NEED_PYTHON)
	@$(PYTHON) tools/set_up.py bench
	@touch $(BENCH_READY)
