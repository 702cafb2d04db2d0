// Sets formulas for formulas.py. First it says the style sheet of all formulas; then each line of JSON that it
// reads, [tex, display], is answered by a line of JSON, {html} or {error}.
const folder = process.argv[2];

async function main() {
    const MathJax = await require(`${folder}/node-main.js`).init({
        loader: {load: ["input/tex", "output/chtml", "a11y/assistive-mml"]},
        startup: {typeset: false},
        // What MathJax does not understand it would set in red: here it is an error.
        tex: {packages: {"[-]": ["noerrors", "noundefined"]}, formatError: (_, error) => { throw error; }},
        chtml: {fontURL: "fonts", adaptiveCSS: false, matchFontHeight: false},
    });
    const {adaptor} = MathJax.startup;
    const answer = said => process.stdout.write(`${JSON.stringify(said)}\n`);
    answer({sheet: adaptor.textContent(MathJax.chtmlStylesheet())});
    for await (const line of require("readline").createInterface({input: process.stdin})) {
        const [tex, display] = JSON.parse(line);
        try {
            answer({html: adaptor.outerHTML(await MathJax.tex2chtmlPromise(tex, {display}))});
        } catch (error) {
            answer({error: error.message});
        }
    }
}

main();
