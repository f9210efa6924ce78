"use strict";
// What every page has: the colour scheme, the search, filters of tables, sorting.

const root = document.body.dataset.root;

function startScheme() {
  const html = document.documentElement;
  document.getElementById("scheme").addEventListener("click", () => {
    const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
    html.dataset.scheme = (html.dataset.scheme || system) === "dark" ? "light" : "dark";
    try {
      localStorage.setItem("atlas-scheme", html.dataset.scheme);
    } catch {
      /* Not every browser keeps it for files. */
    }
  });
}

// The search. Its index is large: it is loaded when somebody is about to type.
const search = {
  input: document.getElementById("search"),
  list: document.getElementById("found"),
  texts: null,
  at: -1,
};
const RANK = { module: 0, field: 1 };

function loadIndex() {
  search.loading ??= new Promise((resolve) => {
    const script = document.createElement("script");
    script.src = `${root}assets/search-index.js`;
    script.onload = () => {
      search.texts = window.atlasIndex.map(([, name, more]) => `${name}\n${more}`.toLowerCase());
      resolve();
    };
    document.head.append(script);
  });
  return search.loading;
}

function find(words, most) {
  const found = [];
  search.texts.forEach((text, i) => {
    if (!words.every((word) => text.includes(word))) return;
    const [kind] = window.atlasIndex[i];
    const start = text.indexOf(words[0]);
    const end = text.indexOf("\n");
    const exact = text.slice(0, end) === words.join(" ") ? 0 : start === 0 ? 1 : start < end ? 2 : 3;
    found.push([exact * 4 + (RANK[kind] ?? 2), end, i]);
  });
  found.sort((a, b) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2]);
  return { count: found.length, first: found.slice(0, most).map(([, , i]) => window.atlasIndex[i]) };
}

function element(name, attributes, ...children) {
  const made = document.createElement(name);
  Object.assign(made, attributes);
  made.append(...children);
  return made;
}

function marked(text, words) {
  const low = text.toLowerCase();
  const word = words.find((each) => low.includes(each));
  const at = word === undefined || low.length !== text.length ? -1 : low.indexOf(word);
  if (at < 0) return [text];
  return [
    text.slice(0, at),
    element("mark", { textContent: text.slice(at, at + word.length) }),
    text.slice(at + word.length),
  ];
}

async function showFound() {
  await loadIndex();
  const words = search.input.value.toLowerCase().split(/\s+/).filter(Boolean);
  search.at = -1;
  search.input.setAttribute("aria-expanded", String(words.length > 0));
  search.list.hidden = words.length === 0;
  if (!words.length) return;
  const { count, first } = find(words, 40);
  const rows = first.map(([kind, name, more, address], i) => {
    const link = element(
      "a",
      { href: root + address, tabIndex: -1 },
      element("span", { className: "what", textContent: kind }),
      element("span", { dir: "auto" }, ...marked(name.slice(0, 200), words)),
      element("span", { className: "what" }, ...marked(more.slice(0, 80), words)),
    );
    const row = element("li", { id: `found-${i}` }, link);
    row.setAttribute("role", "option");
    return row;
  });
  const said = count > first.length ? `${count} in all` : count ? "" : "Nothing has all of these words.";
  search.list.replaceChildren(...rows, ...(said ? [element("li", { className: "none", textContent: said })] : []));
}

function moveInFound(step) {
  const rows = [...search.list.querySelectorAll("[role=option]")];
  if (!rows.length) return;
  rows[search.at]?.removeAttribute("aria-selected");
  search.at = (search.at + step + rows.length) % rows.length;
  rows[search.at].setAttribute("aria-selected", "true");
  rows[search.at].scrollIntoView({ block: "nearest" });
  search.input.setAttribute("aria-activedescendant", rows[search.at].id);
}

function closeFound() {
  search.list.hidden = true;
  search.input.setAttribute("aria-expanded", "false");
}

function startSearch() {
  search.input.addEventListener("focus", loadIndex);
  search.input.addEventListener("input", showFound);
  search.input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      moveInFound(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter") {
      search.list.querySelectorAll("[role=option] a")[Math.max(search.at, 0)]?.click();
    } else if (event.key === "Escape") {
      closeFound();
    }
  });
  document.addEventListener("click", (event) => {
    if (!event.target.closest(".search") || event.target.closest(".found a")) closeFound();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && !event.target.closest("input, select, textarea")) {
      event.preventDefault();
      search.input.focus();
    }
  });
}

// Tables: a row shows if it has all the words, and its group is chosen.
function filterRows(scope) {
  const input = document.querySelector(`[data-filter="${scope}"]`);
  const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
  const groups = [...document.querySelectorAll(`input[data-group="${scope}"]`)];
  const chosen = new Set(groups.filter((box) => box.checked).map((box) => box.value));
  for (const row of document.querySelectorAll(`#${scope} tbody tr`)) {
    const text = row.textContent.toLowerCase();
    row.hidden = !words.every((word) => text.includes(word)) || (groups.length > 0 && !chosen.has(row.dataset.group));
  }
}

function startFilters() {
  for (const input of document.querySelectorAll("[data-filter]")) {
    const scope = input.dataset.filter;
    input.addEventListener("input", () => filterRows(scope));
    for (const box of document.querySelectorAll(`input[data-group="${scope}"]`))
      box.addEventListener("change", () => filterRows(scope));
  }
}

function startSorting() {
  for (const table of document.querySelectorAll("[data-sortable]")) {
    table.tHead.addEventListener("click", (event) => {
      const head = event.target.closest("th");
      if (!head) return;
      const up = head.getAttribute("aria-sort") !== "ascending";
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      const key = (row) => row.cells[head.cellIndex].textContent.trim();
      const body = table.tBodies[0];
      body.append(
        ...[...body.rows].sort((a, b) => (up ? 1 : -1) * key(a).localeCompare(key(b), undefined, { numeric: true })),
      );
    });
  }
}

// The text of a query, into the clipboard; pages from a disk may not use it everywhere.
async function copyText(button) {
  const text = document.getElementById(button.dataset.copy);
  getSelection().selectAllChildren(text);
  try {
    await navigator.clipboard.writeText(text.textContent);
  } catch {
    document.execCommand("copy");
  }
  const before = button.textContent;
  button.textContent = "Copied";
  setTimeout(() => {
    button.textContent = before;
  }, 1500);
}

function startCopying() {
  for (const button of document.querySelectorAll("[data-copy]"))
    button.addEventListener("click", () => copyText(button));
}

// A link into folded details opens them.
function openTarget() {
  const id = decodeURIComponent(location.hash.slice(1));
  const target = id && document.getElementById(id);
  if (!target) return;
  target.closest("details")?.setAttribute("open", "");
  target.scrollIntoView();
}

startScheme();
startSearch();
startFilters();
startSorting();
startCopying();
// On a phone the pages are one row that scrolls.
document.querySelector(".side [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
addEventListener("hashchange", openTarget);
