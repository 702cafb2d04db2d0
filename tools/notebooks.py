"""Execute the book's notebooks and bring them into their normal form.

Usage: python tools/notebooks.py [book/diffusion.ipynb ...]; with no name, every notebook.

Normal form: text outputs and execution counts, no pictures and no widget state (the book's build
draws them), no metadata that changes from run to run. So a diff can be read, and a test has
numbers to compare.
"""

import hashlib
import os
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parent.parent
CELL_METADATA = ("mystnb", "tags")
NOTEBOOK_METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def is_kept(mime_type):
    """Return whether an output of this type is committed: text is, pictures and widgets are not."""
    return not mime_type.startswith("image/") and "widget" not in mime_type


def normal_outputs(outputs, count):
    """Return a code cell's outputs: pictures dropped, pieces of one stream joined."""
    normal = []
    for output in outputs:
        if output.output_type == "stream" and output.name == "stderr":
            raise ValueError(f"cell [{count}] writes to stderr, mend what it says: {output.text.strip()}")
        if output.output_type == "stream" and normal and normal[-1].output_type == "stream":
            normal[-1].text += output.text
            continue
        output = nbformat.from_dict(dict(output))
        if "data" in output:
            output.data = {mime: data for mime, data in output.data.items() if is_kept(mime)}
            output.metadata = {}
        if "execution_count" in output:
            output.execution_count = count
        normal.append(output)
    return normal


def normal_form(notebook):
    """Return the normal form of an executed notebook."""
    cells, count, seen = [], 0, set()
    for cell in notebook.cells:
        normal = nbformat.from_dict({"cell_type": cell.cell_type, "source": cell.source.rstrip()})
        normal.id = cell.get("id") or hashlib.sha1(cell.source.encode()).hexdigest()[:8]
        while normal.id in seen:
            normal.id = hashlib.sha1(normal.id.encode()).hexdigest()[:8]
        seen.add(normal.id)
        normal.metadata = {key: cell.metadata[key] for key in CELL_METADATA if key in cell.metadata}
        if cell.cell_type == "code":
            count += bool(normal.source)
            normal.execution_count = count if normal.source else None
            normal.outputs = normal_outputs(cell.outputs, count)
        cells.append(normal)
    return nbformat.from_dict(
        {"cells": cells, "metadata": NOTEBOOK_METADATA, "nbformat": 4, "nbformat_minor": 5}
    )


def text_of(notebook):
    """Return the notebook as it is written to a file."""
    return nbformat.writes(notebook, version=nbformat.NO_CONVERT) + "\n"


def execute(path):
    """Execute one notebook and write its normal form over it."""
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": path.parent}}).execute()
    path.write_text(text_of(normal_form(notebook)), encoding="utf-8")


def main():
    """Execute the notebooks named, or all."""
    os.environ["TQDM_DISABLE"] = "1"
    for path in map(Path, sys.argv[1:] or sorted(ROOT.glob("book/*.ipynb"))):
        print(f"{path.name} ...", flush=True)
        execute(path)


if __name__ == "__main__":
    main()
