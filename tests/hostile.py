"""Submissions that want more than they deserve, or are broken; what each may cost, and what is said of it.

Each takes a solved notebook as JSON text and returns what is handed in instead, as text.
"""

import json
import re

LAST = "lazy_games"


def changed(text, **sources):
    """Return the notebook with other sources for some cells; None deletes a cell."""
    notebook = json.loads(text)
    kept = []
    for cell in notebook["cells"]:
        name = cell["metadata"].get("nbgrader", {}).get("grade_id")
        if name in sources:
            if sources[name] is None:
                continue
            cell["source"] = sources[name]
        kept.append(cell)
    return json.dumps(notebook | {"cells": kept})


def before(text, name, code):
    """Return the notebook with code put before what a cell holds."""
    notebook = json.loads(text)
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == name:
            cell["source"] = code + "\n" + "".join(cell["source"])
    return json.dumps(notebook)


def more_points(text):
    """Edit the points of every test."""
    return re.sub(r'"points": *\d+', '"points": 1000', text)


def stop_at(code):
    """Return a submission that does something in its last cell instead of answering."""
    return lambda text: changed(text, **{LAST: code})


CHEAT = """
import builtins, sys, gc, os, json
import numpy as np
class Anything(float):
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    __hash__ = float.__hash__
    __lt__ = __le__ = __gt__ = __ge__ = __eq__
np.allclose = np.array_equal = lambda *a, **k: True
np.all = lambda *a, **k: True
import infodyn.exercises
infodyn.exercises.agrees = lambda *a, **k: True
agrees = lambda *a, **k: True
builtins.abs = builtins.all = lambda *a: True
get_ipython().run_cell = lambda *a, **k: None
sys.excepthook = lambda *a: None
def entropy(p): return Anything(0)
left = rates = [Anything(0)] * 5
fewest = Anything(0)
def bits_left(k, delta, q): return Anything(0)
def lazy_games(seed, games): return [Anything(0)] * 8
"""

SEARCH = """
import os, gc
found = []
for top in ("/", "/proc", ".."):
    for folder, folders, files in os.walk(top):
        folders[:] = [one for one in folders if one not in ("usr", "etc", "lib", "lib64", "site-packages")]
        for file in files:
            path = os.path.join(folder, file)
            if file.endswith((".ipynb", ".db")):
                found.append(path)
            elif file.endswith((".py", ".json", ".csv")) and os.path.getsize(path) < 10**6:
                text = open(path, errors="replace").read()
                if "BEGIN " + "HIDDEN" in text or "BEGIN " + "SOLUTION" in text:
                    found.append(path)
for thing in gc.get_objects():
    if isinstance(thing, dict):
        for value in list(thing.values()):
            if isinstance(value, str) and "BEGIN " + "HIDDEN TESTS" in value and len(value) < 5000:
                found.append(value[:60])
print("FOUND", len(found), found[:5])
for path in ("/etc/shadow", "/proc/1/environ"):
    try:
        print("FOUND", path, len(open(path).read()))
    except OSError:
        pass
"""

NETWORK = """
import socket
try:
    socket.create_connection(("192.0.2.1", 80), timeout=2)
    print("FOUND a network")
except OSError as problem:
    print(problem)
raise RuntimeError
"""

FORKS = """
import os, time
while True:
    try:
        if os.fork() == 0:
            while True:
                pass
    except OSError:
        time.sleep(0.01)
"""

STUBBORN = """
while True:
    try:
        while True:
            pass
    except BaseException:
        pass
"""

SCRIPT = """
from IPython.display import HTML, Javascript, display
display(HTML("<script>parent.stolen = 1</script>"), Javascript("parent.stolen = 2"))
display(HTML("<img src=x onerror='parent.stolen = 3'>"))
raise RuntimeError
"""


def scripted(text):
    """Show scripts in outputs and in an answer."""
    said = "<script>parent.stolen = 4</script> <img src=x onerror='parent.stolen = 5'> because"
    return changed(text, **{LAST: SCRIPT, "explain": said})


# name: (what is handed in, the tests that it may lose, a piece of the remark)
HOSTILE = {
    "endless-loop": (stop_at("while True:\n    pass"), {"test_lazy_games"}, "ran longer than"),
    "stubborn-loop": (stop_at(STUBBORN), {"test_lazy_games"}, "did not stop when its time was over"),
    "memory-hog": (
        stop_at("import numpy as np\nhog = [np.ones(2 * 10**7) for _ in range(100)]"),
        {"test_lazy_games"},
        "memory",
    ),
    "fork-bomb": (stop_at(FORKS), {"test_lazy_games"}, "ended"),
    "sudden-hog": (
        stop_at("hog = bytearray(10**11)"),
        {"test_lazy_games"},
        "asks for more memory than it may use",
    ),
    "exit": (stop_at("import os\nos._exit(0)"), {"test_lazy_games"}, "its process ended"),
    "sys-exit": (stop_at("import sys\nsys.exit(0)"), {"test_lazy_games"}, "calls sys.exit"),
    "huge-output": (stop_at("print('x' * 10**8)"), {"test_lazy_games"}, "more output than is kept"),
    "edited-test": (
        lambda text: changed(text, test_left="assert True", left="left = None\nrates = None"),
        {"test_left", "test_rates"},
        "test_left was edited",
    ),
    "deleted-test": (lambda text: changed(text, test_fewest=None), {"test_fewest"}, "test_fewest is missing"),
    "more-points": (more_points, "all", "settings of the cell test_left were edited"),
    "cheat": (
        lambda text: before(changed(text, entropy=CHEAT), "lazy_games", CHEAT),
        "all",
        "replaced numpy.allclose",
    ),
    "search": (stop_at(SEARCH), {"test_lazy_games"}, "listed /"),
    "network": (stop_at(NETWORK), {"test_lazy_games"}, "opened a connection to ('192.0.2.1', 80)"),
    "script": (scripted, {"test_lazy_games"}, "shows a script"),
    "no-json": (lambda text: text[:1000], "all", "it is no JSON"),
    "no-notebook": (lambda text: "[1, 2, 3]", "all", "no notebook"),
    "deep": (lambda text: "[" * 10**6, "all", "it is no JSON"),
}
