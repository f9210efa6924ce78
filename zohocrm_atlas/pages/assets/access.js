"use strict";
// Who may do what in a module, and what a user or profile may see: from the permissions of the profiles.

const access = window.atlasAccess;
const labels = new Map(access.modules);

function made(name, text, ...children) {
  const found = document.createElement(name);
  if (text) found.textContent = text;
  found.append(...children);
  return found;
}

function linked(text, address) {
  const found = made("a", text);
  found.href = address;
  return found;
}

const anchored = (name) => name.replace(/[^\p{L}\p{N}_-]+/gu, "-");
const ofProfile = ([id, name]) => linked(name, `#${anchored(`profile-${id}`)}`);
const ofUser = (user) => linked(user.name, `people.html#${anchored(`users-${user.id}`)}`);

function list(title, several) {
  const found = made("details", "", made("summary", `${several.length} ${title}`));
  const all = made("ul");
  for (const each of several) all.append(made("li", "", each));
  found.append(all);
  return found;
}

function fill(select, options) {
  select.replaceChildren(...options.map(([value, text]) => Object.assign(made("option", text), { value })));
}

function modulesWith(permission) {
  const names = new Set();
  for (const may of Object.values(access.patterns)) {
    for (const [name, several] of Object.entries(may)) if (several.includes(permission)) names.add(name);
  }
  return access.modules.filter(([name]) => names.has(name));
}

function answerWho() {
  const permission = document.getElementById("ask-permission").value;
  const module = document.getElementById("ask-module").value;
  const profiles = access.profiles.filter(([, , letter]) =>
    (access.patterns[letter][module] || []).includes(permission),
  );
  const ids = new Set(profiles.map(([id]) => id));
  const users = access.users.filter((user) => ids.has(user.profile));
  const active = users.filter((user) => user.status === "active");
  const words = `${profiles.length} of ${access.profiles.length} profiles and ${active.length} active users may.`;
  const sharing = access.sharing[module];
  const more = sharing ? ` Records of others: ${sharing.replaceAll("_", " ")}.` : "";
  document
    .getElementById("ask-who")
    .replaceChildren(
      made("p", words + more),
      list("profiles", profiles.map(ofProfile)),
      list("users", users.map(ofUser)),
    );
}

function rows(profile, names) {
  const [, name, letter] = profile;
  const body = made("tbody");
  for (const [module, label] of access.modules) {
    const may = access.patterns[letter][module] || [];
    const [hidden, readOnly] = access.fields[name]?.[module] || [0, 0];
    const rules = access.rules
      .filter(([of, , , to]) => of === module && names.has(to))
      .map(([, title, , , what]) => `${title} (${what})`);
    const fields = [hidden && `${hidden} hidden`, readOnly && `${readOnly} read only`].filter(Boolean).join(", ");
    const cells = [
      may.join(", ") || "nothing",
      fields,
      (access.sharing[module] || "").replaceAll("_", " "),
      rules.join(", "),
    ];
    const titles = ["May", "Fields", "Sharing", "Rules that reach them"];
    const line = made("tr", "", Object.assign(made("th", label), { scope: "row" }));
    cells.forEach((text, i) => {
      const cell = made("td", text);
      cell.dataset.title = titles[i];
      line.append(cell);
    });
    body.append(line);
  }
  return body;
}

function answerWhat() {
  const words = document.getElementById("ask-subject").value.trim().toLowerCase();
  const place = document.getElementById("ask-what");
  const user = access.users.find((each) => each.name.toLowerCase() === words);
  const profile = access.profiles.find(([id, name]) => (user ? id === user.profile : name.toLowerCase() === words));
  if (!words) return place.replaceChildren();
  if (!profile)
    return place.replaceChildren(
      made("p", user ? `The profile of ${user.name} is not known.` : "Nobody and no profile is called so."),
    );
  const names = new Set([user?.role, ...(user?.in || [])].filter(Boolean));
  const within = user?.in.join(", ") || "no group or territory";
  const said = user
    ? `${user.name}: profile ${profile[1]} (pattern ${profile[2]}), role ${user.role || "none"}, in ${within}.`
    : `${profile[1]}: pattern ${profile[2]}.`;
  const head = made("tr");
  for (const title of ["Module", "May", "Fields", "Sharing", "Rules that reach them"])
    head.append(Object.assign(made("th", title), { scope: "col" }));
  const table = made("table", "", made("thead", "", head), rows(profile, names));
  table.className = "blocks";
  const box = Object.assign(made("div", "", table), { className: "scroll", tabIndex: 0 });
  box.setAttribute("role", "region");
  box.setAttribute("aria-label", "What they may see");
  return place.replaceChildren(made("p", said), box);
}

function startAsking() {
  const permission = document.getElementById("ask-permission");
  if (!permission) return;
  const all = Object.values(access.patterns).flatMap((may) => Object.values(may).flat());
  const known = [...new Set(all)].sort();
  fill(
    permission,
    known.map((each) => [each, each]),
  );
  permission.value = known.find((each) => /export/i.test(each)) || known[0] || "";
  const modules = () => {
    fill(document.getElementById("ask-module"), modulesWith(permission.value));
    answerWho();
  };
  permission.addEventListener("change", modules);
  document.getElementById("ask-module").addEventListener("change", answerWho);
  const subjects = [...access.users.map((each) => each.name), ...access.profiles.map(([, name]) => name)];
  fill(
    document.getElementById("subjects"),
    subjects.map((each) => [each, ""]),
  );
  document.getElementById("ask-subject").addEventListener("input", answerWhat);
  modules();
}

startAsking();
