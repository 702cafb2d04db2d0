"""The notebooks are in their normal form, have numbers to compare, and pictures that can be heard.

``pytest --nbval`` compares the numbers; the last tests here show that it does.
"""

import ast
import os
import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import nbformat
import notebooks
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = sorted(ROOT.glob("book/*.ipynb"))
FEWEST_CELLS_WITH_NUMBERS = 3

each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def code_cells(path):
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]


def texts(cell):
    """Return the text outputs of a cell."""
    streams = [output.text for output in cell.outputs if output.output_type == "stream"]
    return streams + [output.data.get("text/plain", "") for output in cell.outputs if "data" in output]


def draws(cell):
    return any(text.startswith("<Figure") for text in texts(cell))


def test_there_are_notebooks():
    assert NOTEBOOKS


@each_notebook
def test_normal_form(path):
    normal = notebooks.text_of(notebooks.normal_form(nbformat.read(path, as_version=4)))
    assert path.read_text(encoding="utf-8") == normal, f"run `make notebooks NOTEBOOK=book/{path.name}`"


@each_notebook
def test_there_are_numbers_to_compare(path):
    with_numbers = [
        cell
        for cell in code_cells(path)
        if "nbval-ignore-output" not in cell.metadata.get("tags", [])
        and any(re.search(r"\d", text) and not text.startswith("<Figure") for text in texts(cell))
    ]
    assert len(with_numbers) >= FEWEST_CELLS_WITH_NUMBERS


@each_notebook
def test_nothing_is_left_out_of_the_comparison(path):
    for cell in code_cells(path):
        assert not {"nbval-skip", "nbval-ignore-output"} & set(cell.metadata.get("tags", []))
        assert not re.search("NBVAL_(SKIP|IGNORE_OUTPUT)", cell.source)
        assert not cell.source.rstrip().endswith(";"), f"write `_ = ...` instead:\n{cell.source}"


@each_notebook
def test_a_notebook_that_checks_ends_by_handing_its_checks_to_the_ledger(path):
    sources = [cell.source for cell in code_cells(path)]
    if any(re.search(r"\bcheck\(", source) for source in sources):
        assert sources[-1] == "checks.report()"
        assert not any("checks.records" in source for source in sources)


@each_notebook
def test_every_figure_says_what_is_to_be_seen(path):
    for cell in filter(draws, code_cells(path)):
        settings = cell.metadata.get("mystnb", {})
        assert len(settings.get("image", {}).get("alt", "").split()) >= 5, f"no alt text:\n{cell.source}"
        assert settings.get("figure", {}).get("caption"), f"no caption:\n{cell.source}"


def test_pictures_widgets_and_traces_of_the_machine_are_dropped():
    data = {
        "image/png": "iVBOR",
        "image/svg+xml": "<svg/>",
        "text/plain": "<Figure size 720x320 with 1 Axes>",
    }
    widget = {"application/vnd.jupyter.widget-view+json": {"model_id": "1"}, "text/plain": "Stack()"}
    outputs = [
        new_output("display_data", data, metadata={"needs_background": "light"}),
        new_output("display_data", widget),
        new_output("stream", name="stdout", text="a"),
        new_output("stream", name="stdout", text="b\n"),
    ]
    metadata = {"mystnb": {"image": {"alt": "A line."}}, "execution": {"iopub.status.busy": "2026"}}
    cell = new_code_cell("draw()\n", execution_count=7, outputs=outputs, metadata=metadata)
    noisy = new_notebook(
        cells=[cell],
        metadata={"widgets": {"state": {}}, "language_info": {"name": "python", "version": "3.11"}},
    )
    normal = notebooks.normal_form(noisy)
    assert normal.metadata == notebooks.NOTEBOOK_METADATA
    assert normal.cells[0].metadata == {"mystnb": {"image": {"alt": "A line."}}}
    assert normal.cells[0].execution_count == 1
    assert [list(output.get("data", {})) for output in normal.cells[0].outputs] == [["text/plain"]] * 2 + [[]]
    assert normal.cells[0].outputs[-1].text == "ab\n"
    assert normal.cells[0].outputs[0].metadata == {}
    assert notebooks.normal_form(normal) == normal


def test_stderr_is_refused():
    output = new_output("stream", name="stderr", text="RuntimeWarning: overflow")
    warned = new_notebook(cells=[new_code_cell("1 / x", outputs=[output])])
    with pytest.raises(ValueError, match=r"cell \[1\] writes to stderr.*overflow"):
        notebooks.normal_form(warned)


SMALL_NOTEBOOK = [
    "import matplotlib.pyplot as plt\nfrom IPython.display import Markdown, display\nfrom tqdm import tqdm",
    "for _ in tqdm(range(3)):\n    print(_)\n_ = plt.plot([0, 1])\nplt.show()",
    "display(Markdown('**four**'))\n2 + 2",
]


@pytest.fixture(scope="module")
def small_notebook(tmp_path_factory):
    """Return a notebook that counts with a progress bar, draws, and adds; in its normal form."""
    path = tmp_path_factory.mktemp("nbval") / "small.ipynb"
    nbformat.write(new_notebook(cells=[new_code_cell(source) for source in SMALL_NOTEBOOK]), path)
    notebooks.execute(path)
    return path


def compare(path):
    """Return the exit code of the comparison and what it printed."""
    nbval = [sys.executable, "-m", "pytest", "--nbval", "-q", "-p", "no:cacheprovider", path.name]
    tried = subprocess.run(nbval, cwd=path.parent, env=os.environ, capture_output=True, text=True)
    return tried.returncode, tried.stdout


def test_the_comparison_accepts_the_normal_form(small_notebook):
    assert "image/png" not in small_notebook.read_text()
    assert "it/s" not in small_notebook.read_text()
    code, said = compare(small_notebook)
    assert code == 0, said


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"4"', '"5"'),
        (r'"0\n"', r'"1\n"'),
        ('"**four**"', '"**five**"'),
        ("<Figure size 6", "<Figure size 7"),
    ],
    ids=["result", "print", "markdown", "figure"],
)
def test_the_comparison_sees_a_changed_output(small_notebook, tmp_path, old, new):
    text = small_notebook.read_text()
    assert text.count(old) == 1
    changed = tmp_path / "changed.ipynb"
    changed.write_text(text.replace(old, new))
    code, said = compare(changed)
    assert code == 1, said
    assert "differ" in said


def imported(code):
    """Return the packages that some code imports."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module.partition(".")[0]


@each_notebook
def test_a_downloaded_notebook_needs_nothing_but_the_package(path):
    needed = [line for line in metadata.requires("infodyn") if "extra ==" not in line]
    installed = {"infodyn", *(Requirement(line).name for line in needed)}
    owners = metadata.packages_distributions() | {"infodyn": ["infodyn"]}
    packages = {name for cell in code_cells(path) for name in imported(cell.source)}
    others = packages - sys.stdlib_module_names
    assert {name for name in others if not installed & set(owners[name])} == set()
