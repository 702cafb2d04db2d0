// What is larger than its box scrolls, by the keyboard too: see scrolling.py.
addEventListener("load", () => {
    const boxes = "figure, .math, pre, .output, .widget-html, .pst-scrollable-table-container";
    const waiting = new Set();
    const mark = box => {
        const slack = box.localName === "span" ? 1 : 0;  // a formula in a line is no whole number of pixels wide
        box.firstElementChild?.scrollWidth;  // lays out what is in the box, which its own width does not
        if (box.scrollWidth > box.clientWidth + slack) box.tabIndex = 0; else box.removeAttribute("tabindex");
    };
    const work = idle => {
        const end = performance.now() + (idle.didTimeout ? 20 : idle.timeRemaining());
        for (const box of waiting) {
            waiting.delete(box);
            mark(box);
            if (performance.now() > end) break;
        }
        if (waiting.size) rest();
    };
    const rest = () => requestIdleCallback(work, {timeout: 500});
    const look = place => {
        if (!waiting.size) rest();
        for (const box of [place.closest(boxes) ?? [], ...place.querySelectorAll(boxes)].flat()) waiting.add(box);
    };
    const main = document.querySelector("main");
    new MutationObserver(changes => new Set(changes.map(change => change.target)).forEach(look))
        .observe(main, {subtree: true, childList: true});
    addEventListener("resize", () => look(main));
    document.fonts.addEventListener("loadingdone", () => look(main));
    look(main);
});
