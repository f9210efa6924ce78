"use strict";
// The map: pan and zoom, filters by kind, neighbourhoods.

const map = document.getElementById("map");
const nodes = [...map.querySelectorAll(".node")];
const edges = [...map.querySelectorAll(".edge")];
const whole = { x: 0, y: 0, width: Number(map.dataset.width), height: Number(map.dataset.height) };
const CROWDED = 150;
let view = { ...whole };

function show(next) {
  view = next;
  map.setAttribute("viewBox", `${view.x} ${view.y} ${view.width} ${view.height}`);
}

// The part of the drawing that the window shows, in the window's proportions.
function around(box) {
  const rect = map.getBoundingClientRect();
  const scale = Math.max(box.width / rect.width, box.height / rect.height);
  const [width, height] = [rect.width * scale, rect.height * scale];
  return { x: box.x - (width - box.width) / 2, y: box.y - (height - box.height) / 2, width, height };
}

function zoom(factor, clientX, clientY) {
  const rect = map.getBoundingClientRect();
  const fx = clientX === undefined ? 0.5 : (clientX - rect.left) / rect.width;
  const fy = clientY === undefined ? 0.5 : (clientY - rect.top) / rect.height;
  const width = Math.min(Math.max(view.width * factor, 200), 6 * Math.max(whole.width, whole.height));
  const height = (width * view.height) / view.width;
  show({ x: view.x + (view.width - width) * fx, y: view.y + (view.height - height) * fy, width, height });
}

function shownBox() {
  const cards = nodes.filter((node) => !node.classList.contains("off")).map((node) => node.querySelector(".card").getBBox());
  if (!cards.length) return whole;
  const x = Math.min(...cards.map((card) => card.x)) - 20;
  const y = Math.min(...cards.map((card) => card.y)) - 20;
  return {
    x, y,
    width: Math.max(...cards.map((card) => card.x + card.width)) + 20 - x,
    height: Math.max(...cards.map((card) => card.y + card.height)) + 20 - y,
  };
}

const checked = (name) => new Set([...document.querySelectorAll(`[data-${name}]:checked`)].map((box) => box.getAttribute(`data-${name}`)));

function neighbours(centre, distance, usable) {
  let reached = new Set([centre]);
  for (let step = 0; step < distance; step += 1) {
    const next = new Set(reached);
    for (const edge of usable) {
      if (reached.has(edge.dataset.from)) next.add(edge.dataset.to);
      if (reached.has(edge.dataset.to)) next.add(edge.dataset.from);
    }
    reached = next;
  }
  return reached;
}

// The module that was typed in, by its API name or label, whatever its case.
function chosenNode() {
  const words = document.getElementById("centre").value.trim();
  const same = (text) => text?.toLowerCase() === words.toLowerCase();
  return nodes.find((node) => node.dataset.id === words) || nodes.find((node) => same(node.dataset.id) || same(node.querySelector(".name").textContent));
}

function said(text, centre) {
  const line = document.getElementById("map-said");
  line.textContent = text;
  if (!centre?.href.baseVal) return;
  const link = document.createElement("a");
  link.href = centre.href.baseVal;
  link.textContent = "a map of these alone";
  line.append(" (", link, ")");
}

function applyFilters() {
  const nodeKinds = checked("node-kind");
  const edgeKinds = checked("edge-kind");
  const middle = chosenNode();
  const centre = middle?.dataset.id;
  const known = middle !== undefined;
  const kindOf = new Map(nodes.map((node) => [node.dataset.id, node.dataset.kind]));
  const usable = edges.filter((edge) => edgeKinds.has(edge.dataset.kind) && nodeKinds.has(kindOf.get(edge.dataset.from)) && nodeKinds.has(kindOf.get(edge.dataset.to)));
  const near = known ? neighbours(centre, Number(document.getElementById("distance").value), usable) : null;
  const linked = new Set(usable.flatMap((edge) => [edge.dataset.from, edge.dataset.to]));
  const onlyLinked = document.getElementById("linked").checked;
  const visible = new Set();
  for (const node of nodes) {
    const id = node.dataset.id;
    const on = near ? near.has(id) : nodeKinds.has(node.dataset.kind) && (!onlyLinked || linked.has(id));
    node.classList.toggle("off", !on);
    node.classList.toggle("centre", known && id === centre);
    if (on) visible.add(id);
  }
  const drawn = new Set(usable.filter((edge) => visible.has(edge.dataset.from) && visible.has(edge.dataset.to)));
  for (const edge of edges) edge.classList.toggle("off", !drawn.has(edge));
  for (const frame of map.querySelectorAll(".frame")) frame.classList.toggle("off", visible.size < nodes.length && (known || onlyLinked || !nodeKinds.has("subform")));
  const sizes = `${visible.size} of ${nodes.length} modules, ${drawn.size} of ${edges.length} connections`;
  const unknown = !known && document.getElementById("centre").value.trim();
  const crowded = !known && visible.size > CROWDED;
  said(sizes + (unknown ? "; no module is called so" : crowded ? ": choose kinds or a neighbourhood to see more clearly" : ""), middle);
}

function point(id) {
  map.classList.toggle("pointed", id !== null);
  const hot = new Set([id]);
  for (const edge of edges) {
    const touches = edge.dataset.from === id || edge.dataset.to === id;
    edge.classList.toggle("hot", touches);
    if (touches) hot.add(edge.dataset.from).add(edge.dataset.to);
  }
  for (const node of nodes) node.classList.toggle("hot", hot.has(node.dataset.id));
}

function startDragging() {
  let from = null;
  let moved = false;
  map.addEventListener("pointerdown", (event) => { from = { x: event.clientX, y: event.clientY }; moved = false; });
  addEventListener("pointermove", (event) => {
    if (!from) return;
    const scale = view.width / map.getBoundingClientRect().width;
    const [dx, dy] = [event.clientX - from.x, event.clientY - from.y];
    moved ||= Math.abs(dx) + Math.abs(dy) > 4;
    if (!moved) return;
    show({ ...view, x: view.x - dx * scale, y: view.y - dy * scale });
    from = { x: event.clientX, y: event.clientY };
  });
  addEventListener("pointerup", () => { from = null; });
  // A link that was dragged was not clicked.
  map.addEventListener("click", (event) => { if (moved) event.preventDefault(); }, true);
  map.addEventListener("dragstart", (event) => event.preventDefault());
}

function startMap() {
  show(around(whole));
  map.addEventListener("wheel", (event) => { event.preventDefault(); zoom(event.deltaY > 0 ? 1.15 : 1 / 1.15, event.clientX, event.clientY); }, { passive: false });
  document.getElementById("zoom-in").addEventListener("click", () => zoom(1 / 1.4));
  document.getElementById("zoom-out").addEventListener("click", () => zoom(1.4));
  document.getElementById("zoom-all").addEventListener("click", () => show(around(shownBox())));
  for (const node of nodes) {
    node.addEventListener("pointerenter", () => point(node.dataset.id));
    node.addEventListener("pointerleave", () => point(null));
  }
  for (const box of document.querySelectorAll("[data-node-kind], [data-edge-kind], #linked")) box.addEventListener("change", applyFilters);
  for (const id of ["centre", "distance"]) {
    document.getElementById(id).addEventListener("input", () => {
      applyFilters();
      const centre = chosenNode()?.dataset.id;
      history.replaceState(null, "", centre ? `#${encodeURIComponent(centre)}` : location.pathname);
      show(around(shownBox()));
    });
  }
  startDragging();
  const wanted = decodeURIComponent(location.hash.slice(1));
  if (wanted) document.getElementById("centre").value = wanted;
  applyFilters();
  show(around(shownBox()));
}

startMap();
