"""What is larger than its box scrolls, by the keyboard too: it gets a tab stop.

To know the size of a box the browser has to lay it out. A long page is there at once because what is not on the
screen yet is not laid out (see ``infodyn.css``); so such boxes are looked at in idle moments, one after the other.
"""

from pathlib import Path

from sphinx.errors import ExtensionError

#: The theme gives tab stops too, to some boxes, and lays out the whole page for it as soon as it is loaded.
THEME_SCRIPT = "_static/scripts/pydata-sphinx-theme.js"
THEME_LOOKS = (
    '"complete"===document.readyState?I():window.addEventListener("load",I)'
)
LEFT_OUT = "/* tab stops: see scrolling.py */0"


def leave_out_the_theme_s_look(app, exception):
    """Take that out of the theme's script."""
    if exception or app.builder.format != "html":
        return
    path = Path(app.outdir, THEME_SCRIPT)
    script = path.read_text(encoding="utf-8")
    if LEFT_OUT in script:
        return
    if THEME_LOOKS not in script:
        raise ExtensionError(
            f"{THEME_SCRIPT} is not what it was: find in it what now looks for boxes that scroll "
            "when the page is loaded, and name that in scrolling.py"
        )
    path.write_text(script.replace(THEME_LOOKS, LEFT_OUT), encoding="utf-8")


def setup(app):
    """Connect the hook."""
    app.add_js_file("scrolling.js", loading_method="defer")
    app.connect("build-finished", leave_out_the_theme_s_look)
    return {
        "version": "1",
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }
