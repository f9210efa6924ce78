"use strict";
// The map: groups of modules first; a group, or a module and its neighbours, when it is opened.

const SVG = "http://www.w3.org/2000/svg";
const map = document.getElementById("map");
const data = window.atlasMap;
const byId = new Map(data.nodes.map((node) => [node.id, node]));
const HEIGHT = 48;
const GAP = 26;
const KEY = 16;
// Letters of 13 units are 11 pixels or more at this scale.
const SMALLEST = 11.2 / 13;
let view = { x: 0, y: 0, width: 1, height: 1 };
let scene = { width: 1, height: 1, across: false };

const isPhone = () => map.getBoundingClientRect().width < 600;
const option = (id) => document.getElementById(id).checked;
const checked = (name) =>
  new Set([...document.querySelectorAll(`[data-${name}]:checked`)].map((box) => box.getAttribute(`data-${name}`)));

function show(next) {
  view = next;
  map.setAttribute("viewBox", `${view.x} ${view.y} ${view.width} ${view.height}`);
}

function draw(name, attributes, ...children) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

// What the address asks for: all groups, a group, or the neighbourhood of a module.
function wanted() {
  const hash = decodeURIComponent(location.hash.slice(1));
  if (!hash) return "";
  if (data.scenes[hash] || data.groups[hash]) return hash;
  const words = hash.replace(/^near=/, "").toLowerCase();
  const found =
    data.nodes.find((node) => node.id.toLowerCase() === words) ||
    data.nodes.find((node) => node.label.toLowerCase() === words);
  return found ? `near=${found.id}` : "?";
}

function members(name) {
  if (name === "") return Object.keys(data.groups);
  if (data.groups[name]) return data.groups[name].members;
  const centre = name.slice(5);
  const users = document.querySelector('[data-node-kind="users"]')?.checked;
  const near = new Set([centre]);
  for (const [from, to, kind] of data.edges) {
    if (kind === "user" && !users && centre !== "users") continue;
    if (from === centre) near.add(to);
    if (to === centre) near.add(from);
  }
  return [...near];
}

function connections(name, ids) {
  if (name === "") return data.groupEdges;
  const there = new Set(ids);
  const centre = name.startsWith("near=") ? name.slice(5) : null;
  return data.edges.filter(
    ([from, to]) =>
      there.has(from) && there.has(to) && (!centre || from === centre || to === centre || option("among")),
  );
}

// Boxes in rows, as many beside each other as fit; groups further apart, for the lines between them.
function inRows(ids, width, apart = 10) {
  const wide = isPhone() ? (width - 3 * 10) / 2 : Math.max(...ids.map((id) => widthOf(id)), 150);
  const most = Math.max(1, Math.floor((width - 10) / (wide + apart)));
  const columns = apart > 10 ? Math.min(most, Math.ceil(Math.sqrt(ids.length * 2))) : most;
  return ids.map((id, i) => ({
    id,
    x: 10 + (i % columns) * (wide + apart),
    y: 10 + Math.floor(i / columns) * (HEIGHT + GAP + (ids.length > 12 ? 10 : apart)),
    width: wide,
  }));
}

const widthOf = (id) => Math.max(110, 40 + lengthOf(byId.get(id).label, "name"));

function placed(name, ids) {
  const width = map.getBoundingClientRect().width / SMALLEST;
  if (isPhone()) return inRows(ids, map.getBoundingClientRect().width);
  if (name === "") return inRows(ids, width, 70);
  const known = new Map((data.scenes[name]?.boxes || []).map(([id, x, y, w]) => [id, { id, x, y, width: w }]));
  if (!ids.every((id) => known.has(id))) return inRows(ids, width);
  const boxes = ids.map((id) => known.get(id));
  if (name.startsWith("near=") && data.scenes[name].direction === "LR")
    shorten(boxes, known.get(name.slice(5)), map.getBoundingClientRect().height / SMALLEST);
  narrow(boxes, width - 24);
  return boxes;
}

// Of neighbours that reach below the window, every other one moves away from the middle.
function shorten(boxes, centre, height) {
  const lowest = Math.max(...boxes.map((box) => box.y)) + HEIGHT + 24;
  if (lowest <= height) return;
  const widest = Math.max(...boxes.map((box) => box.width)) + 30;
  for (const side of [-1, 1]) {
    const column = boxes.filter((box) => Math.sign(box.x + box.width / 2 - centre.x - centre.width / 2) === side);
    column.sort((one, other) => one.y - other.y);
    for (const [i, box] of column.entries()) if (i % 2) box.x += side * widest;
  }
  const left = Math.min(...boxes.map((box) => box.x));
  for (const box of boxes) {
    box.x += 12 - left;
    box.y *= (height - HEIGHT - 24) / (lowest - HEIGHT - 24);
  }
}

// What is wider than the window at the smallest scale moves together; `spread` makes room below.
function narrow(boxes, width) {
  const right = Math.max(...boxes.map((box) => box.x + box.width));
  if (right > width) for (const box of boxes) box.x *= (width - box.width) / (right - box.width);
}

// Heights by keys and records; what a taller box would cover moves down.
function spread(boxes) {
  const most = Math.log1p(Math.max(1, ...boxes.map((box) => byId.get(box.id).records)));
  for (const box of boxes) {
    const node = byId.get(box.id);
    const keys = option("keys") ? node.keys.length * KEY : 0;
    box.tall = option("by-records") ? Math.round((80 * Math.log1p(node.records)) / most) : 0;
    box.height = HEIGHT + keys + box.tall + (keys ? 6 : 0);
  }
  const done = [];
  for (const box of [...boxes].sort((a, b) => a.y - b.y)) {
    for (const other of done) {
      if (box.x < other.x + other.width && other.x < box.x + box.width)
        box.y = Math.max(box.y, other.y + other.height + 14);
    }
    done.push(box);
  }
}

// From border to border: sideways where ranks go across, down where they go down, over what is between.
function path(from, to, across) {
  const middle = (box) => ({ x: box.x + box.width / 2, y: box.y + box.height / 2 });
  const [a, b] = [middle(from), middle(to)];
  if (from === to) {
    return `M${a.x} ${from.y} C${a.x - 30} ${from.y - 34} ${a.x + 50} ${from.y - 34} ${a.x + 20} ${from.y}`;
  }
  const apart = from.x + from.width < to.x || to.x + to.width < from.x;
  const inRow = Math.abs(a.y - b.y) < HEIGHT;
  if (inRow && !across && Math.abs(a.x - b.x) > from.width + to.width) {
    return `M${a.x} ${from.y} C${a.x} ${from.y - 40} ${b.x} ${to.y - 40} ${b.x} ${to.y}`;
  }
  if (apart && (across || inRow)) {
    const [sx, tx] = a.x < b.x ? [from.x + from.width, to.x] : [from.x, to.x + to.width];
    const bend = (tx - sx) / 2;
    return `M${sx} ${a.y} C${sx + bend} ${a.y} ${tx - bend} ${b.y} ${tx} ${b.y}`;
  }
  const [sy, ty] = a.y < b.y ? [from.y + from.height, to.y] : [from.y, to.y + to.height];
  const bend = (ty - sy) / 2;
  return `M${a.x} ${sy} C${a.x} ${sy + bend} ${b.x} ${ty - bend} ${b.x} ${ty}`;
}

// How long a text is in the font that the style sheet has for its kind, on this screen.
function lengthOf(text, kind) {
  const ruler = draw("text", { class: kind, visibility: "hidden" });
  ruler.textContent = text;
  map.append(ruler);
  const length = ruler.getComputedTextLength();
  ruler.remove();
  return length;
}

function short(text, kind, width) {
  let cut = text;
  for (let end = text.length; end > 1 && lengthOf(cut, kind) > width - 24; ) cut = `${text.slice(0, --end).trimEnd()}…`;
  return cut;
}

function card(box, centre) {
  const node = byId.get(box.id);
  const made = draw("a", {
    class: `node kind-${node.kind}${box.id === centre ? " centre" : ""}${node.loaded ? "" : " unloaded"}`,
    "data-id": node.id,
    "data-kind": node.kind,
  });
  if (node.page) made.setAttribute("href", node.page.replace(/^map\.html/, ""));
  const title = draw("title", {});
  title.textContent = node.title;
  made.append(title, draw("rect", { class: "card", x: box.x, y: box.y, width: box.width, height: box.height, rx: 8 }));
  made.append(draw("rect", { class: "mark", x: box.x + 8, y: box.y + 10, width: 4, height: box.height - 20, rx: 2 }));
  const lines = [
    ["name", node.label, 20],
    ["note", option("by-records") && node.records ? `${node.records.toLocaleString()} records` : node.note, 38],
  ];
  if (option("keys")) node.keys.forEach((key, i) => lines.push(["note key", key, 58 + i * KEY]));
  for (const [kind, words, y] of lines) {
    const text = draw("text", { class: kind, x: box.x + 19, y: box.y + y });
    text.textContent = short(words, kind, box.width);
    made.append(text);
  }
  made.addEventListener("pointerenter", () => point(box.id));
  made.addEventListener("pointerleave", () => point(null));
  return made;
}

function line([from, to, kind, title], places) {
  const made = draw("path", {
    class: `edge rel-${kind.replace(/[^\w-]+/g, "-")}`,
    "data-from": from,
    "data-to": to,
    "data-kind": kind,
    d: path(places.get(from), places.get(to), scene.across),
  });
  if (kind !== "user" && !data.groups[from]) {
    made.setAttribute("marker-start", "url(#map-many)");
    made.setAttribute("marker-end", "url(#map-one)");
  }
  const said = draw("title", {});
  said.textContent = title;
  made.append(said);
  return made;
}

function point(id) {
  map.classList.toggle("pointed", id !== null);
  const hot = new Set([id]);
  for (const edge of map.querySelectorAll(".edge")) {
    const touches = edge.dataset.from === id || edge.dataset.to === id;
    edge.classList.toggle("hot", touches);
    if (touches) hot.add(edge.dataset.from).add(edge.dataset.to);
  }
  for (const node of map.querySelectorAll(".node")) node.classList.toggle("hot", hot.has(node.dataset.id));
}

// All of the scene; but no smaller than can be read, unless somebody asks for it.
function fit(smallest) {
  const rect = map.getBoundingClientRect();
  // The lines of a row reach above it.
  const drawn = map.querySelector(".scene").getBBox();
  const [left, top] = [Math.min(0, drawn.x - 6), Math.min(0, drawn.y - 6)];
  const [wide, high] = [
    Math.max(scene.width, drawn.x + drawn.width + 6) - left,
    Math.max(scene.height, drawn.y + drawn.height + 6) - top,
  ];
  const whole = Math.min(rect.width / wide, rect.height / high, 1.6);
  const scale = Math.max(whole, smallest);
  const [width, height] = [rect.width / scale, rect.height / scale];
  const middle = scene.middle ?? left + width / 2;
  const x =
    wide < width ? left - (width - wide) / 2 : Math.min(Math.max(middle - width / 2, left), left + wide - width);
  const y = high < height ? top - (height - high) / 2 : top;
  show({ x, y, width, height });
}

function said(name, boxes, edges) {
  const place = document.getElementById("map-said");
  const all = document.createElement("a");
  all.href = "#";
  all.textContent = "All groups";
  const title = data.groups[name]
    ? data.groups[name].title
    : name.startsWith("near=")
      ? byId.get(name.slice(5)).label
      : "";
  const what = name === "" ? "groups" : name.startsWith("near=") ? "modules, this one and its neighbours" : "modules";
  const words = `${boxes.length} ${what}, ${edges.length} connections`;
  place.replaceChildren(...(name ? [all, ` / ${title}: ${words}`] : [`${words}. Open a group, or choose a module.`]));
  const centre = name.startsWith("near=") && byId.get(name.slice(5));
  if (centre?.page) {
    const page = Object.assign(document.createElement("a"), { href: centre.page, textContent: "its page" });
    place.append(" (", page, ")");
  }
}

function render() {
  const name = wanted();
  if (name === "?") {
    document.getElementById("map-said").textContent = "No module is called so.";
    return;
  }
  const kinds = checked("node-kind");
  const centre = name.startsWith("near=") ? name.slice(5) : null;
  const ids = members(name).filter((id) => name === "" || id === centre || kinds.has(byId.get(id).kind));
  const boxes = ids.length ? placed(name, ids) : [];
  spread(boxes);
  const places = new Map(boxes.map((box) => [box.id, box]));
  const relations = checked("edge-kind");
  const edges = connections(name, ids).filter(([, , kind]) => name === "" || relations.has(kind));
  const rows = name === "" || isPhone();
  scene = {
    width: Math.max(...boxes.map((box) => box.x + box.width), 1) + 12,
    height: Math.max(...boxes.map((box) => box.y + box.height), 1) + 12,
    across: !rows && data.scenes[name]?.direction === "LR",
    middle: centre && places.has(centre) ? places.get(centre).x + places.get(centre).width / 2 : undefined,
  };
  map
    .querySelector(".scene")
    .replaceChildren(...edges.map((edge) => line(edge, places)), ...boxes.map((box) => card(box, centre)));
  map.style.setProperty("height", isPhone() ? `${scene.height + 30}px` : "");
  // What was pointed at is gone.
  map.classList.remove("pointed");
  document.getElementById("centre").value = centre || "";
  said(name, boxes, edges);
  fit(isPhone() ? 1 : SMALLEST);
  if (name) scrollTo(0, 0);
}

function zoom(factor, clientX, clientY) {
  const rect = map.getBoundingClientRect();
  const fx = clientX === undefined ? 0.5 : (clientX - rect.left) / rect.width;
  const fy = clientY === undefined ? 0.5 : (clientY - rect.top) / rect.height;
  const width = Math.min(Math.max(view.width * factor, 200), 6 * Math.max(scene.width, scene.height));
  const height = (width * view.height) / view.width;
  show({ x: view.x + (view.width - width) * fx, y: view.y + (view.height - height) * fy, width, height });
}

function startDragging() {
  let from = null;
  let moved = false;
  map.addEventListener("pointerdown", (event) => {
    from = { x: event.clientX, y: event.clientY };
    moved = false;
  });
  addEventListener("pointermove", (event) => {
    if (!from || isPhone()) return;
    const scale = view.width / map.getBoundingClientRect().width;
    const [dx, dy] = [event.clientX - from.x, event.clientY - from.y];
    moved ||= Math.abs(dx) + Math.abs(dy) > 4;
    if (!moved) return;
    show({ ...view, x: view.x - dx * scale, y: view.y - dy * scale });
    from = { x: event.clientX, y: event.clientY };
  });
  addEventListener("pointerup", () => {
    from = null;
  });
  // A link that was dragged was not clicked.
  map.addEventListener(
    "click",
    (event) => {
      if (moved) event.preventDefault();
    },
    true,
  );
  map.addEventListener("dragstart", (event) => event.preventDefault());
}

function startMap() {
  map.addEventListener(
    "wheel",
    (event) => {
      if (isPhone()) return;
      event.preventDefault();
      zoom(event.deltaY > 0 ? 1.15 : 1 / 1.15, event.clientX, event.clientY);
    },
    { passive: false },
  );
  document.getElementById("zoom-in").addEventListener("click", () => zoom(1 / 1.4));
  document.getElementById("zoom-out").addEventListener("click", () => zoom(1.4));
  document.getElementById("zoom-all").addEventListener("click", () => fit(0));
  for (const box of document.querySelectorAll(".map-tools input[type=checkbox]"))
    box.addEventListener("change", render);
  document.getElementById("centre").addEventListener("change", (event) => {
    location.hash = event.target.value ? `near=${event.target.value}` : "";
  });
  addEventListener("hashchange", render);
  addEventListener("resize", render);
  // The address of a scene leads to the map, not to the list below it.
  for (const title of document.querySelectorAll("[data-scene]")) {
    document.querySelector("h1").before(Object.assign(document.createElement("span"), { id: title.id }));
    title.removeAttribute("id");
  }
  startDragging();
  render();
}

startMap();
