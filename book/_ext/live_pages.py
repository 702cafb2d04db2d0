"""Widgets that live on the page: their script, served from the book itself, and their frames.

The frames of a widget differ in a few lines of their drawings. A page has each element of a drawing once, and says
for each frame which ones it consists of: a page's frames weigh a seventh of what they weigh apart.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from docutils import nodes
from myst_nb.sphinx_ import NbMetadataCollector

from infodyn.widgets import PREPARED

NODE = Path(__file__).resolve().parents[2] / "tools" / "node"

#: Under this type the states of a page's widgets lie at its end, packed: see live_pages.js.
PACKED = "application/vnd.infodyn.packed+json"


def prepare_frames(app, config):
    """Ask the notebooks for frames drawn beforehand, and the pages for the script that shows them."""
    os.environ[PREPARED] = "1"
    config.nb_ipywidgets_js = {
        "widgets/live_pages.js": {"defer": "defer"},
    }


def bundle(app):
    """Put live_pages.js and what it needs of ipywidgets into one script and one style sheet."""
    options = {
        "entryPoints": [str(Path(__file__).with_name("live_pages.js"))],
        "nodePaths": [str(NODE / "node_modules")],
        "bundle": True,
        "minify": True,
        "outdir": str(Path(app.outdir, "_static", "widgets")),
        "loader": {".svg": "dataurl"},
        "logLevel": "warning",
    }
    node = Path(sys.executable).with_name("node")
    build = "require('esbuild').buildSync(JSON.parse(process.argv[1]))"
    subprocess.run(
        [node, "-e", build, json.dumps(options)], cwd=NODE, check=True
    )


def pack(widgets):
    """Return the pieces of all frames, each once, and the widgets' states with frames as places of their pieces."""
    places, states = {}, {}
    for name, model in widgets["state"].items():
        state = dict(model["state"])
        if "infodyn-frame" in str(state.get("value")):
            pieces = re.split("(?=%3C)", state["value"])  # %3C is <
            state["value"] = [
                places.setdefault(piece, len(places)) for piece in pieces
            ]
        states[name] = {**model, "state": state}
    return [list(places), {**widgets, "state": states}]


def unpack(packed):
    """Return the widgets' states with the frames put together."""
    pieces, widgets = packed
    for model in widgets["state"].values():
        value = model["state"].get("value")
        if isinstance(value, list):
            model["state"]["value"] = "".join(pieces[i] for i in value)
    return widgets


def pack_frames(app, doctree):
    """Put the states of a page's widgets at its end, packed."""
    scripts = NbMetadataCollector.get_js_files(app.env, app.env.docname)
    if "ipywidgets_state" in scripts:
        _, attributes = scripts.pop("ipywidgets_state")
        packed = json.dumps(
            pack(json.loads(attributes["body"])), separators=(",", ":")
        )
        body = packed.replace("</", r"<\/")  # no end of the script within it
        script = f'<script type="{PACKED}">{body}</script>'
        doctree.append(nodes.raw("", script, format="html"))


def drop_icon_script(app, exception):
    """Let the icons be letters of a font, as its style sheet has them.

    Their script weighs half a megabyte, and puts drawings in their place, among them those of the play
    buttons, which then no longer work.
    """
    script = Path(app.outdir, "_static", "scripts", "fontawesome.js")
    if not exception and script.exists():
        script.write_text("// Icons are letters of a font.\n")


def setup(app):
    """Connect the hooks."""
    app.connect("config-inited", prepare_frames)
    app.connect("builder-inited", bundle)
    app.connect("doctree-read", pack_frames)
    app.connect("build-finished", drop_icon_script)
    app.add_css_file("widgets/live_pages.css")
    return {
        "version": "1",
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }
