"use strict";
// Who may do what in a module or with a field, and what a user or profile may see.

const access = window.atlasAccess;
const labels = new Map(access.modules);
const WITH_FIELD = {
  read_write: "may also change it",
  read_only: "may only read it",
  hidden: "may do so elsewhere, and do not see this field",
  "": "are not among those that Zoho lists with the field (at most 50), so this is not known of them",
};
const asked = (name) => document.getElementById(`ask-${name}`);

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
const counted = (number, noun) => `${number} ${noun}${number === 1 ? "" : "s"}`;

function list(title, several) {
  const found = made("details", "", made("summary", `${several.length} ${title}`));
  const all = made("ul");
  for (const each of several) all.append(made("li", "", each));
  found.append(all);
  return found;
}

const listed = (noun, several) => list(counted(several.length, noun).replace(/^\d+ /, ""), several);

function fill(select, options, wanted) {
  select.replaceChildren(...options.map(([value, text]) => Object.assign(made("option", text), { value })));
  if (options.some(([value]) => value === wanted)) select.value = wanted;
}

const has = (letter, right, module) => (access.patterns[letter][module] || []).includes(right);
const isOfAll = (right) => Object.keys(access.patterns).some((letter) => has(letter, right, ""));

// A right of the whole organisation counts in a module that the profile sees; one of a module, too.
function may(letter, right, module) {
  if (!module) return has(letter, right, "");
  return access.sees[letter].includes(module) && (has(letter, right, module) || has(letter, right, ""));
}

function modulesOf(right) {
  const letters = Object.keys(access.patterns);
  const all = isOfAll(right);
  return access.modules.filter(([name]) => (all ? true : letters.some((letter) => has(letter, right, name))));
}

// What Zoho says that a profile may do with a field; empty if it does not say.
const withField = (key, profile) =>
  Object.entries(access.access[key] || {}).find(([, names]) => names.includes(profile))?.[0] || "";

function byPermission(profiles, key) {
  const found = new Map();
  for (const profile of profiles) {
    const permission = withField(key, profile[1]);
    found.set(permission, [...(found.get(permission) || []), profile]);
  }
  return found;
}

function rolesOf(users) {
  const found = new Map();
  for (const { role } of users) if (role[0]) found.set(role[0], role);
  return [...found.values()].map(([name, id]) => (id ? linked(name, `people.html#${anchored(`roles-${id}`)}`) : name));
}

function answerWho() {
  const [right, module, name] = ["permission", "module", "field"].map((each) => asked(each).value);
  const allowed = access.profiles.filter(([, , letter]) => may(letter, right, module));
  const field = (access.fields[module] || []).find(([api]) => api === name);
  const parts = field ? byPermission(allowed, field[2]) : new Map();
  const hidden = new Set(parts.get("hidden"));
  const profiles = allowed.filter((each) => !hidden.has(each));
  const ids = new Set(profiles.map(([id]) => id));
  const users = access.users.filter((user) => ids.has(user.profile));
  const active = users.filter((user) => user.status === "active");
  const roles = rolesOf(active);
  const called = field ? `${labels.get(module)}, ${field[1]}` : labels.get(module) || "the whole organisation";
  const words = [
    `${right} in ${called}: ${profiles.length} of ${counted(access.profiles.length, "profile")}, ` +
      `${counted(active.length, "active user")} in ${counted(roles.length, "role")}.`,
  ];
  if (module && isOfAll(right)) {
    const blind = access.profiles.filter(([, , letter]) => has(letter, right, "") && !may(letter, right, module));
    words.push(
      `The right is one of the whole organisation: it counts here for profiles that see ${labels.get(module)}, ` +
        `so not for ${blind.length} more that have it.`,
    );
  }
  const sharing = access.sharing[module];
  if (sharing) words.push(`Records of others: ${sharing.replaceAll("_", " ")}.`);
  const rules = access.rules
    .filter(([of]) => of === module)
    .map(([, title, from, to, what]) => `${title}: ${from} to ${to}, ${what}`);
  const kinds = [...parts].map(([kind, several]) =>
    list(`profile${several.length === 1 ? "" : "s"} ${WITH_FIELD[kind] || `: ${kind.replaceAll("_", " ")}`}`, several.map(ofProfile)),
  );
  asked("who").replaceChildren(
    made("p", words.join(" ")),
    ...(field ? kinds : [listed("profile", profiles.map(ofProfile))]),
    listed("user", users.map(ofUser)),
    listed("role", roles),
    ...(rules.length ? [listed("sharing rule", rules)] : []),
  );
  const query = new URLSearchParams({ right, module, ...(field ? { field: name } : {}) });
  history.replaceState(null, "", `?${query}${location.hash}`);
}

function rows([, name, letter], names) {
  const body = made("tbody");
  for (const [module, label] of [...access.modules, ["", "The organisation"]]) {
    const fields = new Map();
    for (const [, , key] of access.fields[module] || []) {
      const permission = withField(key, name);
      fields.set(permission, (fields.get(permission) || 0) + 1);
    }
    const rules = access.rules
      .filter(([of, , , to]) => of === module && names.has(to))
      .map(([, title, , , what]) => `${title} (${what})`);
    const limited = [...fields].filter(([permission]) => permission && permission !== "read_write");
    const cells = {
      May: (access.patterns[letter][module] || []).join(", ") || "nothing",
      Fields: limited.map(([permission, number]) => `${number} ${permission.replaceAll("_", " ")}`).join(", "),
      Sharing: (access.sharing[module] || "").replaceAll("_", " "),
      "Rules that reach them": rules.join(", "),
    };
    const line = made("tr", "", Object.assign(made("th", label), { scope: "row" }));
    for (const [title, text] of Object.entries(cells)) {
      const cell = made("td", text);
      cell.dataset.title = title;
      line.append(cell);
    }
    body.append(line);
  }
  return body;
}

function answerWhat() {
  const words = asked("subject").value.trim().toLowerCase();
  const place = asked("what");
  const user = access.users.find((each) => each.name.toLowerCase() === words);
  const profile = access.profiles.find(([id, name]) => (user ? id === user.profile : name.toLowerCase() === words));
  if (!words) return place.replaceChildren();
  if (!profile)
    return place.replaceChildren(
      made("p", user ? `The profile of ${user.name} is not known.` : "Nobody and no profile is called so."),
    );
  const names = new Set([user?.role[0], ...(user?.in || [])].filter(Boolean));
  const within = user?.in.join(", ") || "no group or territory";
  const said = user
    ? `${user.name}: profile ${profile[1]} (pattern ${profile[2]}), role ${user.role[0] || "none"}, in ${within}.`
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

// The address says what is asked, so that a question can be sent to somebody.
function startAsking() {
  if (!asked("permission")) return;
  const [permission, module, field] = ["permission", "module", "field"].map(asked);
  const query = new URLSearchParams(location.search);
  const fields = (wanted) => {
    const known = (access.fields[module.value] || []).map(([api, label]) => [api, label === api ? api : `${label} (${api})`]);
    fill(field, [["", "any field"], ...known], wanted);
    answerWho();
  };
  const modules = (wanted, ofField) => {
    const all = isOfAll(permission.value) ? [["", "the whole organisation"]] : [];
    fill(module, [...all, ...modulesOf(permission.value)], wanted);
    fields(ofField);
  };
  const likely = access.rights.find((each) => /export/i.test(each));
  const rights = access.rights.map((each) => [each, each]);
  fill(permission, rights, query.get("right") ?? (query.has("module") ? "View" : likely));
  permission.addEventListener("change", () => modules(module.value, field.value));
  module.addEventListener("change", () => fields(field.value));
  field.addEventListener("change", answerWho);
  const subjects = [...access.users.map((each) => each.name), ...access.profiles.map(([, name]) => name)];
  fill(
    document.getElementById("subjects"),
    subjects.map((each) => [each, ""]),
  );
  asked("subject").addEventListener("input", answerWhat);
  modules(query.get("module") ?? "", query.get("field") ?? "");
}

startAsking();
