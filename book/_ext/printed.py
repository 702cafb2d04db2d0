"""The printed edition: all pages of the book as one PDF, offered for download beside them.

The pages are put one after the other into one document, their addresses made into addresses within
it, and Chromium prints it: twice, because only then the contents know on which sheet a section begins.
"""

import hashlib
import json
import os
import posixpath
import shutil
from copy import copy
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urldefrag, urlparse

import matplotlib
from bs4 import BeautifulSoup
from playwright.sync_api import sync_playwright
from pypdf import PdfReader, PdfWriter
from pypdf.generic import Fit
from sphinx.errors import ExtensionError
from sphinx.util.display import progress_message
from stills import still, widget_models

NAME = "infodyn.pdf"
#: Set by `make pdf`.
PRINTED = "INFODYN_PRINTED"
#: Under these names Chromium is found.
BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
]
SHEETS = {
    "prefer_css_page_size": True,
    "tagged": True,
    "print_background": True,
}
#: Letters of the text and of code, from where Matplotlib has them: a sheet looks the same wherever it is printed.
FACES = {
    "STIXGeneral": ("Printed", 400, "normal"),
    "STIXGeneralItalic": ("Printed", 400, "italic"),
    "STIXGeneralBol": ("Printed", 700, "normal"),
    "STIXGeneralBolIta": ("Printed", 700, "italic"),
    "DejaVuSansMono": ("Printed Code", 400, "normal"),
    "DejaVuSansMono-Oblique": ("Printed Code", 400, "italic"),
    "DejaVuSansMono-Bold": ("Printed Code", 700, "normal"),
    "DejaVuSansMono-BoldOblique": ("Printed Code", 700, "italic"),
}
HOW_TO_READ = """This is the printed edition of a site whose code runs and whose pictures move. Where the text asks you
to move a slider, the sheet shows one of its pictures, and under it the values for which it is drawn. Code, hints
and solutions that the site folds away stand where they belong."""
WAIT = 300_000  # milliseconds: the book is long, and machines have other things to do


def browser():
    """Return the path of Chromium, or None."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def pages_of(env):
    """Return the names of all pages in the order of the contents."""

    def under(page):
        below = env.toctree_includes.get(page, [])
        return [page, *(name for child in below for name in under(child))]

    return under(env.config.root_doc)


class Heading(NamedTuple):
    """A heading of a printed page: its level, the name of its place, and what it says."""

    level: int
    place: str
    words: list

    @property
    def text(self):
        """What it says, as text alone."""
        return " ".join("".join(word.get_text() for word in self.words).split())


def read(path):
    """Return a parsed page."""
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


def anchor(page, fragment=""):
    """Return the name that a place of a page has in the one document."""
    return f"{posixpath.basename(page)}--{fragment}"


def is_plain(kind):
    """Return whether a word of code of a kind looks like most: no keyword, comment or string.

    Each word that is told apart weighs a hundred bytes in the tags of the PDF.
    """
    return bool(kind) and kind[0] not in "kcs" and kind != "ow"


def printed_page(site, page, pages):
    """Return the article of a page as it is printed: unfolded, without controls, with addresses within."""
    soup = read(site / f"{page}.html")
    article = soup.select_one("article.bd-article")
    models = widget_models(soup)
    for script in article.find_all(
        "script", type="application/vnd.jupyter.widget-view+json"
    ):
        script.replace_with(
            still(models, json.loads(script.string)["model_id"])
        )
    for unprinted in article.select(
        "a.headerlink, script, .noprint, .sd-summary-state-marker"
    ):
        unprinted.decompose()
    for code in article.find_all("div", class_="highlight"):
        for word in code.find_all("span", class_=is_plain):
            word.unwrap()
    for mark in article.find_all(string="\N{WHITE HEAVY CHECK MARK}"):
        mark.replace_with("\N{CHECK MARK}")  # which the letters have
    for folded in article.find_all("details"):
        folded["open"] = ""
    for folded in article.select(".toggle, .dropdown"):
        folded["class"] = [name for name in folded["class"] if name != "toggle"]
    for place in article.find_all(id=True):
        place["id"] = anchor(page, place["id"])
    for link in article.find_all("a", href=True):
        if urlparse(link["href"]).scheme:
            continue
        path, fragment = urldefrag(link["href"])
        target = posixpath.normpath(
            posixpath.join(
                posixpath.dirname(page),
                path or posixpath.basename(f"{page}.html"),
            )
        ).removesuffix(".html")
        if target in pages:
            link["href"] = "#" + anchor(target, fragment)
        else:
            link.unwrap()
    article["id"] = anchor(page)
    return article


def headings(page, article):
    """Return the title of a printed page and the headings of its sections."""
    title = Heading(1, anchor(page), article.h1.contents)
    sections = article.select("section > h2")
    return [
        title,
        *(Heading(2, h2.parent["id"], h2.contents) for h2 in sections),
    ]


def cover(soup, config):
    """Return the first sheet."""
    sheet = soup.new_tag("section", attrs={"class": "printed-cover"})
    for tag, text in (
        ("h1", config.html_title),
        ("p", config.author),
        ("p", f"Version {version('infodyn')}, {config.copyright}"),
        ("p", HOW_TO_READ),
    ):
        line = soup.new_tag(tag)
        line.string = text
        sheet.append(line)
    return sheet


def contents(soup, found):
    """Return the list of all headings, with room for the numbers of the sheets on which they stand."""
    table = soup.new_tag("nav", attrs={"class": "printed-contents"})
    title = soup.new_tag("h1")
    title.string = "Contents"
    table.append(title)
    for level, place, words in found:
        link = soup.new_tag(
            "a", href="#" + place, attrs={"class": f"level-{level}"}
        )
        text, sheet = soup.new_tag("span"), soup.new_tag("span")
        text.extend(copy(word) for word in words)
        link.extend([text, sheet])
        table.append(link)
    return table


def style(soup, found):
    """Return the letters, and for each page its title at the foot of its sheets."""
    fonts = Path(matplotlib.get_data_path(), "fonts", "ttf")
    rules = [
        f"@font-face {{font-family: '{family}'; font-weight: {weight}; font-style: {slant}; "
        f"src: url({(fonts / file).with_suffix('.ttf').as_uri()})}}"
        for file, (family, weight, slant) in FACES.items()
    ]
    titles = [heading for heading in found if heading.level == 1]
    for i, title in enumerate(titles):
        rules += [
            f"#{title.place} {{page: p{i}}}",
            f"@page p{i} {{@bottom-left {{content: {json.dumps(title.text, ensure_ascii=False)}}}}}",
        ]
    sheet = soup.new_tag("style")
    sheet.string = "\n".join(rules)
    return sheet


def document(site, pages, config):
    """Return the whole book as one HTML document, which lies where its pages lie, and its headings."""
    articles = {page: printed_page(site, page, pages) for page in pages}
    found = [
        heading
        for page, article in articles.items()
        for heading in headings(page, article)
    ]
    soup = read(site / f"{pages[0]}.html")
    for script in soup.find_all("script"):
        script.decompose()
    soup.html["data-theme"] = soup.html["data-mode"] = "light"
    soup.title.string = config.html_title
    soup.head.append(
        soup.new_tag("link", rel="stylesheet", href="../_static/printed.css")
    )
    soup.head.append(style(soup, found))
    soup.body.clear()
    main = soup.new_tag("main", attrs={"class": "bd-content"})
    soup.body.append(main)
    main.extend([cover(soup, config), contents(soup, found)])
    main.extend(articles.values())
    return str(soup), found


def print_document(path, target, found, author):
    """Print the document, see where its headings stand, write that into the contents, and print again."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=browser(), args=FLAGS
        )
        tab = chromium.new_page(color_scheme="light")
        tab.set_default_timeout(WAIT)
        tab.goto(path.as_uri(), wait_until="load")
        tab.evaluate("() => document.fonts.ready.then(() => true)")
        tab.evaluate(
            "() => Promise.all([...document.images].map(image => image.decode()))"
        )
        tab.pdf(path=target, **SHEETS)
        tab.evaluate(
            """numbers => document.querySelectorAll(".printed-contents a")
                .forEach((line, i) => { line.lastChild.textContent = numbers[i]; })""",
            sheets(PdfReader(target), [heading.place for heading in found]),
        )
        tab.pdf(path=target, **SHEETS)
        chromium.close()
    book = PdfWriter(clone_from=target)
    book.add_metadata({"/Author": author})
    add_outline(book, found)
    book.write(target)


def add_outline(book, found):
    """Give a PDF its headings as bookmarks, which Chromium would write without their formulas."""
    chapter = None
    for heading in found:
        place = book.named_destinations["/" + heading.place]
        bookmark = book.add_outline_item(
            heading.text,
            book.get_destination_page_number(place),
            parent=None if heading.level == 1 else chapter,
            fit=Fit.xyz(top=place.top),
        )
        if heading.level == 1:
            chapter = bookmark


def sheets(book, places):
    """Return the numbers of the sheets of a PDF on which places are."""
    named = book.named_destinations
    return [
        book.get_destination_page_number(named["/" + place]) + 1
        for place in places
    ]


def first_sheets(book, pages):
    """Return the number of the sheet on which each page begins in a PDF."""
    return dict(zip(pages, sheets(book, map(anchor, pages)), strict=True))


def print_book(app, exception):
    """Print the book, unless it is printed already as it stands."""
    if exception or not app.config.infodyn_printed:
        return
    if not browser():
        raise ExtensionError(
            "the printed edition needs Chromium 131 or newer, and there is none: install it, for instance "
            "with `sudo apt-get install chromium`, or build without it by `make book`"
        )
    site = Path(app.outdir)
    pages = pages_of(app.env)
    source, found = document(site, pages, app.config)
    target, mark = site / NAME, site.parent / "printed.sha256"
    stand = app.config.infodyn_look + source
    digest = hashlib.sha256(stand.encode()).hexdigest()
    if target.exists() and mark.exists() and mark.read_text() == digest:
        return
    with progress_message("printing the book"):
        draft = site / posixpath.dirname(pages[0]) / "printed.html"
        draft.write_text(source, encoding="utf-8")
        print_document(draft, target, found, app.config.author)
        draft.unlink()
    mark.write_text(digest)


def offer(app, pagename, templatename, context, doctree):
    """Offer the printed edition among the downloads of every page."""
    for group in context.get("header_buttons", []):
        if app.config.infodyn_printed and group["label"] == "download-buttons":
            group["buttons"].append(
                {
                    "type": "link",
                    "url": context["pathto"](NAME, resource=True),
                    "text": "The whole book (PDF)",
                    "icon": "fas fa-book",
                    "tooltip": "Download the printed edition of the whole book",
                }
            )


def setup(app):
    """Connect the hooks."""
    app.add_config_value(
        "infodyn_printed", bool(os.environ.get(PRINTED)), "html"
    )
    app.connect("html-page-context", offer, priority=900)
    app.connect("build-finished", print_book, priority=900)
    return {
        "version": "1",
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }
