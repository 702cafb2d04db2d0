"""The printed edition: one PDF of the whole book, whose contents and links lead where they say."""

import json
import re
import unicodedata
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import printed
import pytest
from pypdf import PdfReader, Transformation
from stills import first_values, widget_models

ROOT = Path(__file__).resolve().parent.parent
PAGES = re.findall(r"(?:root|file): (\S+)", (ROOT / "_toc.yml").read_text())
WIDTH = 164  # millimetres: the lines of a sheet
POINTS = 72 / 25.4  # a millimetre

# What of the text, pictures and tables is wider than the sheet; MathML is there for those who listen.
TOO_WIDE = """width => [...document.querySelectorAll("main *")]
    .filter(element => !element.closest("mjx-assistive-mml, svg, mjx-container mjx-container"))
    .filter(element => element.getBoundingClientRect().right > width + 1)
    .map(element => element.outerHTML.slice(0, 200))"""


@pytest.fixture(scope="module")
def book(site):
    return PdfReader(site / printed.NAME)


@pytest.fixture(scope="module")
def starts(book):
    return printed.first_sheets(book, PAGES)


def links(book):
    return [link.get_object() for sheet in book.pages for link in sheet.get("/Annots") or []]


def words(text):
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


def lines(sheet):
    """Return the places of all texts of a sheet, in millimetres from its left and its foot."""
    found = []

    def see(text, user, matrix, font, size):
        if text.strip():
            x, y = Transformation(matrix).transform(Transformation(user)).apply_on((0, 0))
            found.append((x / POINTS, y / POINTS))

    sheet.extract_text(visitor_text=see)
    return found


@cache
def title(site, page):
    heading = printed.read(site / f"{page}.html").select_one("article.bd-article h1")
    heading.find("a", class_="headerlink").decompose()
    return heading.text


def test_the_cover_has_the_title_and_says_how_to_read(book):
    cover = words(book.pages[0].extract_text())
    assert "infodyn:theinformationdynamicsofgenerativediffusion" in cover
    assert words(printed.HOW_TO_READ) in cover


def test_the_contents_give_the_sheet_on_which_each_page_begins(site, book, starts):
    contents = words("".join(sheet.extract_text() for sheet in book.pages[1 : starts[PAGES[0]] - 1]))
    for page in PAGES:
        name = words(title(site, page))
        assert name + str(starts[page]) in contents
        assert name in words(book.pages[starts[page] - 1].extract_text())


def test_every_sheet_has_the_title_of_its_page_and_its_number_at_its_foot(site, book, starts):
    for page, end in zip(PAGES, [*list(starts.values())[1:], len(book.pages) + 1], strict=True):
        foot = words(title(site, page))
        for number in {starts[page], end - 1}:
            text = words(book.pages[number - 1].extract_text())
            assert text.startswith(f"{number}{foot}")  # the foot is written first


def test_the_bookmarks_are_the_headings(site, book, starts):
    chapters = [entry for entry in book.outline if not isinstance(entry, list)]
    assert [words(entry.title) for entry in chapters] == [words(title(site, page)) for page in PAGES]
    assert [book.get_destination_page_number(entry) + 1 for entry in chapters] == list(starts.values())
    sections = [entry.title for below in book.outline if isinstance(below, list) for entry in below]
    assert len(sections) > 200
    assert "What a question is worth: equation (2)" in sections


def test_the_book_says_what_it_is_and_can_be_listened_to(book):
    assert book.metadata.title == "infodyn: the information dynamics of generative diffusion"
    assert book.metadata.author == "The infodyn authors"
    assert book.root_object["/Lang"] == "en"
    assert book.root_object["/MarkInfo"]["/Marked"]


def test_no_sheet_is_left_half_empty_but_where_a_page_ends(book, starts):
    ends = {start - 1 for start in starts.values()} | {1, len(book.pages)}
    middle = 297 / 2
    short = [
        number
        for number, sheet in enumerate(book.pages, start=1)
        if number not in ends and min(y for _, y in lines(sheet) if y > 15) > middle
    ]
    assert len(short) <= len(book.pages) / 100, f"half-empty sheets: {short}"


def test_nothing_is_wider_than_the_sheet(site, browser):
    config = SimpleNamespace(html_title="", author="", copyright="")
    source, _ = printed.document(site, PAGES, config)
    draft = site / "book" / "printed_wide.html"
    draft.write_text(source, encoding="utf-8")
    tab = browser.new_page(viewport={"width": round(WIDTH * 96 / 25.4), "height": 1000})
    tab.set_default_timeout(printed.WAIT)
    tab.emulate_media(media="print")
    tab.goto(draft.as_uri(), wait_until="load")
    draft.unlink()
    assert tab.evaluate("document.fonts.check('1em Printed') && document.fonts.check('1em \"Printed Code\"')")
    assert tab.evaluate(TOO_WIDE, WIDTH * 96 / 25.4) == []
    tab.close()


def test_code_that_is_folded_on_a_page_is_printed(site, book, starts):
    sheets = book.pages[starts[PAGES[0]] - 1 : starts[PAGES[1]] - 1]
    text = words("".join(sheet.extract_text() for sheet in sheets))
    folded = printed.read(site / f"{PAGES[0]}.html").select("article details pre")
    assert len(folded) > 3
    assert [code.text for code in folded if words(code.text)[:60] not in text] == []


def test_every_link_leads_to_a_place_in_the_book_or_to_another_site(book):
    places = book.named_destinations
    within = [link["/Dest"] for link in links(book) if "/Dest" in link]
    assert [place for place in within if place not in places] == []
    outside = [link["/A"]["/URI"] for link in links(book) if "/URI" in link.get("/A", {})]
    assert [address for address in outside if not address.startswith("http")] == []
    assert len(within) > 500


def test_every_equation_of_the_paper_can_be_reached(book):
    reached = {re.search(r"eq-(\d+)$", place)[1] for place in book.named_destinations if "eq-" in place}
    assert reached >= {str(number) for number in range(1, 101)}


@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_printed_whole_and_still(site, page):
    source = printed.read(site / f"{page}.html")
    article = printed.printed_page(site, page, PAGES)
    widgets = source.find_all("script", type="application/vnd.jupyter.widget-view+json")
    assert len(article.select(".infodyn-frame")) == len(widgets)
    models = widget_models(source)
    for widget, frame in zip(widgets, article.select(".printed-frame"), strict=True):
        values = first_values(models, json.loads(widget.string)["model_id"])
        assert 1 <= len(values) <= 2
        assert frame.figcaption.text.startswith(", ".join(values))
    assert article.find_all("script") == []
    assert all(folded.has_attr("open") for folded in article.find_all("details"))
    ids = {place["id"] for place in article.find_all(id=True)} | {article["id"]}
    own = [link["href"][1:] for link in article.find_all("a", href=re.compile("^#"))]
    assert [place for place in own if place.startswith(printed.anchor(page)) and place not in ids] == []
