"""The printed edition: all pages of the book as one PDF, offered for download beside them.

The pages are put one after the other into one document, their addresses made into addresses within
it, and Chromium prints it: twice, because only then the contents know on which page a chapter begins.
"""

import hashlib
import json
import os
import posixpath
import shutil
from pathlib import Path
from urllib.parse import urldefrag, urlparse

from bs4 import BeautifulSoup
from live_pages import PACKED, unpack
from playwright.sync_api import sync_playwright
from pypdf import PdfReader
from sphinx.errors import ExtensionError
from sphinx.util.display import progress_message

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
FOOTER = """<div style="font-size: 8px; width: 100%; text-align: center; color: #444">
<span class="pageNumber"></span></div>"""
SHEETS = {
    "format": "A4",
    "outline": True,
    "tagged": True,
    "print_background": True,
    "display_header_footer": True,
    "header_template": "<span></span>",
    "footer_template": FOOTER,
    "margin": dict.fromkeys(("top", "bottom", "left", "right"), "18mm"),
}
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


def read(path):
    """Return a parsed page."""
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


def widget_models(soup):
    """Return the state of all widgets of a page, by the name of the model."""
    states = [
        unpack(json.loads(script.string))["state"]
        for script in soup.find_all("script", type=PACKED)
    ]
    return {
        name: model["state"]
        for state in states
        for name, model in state.items()
    }


def first_frame(models, name):
    """Return the picture that a widget shows before it is moved."""
    model = models[name.removeprefix("IPY_MODEL_")]
    match model["_model_name"]:
        case "HTMLModel":
            return model["value"]
        case "StackModel":
            return first_frame(
                models, model["children"][model["selected_index"]]
            )
        case _:
            return first_frame(models, model["children"][-1])


def anchor(page, fragment=""):
    """Return the name that a place of a page has in the one document."""
    return f"{posixpath.basename(page)}--{fragment}"


def printed_page(site, page, pages):
    """Return the article of a page as it is printed: unfolded, without controls, with addresses within."""
    soup = read(site / f"{page}.html")
    article = soup.select_one("article.bd-article")
    models = widget_models(soup)
    for script in article.find_all(
        "script", type="application/vnd.jupyter.widget-view+json"
    ):
        frame = first_frame(models, json.loads(script.string)["model_id"])
        script.replace_with(BeautifulSoup(frame, "html.parser"))
    for unprinted in article.select("a.headerlink, script, .noprint"):
        unprinted.decompose()
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


def cover(soup, title, author):
    """Return the first sheet."""
    sheet = soup.new_tag("section", attrs={"class": "printed-cover"})
    for tag, text in (("h1", title), ("p", author)):
        line = soup.new_tag(tag)
        line.string = text
        sheet.append(line)
    return sheet


def contents(soup, titles):
    """Return the list of all pages, with room for the numbers of the sheets on which they begin."""
    table = soup.new_tag("table", attrs={"class": "printed-contents"})
    for page, title in titles.items():
        row = soup.new_tag("tr")
        for text in (title, ""):
            cell = soup.new_tag("td")
            link = soup.new_tag("a", href="#" + anchor(page))
            link.string = text
            cell.append(link)
            row.append(cell)
        table.append(row)
    return table


def document(site, titles, title, author):
    """Return the whole book as one HTML document, which lies where its pages lie."""
    first, *_ = titles
    soup = read(site / f"{first}.html")
    for script in soup.find_all("script"):
        script.decompose()
    soup.html["data-theme"] = soup.html["data-mode"] = "light"
    soup.head.append(
        soup.new_tag("link", rel="stylesheet", href="../_static/printed.css")
    )
    soup.body.clear()
    main = soup.new_tag("main", attrs={"class": "bd-content"})
    soup.body.append(main)
    main.extend([cover(soup, title, author), contents(soup, titles)])
    main.extend(printed_page(site, page, titles) for page in titles)
    return str(soup)


def print_document(path, target, titles):
    """Print the document, see where its pages begin, write that into the contents, and print again."""
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
        numbers = first_sheets(PdfReader(target), titles)
        tab.evaluate(
            """numbers => document.querySelectorAll(".printed-contents tr td:last-child a")
                .forEach((cell, i) => { cell.textContent = numbers[i]; })""",
            list(numbers.values()),
        )
        tab.pdf(path=target, **SHEETS)
        chromium.close()


def first_sheets(reader, pages):
    """Return the number of the sheet on which each page begins in a PDF."""
    places = reader.named_destinations
    return {
        page: reader.get_destination_page_number(places["/" + anchor(page)]) + 1
        for page in pages
    }


def print_book(app, exception):
    """Print the book, unless it is printed already as it stands."""
    if exception or not app.config.infodyn_printed:
        return
    if not browser():
        raise ExtensionError(
            "the printed edition needs Chromium, and there is none: install it, for instance "
            "with `sudo apt-get install chromium`, or build without it by `make book`"
        )
    site = Path(app.outdir)
    titles = {page: app.env.titles[page].astext() for page in pages_of(app.env)}
    source = document(site, titles, app.config.html_title, app.config.author)
    target, mark = site / NAME, site.parent / "printed.sha256"
    digest = hashlib.sha256(source.encode()).hexdigest()
    if target.exists() and mark.exists() and mark.read_text() == digest:
        return
    with progress_message("printing the book"):
        draft = site / posixpath.dirname(next(iter(titles))) / "printed.html"
        draft.write_text(source, encoding="utf-8")
        print_document(draft, target, titles)
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
