"""Outside the jail: send cells and questions to a submission's process, and bound what it does.

What comes back is JSON of bounded size, never a pickle; what is none of that, or late, ends the process.
"""

import contextlib
import json
import os
import signal
import time

import nbformat
import psutil

from coursework.runner import MOST_EVENTS, SHOWN, made, plain

GRACE = 3.0
LOOK = 0.1


class Failed(Exception):
    """The submission's code did not give an answer; the text says why."""


class Sandbox:
    """One submission's process, from outside.

    Parameters
    ----------
    connection : multiprocessing.connection.Connection
    pid : int
        The process that the supervisor started.
    limits : Limits

    Raises
    ------
    Failed
        If the process did not start.
    """

    def __init__(self, connection, pid, limits):
        self.connection = connection
        self.pid = pid
        self.limits = limits
        self.notes = []
        self.peak = 0
        self.ended = None
        self.started = time.monotonic()
        self.spent = 0.0
        self.deadline = self.started + limits.total_seconds
        self.room = 16 * limits.output
        started = self._reply(limits.cell_seconds)
        if not started.get("ready"):
            self._end(f"the process did not start: {started.get('failed')}")

    def note(self, text):
        """Keep a remark for the report, once."""
        if text not in self.notes:
            self.notes.append(text)

    def run(self, source):
        """Run a cell; return its outputs, an error among them if there was one."""
        try:
            reply = self._ask({"do": "run", "source": source})
        except Failed as problem:
            return [_error("Stopped", str(problem))]
        try:
            return self._outputs(reply)
        except (KeyError, TypeError, AttributeError):
            return [_error("Stopped", "what this cell shows cannot be read")]

    def _outputs(self, reply):
        outputs = [self._output(output) for output in reply.get("outputs", [])]
        if reply.get("cut") or self.room < 0:
            self.note("shows more output than is kept")
        if error := reply.get("error"):
            if error["ename"] == "SystemExit":
                self.note("calls sys.exit")
            if error["ename"] == "MemoryError":
                self.note("asks for more memory than it may use")
            lines = [str(line)[:2000] for line in error["traceback"][:30]]
            outputs.append(_error(str(error["ename"])[:80], str(error["evalue"])[:2000], lines))
        return [output for output in outputs if output]

    def _output(self, output):
        """Return an output made anew, of texts and pictures only, while there is room for it."""
        if output["output_type"] == "stream":
            text = str(output["text"])
            name = "stderr" if output["name"] == "stderr" else "stdout"
            made_anew = nbformat.v4.new_output("stream", name=name, text=text)
        else:
            texts = {kind: output["data"][kind] for kind in SHOWN if kind in output["data"]}
            made_anew = nbformat.v4.new_output("display_data", data={k: str(v) for k, v in texts.items()})
            text = "".join(map(str, texts.values()))
        self.room -= len(text)
        return made_anew if self.room >= 0 else None

    def answer(self, name):
        """Return the value of a name in the submission: data, or a function that asks for data."""
        reply = self._ask({"do": "get", "name": name})
        if "missing" in reply:
            raise Failed(f"there is no `{name}`")
        if "callable" in reply:
            return lambda *arguments, **keywords: self._call(name, arguments, keywords)
        return self._made(reply, f"`{name}`")

    def _call(self, name, arguments, keywords):
        given = [plain(value) for value in arguments]
        named = {key: plain(value) for key, value in keywords.items()}
        reply = self._ask({"do": "call", "name": name, "arguments": given, "keywords": named})
        return self._made(reply, f"`{name}` returns what")

    def _made(self, reply, what):
        try:
            return made(reply["answer"])
        except Exception as problem:
            raise Failed(f"{what} cannot be read") from problem

    def _ask(self, request):
        """Send one request, wait for its reply within the bounds."""
        if self.ended:
            raise Failed(self.ended)
        try:
            self.connection.send_bytes(json.dumps(request).encode())
        except OSError:
            self._end(self._last_words())
        seconds = min(self.limits.cell_seconds, self.deadline - time.monotonic())
        reply = self._reply(seconds)
        if "failed" in reply:
            raise Failed(f"{reply['failed']}"[:2000])
        return reply

    def _reply(self, seconds):
        """Return the reply to a request; keep the events that come before it."""
        until = time.monotonic() + seconds
        for _ in range(MOST_EVENTS + 1):
            if not self._wait(until):
                self.note(f"a cell ran longer than {seconds:.0f} s and was stopped")
                os.killpg(
                    self.pid, signal.SIGINT
                )  # the process outside ignores it, the one inside stops the cell
                until = time.monotonic() + GRACE
                if not self._wait(until):
                    self._end("it did not stop when its time was over, and was ended")
            try:
                reply = json.loads(self.connection.recv_bytes(self.limits.message))
            except EOFError:
                self._end(self._last_words())
            except (OSError, ValueError, RecursionError):
                break
            if not isinstance(reply, dict):
                break
            if "event" not in reply:
                return reply
            self.note(str(reply["event"])[:250])
        return self._end("it sent what is no reply, and was ended")

    def _wait(self, until):
        """Return whether a reply comes until then, and look at the memory meanwhile."""
        while not self.connection.poll(min(LOOK, max(until - time.monotonic(), 0))):
            if self._memory() > self.limits.memory:
                self._end("it took more memory than it may, and was ended")
            if time.monotonic() >= until:
                return False
        return True

    def _memory(self):
        total = 0
        try:
            family = psutil.Process(self.pid).children(recursive=True)
        except psutil.NoSuchProcess:
            return 0
        for process in family:
            with contextlib.suppress(psutil.Error):
                total += process.memory_info().rss
        self.peak = max(self.peak, total)
        return total

    def _last_words(self):
        if time.monotonic() >= self.deadline:
            return "its time was over"
        return "its process ended before the notebook did"

    def _end(self, why):
        self.note(why)
        self.close(why)
        raise Failed(why)

    def close(self, why):
        """End the process and all that it started."""
        if self.ended:
            return
        self.ended = why
        self.spent = time.monotonic() - self.started
        self._memory()
        self.connection.close()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)


def _error(name, text, lines=None):
    return nbformat.v4.new_output("error", ename=name, evalue=text, traceback=lines or [f"{name}: {text}"])
