"""Make .venv from requirements.lock; a missing prerequisite gives a sentence with the fix.

This file alone is written for any Python, so that one that is too old can say so.
"""

import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(ROOT, ".venv")
PYTHON = os.path.join(VENV, "bin", "python")


def stop(problem, fix):
    sys.exit("\nSet-up stopped: %s\nTo mend it: %s" % (problem, fix))


def check_python():
    if sys.version_info < (3, 11):
        stop(
            "this is Python %d.%d, and infodyn needs 3.11 or newer." % sys.version_info[:2],
            "install a newer one and name it, for instance: make book PYTHON=python3.12",
        )
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError as missing:
        stop(
            "this Python comes without its module %s." % missing.name,
            "install it; on Debian and Ubuntu: sudo apt-get install python3-venv",
        )


def run(doing, *command):
    print("%s ..." % doing, flush=True)
    if subprocess.call(command, cwd=ROOT):
        stop(
            "%s failed; the reason is in the lines above." % doing.lower(),
            "if a download failed, connect to the package registry and repeat the command; "
            "if .venv is damaged, delete it and repeat the command.",
        )


def main():
    check_python()
    if not os.path.exists(PYTHON):
        run("Making the virtual environment .venv", sys.executable, "-m", "venv", "--clear", VENV)
    pip = (PYTHON, "-m", "pip", "--disable-pip-version-check", "install")
    run("Installing the versions of requirements.lock", *pip, "-r", "requirements.lock")
    run("Installing infodyn from this folder", *pip, "--no-deps", "--no-build-isolation", "-e", ".")
    npm = os.path.join(VENV, "bin", "npm")
    run("Installing the scripts of the pages", npm, "ci", "--prefix", os.path.join("tools", "node"))


if __name__ == "__main__":
    main()
