"""Make .venv, or with `bench` .venv-bench; a missing prerequisite gives a sentence with the fix.

This file alone is written for any Python, so that one that is too old can say so.
"""

import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


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
            "if .venv or .venv-bench is damaged, delete it and repeat the command.",
        )


def environment(name):
    """Make a virtual environment if there is none; return its programs and what installs into it."""
    programs = os.path.join(ROOT, name, "bin")
    python = os.path.join(programs, "python")
    if not os.path.exists(python):
        folder = os.path.join(ROOT, name)
        run("Making the virtual environment %s" % name, sys.executable, "-m", "venv", "--clear", folder)
    return programs, (python, "-m", "pip", "--disable-pip-version-check", "install")


def main():
    check_python()
    programs, pip = environment(".venv")
    run("Installing the versions of requirements.lock", *pip, "-r", "requirements.lock")
    run("Installing infodyn from this folder", *pip, "--no-deps", "--no-build-isolation", "-e", ".")
    npm = os.path.join(programs, "npm")
    run("Installing the scripts of the pages", npm, "ci", "--prefix", os.path.join("tools", "node"))


def bench():
    check_python()
    _, pip = environment(".venv-bench")
    versions = os.path.join(ROOT, ".venv-bench", "versions.txt")
    with open(os.path.join(ROOT, "requirements.lock")) as lock, open(versions, "w") as allowed:
        # What PyTorch needs does not go with the mpmath of the tests.
        allowed.writelines(line for line in lock if not line.startswith("mpmath=="))
    run("Installing infodyn and the peers of its benchmarks", *pip, "-c", versions, "-e", ".[bench]")


if __name__ == "__main__":
    bench() if sys.argv[1:] == ["bench"] else main()
