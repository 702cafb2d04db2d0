"""What this book needs beyond Jupyter Book: an honest cache, and pages that ask no other host."""

import hashlib
import os
import shutil
from pathlib import Path

# The search page reads the pages that it found to quote from them; a browser allows it over http only.
NO_SUMMARIES_FROM_A_FOLDER = 'if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;'


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


def setup(app):
    """Connect the hooks."""
    app.setup_extension("ledger")
    app.add_config_value(
        "infodyn_look", "", "env"
    )  # a changed style sheet is a reason to build
    app.connect("config-inited", set_up_execution)
    app.connect("config-inited", set_up_theme)
    app.add_js_file(None, body=NO_SUMMARIES_FROM_A_FOLDER)
    return {
        "version": "1",
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }
