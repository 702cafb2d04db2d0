"""The built book as its readers have it: in a real browser, from a server and from a folder."""

import re
from functools import cache
from pathlib import Path
from urllib.parse import quote, unquote, urldefrag, urljoin, urlparse

import pytest
from bs4 import BeautifulSoup
from pages import CHAPTERS, Visit

ROOT = Path(__file__).resolve().parent.parent
PAGES = ["index.html", *CHAPTERS, "genindex.html", "search.html"]
# Where the pages come from, what the reader prefers, how wide the window is.
WINDOWS = [("file", "light", 1280), ("http", "dark", 1280), ("file", "dark", 390)]

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


UNSEEN_FOCUS = """() => {
    const here = document.activeElement, style = getComputedStyle(here);
    return style.outlineStyle !== "none" || style.boxShadow !== "none" ? [] : [here.outerHTML.slice(0, 120)];
}"""


@pytest.fixture(scope="module", params=WINDOWS, ids=lambda window: "-".join(map(str, window)))
def window(request, browser):
    """Return where pages come from, the reader's scheme and width, and a window of that kind."""
    origin, scheme, width = request.param
    with browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 844}) as context:
        yield origin, scheme, width, context


@pytest.fixture(scope="module", params=PAGES)
def visit(request, window, addresses):
    visit = Visit(window[-1], f"{addresses[window[0]]}/{request.param}")
    yield visit
    visit.page.close()


def test_no_other_host_is_asked_and_no_error_is_printed(visit, window, addresses):
    own = (addresses[window[0]], "data:", "blob:")
    assert [url for url in visit.requests if not url.startswith(own)] == []
    assert visit.complaints == []
    assert len(visit.requests) > 5


def test_the_mathematics_is_set(visit):
    formulas = visit.page.locator(".math.notranslate")
    assert visit.page.locator(".math.notranslate:has(mjx-container)").count() == formulas.count()
    wrong = visit.page.locator("[data-mml-node=merror], mjx-merror, [data-mjx-error]")
    assert wrong.all_text_contents() == []


def test_nothing_moves_the_page_sideways(visit, window):
    assert visit.page.evaluate("document.scrollingElement.scrollWidth") <= window[2]


def test_a_wide_equation_begins_at_its_beginning_and_scrolls(visit):
    visit.wait_for_tab_stops()
    hidden = visit.page.locator(".math").evaluate_all("""all => all.filter(math => {
        const starts = math.querySelector("mjx-container").getBoundingClientRect().left;
        const scrolls = getComputedStyle(math).overflowX === "auto";
        return starts < math.getBoundingClientRect().left - 1
            || (math.scrollWidth > math.clientWidth + 1 && !scrolls);
    }).map(math => math.textContent.slice(0, 60))""")
    assert hidden == []


def test_it_can_be_read(visit, window):
    assert visit.page.locator("html").get_attribute("data-theme") == window[1]
    assert visit.page.evaluate(FAINT_TEXT) == []


def test_the_tab_key_stops_at_what_scrolls_and_at_no_formula_in_it(visit):
    visit.wait_for_tab_stops()
    assert visit.page.locator("mjx-container[tabindex]").count() == 0
    idle_stops = visit.page.locator("main :is(figure, .math, pre, .output)[tabindex]").evaluate_all(
        "all => all.filter(box => box.scrollWidth <= box.clientWidth).map(box => box.outerHTML.slice(0, 120))"
    )
    assert idle_stops == []


def test_a_page_and_all_that_it_asks_for_weigh_less_than_one_and_a_half_megabytes(visit, window):
    if window[0] == "http":  # from a folder the same files come
        gzipped, brotli = visit.weights()
        assert brotli < gzipped < 1.5e6
        assert gzipped > 2e5  # the theme alone weighs as much


def test_figures_keep_their_white_card(visit):
    cards = visit.page.locator(".bd-article .cell_output img").evaluate_all(
        "images => images.map(i => getComputedStyle(i)).map(s => `${s.backgroundColor} ${s.filter}`)"
    )
    assert set(cards) <= {"rgb(255, 255, 255) none"}


def test_axe_finds_nothing_critical_or_serious(visit):
    assert visit.findings() == []


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


def test_the_tab_key_shows_where_it_is(browser, addresses):
    with browser.new_context(viewport={"width": 1280, "height": 844}) as context:
        page = context.new_page()
        page.goto(f"{addresses['http']}/book/entropy_rate.html")
        unseen = []
        for _ in range(40):
            page.keyboard.press("Tab")
            unseen += page.evaluate(UNSEEN_FOCUS)
        assert unseen == []


def test_search_finds_a_chapter(window, addresses):
    visit = Visit(window[-1], f"{addresses[window[0]]}/search.html?q=entropy")
    visit.page.wait_for_selector("#search-results li a")
    links = visit.page.locator("#search-results li a").evaluate_all("all => all.map(a => a.href)")
    assert any(link.split("?")[0].endswith("book/entropy_rate.html") for link in links)
    assert visit.complaints == []


def test_search_finds_a_term_of_the_glossary(window, addresses):
    visit = Visit(window[-1], f"{addresses[window[0]]}/search.html?q=speciation+time")
    visit.page.wait_for_selector("#search-results li a")
    links = visit.page.locator("#search-results li a").evaluate_all("all => all.map(a => a.href)")
    assert any(re.search(r"book/glossary\.html\S*#term-speciation-time$", link) for link in links)


@pytest.mark.parametrize("asked", ["equation 19", "(19)", "19"])
def test_search_finds_an_equation_by_its_number(window, addresses, asked):
    visit = Visit(window[-1], f"{addresses[window[0]]}/search.html?q={quote(asked)}")
    visit.page.wait_for_selector("#search-results li a")
    first = visit.page.locator("#search-results li a").first.evaluate("link => link.href")
    assert re.search(r"book/entropy_rate\.html\S*#eq-19$", first)


def test_a_page_says_what_it_is_to_those_who_link_to_it_or_cite_it(site):
    said = {
        tag.get("property") or tag.get("name"): tag.get("content")
        for tag in soup(site, "book/lyapunov.html")("meta")
    }
    assert said["og:title"] == "5. Lyapunov exponents"
    assert len(said["og:description"]) > 100
    assert said["citation_title"].startswith("infodyn")
    assert "og:image" not in said  # until _config.yml has the address of the site


def test_the_ledger_links_every_equation_and_counts_its_checks(site):
    rows = soup(site, "book/ledger.html").select("table.ledger-equations tbody tr")
    assert [row.td.text.strip() for row in rows] == [f"({number})" for number in range(1, 101)]
    for number, row in enumerate(rows, start=1):
        assert row.td.a["href"].endswith(f"#eq-{number}")
        assert re.match(r"[1-9]\d*: ", row.find_all("td")[3].text.strip()), row.text


@pytest.mark.parametrize("page", ["book/ledger.html", "book/corrections.html"])
def test_no_cell_of_the_ledger_is_cut_off(window, addresses, page):
    visit = Visit(window[-1], f"{addresses[window[0]]}/{page}")
    cut = visit.page.locator("table.ledger td").evaluate_all("""all => all.filter(cell => {
        const box = cell.closest("table").parentElement.getBoundingClientRect();
        return cell.getBoundingClientRect().right > box.right + 1 || cell.scrollWidth > cell.clientWidth + 1;
    }).map(cell => cell.textContent.slice(0, 60))""")
    assert cut == []
    visit.page.close()


@pytest.mark.parametrize(
    "chapter", [page for page in CHAPTERS if (ROOT / page).with_suffix(".ipynb").exists()]
)
def test_a_notebook_is_shown_with_its_pictures(site, chapter):
    assert soup(site, chapter).select(".cell_output img")
