"""The versions with which the notebooks ran: those of the environment in which the book is built."""

import platform
import re
from importlib import metadata

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

PAGE = "book/status"


def versions():
    """Return the names and versions of Python, the package, and what it depends on."""
    needed = [
        re.match(r"[\w-]+", line).group()
        for line in metadata.requires("infodyn")
        if "extra ==" not in line
    ]
    names = ["infodyn", *sorted(needed), "jupyter-book"]
    return {"Python": platform.python_version()} | {
        name: metadata.version(name) for name in names
    }


class VersionsDirective(SphinxDirective):
    """The list of versions."""

    def run(self):
        """Return one line for each package."""
        items = nodes.bullet_list()
        for name, version in versions().items():
            text = nodes.paragraph("", f"{name} {version}")
            items.append(nodes.list_item("", text))
        return [items]


def read_again(app, env, added, changed, removed):
    """Read the page again when any other changed."""
    return [PAGE] if added | changed | removed else []


def setup(app):
    """Connect the directive and the hook."""
    app.add_directive("versions", VersionsDirective)
    app.connect("env-get-outdated", read_again)
    return {
        "version": "1",
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }
