"""Buttons that need the repository's address are there once it is set, in its one place, and not before."""

import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
import yaml
from bs4 import BeautifulSoup
from nbformat.v4 import new_markdown_cell, new_notebook
from notebooks import NOTEBOOK_METADATA

ROOT = Path(__file__).resolve().parent.parent
ADDRESS = "https://github.com/someone/infodyn"


@pytest.fixture(scope="module", params=["", ADDRESS])
def built(request, tmp_path_factory):
    """Build one page with the book's own configuration and an address of the repository."""
    folder = tmp_path_factory.mktemp("launch")
    (folder / "book").mkdir()
    for name in ("_ext", "_extra", "_static", "references.bib"):
        (folder / "book" / name).symlink_to(ROOT / "book" / name)
    page = new_notebook(cells=[new_markdown_cell("# A page")], metadata=NOTEBOOK_METADATA)
    nbformat.write(page, folder / "book" / "a.ipynb")
    (folder / "_toc.yml").write_text("format: jb-book\nroot: book/a\n")
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    config["repository"]["url"] = request.param
    (folder / "_config.yml").write_text(yaml.safe_dump(config))
    build = [Path(sys.executable).with_name("jupyter-book"), "build", folder]
    made = subprocess.run(build, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert made.returncode == 0, made.stdout[-3000:]
    html = (folder / "_build" / "html" / "book" / "a.html").read_text(encoding="utf-8")
    return request.param, [
        link["href"] for link in BeautifulSoup(html, "html.parser").find_all("a", href=True)
    ]


@pytest.mark.parametrize(
    "launch",
    [
        "https://mybinder.org/v2/gh/someone/infodyn/main?urlpath=lab/tree/book/a.ipynb",
        "https://colab.research.google.com/github/someone/infodyn/blob/main/book/a.ipynb",
        ADDRESS,
        f"{ADDRESS}/issues/new?title=Issue%20on%20page%20%2Fbook/a.html&body=Your%20issue%20content%20here.",
    ],
)
def test_buttons_appear_with_the_address(built, launch):
    address, links = built
    assert (launch in links) == bool(address)
