// The widgets of a page without a kernel: ipywidgets' own models and views, and names for those who listen.
// live_pages.py makes one script of this and of what it needs.
import * as base from "@jupyter-widgets/base";
import {ManagerBase} from "@jupyter-widgets/base-manager";
import * as controls from "@jupyter-widgets/controls";
import "@jupyter-widgets/controls/css/labvariables.css";
import "@jupyter-widgets/controls/css/widgets-base.css";
import {Widget} from "@lumino/widgets";
import "@lumino/widgets/style/index.css";

const MODULES = {"@jupyter-widgets/base": base, "@jupyter-widgets/controls": controls};

class PageManager extends ManagerBase {
    async loadClass(name, module) {
        return MODULES[module][name];
    }

    async _get_comm_info() {
        return {};
    }

    async _create_comm() {
        return {on_close() {}, on_msg() {}, close() {}};
    }
}

const read = script => JSON.parse(script.textContent);

// A frame is a list of places among the pieces that the page's frames consist of.
const unpack = ([pieces, widgets]) => {
    for (const {state} of Object.values(widgets.state))
        if (Array.isArray(state.value)) state.value = state.value.map(i => pieces[i]).join("");
    return widgets;
};

const show = async () => {
    const packed = document.querySelector("script[type='application/vnd.infodyn.packed+json']");
    const manager = new PageManager();
    await manager.set_state(unpack(read(packed)));
    for (const place of document.querySelectorAll("script[type='application/vnd.jupyter.widget-view+json']")) {
        const view = await manager.create_view(await manager.get_model(read(place).model_id));
        Widget.attach(view.luminoWidget, place.parentElement, place);
    }
};

// ipywidgets gives its sliders and buttons no name, and announces a slider's index, not its value.
const set = (element, name, value) => {
    if (element && element.getAttribute(name) !== value) element.setAttribute(name, value);
};

const speak = explore => {
    for (const control of explore.querySelectorAll(".infodyn-control")) {
        const label = control.querySelector(".widget-label")?.textContent ?? "";
        const handle = control.querySelector(".noUi-handle") ?? control.querySelector("select");
        set(handle, "aria-label", label);
        const value = control.querySelector(".widget-readout")?.textContent;
        if (value !== undefined) set(handle, "aria-valuetext", value);
    }
    for (const play of explore.querySelectorAll(".jupyter-widget-play, .widget-play")) {
        const names = ["Play or pause", "Back to the start", "Repeat"];
        const buttons = [...play.querySelectorAll("button")];
        buttons.forEach((button, i) => set(button, "aria-label", button.title || names[i] || "Play"));
    }
};

// What a new frame shows is said once the slider rests.
const main = document.querySelector("main");
const said = main.appendChild(document.createElement("div"));
said.className = "visually-hidden";
said.role = "status";
const REST = 700;  // ms
const shown = new WeakMap();
let resting;

const describe = explore => {
    const frame = [...explore.querySelectorAll(".infodyn-frame")].find(frame => frame.checkVisibility());
    if (shown.has(explore) && frame && frame !== shown.get(explore)) {
        clearTimeout(resting);
        resting = setTimeout(() => { said.textContent = frame.alt; }, REST);
    }
    if (frame) shown.set(explore, frame);
};

const speakIn = places => {
    const explorers = new Set(places.flatMap(
        place => [place.closest(".infodyn-explore") ?? [], ...place.querySelectorAll(".infodyn-explore")].flat()));
    explorers.forEach(speak);
    explorers.forEach(describe);
};

new MutationObserver(changes => speakIn([...new Set(changes.map(change => change.target.parentElement ?? main))])).observe(
    main, {subtree: true, childList: true, characterData: true, attributeFilter: ["aria-valuetext", "class"]});
show();
