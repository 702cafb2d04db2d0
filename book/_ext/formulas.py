r"""Formulas are set while the book is built: a reader's browser has nothing left to compute.

MathJax, which would set them on the page, runs here in Node. A page gets its HTML, with MathML for those who listen,
and the site one style sheet and the fonts. An equation that bears the paper's own number has it by ``\tag{19}``.
"""

import json
import shutil
import subprocess
import sys
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from docutils import nodes
from sphinx.util import logging

MATHJAX = (
    Path(find_spec("sphinx-mathjax-offline").origin).parent
    / "static"
    / "mathjax"
)
FONTS = MATHJAX / "output" / "chtml" / "fonts" / "woff-v2"
#: Small letters of a formula are as high as those of the text around it: MathJax's are 0.442 of their size. And the
#: MathML, which is not seen, is no larger than what is: else a formula would seem to scroll.
FIT = """
mjx-container[jax="CHTML"] { font-size: calc(1ex / 0.442); }
mjx-container > mjx-assistive-mml { box-sizing: border-box; width: 100% !important; height: 100% !important; }
"""

logger = logging.getLogger(__name__)


class Typesetter:
    """MathJax in a process of its own.

    Attributes
    ----------
    sheet : str
        The style sheet of all formulas.
    """

    def __init__(self):
        node = Path(sys.executable).with_name("node")
        script = Path(__file__).with_name("formulas.js")
        self.process = subprocess.Popen(
            [node, script, MATHJAX],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )
        self.sheet = self.answer()["sheet"] + FIT

    def answer(self):
        """Return what the process says next."""
        return json.loads(self.process.stdout.readline())

    def set(self, tex, display):
        """Return the HTML of a formula; a ValueError says what is wrong with its TeX."""
        print(json.dumps([tex, display]), file=self.process.stdin, flush=True)
        answer = self.answer()
        if "error" in answer:
            raise ValueError(answer["error"])
        return answer["html"]


typesetter = cache(Typesetter)


@cache
def formula(tex, display):
    """Return the HTML of a formula."""
    return typesetter().set(tex, display)


def displayed(block):
    r"""Return the TeX of a display, whose lines may break at its own level unless it is tagged.

    Sphinx wraps lines into ``split`` too; MathJax refuses ``\tag`` in there.
    """
    tex = block.astext()
    breaks = r"\\" in tex and r"\tag{" not in tex and not block.get("nowrap")
    return rf"\begin{{split}}{tex}\end{{split}}" if breaks else tex


def put(translator, node, tag, tex):
    """Write a formula into the page."""
    display = tag == "div"
    try:
        html = formula(tex, display)
    except ValueError as error:
        logger.warning(
            "%s in the formula %s", error, tex, location=node, type="formulas"
        )
        html = ""
    start = translator.starttag(
        node, tag, "", CLASS="math notranslate nohighlight"
    )
    translator.body.append(f"{start}{html}</{tag}>")
    raise nodes.SkipNode


def visit_inline(translator, node):
    """Write a formula within a line."""
    put(translator, node, "span", node.astext())


def visit_display(translator, node):
    """Write a formula that stands by itself."""
    put(translator, node, "div", displayed(node))


def copy_sheet_and_fonts(app, exception):
    """Serve what the formulas need from the book itself."""
    if exception or app.builder.format != "html":
        return
    folder = Path(app.outdir, "_static", "formulas")
    shutil.copytree(FONTS, folder / "fonts", dirs_exist_ok=True)
    (folder / "formulas.css").write_text(typesetter().sheet, encoding="utf-8")


def setup(app):
    """Connect the renderer."""
    app.add_html_math_renderer(
        "formulas", (visit_inline, None), (visit_display, None)
    )
    app.config.html_math_renderer = "formulas"
    app.add_css_file("formulas/formulas.css")
    app.connect("build-finished", copy_sheet_and_fonts)
    return {
        "version": "1",
        "parallel_read_safe": True,
        "parallel_write_safe": False,
    }
