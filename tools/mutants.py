"""Change every formula of the package, one piece at a time, and count the changes that a test notices.

Usage: python tools/mutants.py ['infodyn.charts.*' ...]; with no name, every mutant that was not yet
tried. What was found stays in the folder mutants/.
"""

import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MUTMUT = Path(sys.executable).with_name("mutmut")
STATES = ("killed", "timeout", "survived", "no tests", "not checked")


def install():
    """Install mutmut, which the lock does not hold, without changing what it holds."""
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    options = ["--no-build-isolation", "--constraint", "requirements.lock", "-e", ".[mutation]"]
    subprocess.run([*pip, *options], cwd=ROOT, check=True)


def counts(results):
    """Return for each module how many mutants are in each state, from the text of `mutmut results`."""
    found = defaultdict(Counter)
    for line in results.splitlines():
        name, colon, state = line.strip().rpartition(": ")
        if colon and name.startswith("infodyn."):
            found[name.split(".")[1]][state] += 1
    return found


def table(found):
    """Return the counts as a table; its last column is the share of the tried that were killed or stopped."""
    rows = [("module", *STATES, "share")]
    for module, states in [*sorted(found.items()), ("all", sum(found.values(), Counter()))]:
        tried = states.total() - states["not checked"]
        dead = states["killed"] + states["timeout"]
        rows.append((module, *(states[s] for s in STATES), f"{100 * dead / tried:.1f} %" if tried else ""))
    return "\n".join(f"{row[0]:14}" + "".join(f"{cell:>13}" for cell in row[1:]) for row in rows)


def main():
    """Run what was not yet tried, or the mutants named; print the table."""
    install()
    subprocess.run([MUTMUT, "run", *sys.argv[1:]], cwd=ROOT, check=True)
    options = {"check": True, "capture_output": True, "text": True}
    print(table(counts(subprocess.run([MUTMUT, "results", "--all", "true"], cwd=ROOT, **options).stdout)))


if __name__ == "__main__":
    main()
