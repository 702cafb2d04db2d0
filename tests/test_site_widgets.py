"""Every widget of the built book: each slider shows the frame of its value; the frames are drawn again."""

import itertools
import re
from pathlib import Path

import matplotlib.pyplot as plt
import nbformat
import pytest
from bs4 import BeautifulSoup
from pages import Visit

import infodyn.widgets

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = sorted(ROOT.glob("book/*.ipynb"))
PAGES = [path.stem for path in NOTEBOOKS if re.search(r"\bexplore\(", path.read_text())]
FEWEST_WIDGETS = {"intro": 1}  # three elsewhere

each_page = pytest.mark.parametrize("name", PAGES)


def test_every_chapter_has_widgets():
    chapters = {path.stem for path in NOTEBOOKS} - {"corrections"}
    assert chapters == set(PAGES)


class Widget:
    """A widget of a page: what it shows, and what it was given."""

    def __init__(self, visit, number):
        self.models = visit.models()
        self.shown = visit.page.locator(".infodyn-explore").nth(number)
        self.shown.locator(".infodyn-frame:visible").wait_for()  # what is off the screen is laid out late
        views = visit.page.locator("script[type='application/vnd.jupyter.widget-view+json']")
        name = re.search(r'"model_id": "(\w+)"', views.nth(number).text_content()).group(1)
        *rows, self.picture = self.children(name)
        self.controls = [self.model(self.children(row)[-1]) for row in rows]

    def model(self, name):
        return self.models[name.removeprefix("IPY_MODEL_")]

    def children(self, name):
        return self.model(name)["children"]

    def start(self):
        return [control["index"] for control in self.controls]

    def labels(self, number):
        return self.controls[number]["_options_labels"]

    def prepared(self, indices):
        """Return the picture and its description that were given for these places of the sliders."""
        name = self.picture
        for index in indices:
            name = self.children(name)[index]
        image = BeautifulSoup(self.model(name)["value"], "html.parser").img
        return image["src"], image["alt"]

    def visible(self):
        frames = self.shown.locator(".infodyn-frame:visible")
        assert frames.count() == 1
        return frames.get_attribute("src"), frames.get_attribute("alt")

    def control(self, number):
        return self.shown.locator(".infodyn-control").nth(number)


def moves(widget, number):
    """Yield the places that keys, and then the mouse, lead a slider to, having led it there."""
    control, last = widget.control(number), len(widget.labels(number)) - 1
    if control.locator("select").count():
        for index in (last, 0):
            control.locator("select").select_option(index=index)
            yield index
        return
    handle, page = control.locator(".noUi-handle"), control.page
    handle.focus()
    for key, index in (("Home", 0), ("ArrowRight", 1), ("End", last), ("ArrowLeft", last - 1)):
        page.keyboard.press(key)
        assert handle.get_attribute("aria-valuetext") == widget.labels(number)[index]
        yield index
    for side, index in ((0, 0), (1, last)):
        control.scroll_into_view_if_needed()
        track, grip = control.locator(".noUi-target").bounding_box(), handle.bounding_box()
        page.mouse.move(grip["x"] + grip["width"] / 2, grip["y"] + grip["height"] / 2)
        page.mouse.down()
        page.mouse.move(track["x"] + side * track["width"], track["y"] + track["height"] / 2, steps=5)
        page.mouse.up()
        yield index


@each_page
@pytest.mark.parametrize("scheme", ["file", "http"])
def test_every_slider_shows_the_frame_of_its_value(browser, addresses, scheme, name):
    with browser.new_context(viewport={"width": 1280, "height": 844}) as context:
        visit = Visit(context, f"{addresses[scheme]}/book/{name}.html")
        assert visit.widgets >= FEWEST_WIDGETS.get(name, 3)
        for number in range(visit.widgets):
            widget = Widget(visit, number)
            place = widget.start()
            assert widget.visible() == widget.prepared(place)
            height = widget.shown.bounding_box()["height"]
            for slider in range(len(place)):
                for index in moves(widget, slider):
                    place[slider] = index
                    assert widget.visible() == widget.prepared(place)
                    assert widget.shown.bounding_box()["height"] == height
        assert visit.complaints == []


@pytest.fixture
def recorded(monkeypatch):
    """Run a notebook here, and return its explorers in their order."""
    explorers, make = [], infodyn.widgets.explore

    def record(*arguments, **options):
        explorers.append(make(*arguments, **options))
        return explorers[-1]

    def run(name):
        namespace = {}
        for cell in nbformat.read(ROOT / "book" / f"{name}.ipynb", as_version=4).cells:
            if cell.cell_type == "code":
                exec(cell.source, namespace)
        return explorers

    monkeypatch.setattr(infodyn.widgets, "explore", record)
    monkeypatch.setattr(plt, "show", lambda: plt.close("all"))
    monkeypatch.chdir(ROOT / "book")
    with plt.rc_context():
        yield run


@each_page
def test_the_page_has_what_the_drawing_functions_draw(browser, addresses, recorded, name):
    explorers = recorded(name)
    with browser.new_context() as context:
        visit = Visit(context, f"{addresses['file']}/book/{name}.html")
        assert len(explorers) == visit.widgets
        for number, explorer in enumerate(explorers):
            widget = Widget(visit, number)
            sliders = explorer.sliders.values()
            places = [{0, slider.index, len(slider.values) - 1} for slider in sliders]
            for place in itertools.product(*places):
                values = {
                    key: s.values[i] for (key, s), i in zip(explorer.sliders.items(), place, strict=True)
                }
                image = BeautifulSoup(explorer.frame(**values), "html.parser").img
                assert widget.prepared(place) == (image["src"], image["alt"])
