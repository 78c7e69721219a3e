const sheet = JSON.parse(document.getElementById("sheet").textContent);
const byId = (id) => document.getElementById(id);
const place = `parity-ratings:${sheet.digest}`;
const letter = (number) => String.fromCharCode(65 + number);
const named = (text) => text.charAt(0).toUpperCase() + text.slice(1);

// A rating is kept under "<summary>/<scale>", a preference under "<summary>/<other summary>".
let answers = {};
let shown = 0;
let keeps = true;

const questionsOf = (item) => [
  ...item.summaries.flatMap(({ token }) => sheet.scales.map(({ name }) => `${token}/${name}`)),
  ...item.pairs.map((pair) => pair.join("/")),
];
const isDone = (item) => questionsOf(item).every((question) => question in answers);
const allDone = () => sheet.items.every(isDone);

function say(text, isBad = false) {
  byId("status").textContent = text;
  byId("status").className = isBad ? "bad" : "";
}

function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

// What comes from a store or a file counts only where this sheet has such a question and such an answer to it.
function known(found) {
  const kept = {};
  for (const item of sheet.items) {
    for (const { token } of item.summaries) {
      for (const { name } of sheet.scales) {
        const value = found[`${token}/${name}`];
        if (Number.isInteger(value) && value >= sheet.low && value <= sheet.high) kept[`${token}/${name}`] = value;
      }
    }
    for (const pair of item.pairs) {
      const value = found[pair.join("/")];
      if ([...pair, sheet.tie].includes(value)) kept[pair.join("/")] = value;
    }
  }
  return kept;
}

function restore() {
  try {
    const stored = JSON.parse(localStorage.getItem(place) ?? "{}");
    answers = known(stored.answers ?? {});
    return Number.isInteger(stored.shown) && sheet.items[stored.shown] ? stored.shown : 0;
  } catch {
    return 0;
  }
}

function keep() {
  try {
    localStorage.setItem(place, JSON.stringify({ answers, shown }));
    keeps = true;
  } catch {
    keeps = false;
    say("This browser keeps nothing. Press “Save ratings” before you close the page.", true);
  }
}

function choices(question, options, ends) {
  const row = element("div", { className: "choices" });
  if (ends) row.append(element("span", { className: "end low" }, ends.low));
  for (const [value, text, label] of options) {
    const input = element("input", { type: "radio", name: question, value, checked: String(answers[question]) === value });
    input.setAttribute("aria-label", label);
    row.append(element("label", { title: label }, input, text));
  }
  if (ends) row.append(element("span", { className: "end high" }, ends.high));
  return row;
}

function scaleQuestion(token, scale) {
  const options = [];
  for (let value = sheet.low; value <= sheet.high; value++) {
    const end = value === sheet.low ? `: ${scale.low}` : value === sheet.high ? `: ${scale.high}` : "";
    options.push([String(value), String(value), `${value}${end}`]);
  }
  return element("fieldset", { title: scale.question }, element("legend", {}, named(scale.name)), choices(`${token}/${scale.name}`, options, scale));
}

function pairQuestion(item, pair) {
  const [first, second] = pair.map((token) => letter(item.summaries.findIndex((summary) => summary.token === token)));
  const options = [
    [pair[0], first, `${first} is better`],
    [sheet.tie, "no difference", "no difference"],
    [pair[1], second, `${second} is better`],
  ];
  return element("fieldset", { className: "pair" }, element("legend", {}, `Which is better, ${first} or ${second}?`), choices(pair.join("/"), options));
}

function show(number) {
  shown = number;
  const item = sheet.items[number];
  byId("dialogue-title").textContent = `Dialogue ${number + 1} of ${sheet.items.length}`;
  byId("dialogue").replaceChildren(
    ...item.dialogue.split("\n").map((line) => element("p", { dir: "auto" }, line)),
  );
  byId("dialogue").scrollTop = 0;
  byId("questions").replaceChildren(
    ...item.summaries.map(({ token, text }, index) => {
      const isEmpty = !text.trim();
      const shownText = element("p", { dir: "auto", className: isEmpty ? "summary nothing" : "summary" }, isEmpty ? "(an empty summary)" : text);
      return element("article", {}, element("h3", {}, `Summary ${letter(index)}`), shownText, ...sheet.scales.map((scale) => scaleQuestion(token, scale)));
    }),
    ...(item.pairs.length ? [element("article", {}, element("h3", {}, "All in all"), ...item.pairs.map((pair) => pairQuestion(item, pair)))] : []),
  );
  byId("previous").disabled = number === 0;
  byId("next").disabled = number === sheet.items.length - 1;
  mark(firstOpen() ?? fieldsets()[0]);
  count();
}

const fieldsets = () => [...byId("questions").querySelectorAll("fieldset")];
const current = () => byId("questions").querySelector("fieldset.current");
const firstOpen = () => fieldsets().find((fieldset) => !fieldset.querySelector("input:checked"));

function mark(fieldset) {
  current()?.classList.remove("current");
  fieldset?.classList.add("current");
}

function goTo(fieldset) {
  (fieldset.querySelector("input:checked") ?? fieldset.querySelector("input")).focus();
  fieldset.scrollIntoView({ block: "nearest" });
}

function turnTo(number) {
  if (!sheet.items[number]) return;
  show(number);
  keep();
  byId("dialogue-title").focus({ preventScroll: true });
  byId("pair-of-columns").scrollIntoView({ block: "start" });
}

function count() {
  const done = sheet.items.filter(isDone).length;
  byId("progress").value = done;
  byId("done").textContent = `${done} of ${sheet.items.length} rated`;
  byId("jump").replaceChildren(
    ...sheet.items.map((item, number) => element("option", { value: String(number), selected: number === shown }, `${number + 1}${isDone(item) ? " ✓ rated" : ""}`)),
  );
}

function answered(input) {
  const number = Number(input.value);
  answers[input.name] = input.closest("fieldset").classList.contains("pair") ? input.value : number;
  keep();
  count();
  if (!keeps) return;
  if (allDone()) say("All is rated. Press “Save ratings” and send the file.");
  else if (isDone(sheet.items[shown])) say("This dialogue is rated; N or “Next” goes on.");
  else say("");
}

function fnv1a(text) {
  let value = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(text)) value = BigInt.asUintN(64, (value ^ BigInt(byte)) * 0x100000001b3n);
  return value.toString(16).padStart(16, "0");
}

function exported() {
  const ratings = sheet.items.map((item) => ({
    item: item.item,
    summaries: item.summaries
      .map(({ token }) => ({ summary: token, ...Object.fromEntries(sheet.scales.map(({ name }) => [name, answers[`${token}/${name}`]]).filter(([, value]) => value !== undefined)) }))
      .filter((rating) => Object.keys(rating).length > 1),
    preferences: item.pairs.map((pair) => ({ pair, better: answers[pair.join("/")] })).filter(({ better }) => better !== undefined),
  }));
  const body = {
    format: sheet.format,
    sheet: sheet.sheet,
    rater: sheet.rater,
    digest: sheet.digest,
    ratings: ratings.filter(({ summaries, preferences }) => summaries.length || preferences.length),
  };
  return { ...body, checksum: fnv1a(JSON.stringify(body)) };
}

function save() {
  const left = sheet.items.filter((item) => !isDone(item)).length;
  const url = URL.createObjectURL(new Blob([JSON.stringify(exported(), null, 1)], { type: "application/json" }));
  element("a", { href: url, download: `ratings-${sheet.rater}.json` }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60000);
  say(left ? `Saved what there is. ${left} dialogue${left === 1 ? " is" : "s are"} not rated yet.` : "Saved. Send the file ratings-" + sheet.rater + ".json.");
}

async function open(file) {
  let found;
  try {
    found = JSON.parse(await file.text());
  } catch {
    return say(`${file.name} holds no saved ratings.`, true);
  }
  const { checksum, ...body } = found ?? {};
  if (body.format !== sheet.format || !Array.isArray(body.ratings)) return say(`${file.name} holds no saved ratings.`, true);
  if (body.digest !== sheet.digest) return say(`${file.name} was saved from another sheet.`, true);
  if (checksum !== fnv1a(JSON.stringify(body))) return say(`${file.name} has been changed since it was saved.`, true);
  const opened = {};
  for (const { summaries, preferences } of body.ratings) {
    for (const { summary, ...scales } of summaries) for (const [name, value] of Object.entries(scales)) opened[`${summary}/${name}`] = value;
    for (const { pair, better } of preferences) opened[pair.join("/")] = better;
  }
  answers = { ...answers, ...known(opened) };
  const next = sheet.items.findIndex((item) => !isDone(item));
  turnTo(next < 0 ? shown : next);
  if (keeps) say(`Opened ${file.name}.`);
}

byId("questions").addEventListener("change", ({ target }) => answered(target));
byId("questions").addEventListener("focusin", ({ target }) => mark(target.closest("fieldset") ?? current()));
byId("questions").addEventListener("submit", (event) => event.preventDefault());
byId("jump").addEventListener("change", ({ target }) => turnTo(Number(target.value)));
byId("previous").addEventListener("click", () => turnTo(shown - 1));
byId("next").addEventListener("click", () => turnTo(shown + 1));
byId("save").addEventListener("click", save);
byId("open").addEventListener("change", async ({ target }) => {
  if (target.files[0]) await open(target.files[0]);
  target.value = "";
});
// The same sheet in a second tab: neither may write over what was answered in the other.
addEventListener("storage", ({ key }) => {
  if (key !== place) return;
  restore();
  show(shown);
});
addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("select, [type=file]")) return;
  const all = fieldsets();
  const here = all.indexOf(current());
  const key = event.key.toLowerCase();
  if (/^[1-9]$/.test(key)) {
    const input = current()?.querySelectorAll("input")[Number(key) - 1];
    if (!input) return;
    event.preventDefault();
    input.checked = true;
    answered(input);
    if (all[here + 1]) goTo(all[here + 1]);
    else if (!firstOpen()) byId(byId("next").disabled ? "save" : "next").focus();
    else goTo(firstOpen());
  } else if ((key === "arrowdown" || key === "arrowup") && !event.target.closest("#dialogue")) {
    const next = all[here + (key === "arrowdown" ? 1 : -1)];
    event.preventDefault();
    if (next) goTo(next);
  } else if (key === "n" || key === "p") {
    turnTo(shown + (key === "n" ? 1 : -1));
  } else if (key === "s") {
    save();
  }
});

show(restore());
try {
  localStorage.setItem(`${place}:probe`, "");
  localStorage.removeItem(`${place}:probe`);
} catch {
  keeps = false;
  say("This browser keeps nothing. Press “Save ratings” before you close the page.", true);
}
if (keeps && Object.keys(answers).length) {
  byId("how").open = false;
  say(allDone() ? "All is rated. Press “Save ratings” and send the file." : "Your earlier answers are back.");
}
