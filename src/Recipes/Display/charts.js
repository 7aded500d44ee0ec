// Draws every chart of the page with plotly.js over its static picture, in the page's colours.
const scheme = matchMedia("(prefers-color-scheme: dark)");
const touch = matchMedia("(pointer: coarse)");
const narrow = matchMedia("(max-width: 34rem)");
const drawn = new Set();

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
  const data = chart.querySelector("script[type='application/json']");
  const plot = chart.querySelector(".plot");
  if (!data || !plot) return;
  let figure = JSON.parse(data.textContent);
  if (isDark(chart)) figure = recolour(figure);
  if (narrow.matches) {
    figure.layout.height = 320;
    figure.layout.font.size = 12;
  }
  if (touch.matches) figure.layout.dragmode = false; // a finger scrolls the page
  if (!drawn.has(chart)) {
    drawn.add(chart);
    plot.append(document.createElement("div"));
    plot.querySelector("svg").classList.add("replaced");
  }
  Plotly.react(plot.lastElementChild, figure.data, figure.layout, figure.config);
}

function drawNew(root) {
  for (const chart of root.querySelectorAll(".chart")) if (!drawn.has(chart)) draw(chart);
}

const redraw = () => drawn.forEach(chart => (chart.isConnected ? draw(chart) : drawn.delete(chart)));
scheme.addEventListener("change", redraw);
narrow.addEventListener("change", redraw);
drawNew(document);

// Notebook cells that appear later. plotly.js's own changes are none of our business.
const isNew = node => node.nodeType === 1 && node.isConnected && !node.closest(".plot");
new MutationObserver(changes => changes.forEach(change => change.addedNodes.forEach(node => isNew(node) && drawNew(node.parentNode))))
  .observe(document.body, { childList: true, subtree: true });
