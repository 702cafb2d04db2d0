"""The built pages as a browser has them: what each weighs, asks for, complains of, and how fast it answers.

Usage: python tools/pages.py        (after `make pdf`) prints one row for each page.
"""

import gzip
import json
import re
import subprocess
import sys
import threading
from contextlib import contextmanager
from functools import cache, partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median

from playwright.sync_api import sync_playwright
from tqdm import tqdm

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "book" / "_ext"))

from live_pages import PACKED, unpack  # noqa: E402
from printed import FLAGS, browser  # noqa: E402

SITE = ROOT / "_build" / "html"
CHAPTERS = [f"{name}.html" for name in re.findall(r"(?:root|file): (\S+)", (ROOT / "_toc.yml").read_text())]
AXE = ROOT / "tools" / "node" / "node_modules" / "axe-core" / "axe.min.js"
#: Findings of axe-core that are not mended here, with the reason.
BASELINE = {
    # docutils writes lists of citations with roles that the standard has dropped since
    ("aria-required-children", 'class="citation-list"'),
}
#: Contrast has a test of its own, which looks at every text node and takes a tenth of the time. Style sheets
#: cannot be read again from a folder.
AXE_OPTIONS = {"preload": False, "rules": {"color-contrast": {"enabled": False}}}


#: Whether every box that scrolls can be reached by the Tab key.
ALL_ARE_TAB_STOPS = """() => [...document.querySelectorAll(".bd-article *")].every(box => {
    const {overflowX, overflowY} = getComputedStyle(box), scrolling = ["auto", "scroll"];
    const scrolls = (scrolling.includes(overflowX) && box.scrollWidth > box.clientWidth)
        || (scrolling.includes(overflowY) && box.scrollHeight > box.clientHeight);
    return !scrolls || box.tabIndex === 0 || !box.checkVisibility();
})"""
#: What most hosts send today: Brotli, at the speed that suits pages compressed as they are asked for.
BROTLI = """
const {brotliCompressSync, constants: {BROTLI_PARAM_QUALITY: quality}} = require("zlib");
const size = brotliCompressSync(require("fs").readFileSync(0), {params: {[quality]: 5}}).length;
process.stdout.write(String(size));
"""


@cache
def gzipped(body):
    """Return the bytes of a file after gzip."""
    return len(gzip.compress(body))


@cache
def brotli(body):
    """Return the bytes of a file after Brotli, which Node has."""
    node = Path(sys.executable).with_name("node")
    return int(subprocess.run([node, "-e", BROTLI], input=body, stdout=subprocess.PIPE, check=True).stdout)


class QuietHandler(SimpleHTTPRequestHandler):
    """A server that does not print what it is asked for."""

    def log_message(self, *arguments):
        """Say nothing."""


@contextmanager
def served(folder):
    """Serve a folder and give its address."""
    handler = partial(QuietHandler, directory=folder)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class Visit:
    """A page opened in a window, with all that it asked for and complained of."""

    def __init__(self, context, address):
        self.page = context.new_page()
        self.requests, self.complaints = [], []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("requestfailed", lambda request: self.complaints.append(f"failed: {request.url}"))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", lambda said: said.type == "error" and self.complaints.append(said.text))
        self.page.goto(address)
        self.page.wait_for_function(
            "!document.querySelector('meta[http-equiv=Refresh]') && document.readyState === 'complete'"
        )
        self.widgets = self.page.locator("script[type='application/vnd.jupyter.widget-view+json']").count()
        all_show = """count => {
            const explorers = [...document.querySelectorAll(".infodyn-explore")];
            const frames = explorer => [...explorer.querySelectorAll(".infodyn-frame")];
            const ready = explorer => frames(explorer).filter(frame => frame.checkVisibility()).length === 1;
            return explorers.filter(ready).length === count && performance.now();
        }"""
        self.interactive = self.page.wait_for_function(all_show, arg=self.widgets).json_value() / 1000
        self.page.wait_for_load_state("networkidle")

    def weights(self):
        """Return the bytes of all that the page asked for, each file compressed by gzip, and by Brotli."""
        asked = {url for url in self.requests if url.startswith("http")}
        bodies = [self.page.request.get(url).body() for url in asked]
        return sum(map(gzipped, bodies)), sum(map(brotli, bodies))

    def wait_for_tab_stops(self):
        """Wait until every box that scrolls is a tab stop: the page sees to it in idle moments."""
        self.page.evaluate("() => { document.querySelectorAll('main *').forEach(box => box.scrollWidth); }")
        self.page.evaluate(
            "() => document.fonts.ready.then(() => true)"
        )  # what was just laid out asks for more
        self.page.wait_for_function(ALL_ARE_TAB_STOPS, polling=500)

    def findings(self):
        """Return axe-core's critical and serious findings beyond the baseline, a sentence each."""
        self.wait_for_tab_stops()
        self.page.add_script_tag(path=AXE)
        found = self.page.evaluate(
            """options => axe.run(document, options).then(result => result.violations.flatMap(
                rule => rule.nodes.map(node => [rule.id, rule.impact, node.html])))""",
            AXE_OPTIONS,
        )
        return [
            f"{rule}: {html[:200]}"
            for rule, impact, html in found
            if impact in ("critical", "serious")
            and not any(rule == known and part in html for known, part in BASELINE)
        ]

    def models(self):
        """Return the states of the page's widgets, by the names of their models."""
        scripts = self.page.locator(f"script[type='{PACKED}']")
        states = [unpack(json.loads(text))["state"] for text in scripts.all_text_contents()]
        return {name: model["state"] for state in states for name, model in state.items()}

    def frames(self):
        """Return how many pictures the page's widgets have."""
        return sum("infodyn-frame" in str(state.get("value", "")) for state in self.models().values())

    def change(self):
        """Return the seconds from a key on the first slider to its new picture on the screen."""
        return self.page.evaluate("""async () => {
            const widget = document.querySelector(".infodyn-explore:has(.noUi-handle)");
            if (!widget) return NaN;
            const shown = () => [...widget.querySelectorAll(".infodyn-frame")].find(i => i.checkVisibility());
            const before = shown(), start = performance.now();
            const handle = widget.querySelector(".noUi-handle");
            const key = handle.ariaValueNow === handle.ariaValueMin ? "ArrowRight" : "ArrowLeft";
            handle.dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true, cancelable: true}));
            while (shown() === before) await new Promise(requestAnimationFrame);
            await shown().decode();
            await new Promise(requestAnimationFrame);
            return (performance.now() - start) / 1000;
        }""")


#: Visits of a page.
VISITS = 3
COLUMNS = "KB gzip", "KB Brotli", "requests", "errors", "axe", "ready s", "widgets", "frames", "change ms"


def measure(chromium, address):
    """Return the cells of one row; times are medians of some visits, each with nothing in the cache."""
    ready, change = [], []
    for _ in range(VISITS):
        with chromium.new_context(viewport={"width": 1280, "height": 844}) as context:
            visit = Visit(context, address)
            ready.append(visit.interactive)
            change.append(visit.change())
            if len(ready) == VISITS:
                zipped, brotlied = (f"{weight / 1e3:.0f}" for weight in visit.weights())
                counts = len(visit.requests), len(visit.complaints), len(visit.findings())
                widgets = visit.widgets, visit.frames()
    ready, change = median(ready), median(change)
    return [zipped, brotlied, *counts, f"{ready:.2f}", *widgets, f"{change * 1e3:.0f}" if widgets[0] else "-"]


def main():
    """Print the table."""
    print(f"{'page':34}" + "".join(f"{column:>10}" for column in COLUMNS))
    with sync_playwright() as playwright, served(SITE) as address:
        chromium = playwright.chromium.launch(executable_path=browser(), args=FLAGS)
        for page in tqdm(CHAPTERS, unit="page", leave=False):
            row = measure(chromium, f"{address}/{page}")
            tqdm.write(f"{page:34}" + "".join(f"{cell:>10}" for cell in row))


if __name__ == "__main__":
    main()
