"""What this book needs beyond Jupyter Book: an honest cache, and pages that ask no other host."""

import hashlib
import os
import shutil
from importlib.util import find_spec
from pathlib import Path

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

MATHJAX_FILES = (
    "tex-chtml.js",
    "a11y",
    "sre",
    "input/tex/extensions",
    "output/chtml/fonts/woff-v2",
)

# The search page reads the pages that it found to quote from them; a browser allows it over http only.
NO_SUMMARIES_FROM_A_FOLDER = 'if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;'

# What is wider than its window scrolls, by the keyboard too.
SCROLL_BY_KEYBOARD = """addEventListener("load", () => {
    const wide = "figure, div.math, pre, .output, .widget-html, .pst-scrollable-table-container";
    const mark = element => { if (element.scrollWidth > element.clientWidth) element.tabIndex = 0; };
    const look = place => [place.closest(wide) ?? [], ...place.querySelectorAll(wide)].flat().forEach(mark);
    const main = document.querySelector("main");
    new MutationObserver(changes => new Set(changes.map(change => change.target)).forEach(look))
        .observe(main, {subtree: true, childList: true});
    look(main);
});"""


def digest(root, *folders):
    """Return a hash of the names and contents of all files in the folders (or of files) of root."""
    found = hashlib.sha256()
    for path in sorted(
        path
        for folder in folders
        for path in [root / folder, *(root / folder).rglob("*")]
    ):
        if path.is_file() and "__pycache__" not in path.parts:
            found.update(
                path.relative_to(root).as_posix().encode()
                + b"\0"
                + path.read_bytes()
                + b"\0"
            )
    return found.hexdigest()[:16]


def cache_key(root):
    """Return a hash of all that a notebook computes with: the package and the versions it runs on."""
    return digest(Path(root), "infodyn", "requirements.lock")


def set_up_execution(app, config):
    """Execute with no progress bars, and keep results only while the package stays as it is."""
    os.environ["TQDM_DISABLE"] = "1"
    caches = Path(app.outdir).parent / "cache"
    current = caches / cache_key(app.srcdir)
    if caches.exists():
        for old in set(caches.iterdir()) - {current}:
            shutil.rmtree(old)
    config.nb_execution_cache_path = str(current)
    config.infodyn_look = digest(
        Path(app.srcdir), "book/_ext", "book/_extra", "book/_static"
    )


def set_up_theme(app, config):
    """Search in the sidebar alone; buttons and cards that need an address once _config.yml has it."""
    options = config.html_theme_options
    options["navbar_persistent"] = []
    if options.get("repository_url"):
        options |= {"use_repository_button": True, "use_issues_button": True}
        options["launch_buttons"] |= {
            "binderhub_url": "https://mybinder.org",
            "colab_url": "https://colab.research.google.com",
        }
    config.ogp_site_url = config.html_baseurl
    config.ogp_social_cards = {"enable": bool(config.html_baseurl)}


class TagEquations(SphinxPostTransform):
    r"""Give an equation with the paper's own number, ``\tag{19}``, an environment that allows it.

    Sphinx wraps every display that breaks lines into ``split``, in which MathJax refuses ``\tag``.
    """

    default_priority = 500

    def run(self):
        """Wrap every tagged display in brackets, and ask Sphinx to leave it alone and not to number it."""
        for equation in self.document.findall(nodes.math_block):
            if r"\tag{" not in equation.astext():
                continue
            if not equation.get("nowrap"):
                equation.children = [nodes.Text(rf"\[{equation.astext()}\]")]
            equation["nowrap"], equation["number"] = True, None


def copy_mathjax(app, exception):
    """Serve MathJax from the book itself, out of the installed package."""
    if exception or app.builder.format != "html":
        return
    source = (
        Path(find_spec("sphinx-mathjax-offline").origin).parent
        / "static"
        / "mathjax"
    )
    target = Path(app.outdir, "_static", "mathjax")
    for name in MATHJAX_FILES:
        copy = shutil.copytree if (source / name).is_dir() else shutil.copy2
        if not (target / name).exists():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            copy(source / name, target / name)


def setup(app):
    """Connect the hooks."""
    app.setup_extension("ledger")
    app.add_config_value(
        "infodyn_look", "", "env"
    )  # a changed style sheet is a reason to build
    app.connect("config-inited", set_up_execution)
    app.connect("config-inited", set_up_theme)
    app.connect("build-finished", copy_mathjax)
    app.add_post_transform(TagEquations)
    app.add_js_file(None, body=NO_SUMMARIES_FROM_A_FOLDER)
    app.add_js_file(None, body=SCROLL_BY_KEYBOARD)
    app.config.mathjax_path = "mathjax/tex-chtml.js"
    return {
        "version": "1",
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }
