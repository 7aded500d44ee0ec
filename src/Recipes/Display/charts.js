// Draws every chart of the page with plotly.js over its static picture, in the page's colours. Runs once a page.
if (window.recipesCharts) return window.recipesCharts.drawNew(document);

const scheme = matchMedia("(prefers-color-scheme: dark)");
const touch = matchMedia("(pointer: coarse)");
const narrow = matchMedia("(max-width: 34rem)");
const drawn = new Set();
let ready = false;
window.recipesCharts = { drawNew };

// plotly.js sets a name of the window. The names that module loaders of notebook pages define are hidden from it.
async function load() {
  if (window.Plotly?.react) return;
  const packed = Uint8Array.from(atob(library), c => c.charCodeAt(0));
  const text = await new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
  const script = document.createElement("script");
  script.textContent = `(function (define, module, exports) {\n${text}\n})();`;
  document.head.append(script);
  script.remove();
}

// The same figure with each light colour exchanged for its dark one.
function recolour(value) {
  if (typeof value === "string") return Object.hasOwn(dark, value) ? dark[value] : value;
  if (Array.isArray(value)) return typeof value[0] === "object" ? value.map(recolour) : value;
  if (value && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, recolour(v)]));
  return value;
}

// What the page or the notebook around the chart has chosen.
function isDark(chart) {
  const chosen = getComputedStyle(chart).colorScheme;
  return chosen.includes("dark") && (!chosen.includes("light") || scheme.matches);
}

function draw(chart) {
  const data = chart.querySelector(":scope > script[type='application/json']");
  const plot = chart.querySelector(":scope > .plot");
  if (!data || !plot) return;
  let figure = JSON.parse(data.textContent);
  if (isDark(chart)) figure = recolour(figure);
  if (narrow.matches) {
    figure.layout.height = 320;
    figure.layout.font = { ...figure.layout.font, size: 12 };
  }
  if (touch.matches) figure.layout.dragmode = false; // a finger scrolls the page
  if (!drawn.has(chart)) {
    drawn.add(chart);
    // A page that was saved with its charts drawn has the old ones still.
    while (plot.childElementCount > 1) plot.lastElementChild.remove();
    plot.append(document.createElement("div"));
    plot.firstElementChild.classList.add("replaced");
  }
  window.Plotly.react(plot.lastElementChild, figure.data, figure.layout, figure.config);
}

function drawNew(root) {
  if (!ready) return;
  for (const chart of root.querySelectorAll(".recipes .chart, .chart.recipes")) {
    if (drawn.has(chart)) continue;
    try {
      draw(chart);
    } catch (error) {
      console.warn("recipes: a chart stays a picture:", error);
    }
  }
}

const redraw = () => drawn.forEach(chart => (chart.isConnected ? draw(chart) : drawn.delete(chart)));
const parsed = new Promise(go => (document.readyState === "loading" ? addEventListener("DOMContentLoaded", go) : go()));
Promise.all([load(), parsed]).then(() => {
  ready = true;
  scheme.addEventListener("change", redraw);
  narrow.addEventListener("change", redraw);
  drawNew(document);
  // Notebook cells that appear later. plotly.js's own changes are none of our business.
  const isNew = node => node.nodeType === 1 && node.isConnected && !node.closest(".plot");
  new MutationObserver(changes => changes.forEach(change => change.addedNodes.forEach(node => isNew(node) && drawNew(node.parentNode))))
    .observe(document.body, { childList: true, subtree: true });
}).catch(error => console.warn("recipes: charts stay pictures:", error));
