"""The printed edition: one PDF of the whole book, whose contents and links lead where they say."""

import re
import unicodedata
from pathlib import Path

import printed
import pytest
from pypdf import PdfReader

ROOT = Path(__file__).resolve().parent.parent
PAGES = re.findall(r"(?:root|file): (\S+)", (ROOT / "_toc.yml").read_text())


@pytest.fixture(scope="module")
def book(site):
    return PdfReader(site / printed.NAME)


def links(book):
    return [link.get_object() for sheet in book.pages for link in sheet.get("/Annots") or []]


def words(text):
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


def test_the_cover_has_the_title(book):
    assert "infodyn:theinformationdynamicsofgenerativediffusion" in words(book.pages[0].extract_text())


def test_the_contents_give_the_sheet_on_which_each_page_begins(site, book):
    contents = words(book.pages[1].extract_text())
    starts = printed.first_sheets(book, PAGES)
    for page in PAGES:
        title = words(printed.read(site / f"{page}.html").h1.find(string=True))
        assert title + str(starts[page]) in contents
        assert title in words(book.pages[starts[page] - 1].extract_text())


def test_code_that_is_folded_on_a_page_is_printed(site, book):
    starts = printed.first_sheets(book, PAGES)
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
    assert article.find_all("script") == []
    assert all(folded.has_attr("open") for folded in article.find_all("details"))
    ids = {place["id"] for place in article.find_all(id=True)} | {article["id"]}
    own = [link["href"][1:] for link in article.find_all("a", href=re.compile("^#"))]
    assert [place for place in own if place.startswith(printed.anchor(page)) and place not in ids] == []
