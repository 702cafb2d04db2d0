"""A widget in print, where nothing can be moved: one frame, the values that it shows, and what is to be seen."""

import json

from bs4 import BeautifulSoup
from live_pages import PACKED, unpack


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


def find(models, name):
    """Return a model as others refer to it."""
    return models[name.removeprefix("IPY_MODEL_")]


def first_frame(models, name):
    """Return the picture that a widget shows before it is moved."""
    model = find(models, name)
    match model["_model_name"]:
        case "HTMLModel":
            return model["value"]
        case "StackModel":
            return first_frame(
                models, model["children"][model["selected_index"]]
            )
        case _:
            return first_frame(models, model["children"][-1])


def first_values(models, name):
    """Return what the controls of a widget say before they are moved."""
    rows = [find(models, row) for row in find(models, name)["children"]]
    controls = [
        find(models, child) for row in rows for child in row.get("children", [])
    ]
    return [
        f"{control['description']}: {control['_options_labels'][control['index']]}"
        for control in controls
        if "_options_labels" in control
    ]


def still(models, name):
    """Return a widget as a figure: one frame, its values, and what is to be seen."""
    figure = BeautifulSoup(
        "<figure class='printed-frame'></figure>", "html.parser"
    )
    figure.figure.append(
        BeautifulSoup(first_frame(models, name), "html.parser")
    )
    caption = figure.new_tag("figcaption")
    values = figure.new_tag("strong")
    values.string = ", ".join(first_values(models, name)) + "."
    caption.extend([values, " " + figure.img["alt"]])
    figure.figure.append(caption)
    return figure
