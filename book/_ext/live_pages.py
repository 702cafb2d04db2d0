"""Widgets that live on the page: their scripts, served from the book itself, and names for those who listen.

The frames of a widget differ in a few lines of their drawings. A page has each element of a drawing once, and says
for each frame which ones it consists of: a page's frames weigh a seventh of what they weigh apart.
"""

import json
import os
import re
import shutil
from pathlib import Path

from myst_nb.sphinx_ import NbMetadataCollector

from infodyn.widgets import PREPARED

SCRIPTS = (
    Path(__file__).resolve().parents[2] / "tools" / "node" / "node_modules"
)
WIDGETS = SCRIPTS / "@jupyter-widgets" / "html-manager" / "dist"

#: Under these types the states of a page's widgets lie in the page: packed, and as html-manager reads them.
PACKED, STATE = (
    "application/vnd.infodyn.packed+json",
    "application/vnd.jupyter.widget-state+json",
)

# html-manager reads the widgets' states when the page is loaded: by then they are unpacked.
UNPACK = f"""document.addEventListener("DOMContentLoaded", () => {{
    for (const script of document.querySelectorAll("script[type='{PACKED}']")) {{
        const [pieces, widgets] = JSON.parse(script.textContent);
        for (const {{state}} of Object.values(widgets.state))
            if (Array.isArray(state.value)) state.value = state.value.map(i => pieces[i]).join("");
        script.textContent = JSON.stringify(widgets);
        script.type = "{STATE}";
    }}
}});"""

# ipywidgets gives its sliders and buttons no name, and announces a slider's index, not its value.
SPEAK = r"""
document.addEventListener("DOMContentLoaded", () => {
    const set = (element, name, value) => {
        if (element && element.getAttribute(name) !== value) element.setAttribute(name, value);
    };
    const speak = (explore) => {
        for (const control of explore.querySelectorAll(".infodyn-control")) {
            const label = control.querySelector(".widget-label")?.textContent ?? "";
            const handle = control.querySelector(".noUi-handle") ?? control.querySelector("select");
            set(handle, "aria-label", label);
            const value = control.querySelector(".widget-readout")?.textContent;
            if (value !== undefined) set(handle, "aria-valuetext", value);
        }
        for (const play of explore.querySelectorAll(".jupyter-widget-play, .widget-play")) {
            const names = ["Play or pause", "Back to the start", "Repeat"];
            const buttons = [...play.querySelectorAll("button")];
            buttons.forEach((button, i) => set(button, "aria-label", button.title || names[i] || "Play"));
        }
    };
    const speakIn = places => {
        const widgets = places.flatMap(
            place => [place.closest(".infodyn-explore") ?? [], ...place.querySelectorAll(".infodyn-explore")].flat());
        new Set(widgets).forEach(speak);
    };
    const main = document.querySelector("main");
    new MutationObserver(changes => speakIn([...new Set(changes.map(change => change.target.parentElement ?? main))])).observe(
        main, {subtree: true, childList: true, characterData: true, attributeFilter: ["aria-valuetext", "class"]});
    speakIn([main]);
});
"""


def prepare_frames(app, config):
    """Ask the notebooks for frames drawn beforehand, and the pages for the scripts that show them."""
    os.environ[PREPARED] = "1"
    config.nb_ipywidgets_js = {"widgets/embed.js": {"defer": "defer"}}


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
    """Put the states of a page's widgets into the page packed."""
    page = app.env.docname
    scripts = NbMetadataCollector.get_js_files(app.env, page)
    if "ipywidgets_state" in scripts:
        _, attributes = scripts["ipywidgets_state"]
        packed = json.dumps(
            pack(json.loads(attributes["body"])), separators=(",", ":")
        )
        body = packed.replace("</", r"<\/")  # no end of the script within it
        NbMetadataCollector.add_js_file(
            app.env,
            page,
            "ipywidgets_state",
            None,
            {"type": PACKED, "body": body},
        )


def copy_scripts(app, exception):
    """Serve the widgets' scripts and fonts from the book itself."""
    if exception or app.builder.format != "html":
        return
    target = Path(app.outdir, "_static", "widgets")
    target.mkdir(parents=True, exist_ok=True)
    for source in [
        WIDGETS / "embed.js",
        *WIDGETS.glob("*.woff*"),
        *WIDGETS.glob("*.ttf"),
    ]:
        shutil.copy2(source, target)


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
    app.connect("doctree-read", pack_frames)
    app.connect("build-finished", copy_scripts)
    app.connect("build-finished", drop_icon_script)
    app.add_js_file(None, body=UNPACK)
    app.add_js_file(None, body=SPEAK)
    return {
        "version": "1",
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }
