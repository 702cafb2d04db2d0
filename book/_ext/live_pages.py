"""Widgets that live on the page: their scripts, served from the book itself, and names for those who listen."""

import os
import shutil
from pathlib import Path

from infodyn.widgets import PREPARED

SCRIPTS = (
    Path(__file__).resolve().parents[2] / "tools" / "node" / "node_modules"
)
WIDGETS = SCRIPTS / "@jupyter-widgets" / "html-manager" / "dist"

# ipywidgets asks the MathJax of old to set formulas in its labels; the book's own has no such queue.
NO_QUEUE = """for (const when of ["DOMContentLoaded", "load"])
    window.addEventListener(when, () => { if (window.MathJax) window.MathJax.Hub ??= {Queue() {}}; });"""

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
    const speakAll = () => document.querySelectorAll(".infodyn-explore").forEach(speak);
    const changes = {subtree: true, childList: true, characterData: true, attributeFilter: ["aria-valuetext", "class"]};
    new MutationObserver(speakAll).observe(document.body, changes);
    speakAll();
});
"""


def prepare_frames(app, config):
    """Ask the notebooks for frames drawn beforehand, and the pages for the scripts that show them."""
    os.environ[PREPARED] = "1"
    config.nb_ipywidgets_js = {"widgets/embed.js": {}}


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
    app.connect("build-finished", copy_scripts)
    app.connect("build-finished", drop_icon_script)
    app.add_js_file(None, body=NO_QUEUE, priority=1)
    app.add_js_file(None, body=SPEAK)
    return {
        "version": "1",
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }
