"""The built book as its readers have it: in a real browser, from a server and from a folder."""

import re
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin, urlparse

import pytest
from bs4 import BeautifulSoup

ROOT = Path(__file__).resolve().parent.parent
CHAPTERS = [f"{name}.html" for name in re.findall(r"(?:root|file): (\S+)", (ROOT / "_toc.yml").read_text())]
PAGES = ["index.html", *CHAPTERS, "genindex.html", "search.html"]
PHONE = {"width": 390, "height": 844}

each_page = pytest.mark.parametrize("page", PAGES)

# The text nodes of the page whose contrast with what lies behind them is below the standard's 4.5.
FAINT_TEXT = """() => {
    const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
    const rgba = (color) => {
        canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1);
        return [...canvas.getImageData(0, 0, 1, 1).data];
    };
    const behind = (element) => {
        for (; element; element = element.parentElement) {
            const color = rgba(getComputedStyle(element).backgroundColor);
            if (color[3] > 127) return color;
        }
        return [255, 255, 255, 255];
    };
    const luminance = (color) => {
        const [r, g, b] = color.slice(0, 3).map(c => c / 255)
            .map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const faint = new Set();
    for (const element of document.querySelectorAll("main *, .bd-sidebar-primary *")) {
        const own = [...element.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
        if (!own || !element.checkVisibility({visibilityProperty: true, opacityProperty: true})) continue;
        if (element.closest("script, style, mjx-assistive-mml, .headerlink, button, .sr-only, kbd")) continue;
        const [a, b] = [luminance(rgba(getComputedStyle(element).color)), luminance(behind(element))];
        const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        const start = element.textContent.slice(0, 30);
        if (contrast < 4.5)
            faint.add(`${element.tagName}.${element.className} ${contrast.toFixed(2)}: ${start}`);
    }
    return [...faint];
}"""


class Visit:
    """A page opened in a window, with all that it asked for and said."""

    def __init__(self, browser, address, **window):
        self.context = browser.new_context(**window)
        self.page = self.context.new_page()
        self.requests, self.complaints = [], []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("requestfailed", lambda request: self.complaints.append(f"failed: {request.url}"))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", lambda said: said.type == "error" and self.complaints.append(said.text))
        self.page.goto(address)
        self.page.wait_for_function("!document.querySelector('meta[http-equiv=Refresh]')")
        self.page.evaluate("() => window.MathJax?.startup?.promise")

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.context.close()


@pytest.mark.parametrize("scheme", ["file", "http"])
@each_page
def test_no_other_host_and_no_error(browser, addresses, page, scheme):
    with Visit(browser, f"{addresses[scheme]}/{page}") as visit:
        visit.page.wait_for_load_state("networkidle")
        own = (addresses[scheme], "data:", "blob:")
        assert [url for url in visit.requests if not url.startswith(own)] == []
        assert visit.complaints == []
        assert len(visit.requests) > 5


@each_page
def test_the_mathematics_is_set(browser, addresses, page):
    with Visit(browser, f"{addresses['file']}/{page}") as visit:
        formulas = visit.page.locator(".math.notranslate").count()
        assert visit.page.locator("mjx-container").count() >= formulas
        assert visit.page.locator(".math.notranslate:not(:has(mjx-container))").count() == 0
        wrong = visit.page.locator("[data-mml-node=merror], mjx-merror, [data-mjx-error]")
        assert wrong.all_text_contents() == []


@each_page
def test_nothing_moves_the_page_sideways_on_a_phone(browser, addresses, page):
    with Visit(browser, f"{addresses['file']}/{page}", viewport=PHONE) as visit:
        assert visit.page.evaluate("document.scrollingElement.scrollWidth") <= PHONE["width"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@each_page
def test_it_can_be_read(browser, addresses, page, scheme):
    with Visit(browser, f"{addresses['file']}/{page}", color_scheme=scheme) as visit:
        assert visit.page.locator("html").get_attribute("data-theme") == scheme
        assert visit.page.evaluate(FAINT_TEXT) == []
        cards = visit.page.locator(".bd-article .cell_output img").evaluate_all(
            "images => images.map(i => getComputedStyle(i).backgroundColor + getComputedStyle(i).filter)"
        )
        assert set(cards) <= {"rgb(255, 255, 255)none"} or scheme == "light"


def soup(site, page):
    return BeautifulSoup((site / page).read_text(encoding="utf-8"), "html.parser")


@each_page
def test_every_link_and_file_of_the_book_exists(site, page):
    missing = []
    for tag in soup(site, page).find_all(href=True) + soup(site, page).find_all(src=True):
        address = tag.get("href") or tag.get("src")
        path, fragment = urldefrag(urljoin(page, address))
        if urlparse(address).scheme:
            continue
        target = site / unquote(urlparse(path).path)
        is_page = target.is_file() and target.suffix == ".html"
        if not target.is_file() or (fragment and is_page and unquote(fragment) not in ids(target)):
            missing.append(address)
    assert missing == []


@cache
def ids(path):
    parsed = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
    return {tag["id"] for tag in parsed.find_all(id=True)}


@each_page
def test_every_picture_says_what_is_to_be_seen(site, page):
    for image in soup(site, page).find_all("img"):
        alt = image.get("alt", "")
        assert alt.strip(), image
        assert not re.search(r"[\\/]|\.(png|svg|jpe?g|webp)", alt), alt


@each_page
def test_no_page_tells_where_it_was_built(site, page):
    assert str(ROOT) not in (site / page).read_text(encoding="utf-8")


def test_search_finds_a_chapter_without_a_server(browser, addresses):
    with Visit(browser, f"{addresses['file']}/search.html?q=entropy") as visit:
        visit.page.wait_for_selector("#search-results li a")
        links = visit.page.locator("#search-results li a").evaluate_all("all => all.map(a => a.href)")
        assert any(link.split("?")[0].endswith("book/entropy_rate.html") for link in links)
        assert visit.complaints == []


@pytest.mark.parametrize(
    "chapter", [page for page in CHAPTERS if (ROOT / page).with_suffix(".ipynb").exists()]
)
def test_a_notebook_is_shown_with_its_pictures(site, chapter):
    assert soup(site, chapter).select(".cell_output img")
