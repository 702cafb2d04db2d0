"""Pictures and frames lose bytes, not looks."""

import json

import light_pages
import live_pages
import matplotlib.pyplot as plt
import numpy as np
import pytest
from PIL import Image

from infodyn.widgets import explore


@pytest.fixture
def figure(tmp_path):
    """A drawn figure on a page's folder of pictures, and its path."""
    folder = tmp_path / "_images"
    folder.mkdir()
    figure, axes = plt.subplots(facecolor="white")
    axes.plot(np.random.default_rng(0).standard_normal((200, 5)).cumsum(axis=0))
    axes.imshow(np.outer(np.arange(50), np.arange(50)) / 2500, extent=(0, 100, -5, 5))
    figure.savefig(folder / "a.png")
    plt.close(figure)
    return folder / "a.png"


class App:
    def __init__(self, outdir):
        self.outdir, self.builder = outdir, self
        self.format = "html"


def test_a_figure_keeps_its_looks_and_loses_bytes(figure):
    before, size = np.asarray(Image.open(figure).convert("RGB"), dtype=int), figure.stat().st_size
    light_pages.shrink_pictures(App(figure.parent.parent), None)
    after = np.asarray(Image.open(figure).convert("RGB"), dtype=int)
    assert figure.stat().st_size < size / 2
    assert np.percentile(np.abs(after - before), 99) <= light_pages.MOST
    light_pages.shrink_pictures(App(figure.parent.parent), None)  # the next build finds it done
    assert np.array_equal(np.asarray(Image.open(figure).convert("RGB")), after)


def test_what_needs_its_colours_or_is_transparent_keeps_them(tmp_path):
    colours = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    assert light_pages.palette(Image.fromarray(colours)) is None
    (tmp_path / "_images").mkdir()
    clear = Image.new("RGBA", (50, 50), (10, 20, 30, 40))
    clear.save(tmp_path / "_images" / "b.png")
    light_pages.shrink_pictures(App(tmp_path), None)
    assert Image.open(tmp_path / "_images" / "b.png").getpixel((3, 3)) == (10, 20, 30, 40)


def test_a_failed_build_is_left_alone(figure):
    size = figure.stat().st_size
    light_pages.shrink_pictures(App(figure.parent.parent), ValueError("broken"))
    assert figure.stat().st_size == size


def power(n):
    figure, axes = plt.subplots()
    axes.plot(np.linspace(0, 1, 11) ** n)
    return figure


def test_packed_frames_are_the_frames_and_weigh_less():
    explorer = explore(power, alt=lambda n: f"n = {n} </script>", n=list(range(1, 21)))
    models = {
        str(n): {"state": {"value": explorer.frame(n=n)}, "model_name": "HTMLModel"} for n in range(1, 21)
    }
    widgets = {"state": {"box": {"state": {"value": 3}}, **models}, "version_major": 2}
    before, packed = json.dumps(widgets), json.dumps(live_pages.pack(widgets))
    assert json.dumps(widgets) == before
    assert live_pages.unpack(json.loads(packed)) == widgets
    assert len(packed) < len(before) / 3
