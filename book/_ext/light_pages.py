"""What the pages weigh: pictures of as many colours as they need."""

from pathlib import Path

import numpy as np
from PIL import Image

#: Colours of a picture, the fewest first, and how far 99 % of its pixels may move for it, of 255.
COLOURS, MOST = (128, 256), 12


def palette(picture):
    """Return a picture (RGB) in few colours; None if one would see it."""
    for colours in COLOURS:
        few = picture.quantize(
            colours,
            method=Image.Quantize.MEDIANCUT,
            kmeans=2,
            dither=Image.Dither.NONE,
        )
        off = np.abs(
            np.asarray(few.convert("RGB"), dtype=int) - np.asarray(picture)
        ).max(axis=2)
        if np.percentile(off, 99) <= MOST:
            return few
    return None


def shrink_pictures(app, exception):
    """Write the opaque pictures of the pages again, with a palette: a third of the bytes."""
    if exception or app.builder.format != "html":
        return
    for path in Path(app.outdir, "_images").glob("*.png"):
        with Image.open(path) as picture:
            few = None
            if picture.mode == "RGBA" and picture.getextrema()[3] == (255, 255):
                few = palette(picture.convert("RGB"))
        if few:
            few.save(path, optimize=True)


def setup(app):
    """Connect the hooks."""
    app.connect("build-finished", shrink_pictures, priority=400)
    return {
        "version": "1",
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }
