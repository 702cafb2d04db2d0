"""A drawing function with sliders: by a kernel, and on a page in a real browser without one."""

import json
import subprocess
import sys
from pathlib import Path

import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from notebooks import NOTEBOOK_METADATA

from infodyn.widgets import PREPARED, Slider, explore

ROOT = Path(__file__).resolve().parent.parent


def power(n, scale=1.0):
    figure, axes = plt.subplots(figsize=(4, 3))
    x = np.linspace(0, 1, 11)
    axes.plot(x, scale * x**n)
    return figure


def says(n, scale=1.0):
    return f"The power {n} of x, times {scale}."


def picture(widget):
    return widget.children[-1]


def test_a_move_draws_anew():
    explorer = explore(power, alt=says, n=[1, 2, 3])
    widget = explorer.live()
    control = widget.children[0].children[0]
    assert picture(widget).value == explorer.frame(n=2)
    control.index = 2
    assert picture(widget).value == explorer.frame(n=3)
    assert explorer.frame(n=3) != explorer.frame(n=2)


def test_the_same_values_give_the_same_bytes_and_leave_no_figure_open():
    explorer = explore(power, alt=says, n=[1, 2])
    assert explorer.frame(n=1) == explorer.frame(n=1)
    assert plt.get_fignums() == []


def test_prepared_frames_lie_where_their_sliders_point():
    explorer = explore(power, alt=says, n=Slider([1, 2, 3], start=3), scale=Slider([0.5, 1.0], start=0.5))
    stack = picture(explorer.prepared())
    assert stack.selected_index == 2
    for i, n in enumerate([1, 2, 3]):
        assert stack.children[i].selected_index == 0
        for j, scale in enumerate([0.5, 1.0]):
            assert stack.children[i].children[j].value == explorer.frame(n=n, scale=scale)


def test_a_kernel_draws_one_frame_and_the_build_draws_them_all(monkeypatch):
    drawn = []
    explorer = explore(lambda n: drawn.append(n) or power(n), alt=says, n=[1, 2, 3])
    monkeypatch.delenv(PREPARED, raising=False)
    bundle = explorer._repr_mimebundle_()
    assert drawn == [2]
    monkeypatch.setenv(PREPARED, "1")
    assert explorer._repr_mimebundle_()["text/plain"] == bundle["text/plain"] == "To move: n = 1, 2, 3"
    assert drawn == [2, 1, 2, 3]
    assert "application/vnd.jupyter.widget-view+json" in bundle


def test_frames_describe_themselves():
    explorer = explore(power, alt=lambda n: f'"n" < {n}', n=[1, 2])
    assert 'alt="&quot;n&quot; &lt; 2"' in explorer.frame(n=2)
    assert 'width="384" height="288"' in explorer.frame(n=2)


def test_pixels_where_lines_are_too_many():
    assert 'src="data:image/png;base64,' in explore(power, alt=says, dense=True, n=[1, 2]).frame(n=1)
    assert 'src="data:image/svg+xml,' in explore(power, alt=says, n=[1, 2]).frame(n=1)


@pytest.mark.parametrize(
    ("call", "error", "says_so"),
    [
        (lambda: explore(3, alt=says, n=[1, 2]), TypeError, "draw must be a function"),
        (lambda: explore(power, alt="text", n=[1, 2]), TypeError, "alt must be a function"),
        (lambda: explore(power, alt=says), ValueError, "one or two sliders, got 0"),
        (lambda: explore(power, alt=says, a=[1, 2], b=[1, 2], c=[1, 2]), ValueError, "got 3: a, b, c"),
        (lambda: Slider([1]), ValueError, "at least two values"),
        (lambda: Slider([1, 1]), ValueError, "all different"),
        (lambda: Slider([1, 2], start=3), ValueError, "start must be one of"),
        (
            lambda: explore(lambda n: None, alt=says, n=[1, 2]).frame(n=1),
            TypeError,
            "must return a Matplotlib",
        ),
    ],
)
def test_bad_input(call, error, says_so):
    with pytest.raises(error, match=says_so):
        call()


SETUP = f"""import sys
sys.path[:0] = [{str(ROOT / "tests")!r}, {str(ROOT / "tools")!r}]
from infodyn.widgets import Slider, explore
from test_widgets import power, says"""
ONE = 'explore(power, alt=says, n=Slider([1, 2, 3], label="power", play=True))'
TWO = 'explore(power, alt=says, n=Slider([1, 2], start=1), scale=Slider([0.5, 1.0, 2.0], form=".1f"))'
PATIENCE = 60_000  # ms, for a machine that has other things to do
CONFIG = {
    "title": "Small",
    "only_build_toc_files": True,
    "execute": {"execute_notebooks": "force"},
    "sphinx": {"local_extensions": {"live_pages": str(ROOT / "book" / "_ext")}},
}


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """Return the address of a built page with two widgets."""
    folder = tmp_path_factory.mktemp("widgets")
    cells = [new_markdown_cell("# Widgets"), *map(new_code_cell, (SETUP, ONE, TWO))]
    nbformat.write(new_notebook(cells=cells, metadata=NOTEBOOK_METADATA), folder / "a.ipynb")
    (folder / "_toc.yml").write_text("format: jb-book\nroot: a\n")
    (folder / "_config.yml").write_text(json.dumps(CONFIG))
    build = [Path(sys.executable).parent / "jupyter-book", "build", folder, "-W"]
    built = subprocess.run(build, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert built.returncode == 0, built.stdout.split("Traceback")[0][-3000:]
    return (folder / "_build" / "html" / "a.html").as_uri()


@pytest.fixture
def opened(page, browser):
    with browser.new_context() as context:
        tab = context.new_page()
        tab.goto(page)
        tab.wait_for_function("document.querySelectorAll('.infodyn-frame').length >= 2")
        yield tab


def shows(tab, number, **values):
    """Return whether a widget comes to show what the drawing function draws, and nothing else."""
    source, alt = drawn(**values)
    frames = tab.locator(".infodyn-explore").nth(number).locator(".infodyn-frame:visible")
    frames.and_(tab.get_by_alt_text(alt, exact=True)).wait_for(timeout=PATIENCE)
    return frames.count() == 1 and frames.get_attribute("src") == source


def drawn(**values):
    """Return what the drawing function draws, as the page has it."""
    frame = explore(power, alt=says, n=[1, 2]).frame(**values)
    return frame.split('src="')[1].split('"')[0], says(**values)


def test_without_a_kernel_each_key_shows_the_frame_of_its_value(opened):
    handle = opened.locator(".noUi-handle").first
    handle.focus()
    assert shows(opened, 0, n=2)
    for key, n in (("ArrowRight", 3), ("ArrowLeft", 2), ("Home", 1)):
        opened.keyboard.press(key)
        assert shows(opened, 0, n=n)
        assert handle.get_attribute("aria-label") == "power"
        assert handle.get_attribute("aria-valuetext") == str(n)


def test_what_a_new_frame_shows_is_said_once_the_slider_rests(opened):
    said = opened.get_by_role("status")
    assert said.text_content() == ""
    opened.locator(".noUi-handle").first.focus()
    opened.keyboard.press("ArrowRight")
    opened.keyboard.press("Home")
    said.filter(has_text=says(n=1)).wait_for(timeout=PATIENCE, state="attached")
    assert said.text_content() == says(n=1)


def test_two_sliders_by_mouse(opened):
    widget = opened.locator(".infodyn-explore").nth(1)
    widget.scroll_into_view_if_needed()
    assert shows(opened, 1, n=1, scale=1.0)
    for number, side, values in ((0, "end", {"n": 2, "scale": 1.0}), (1, "start", {"n": 2, "scale": 0.5})):
        track = widget.locator(".noUi-target").nth(number).bounding_box()
        handle = widget.locator(".noUi-handle").nth(number).bounding_box()
        opened.mouse.move(handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2)
        opened.mouse.down()
        goal = track["x"] + (track["width"] + 4 if side == "end" else -4)
        opened.mouse.move(goal, track["y"] + track["height"] / 2, steps=5)
        opened.mouse.up()
        assert shows(opened, 1, **values)


def test_the_play_button_runs_through_the_frames(opened):
    buttons = opened.locator(".infodyn-explore").first.locator("button")
    assert all(button.get_attribute("aria-label") for button in buttons.all())
    buttons.first.click()
    assert shows(opened, 0, n=3)
