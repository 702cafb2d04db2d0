"""Build the book strictly, say where it is, and open it where there is a display.

Usage: python tools/book.py build|pdf|open
"""

import os
import shutil
import subprocess
import sys
import webbrowser
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
INDEX = ROOT / "_build" / "html" / "index.html"


def build():
    """Execute what changed and build the site; every warning is an error. Return the exit code."""
    command = [Path(sys.executable).parent / "jupyter-book", "build", ROOT, "-W", "-n", "--keep-going"]
    code = subprocess.run(command, cwd=ROOT).returncode
    if code:  # else the next build would find these pages read already, and not warn again
        shutil.rmtree(ROOT / "_build" / ".doctrees", ignore_errors=True)
    return code


def build_printed():
    """Build the site with the printed edition of the book, which every page offers for download."""
    os.environ["INFODYN_PRINTED"] = "1"
    return build()


def show():
    """Say where the book is; open it in a browser where a person can see one."""
    print(f"\nThe book: {INDEX.as_uri()}")
    can_see = (
        sys.platform in ("darwin", "win32") or "DISPLAY" in os.environ or "WAYLAND_DISPLAY" in os.environ
    )
    if can_see and "CI" not in os.environ:
        webbrowser.open(INDEX.as_uri())
    return 0


if __name__ == "__main__":
    sys.exit({"build": build, "pdf": build_printed, "open": show}[sys.argv[1]]())
