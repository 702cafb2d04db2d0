"""Inside the jail: run the cells of one submission, and hand out its answers as plain data.

Requests and replies are JSON on one connection. Nothing here is trusted by the other side: a submission
that takes this process over can only give wrong answers, and only its own.
"""

import base64
import builtins
import contextlib
import json
import os
import signal
import sys

import numpy as np
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from traitlets.config import Config

import infodyn
import infodyn.exercises
from coursework import jail

WATCHED = {
    "open": "opened",
    "os.listdir": "listed",
    "os.scandir": "listed",
    "subprocess.Popen": "started the program",
    "os.system": "started the program",
    "os.posix_spawn": "started the program",
    "os.exec": "started the program",
    "socket.connect": "opened a connection to",
    "socket.getaddrinfo": "opened a connection to",
}
MOST_EVENTS = 20
SHOWN = ("text/plain", "image/png")


class Watch:
    """A note of what a submission does outside its notebook; for the report, not for security."""

    def __init__(self, connection):
        self.connection = connection
        self.allowed = (*jail.visible_folders(), *jail.DEVICES, os.getcwd(), "/tmp", "/dev/shm")
        self.said = set()
        self.running = False
        self.modules = [builtins, np, np.testing, infodyn, infodyn.exercises]
        self.before = [dict(vars(module)) for module in self.modules]

    def __call__(self, event, arguments):
        """Note one audit event."""
        if not self.running or event not in WATCHED:
            return
        self.running = False
        try:
            what = arguments[1] if event == "socket.connect" else arguments[0]
            if WATCHED[event] in ("opened", "listed"):
                what = os.path.abspath(os.fsdecode("." if what is None else what))
                if what.startswith(self.allowed):
                    return
            self.say(f"{WATCHED[event]} {what}"[:200])
        except (TypeError, ValueError):
            pass  # a file descriptor, or no path at all
        finally:
            self.running = True

    def look(self):
        """Note what was replaced in Python or in a library."""
        for module, before in zip(self.modules, self.before, strict=True):
            now = vars(module)
            for name in before.keys() & now.keys() - {"_", "__warningregistry__"}:
                if now[name] is not before[name]:
                    self.say(f"replaced {module.__name__}.{name}")

    def say(self, text):
        """Send a note ahead of the reply: the process may not live to send that."""
        if text not in self.said and len(self.said) < MOST_EVENTS:
            self.said.add(text)
            self.connection.send_bytes(json.dumps({"event": text}).encode())


class Shell(InteractiveShell):
    """IPython without a terminal; it keeps an error instead of printing it."""

    error = None

    def enable_gui(self, gui=None):
        """Do without a window system."""

    def _showtraceback(self, kind, value, lines):
        self.error = {"ename": kind.__name__, "evalue": str(value)[:2000], "traceback": lines[-30:]}


def plain(value):
    """Return an answer as what JSON can hold: numbers, texts, lists, and arrays with their type."""
    if hasattr(value, "value") and hasattr(value, "error"):
        value = value.value  # an Estimate
    if value is None or isinstance(value, bool | int | float | str):
        return {"plain": value}
    if isinstance(value, dict):
        return {"dict": [[plain(key), plain(entry)] for key, entry in value.items()]}
    if isinstance(value, set | frozenset):
        return {"set": [plain(entry) for entry in value]}
    if isinstance(value, list | tuple):
        return {"list": [plain(entry) for entry in value]}
    array = np.asarray(value)
    if array.dtype.kind == "c":
        return {"complex": [plain(array.real), plain(array.imag)]}
    if array.dtype.kind not in "biufU":
        raise TypeError(f"a {type(value).__name__} is no number, text, list or array")
    return {"array": array.tolist(), "shape": array.shape, "dtype": array.dtype.kind}


def _text(shown):
    return base64.b64encode(shown).decode() if isinstance(shown, bytes) else str(shown)


class Runner:
    """The submission's own side."""

    def __init__(self, connection, limits):
        self.connection = connection
        self.limits = limits
        config = Config()
        config.HistoryManager.enabled = False
        self.shell = Shell.instance(config=config)
        self.shell.run_line_magic("matplotlib", "inline")
        self.watch = Watch(connection)
        sys.addaudithook(self.watch)

    def run(self, source):
        """Run one cell; return what it shows."""
        self.shell.error = None
        with capture_output() as captured:
            self.shell.run_cell(source, store_history=True)
        outputs, room = [], self.limits.output
        for name, text in (("stdout", captured.stdout), ("stderr", captured.stderr)):
            if text:
                outputs.append({"output_type": "stream", "name": name, "text": text[: self.limits.output]})
        for rich in captured.outputs:
            data = {kind: _text(rich.data[kind]) for kind in SHOWN if kind in rich.data}
            room -= sum(map(len, data.values()))
            if "application/javascript" in rich.data:
                self.watch.say("shows a script, which is left out")
            if room > 0:
                outputs.append({"output_type": "display_data", "data": data})
        cut = room <= 0 or len(captured.stdout) + len(captured.stderr) > self.limits.output
        return {"outputs": outputs, "error": self.shell.error, "cut": cut}

    def get(self, name):
        """Return the value of a name, or that it can be called."""
        if name not in self.shell.user_ns:
            return {"missing": name}
        value = self.shell.user_ns[name]
        return {"callable": name} if callable(value) else {"answer": plain(value)}

    def call(self, name, arguments, keywords):
        """Call a function of the submission."""
        with capture_output():
            result = self.shell.user_ns[name](
                *map(made, arguments), **{k: made(v) for k, v in keywords.items()}
            )
        return {"answer": plain(result)}

    def answer(self, request):
        """Do what one request asks."""
        kind = request.pop("do")
        self.watch.running = True
        try:
            reply = {"run": self.run, "get": self.get, "call": self.call}[kind](**request)
        except BaseException as problem:
            reply = {"failed": f"{type(problem).__name__}: {problem}"[:2000]}
        finally:
            self.watch.running = False
        self.watch.look()
        return reply

    def serve(self):
        """Answer requests until the other side closes."""
        while True:
            try:
                request = json.loads(self.connection.recv_bytes())
            except EOFError:
                return
            except KeyboardInterrupt:
                continue  # it was meant for the request before
            try:
                reply = json.dumps(self.answer(request)).encode()
            except BaseException as problem:
                reply = json.dumps({"failed": type(problem).__name__}).encode()
            while True:
                try:
                    self.connection.send_bytes(reply)
                    break
                except KeyboardInterrupt:
                    continue


def made(data):
    """Return what `plain` had made plain: the other way round."""
    (kind, value) = next(item for item in data.items() if item[0] not in ("shape", "dtype"))
    if kind == "plain":
        return value
    if kind == "dict":
        return {made(key): made(entry) for key, entry in value}
    if kind == "set":
        return {made(entry) for entry in value}
    if kind == "list":
        return [made(entry) for entry in value]
    if kind == "complex":
        return made(value[0]) + 1j * made(value[1])
    types = {"b": bool, "i": np.int64, "u": np.uint64, "f": float, "U": str}
    return np.array(value, dtype=types[data["dtype"]]).reshape(data["shape"])


def main(connection, limits, number, locked_in):
    """Go into the jail and serve; this is the submission's process."""
    os.setpgid(0, 0)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    jail.die_with_parent()
    try:
        jail.enter(limits, number) if locked_in else jail.stay(limits)
        quiet = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(quiet, descriptor)
        _close_all_but({0, 1, 2, connection.fileno()})
        runner = Runner(connection, limits)
    except BaseException as problem:
        connection.send_bytes(json.dumps({"failed": str(problem)}).encode())
        raise
    connection.send_bytes(b'{"ready": true}')
    runner.serve()
    os._exit(0)


def _close_all_but(kept):
    for descriptor in range(256):
        if descriptor not in kept:
            with contextlib.suppress(OSError):
                os.close(descriptor)
