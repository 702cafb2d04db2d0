"""A drawing function with sliders: live with a kernel, prepared frames on a page without one."""

import io
import os
import re
from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from html import escape
from itertools import product
from urllib.parse import quote

import ipywidgets
import matplotlib.pyplot as plt
from tqdm import tqdm

#: Set by the book's build, where no kernel will answer: every frame is then drawn beforehand.
PREPARED = "INFODYN_PREPARED_FRAMES"
#: Bytes in a page are few: lines are kept as lines, dense pictures as pixels.
FORMATS = {"svg": "image/svg+xml", "png": "image/png"}


@dataclass(frozen=True)
class Slider:
    """The values that one argument of a drawing function can take.

    Attributes
    ----------
    values : sequence
        In the order of the slider; strings make a choice from a list.
    start : object, optional
        The value shown first, and in print; the middle one by default.
    label : str, optional
        What stands beside the slider; the argument's name by default.
    form : str
        Format of the value that is read out, such as ``".2f"``.
    play : bool
        Whether there is a button that runs through the values.
    """

    values: Sequence
    start: object = None
    label: str | None = None
    form: str = ""
    play: bool = False

    def __post_init__(self):
        values = list(self.values)
        if len(values) < 2 or len(set(values)) < len(values):
            raise ValueError(f"a slider needs at least two values, all different, got {values}")
        start = values[len(values) // 2] if self.start is None else self.start
        if start not in values:
            raise ValueError(f"start must be one of the slider's values {values}, got {start!r}")
        object.__setattr__(self, "values", values)
        object.__setattr__(self, "start", start)

    @property
    def index(self):
        """Position of the first value shown."""
        return self.values.index(self.start)

    @property
    def is_choice(self):
        """Whether the values are words."""
        return all(isinstance(value, str) for value in self.values)

    def read_out(self):
        """Return the values as they are read out."""
        return [format(value, self.form) for value in self.values]


def explore(draw, *, alt, dense=False, **sliders):
    """Show what a drawing function draws, with one or two sliders for its arguments.

    With a kernel every move draws anew. While the book is built every frame is drawn once, and the
    page shows the frames behind the same sliders; in print it shows the first.

    Parameters
    ----------
    draw : callable
        Takes the sliders' values by name, returns a new Matplotlib figure; the same values give the
        same figure.
    alt : callable
        Takes the same values, returns a sentence that says what the frame shows.
    dense : bool
        Whether the picture has so many marks that pixels are smaller than lines.
    **sliders : Slider or sequence
        One or two of them.

    Returns
    -------
    Explorer

    Raises
    ------
    ValueError
        For no slider or more than two, and for sliders of fewer than two different values.
    TypeError
        If ``draw`` or ``alt`` cannot be called, or ``draw`` returns something else than a figure.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> def power(n):
    ...     figure, axes = plt.subplots()
    ...     axes.plot([0, 1, 2], [0, 1, 2**n])
    ...     return figure
    >>> explore(power, alt=lambda n: f"The power {n} of x, up to x = 2.", n=[1, 2, 3])
    To move: n = 1, 2, 3
    """
    for name, function in (("draw", draw), ("alt", alt)):
        if not callable(function):
            raise TypeError(f"{name} must be a function of the sliders' values, got {function!r}")
    if not 1 <= len(sliders) <= 2:
        raise ValueError(f"explore takes one or two sliders, got {len(sliders)}: {', '.join(sliders)}")
    made = {name: s if isinstance(s, Slider) else Slider(s) for name, s in sliders.items()}
    return Explorer(draw, alt, "png" if dense else "svg", made)


@dataclass(frozen=True)
class Explorer:
    """A drawing function with its sliders; see :func:`explore`."""

    draw: Callable
    alt: Callable
    form: str
    sliders: dict = field(default_factory=dict)

    def frame(self, **values):
        """Return the picture of these values as HTML, with its description."""
        figure = self.draw(**values)
        if not isinstance(figure, plt.Figure):
            raise TypeError(f"draw must return a Matplotlib figure, got {figure!r} for {values}")
        width, height = figure.get_size_inches() * 96
        source = _data_address(figure, self.form)
        plt.close(figure)
        return (
            f'<img class="infodyn-frame" src="{source}" width="{width:.0f}" height="{height:.0f}" '
            f'alt="{escape(self.alt(**values))}">'
        )

    def __repr__(self):
        spans = (f"{name} = {', '.join(s.read_out())}" for name, s in self.sliders.items())
        return f"To move: {'; '.join(spans)}"

    def _repr_mimebundle_(self, include=None, exclude=None):
        widget = self.prepared() if os.environ.get(PREPARED) else self.live()
        return {**widget._repr_mimebundle_(), "text/plain": repr(self)}

    def live(self):
        """Return the widget that draws anew at every move, by the kernel."""
        controls = [_control(name, slider) for name, slider in self.sliders.items()]
        picture = ipywidgets.HTML()

        def redraw(_=None):
            chosen = zip(self.sliders.items(), controls, strict=True)
            picture.value = self.frame(**{name: s.values[control.index] for (name, s), control in chosen})

        for control in controls:
            control.observe(redraw, "index")
        redraw()
        return _arrange(self.sliders, controls, picture)

    def prepared(self):
        """Return the widget with every frame drawn beforehand, which needs no kernel."""
        controls = [_control(name, slider) for name, slider in self.sliders.items()]
        grids = list(product(*(slider.values for slider in self.sliders.values())))
        drawn = [
            ipywidgets.HTML(self.frame(**dict(zip(self.sliders, values, strict=True))))
            for values in tqdm(grids, desc="frames", unit="frame", delay=1.0, leave=False)
        ]
        *outer, inner = controls
        size = len(inner.options)
        stacks = [
            _linked(ipywidgets.Stack(drawn[start : start + size]), inner)
            for start in range(0, len(drawn), size)
        ]
        picture = _linked(ipywidgets.Stack(stacks), outer[0]) if outer else stacks[0]
        return _arrange(self.sliders, controls, picture)


def _data_address(figure, form):
    """Return a figure as a data address; each frame is a document of its own, so no names clash."""
    buffer = io.BytesIO()
    options = (
        {"metadata": dict.fromkeys(("Date", "Creator", "Format", "Type"))} if form == "svg" else {"dpi": 144}
    )
    with plt.rc_context({"svg.fonttype": "path", "svg.hashsalt": "infodyn"}):
        figure.savefig(buffer, format=form, **options)
    if form == "svg":
        drawing = re.sub(r"[1-9]\d*\.\d{3,}", _hundredths, buffer.getvalue().decode())
        return f"data:{FORMATS[form]},{quote(drawing, safe=' /:=;,#')}".replace("#", "%23")
    return f"data:{FORMATS[form]};base64,{b64encode(buffer.getvalue()).decode()}"


def _hundredths(number):
    """Return a coordinate, in points, as closely as an eye can see."""
    return f"{float(number.group()):.2f}"


def _control(name, slider):
    """Return the control of one slider."""
    kind = ipywidgets.Dropdown if slider.is_choice else ipywidgets.SelectionSlider
    control = kind(
        options=list(zip(slider.read_out(), range(len(slider.values)), strict=True)),
        index=slider.index,
        description=slider.label or name,
        style={"description_width": "initial"},
        layout={"width": "min(100%, 32rem)"},
    )
    control.add_class("infodyn-control")
    return control


def _linked(stack, control):
    """Return the stack, showing the frame that the control points at, in the browser alone."""
    stack.selected_index = control.index
    ipywidgets.jslink((control, "index"), (stack, "selected_index"))
    return stack


def _arrange(sliders, controls, picture):
    """Return controls above their picture."""
    rows = []
    for slider, control in zip(sliders.values(), controls, strict=True):
        row = [control]
        if slider.play:
            button = ipywidgets.Play(min=0, max=len(slider.values) - 1, value=slider.index, interval=200)
            ipywidgets.jslink((button, "value"), (control, "index"))
            row.insert(0, button)
        rows.append(ipywidgets.HBox(row))
    box = ipywidgets.VBox([*rows, picture])
    box.add_class("infodyn-explore")
    return box
