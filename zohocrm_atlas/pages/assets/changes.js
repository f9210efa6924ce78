"use strict";
// The changes between any two reads: what the log says between them, put together.

const body = document.querySelector("#changes tbody");

// One line for each thing and attribute: from what it was at the first read to what it is at the last.
function between(from, to) {
  const lives = new Map();
  const values = new Map();
  for (const change of window.atlasChanges) {
    if (change.from < from || change.to > to) continue;
    const thing = `${change.entity}\n${change.id}`;
    if (!change.attribute) {
      const before = lives.get(thing);
      if (!before) lives.set(thing, { first: change.kind, last: change });
      else before.last = change;
      continue;
    }
    const key = `${thing}\n${change.attribute}`;
    const earlier = values.get(key);
    values.set(key, { ...change, thing, before: earlier ? earlier.before : change.before });
  }
  // What came and went in between, or went and came back, has not changed.
  const whole = [...lives.values()].filter((life) => life.first === life.last.kind).map((life) => life.last);
  const parts = [...values.values()].filter(
    (change) => !lives.has(change.thing) && JSON.stringify(change.before) !== JSON.stringify(change.after),
  );
  return [...whole, ...parts].sort(
    (a, b) =>
      (a.module || "").localeCompare(b.module || "") ||
      a.entity.localeCompare(b.entity) ||
      (a.name || "").localeCompare(b.name || ""),
  );
}

function node(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

function difference(change) {
  const cell = node("td", undefined, "difference");
  if (!change.attribute) return cell;
  cell.append(node("small", change.attribute.replaceAll("_", " ")));
  const lists = Array.isArray(change.before) || Array.isArray(change.after);
  const before = lists ? change.before || [] : [change.before ?? ""];
  const after = lists ? change.after || [] : [change.after ?? ""];
  for (const value of before) if (!lists || !after.includes(value)) cell.append(node("del", value || "(empty)"));
  for (const value of after) if (!lists || !before.includes(value)) cell.append(node("ins", value || "(empty)"));
  return cell;
}

function line(change) {
  const row = document.createElement("tr");
  const kind = node("td");
  kind.append(node("span", change.kind, `change ${change.kind}`));
  const name = node("th");
  name.scope = "row";
  name.append(node("bdi", change.name || change.id));
  const who = node("td", change.by || "");
  if (change.at) who.append(node("small", ` ${change.at.slice(0, 16).replace("T", " ")} UTC`));
  const what = node("td", change.entity.replaceAll("_", " "));
  what.dataset.title = "What";
  who.dataset.title = change.by || change.at ? "By" : "";
  row.append(kind, what, node("td", change.module || ""), name, difference(change), who);
  return row;
}

function showChanges() {
  const [from, to] = ["from", "to"].map((id) => document.getElementById(id).value);
  const chosen = new Set([...document.querySelectorAll("[data-change]:checked")].map((box) => box.dataset.change));
  const all = from < to ? between(from, to) : [];
  for (const count of document.querySelectorAll("[data-count]"))
    count.textContent = all.filter((change) => change.kind === count.dataset.count).length;
  const shown = all.filter((change) => chosen.has(change.kind));
  body.replaceChildren(...shown.slice(0, 5000).map(line));
  const cut = shown.length > 5000 ? ", of which the first 5,000 are here" : "";
  document.getElementById("changes-said").textContent =
    from < to ? `${shown.length} of ${all.length} changes${cut}` : "The second read is not after the first.";
  const filter = document.querySelector('[data-filter="changes"]');
  if (filter.value) filter.dispatchEvent(new Event("input"));
}

if (body) {
  for (const input of document.querySelectorAll("#between select, [data-change]"))
    input.addEventListener("change", showChanges);
  showChanges();
}
