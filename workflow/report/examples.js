const data = JSON.parse(document.getElementById("examples-data").textContent);
const byId = (name) => document.getElementById("examples-" + name);
const [search, chosenA, chosenB, order, seed, marks, kind, of, list, detail, position] =
  ["search", "a", "b", "order", "seed", "marks", "kind", "of", "list", "detail", "position"].map(byId);
const rows = list.firstElementChild;
const LINK = "#example-", FAILING = "#failing-";
const NONE = -1, REFERENCES = -2;
// Cells of the table in which two texts are compared: beyond it, thousands of words, nobody looks for a marked one.
const MOST_CELLS = 4_000_000;
// Scripts without spaces between words: each of their characters is compared as a word, as parity.failures counts them.
const UNSPACED = "\\u0e00-\\u0eff\\u1000-\\u109f\\u1780-\\u17ff\\u3040-\\u30ff\\u3400-\\u9fff\\uf900-\\ufaff";
const PIECES = new RegExp(`[${UNSPACED}]|(?:(?![${UNSPACED}])[\\p{L}\\p{M}\\p{N}_#'’])+|[^\\p{L}\\p{M}\\p{N}_#'’]+`, "gu");
const IS_WORD = /[\p{L}\p{N}]/u;

let shown = [];       // places of the dialogues that are listed, in order
let at = 0;           // which of them is open
let isWhole = false;  // whether its dialogue is shown in full length

function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function texts(tag, className, text) {
  const made = element(tag, className, text);
  made.dir = "auto";
  return made;
}

// The run of a method that is shown: its only one, or the one of the chosen seed; -1 if there is none.
function runOf(method) {
  return method.seeds.length === 1 ? 0 : method.seeds.indexOf(Number(seed.value));
}

function summaryOf(method, dialogue) {
  const run = runOf(method);
  return run < 0 ? NONE : method.texts[run][dialogue];
}

function gap(dialogue) {
  const [a, b] = [chosenA, chosenB].map((one) => data.methods[one.value]?.mean[dialogue] ?? null);
  return a === null || b === null ? null : a - b;
}

// ---- which dialogues are listed, and in which order

const folded = [];
function fold(text) {
  return text.normalize("NFKC").toLowerCase();
}
function foldedText(place) {
  return folded[place] ??= fold(data.texts[place]);
}
function searched() {
  return fold(search.value).split(/\s+/).filter(Boolean);
}

function fitsSearch(dialogue, words) {
  const summaries = data.methods.map((method) => summaryOf(method, dialogue)).filter((place) => place >= 0);
  const all = [data.dialogues[dialogue], ...data.references[dialogue], ...summaries].map(foldedText);
  all.push(fold(data.ids[dialogue]));
  return words.every((word) => all.some((text) => text.includes(word)));
}

function fitsFailure(dialogue) {
  if (!kind.value) return true;
  const wanted = kind.value === "any" ? ~0 : 1 << data.kindNames.indexOf(kind.value);
  const chosen = { any: data.methods, a: [data.methods[chosenA.value]], b: [data.methods[chosenB.value]] }[of.value] ?? [data.methods[of.value]];
  return chosen.some((method) => {
    const run = method ? runOf(method) : -1;
    return run >= 0 && (method.failures[run][dialogue] & wanted) !== 0;
  });
}

const KEYS_OF_ORDER = {
  apart: (one) => -Math.abs(one),
  a: (one) => -one,
  b: (one) => one,
};

function arrange(toFirst) {
  const before = shown[at];
  const words = searched();
  shown = data.ids.map((_, dialogue) => dialogue).filter((dialogue) => fitsFailure(dialogue) && (!words.length || fitsSearch(dialogue, words)));
  const key = KEYS_OF_ORDER[order.value];
  if (key) {
    const keys = shown.map(gap).map((one) => (one === null ? Infinity : key(one)));
    const sorted = shown.map((_, place) => place).sort((one, other) => (keys[one] === keys[other] ? one - other : keys[one] < keys[other] ? -1 : 1));
    shown = sorted.map((place) => shown[place]);
  }
  const kept = toFirst ? -1 : shown.indexOf(before);
  open(kept < 0 ? 0 : kept);
}

// ---- the list: only the rows that are seen

function drawList() {
  const height = 3 * parseFloat(getComputedStyle(document.documentElement).fontSize);
  rows.style.height = shown.length * height + "px";
  const first = Math.max(0, Math.floor(list.scrollTop / height) - 3);
  const last = Math.min(shown.length, Math.ceil((list.scrollTop + list.clientHeight) / height) + 3);
  const made = [];
  for (let place = first; place < last; place++) {
    const dialogue = shown[place];
    const option = element("div", "option");
    option.id = "examples-option-" + place;
    option.setAttribute("role", "option");
    option.setAttribute("aria-selected", String(place === at));
    option.setAttribute("aria-setsize", shown.length);
    option.setAttribute("aria-posinset", place + 1);
    option.style.top = place * height + "px";
    const head = element("div");
    head.append(element("span", "gap", signed(gap(dialogue))), texts("span", "", data.ids[dialogue]));
    option.append(head, texts("div", "snippet", data.texts[data.dialogues[dialogue]].slice(0, 80)));
    option.addEventListener("click", () => open(place));
    made.push(option);
  }
  rows.replaceChildren(...made);
  if (shown.length) list.setAttribute("aria-activedescendant", "examples-option-" + at);
  else list.removeAttribute("aria-activedescendant");
}

function scrollToOpen() {
  const height = 3 * parseFloat(getComputedStyle(document.documentElement).fontSize);
  if (at * height < list.scrollTop) list.scrollTop = at * height;
  else if ((at + 1) * height > list.scrollTop + list.clientHeight) list.scrollTop = (at + 1) * height - list.clientHeight;
}

function signed(value) {
  if (value === null) return "";
  return (value > 0 ? "+" : value < 0 ? "−" : "±") + Math.abs(value).toFixed(1);
}

// ---- the open dialogue

function open(place) {
  at = Math.max(0, Math.min(place, shown.length - 1));
  scrollToOpen();
  drawList();
  drawDetail();
}

function drawDetail() {
  if (!shown.length) {
    position.textContent = "No dialogue fits: change the search or the failures.";
    detail.replaceChildren();
    showFound();
    return;
  }
  const dialogue = shown[at];
  const id = data.ids[dialogue];
  const difference = gap(dialogue);
  position.textContent = `Dialogue ${at + 1} of ${shown.length}: ${id}` + (difference === null ? "" : `; A − B: ${signed(difference)}`);
  const bar = element("div", "bar");
  const link = element("a", "", "Link to this dialogue");
  link.href = LINK + encodeURIComponent(id);
  bar.append(texts("h3", "", id), button("Previous", () => open(at - 1)), button("Next", () => open(at + 1)), link);
  const [ofPeople, ofMethods] = [element("div", "cards"), element("div", "cards")];
  const references = data.references[dialogue].map((place) => pieces(data.texts[place]));
  references.forEach((own, number) => {
    const card = element("article", "card reference");
    const name = references.length > 1 ? `Reference ${number + 1}` : "Reference";
    card.append(element("h4", "", name), marked(own, new Set()));
    ofPeople.append(card);
  });
  ofMethods.append(...orderOfCards().map((number) => methodCard(number, dialogue, references)));
  const { box, switching } = dialogueParts(data.texts[data.dialogues[dialogue]]);
  detail.replaceChildren(bar, box, switching, ofPeople, ofMethods);
  switching.hidden = !isWhole && box.scrollHeight <= box.clientHeight;
  showFound();
}

function button(text, act) {
  const made = element("button", "", text);
  made.type = "button";
  // It is drawn anew: the one of its name that takes its place is focused.
  made.addEventListener("click", () => {
    act();
    [...detail.querySelectorAll("button")].find((other) => other.textContent === text)?.focus();
  });
  return made;
}

function dialogueParts(text) {
  const box = element("div", "dialogue");
  box.tabIndex = 0;
  box.setAttribute("role", "region");
  box.setAttribute("aria-label", "Dialogue");
  for (const line of text.split("\n")) {
    const paragraph = element("p");
    paragraph.dir = "auto";
    const speaker = /^[^:：]{1,40}[:：]/u.exec(line)?.[0] ?? "";
    paragraph.append(element("b", "", speaker), line.slice(speaker.length));
    box.append(paragraph);
  }
  const switching = element("button");
  switching.type = "button";
  const label = () => {
    box.classList.toggle("whole", isWhole);
    switching.textContent = isWhole ? "Less of the dialogue" : "The whole dialogue";
    switching.setAttribute("aria-expanded", String(isWhole));
  };
  switching.addEventListener("click", () => {
    isWhole = !isWhole;
    label();
  });
  label();
  return { box, switching };
}

function orderOfCards() {
  const first = [...new Set([Number(chosenA.value), Number(chosenB.value)])].filter((number) => data.methods[number]);
  return [...first, ...data.methods.keys()].filter((number, place, all) => all.indexOf(number) === place);
}

function methodCard(number, dialogue, references) {
  const method = data.methods[number];
  const [isA, isB] = [chosenA, chosenB].map((one) => Number(one.value) === number);
  const card = element("article", isA || isB ? "card chosen" : "card");
  const head = element("h4");
  for (const [is, letter] of [[isA, "A"], [isB, "B"]]) if (is) head.append(element("span", "letter", letter));
  head.append(texts("span", "", method.name));
  card.append(head);
  const run = runOf(method);
  if (!method.n || run < 0) {
    card.append(element("p", "note", method.n ? `No run of it with seed ${seed.value} is here.` : "No summaries: no run of it has come so far."));
    return card;
  }
  card.append(element("p", "note", scoreNote(method, run, dialogue)));
  const failures = data.kinds.filter((_, bit) => method.failures[run][dialogue] & (1 << bit));
  const place = method.texts[run][dialogue];
  if (failures.length) {
    const line = element("p");
    line.append(...failures.map((name) => element("span", "failure", name)));
    card.append(line);
  }
  if (place === REFERENCES) {
    card.append(element("p", "note", "People: each of the references above, held against the others."));
  } else if (place === NONE) {
    card.append(element("p", "note", "No summary of this dialogue."));
  } else if (!data.texts[place].trim()) {
    card.append(element("p", "note", "The summary is empty."));
  } else {
    const own = pieces(data.texts[place]);
    const [found, note] = wordsToMark(isA, isB, dialogue, own, references);
    card.append(marked(own, found));
    if (note) card.append(element("p", "note", note));
  }
  return card;
}

function scoreNote(method, run, dialogue) {
  const points = (value) => (value === null ? "unknown" : value.toFixed(1));
  const one = `${data.metric}: ${points(method.scores[run][dialogue])}`;
  return method.n === 1 ? one : `${one} with seed ${method.seeds[run]}, ${points(method.mean[dialogue])} over ${method.n} seeds`;
}

// Which pieces of a card are marked, and what a reader is told of it.
function wordsToMark(isA, isB, dialogue, own, references) {
  let others = [];
  if (marks.value === "reference") others = references;
  if (marks.value === "pair" && isA !== isB) {
    const place = summaryOf(data.methods[isA ? chosenB.value : chosenA.value], dialogue);
    if (place >= 0) others = [pieces(data.texts[place])];
  }
  if (!others.length) return [new Set(), ""];
  const found = others.map((other) => ownWords(own, other));
  if (found.includes(null)) return [new Set(), "Too long for its words to be compared."];
  // The closest one shares the largest part of both texts' words, in their order.
  const shares = found.map((words, number) => (own.words.length - words.size) / (own.words.length + others[number].words.length || 1));
  const closest = shares.indexOf(Math.max(...shares));
  return [found[closest], others.length > 1 ? `closest: reference ${closest + 1}` : ""];
}

// ---- differences of words

// A text in pieces, words and what stands between them, and of each word its piece and what it is compared by.
function pieces(text) {
  const parts = text.match(PIECES) ?? [];
  const places = parts.map((_, place) => place).filter((place) => IS_WORD.test(parts[place]));
  return { parts, places, words: places.map((place) => parts[place].toLowerCase()) };
}

// Which pieces of `own` are words outside of a longest common subsequence with `other`; null where both are too long for it.
function ownWords(own, other) {
  const [a, b] = [own.words, other.words];
  const width = b.length + 1;
  if ((a.length + 1) * width > MOST_CELLS) return null;
  const lengths = new Uint16Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      lengths[i * width + j] = a[i] === b[j] ? lengths[(i + 1) * width + j + 1] + 1 : Math.max(lengths[(i + 1) * width + j], lengths[i * width + j + 1]);
  const found = new Set();
  let j = 0;
  for (let i = 0; i < a.length; i++) {
    while (j < b.length && a[i] !== b[j] && lengths[i * width + j + 1] >= lengths[(i + 1) * width + j]) j++;
    if (j < b.length && a[i] === b[j]) j++;
    else found.add(own.places[i]);
  }
  return found;
}

// A text with these pieces marked, and with them what stands between two of them.
function marked(own, places) {
  const made = texts("p", "text");
  const is = own.parts.map((_, place) => places.has(place) || (places.has(place - 1) && places.has(place + 1)));
  for (let start = 0, end; start < own.parts.length; start = end) {
    end = start + 1;
    while (end < own.parts.length && is[end] === is[start]) end++;
    const text = own.parts.slice(start, end).join("");
    made.append(is[start] ? element("mark", "", text) : text);
  }
  return made;
}

// Where the searched words stand. Where a browser has no such highlights, the text stays plain.
function showFound() {
  if (!globalThis.Highlight) return;
  const words = searched(), ranges = [];
  const walker = document.createTreeWalker(detail, NodeFilter.SHOW_TEXT);
  while (words.length && walker.nextNode()) {
    const node = walker.currentNode, text = node.data.toLowerCase();
    if (text.length !== node.data.length || node.parentElement.closest("button, a, .note")) continue;
    for (const word of words)
      for (let place = text.indexOf(word); place >= 0; place = text.indexOf(word, place + word.length)) {
        const range = new Range();
        range.setStart(node, place);
        range.setEnd(node, place + word.length);
        ranges.push(range);
      }
  }
  CSS.highlights.set("examples-found", new Highlight(...ranges));
}

// ---- links, keys and controls

function follow() {
  let rest;
  try {
    rest = decodeURIComponent(location.hash);
  } catch {
    return;
  }
  if (rest.startsWith(LINK)) openLinked(rest.slice(LINK.length));
  else if (rest.startsWith(FAILING)) {
    const [name, ...parts] = rest.slice(FAILING.length).split("-");
    const method = data.methods.findIndex((one) => one.name === parts.join("-"));
    if (!data.kindNames.includes(name) || method < 0) return;
    [kind.value, of.value, search.value] = [name, String(method), ""];
    chooseSeedWith(name, data.methods[method]);
    arrange(true);
  } else return;
  byId("browser").scrollIntoView();
}

function openLinked(id) {
  const dialogue = data.ids.indexOf(id);
  if (dialogue < 0) {
    position.textContent = `No dialogue ${id} is in this page.`;
    return;
  }
  if (!shown.includes(dialogue)) {
    search.value = kind.value = "";
    arrange(false);
  }
  open(shown.indexOf(dialogue));
}

// Counts are over all seeds, and a failure that one seed alone has shall be found.
function chooseSeedWith(name, method) {
  const wanted = 1 << data.kindNames.indexOf(name);
  const has = (run) => run >= 0 && method.failures[run].some((bits) => bits & wanted);
  const run = method.seeds.findIndex((_, place) => has(place));
  if (method.seeds.length > 1 && run >= 0 && !has(runOf(method))) seed.value = String(method.seeds[run]);
}

function next(select) {
  select.selectedIndex = (select.selectedIndex + 1) % select.options.length;
  select.dispatchEvent(new Event("change"));
}

function choose(select, number) {
  if (number >= data.methods.length) return;
  select.value = String(number);
  select.dispatchEvent(new Event("change"));
}

const KEYS = {
  j: () => open(at + 1), ArrowRight: () => open(at + 1),
  k: () => open(at - 1), ArrowLeft: () => open(at - 1),
  "/": () => search.focus(),
  x: () => {
    [chosenA.value, chosenB.value] = [chosenB.value, chosenA.value];
    chosenB.dispatchEvent(new Event("change"));
  },
  o: () => next(order), s: () => next(seed), m: () => next(marks), f: () => next(kind),
  e: () => detail.querySelector("button[aria-expanded]")?.click(),
};
const KEYS_OF_LIST = {
  ArrowDown: () => open(at + 1), ArrowUp: () => open(at - 1), Home: () => open(0), End: () => open(shown.length - 1),
  PageDown: () => open(at + 10), PageUp: () => open(at - 10),
};

// Elsewhere in a long page the keys stay the browser's own.
function isSeen() {
  const box = byId("browser").getBoundingClientRect();
  return box.top < 0.7 * innerHeight && box.bottom > 0.2 * innerHeight;
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const field = event.target.closest?.("input:not([type=checkbox]), select, textarea");
  if (event.key === "Escape" && byId("browser").contains(event.target)) {
    list.focus();
  } else if (event.target === list && KEYS_OF_LIST[event.key]) {
    KEYS_OF_LIST[event.key]();
  } else if (event.target === search && event.key === "Enter") {
    list.focus();
  } else if (!field && byId("keys").checked && isSeen()) {
    // By the place of the key: with Shift, digits give other signs, and on some keyboards without it.
    const digit = /^Digit(\d)$/.exec(event.code)?.[1];
    if (digit && (event.shiftKey || /^\d$/.test(event.key))) choose(event.shiftKey ? chosenB : chosenA, (Number(digit) + 9) % 10);
    else if (Object.hasOwn(KEYS, event.key)) KEYS[event.key]();
    else return;
  } else return;
  event.preventDefault();
});

function start() {
  const seeds = [...new Set(data.methods.filter((method) => method.seeds.length > 1).flatMap((method) => method.seeds))].sort((a, b) => a - b);
  for (const one of seeds) seed.append(new Option(String(one)));
  if (!seeds.length) {
    seed.append(new Option("one run each"));
    seed.disabled = true;
  }
  byId("browser").hidden = false;
  for (const select of [chosenA, chosenB, order]) select.addEventListener("change", () => arrange(order.value !== "test"));
  for (const select of [seed, kind, of]) select.addEventListener("change", () => arrange(false));
  marks.addEventListener("change", drawDetail);
  search.addEventListener("input", () => arrange(false));
  list.addEventListener("scroll", drawList);
  list.addEventListener("click", () => list.focus());
  addEventListener("resize", drawList);
  addEventListener("hashchange", follow);
  document.addEventListener("click", (event) => {
    // A link to where the page already is changes no hash.
    if (event.target.closest?.("a")?.hash === location.hash && location.hash) follow();
  });
  arrange(true);
  follow();
}

start();
