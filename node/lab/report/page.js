// The controls: what is chosen, by mouse and by keys, and when to draw.

const element = (id) => document.getElementById(id);
const clamp = (value, low, high) => Math.min(Math.max(value, low), high);
const eventsListed = 15;
const spanMin = 20;  // microseconds
let isDrawPlanned = false;
let player = 0;

/** Draws once before the next frame, however often it is asked for. */
function redraw() {
  if (isDrawPlanned) return;
  isDrawPlanned = true;
  requestAnimationFrame(() => {
    isDrawPlanned = false;
    const begin = performance.now();
    drawOverview(element("overview"));
    drawLanes(element("lanes"));
    drawCharts(element("charts"));
    drawTopology(element("topology"));
    listEvents();
    ++work.draws;
    work.millis += performance.now() - begin;
  });
}

function setSpan(from, to) {
  const whole = Math.max(run.end, 1);
  const length = clamp(to - from, spanMin, whole);
  view.from = clamp(from, 0, whole - length);
  view.to = view.from + length;
  element("span").textContent = `${(length / 1e6).toPrecision(3)} s in view`;
  redraw();
}

function zoom(factor, around = view.at) {
  const center = around >= view.from && around <= view.to ? around : (view.from + view.to) / 2;
  setSpan(center - (center - view.from) * factor, center + (view.to - center) * factor);
}

/** Moves to a moment, and to an event when one is given; keeps it in view. */
function moveTo(at, event = -1) {
  view.at = clamp(at, 0, run.end);
  view.event = event;
  element("moment").value = seconds(view.at);
  element("overview").setAttribute("aria-valuenow", String(Math.round(view.at / 1e3)));
  element("overview").setAttribute("aria-valuetext", `${seconds(view.at)} seconds`);
  if (view.mode === "cone") view.cone = chosenCone();
  const length = view.to - view.from;
  if (view.at < view.from || view.at > view.to) setSpan(view.at - length / 2, view.at + length / 2);
  redraw();
}

/** The place in shown.events of the event chosen, or of the first one after the moment. */
function currentPlace() {
  let place = lowerBound(shown.times, view.at);
  if (view.event < 0) return place;
  while (place < shown.times.length && shown.times[place] === view.at && shown.events[place] !== view.event) ++place;
  return place;
}

function step(by) {
  const place = currentPlace();
  const isOn = shown.events[place] === view.event && view.event >= 0;
  const target = clamp(by > 0 && !isOn ? place + by - 1 : place + by, 0, shown.events.length - 1);
  if (shown.events.length) moveTo(shown.times[target], shown.events[target]);
}

function listEvents() {
  const place = Math.min(currentPlace(), Math.max(shown.events.length - 1, 0));
  const first = clamp(place - Math.floor(eventsListed / 2), 0, Math.max(shown.events.length - eventsListed, 0));
  const rows = [];
  for (let k = first; k < Math.min(first + eventsListed, shown.events.length); ++k) {
    const event = shown.events[k];
    const words = describeEvent(event);
    const row = document.createElement("tr");
    row.dataset.event = event;
    row.dataset.at = events.at[event];
    if (event === view.event) row.setAttribute("aria-current", "true");
    const time = document.createElement("td");
    time.textContent = `${seconds(events.at[event])} s`;
    const what = document.createElement("td");
    const mark = document.createElement("i");
    mark.style.background = words.isBad ? color("bad") : words.plane === undefined ? color("accent") : planeColor(words.plane);
    const isMessage = events.kind[event] <= kinds.came;
    what.append(mark, `${isMessage ? `${placeName(words.place)} ` : ""}${words.text}`);
    what.title = what.textContent;
    row.append(time, what);
    rows.push(row);
  }
  element("events").replaceChildren(...rows);
  if (view.event < 0) {
    const nearby = rulesAt(view.at).map((rule) => rule.text).join("; ");
    element("now").textContent = `${seconds(view.at)} s${nearby ? `. In force: ${nearby}` : ""}`;
    return;
  }
  const words = describeEvent(view.event);
  const isMessage = events.kind[view.event] <= kinds.came;
  element("now").textContent = `${seconds(view.at)} s: ${isMessage ? `${placeName(words.place)} ` : ""}${words.text}${words.more ? ` (${words.more})` : ""}`;
}

function filterChanged() {
  applyFilter();
  element("shown").textContent = `${shown.messages.length.toLocaleString("en")} of ${count.toLocaleString("en")} messages`;
  element("kinds-count").textContent = filter.names.size === columns.names.length ? "all" : `some`;
  if (view.event >= 0 && !isEventShown(view.event)) view.event = -1;
  redraw();
}

/** A checkbox for one member of a set of the filter. */
function choice(parent, set, member, label, shade, number) {
  const box = document.createElement("input");
  box.type = "checkbox";
  box.checked = true;
  box.addEventListener("change", () => {
    if (box.checked) set.add(member);
    else set.delete(member);
    filterChanged();
  });
  const mark = document.createElement("i");
  mark.style.background = `var(--${shade})`;
  const row = document.createElement("label");
  row.append(box, mark, label);
  if (number !== undefined) {
    const sum = document.createElement("span");
    sum.className = "quiet";
    sum.textContent = number.toLocaleString("en");
    row.append(sum);
  }
  parent.append(row);
}

function fillFilters() {
  const sums = new Uint32Array(columns.names.length);
  for (let i = 0; i < count; ++i) ++sums[messages.name[i]];
  run.planes.forEach((plane, number) => {
    if (sums.some((sum, name) => sum > 0 && columns.planes[name] === number)) choice(element("planes"), filter.planes, number, plane, plane);
  });
  columns.names.forEach((name, number) => sums[number] > 0 && choice(element("kinds"), filter.names, number, name, run.planes[columns.planes[number]], sums[number]));
}

function setMode(mode) {
  element("mode").value = view.mode = mode;
  if (mode === "cone") view.cone = chosenCone();
  redraw();
}

/** The cone of the event chosen, else of the lane at the moment; `order` as of coneOf. */
const chosenCone = (order) => view.event >= 0 ? coneOfEvent(view.event) : coneOf(view.lane, view.at, order);

function playOn() {
  step(1);
  if (shown.events.length === 0 || view.event === shown.events.at(-1)) play(false);
}

function play(isOn) {
  clearInterval(player);
  player = isOn ? setInterval(playOn, 120) : 0;
  element("play").textContent = isOn ? "❚❚ stop" : "▶ play";
  element("play").setAttribute("aria-pressed", String(isOn));
}

function chooseLane(by) {
  const list = laneList();
  view.lane = list[clamp(list.indexOf(view.lane) + by, 0, list.length - 1)] ?? 0;
  moveTo(view.at, view.event);
}

const keys = {
  ArrowLeft: (event) => step(event.shiftKey ? -10 : -1), ArrowRight: (event) => step(event.shiftKey ? 10 : 1),
  ArrowUp: () => chooseLane(-1), ArrowDown: () => chooseLane(1),
  "+": () => zoom(0.5), "=": () => zoom(0.5), "-": () => zoom(2), 0: () => setSpan(0, run.end),
  Home: () => moveTo(0), End: () => moveTo(run.end), " ": () => play(player === 0),
  c: () => setMode(view.mode === "cone" ? "auto" : "cone"),
};

function listenToKeys() {
  document.addEventListener("keydown", (event) => {
    const isTyping = event.target.closest("input:not([type=checkbox]), select") !== null;
    const isPressing = event.key === " " && event.target.closest("input, summary, button") !== null;
    if (isTyping || isPressing || event.ctrlKey || event.metaKey || event.altKey || !keys[event.key]) return;
    event.preventDefault();
    keys[event.key](event);
  });
}

/** Drag moves, wheel zooms, a click chooses the moment and the nearest event of the lane. */
function listenToLanes(canvas) {
  let drag = null;
  canvas.addEventListener("pointerdown", (event) => {
    drag = { x: event.offsetX, from: view.from, to: view.to, isMoved: false };
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!drag || Math.abs(event.offsetX - drag.x) < 4) return;
    drag.isMoved = true;
    const by = ((drag.x - event.offsetX) / (canvas.clientWidth - gutter - right)) * (drag.to - drag.from);
    setSpan(drag.from + by, drag.to + by);
  });
  canvas.addEventListener("pointerup", (event) => {
    if (drag && !drag.isMoved) chooseAt(event.offsetX, event.offsetY, canvas.clientWidth);
    drag = null;
  });
  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    zoom(event.deltaY > 0 ? 1.3 : 1 / 1.3, timeOf(event.offsetX, canvas.clientWidth));
  }, { passive: false });
}

function chooseAt(x, y, width) {
  const at = timeOf(x, width);
  view.lane = laneAt(y);
  const reach = ((view.to - view.from) / (width - gutter - right)) * 8;
  let best = -1;
  for (let k = lowerBound(shown.times, at - reach); k < shown.times.length && shown.times[k] <= at + reach; ++k) {
    const isHere = view.lane === 0 || describeEvent(shown.events[k]).place === view.lane;
    if (isHere && (best < 0 || Math.abs(shown.times[k] - at) < Math.abs(shown.times[best] - at))) best = k;
  }
  if (best >= 0) moveTo(shown.times[best], shown.events[best]);
  else moveTo(at);
}

function listenToOverview(canvas) {
  const go = (event) => {
    const inner = canvas.clientWidth - gutter - right;
    moveTo(((event.offsetX - gutter) / inner) * run.end);
  };
  canvas.addEventListener("pointerdown", (event) => { canvas.setPointerCapture(event.pointerId); go(event); });
  canvas.addEventListener("pointermove", (event) => { if (event.buttons === 1) go(event); });
  canvas.setAttribute("aria-valuemin", "0");
  canvas.setAttribute("aria-valuemax", String(Math.round(run.end / 1e3)));
}

function listenToControls() {
  const click = (id, action) => element(id).addEventListener("click", action);
  click("back", () => step(-1));
  click("on", () => step(1));
  click("play", () => play(player === 0));
  click("closer", () => zoom(0.5));
  click("wider", () => zoom(2));
  click("whole", () => setSpan(0, run.end));
  element("moment").addEventListener("change", (event) => {
    const at = Number.parseFloat(event.target.value) * 1e6;
    moveTo(Number.isFinite(at) ? at : view.at);
  });
  element("mode").addEventListener("change", (event) => setMode(event.target.value));
  element("views").addEventListener("change", (event) => { view.hasViews = event.target.checked; redraw(); });
  element("lost").addEventListener("change", (event) => { filter.lostOnly = event.target.checked; filterChanged(); });
  element("nodes").addEventListener("input", (event) => {
    try {
      filter.places = parsePlaces(event.target.value);
      element("nodes-error").textContent = "";
      filterChanged();
    } catch (error) {
      element("nodes-error").textContent = error.message;
    }
  });
  click("clear", () => {
    element("nodes").value = element("nodes-error").textContent = "";
    filter.places = null;
    filter.lostOnly = element("lost").checked = false;
    for (const box of document.querySelectorAll("#planes input, #kinds input")) box.checked = true;
    run.planes.forEach((_, plane) => filter.planes.add(plane));
    columns.names.forEach((_, name) => filter.names.add(name));
    filterChanged();
  });
  element("events").addEventListener("click", (event) => {
    const row = event.target.closest("tr");
    if (row) moveTo(Number(row.dataset.at), Number(row.dataset.event));
  });
  document.addEventListener("click", (event) => {
    if (!event.target.closest("#kinds-box")) element("kinds-box").open = false;
    const button = event.target.closest("[data-at]");
    if (!button || button.tagName !== "BUTTON") return;
    if (button.dataset.place !== undefined) view.lane = Number(button.dataset.place);
    lookAt(Number(button.dataset.at));
    if (button.id === "show-cone") {
      setMode("cone");
      view.cone = chosenCone(Number(button.dataset.order));
    }
    element("timeline").scrollIntoView({ behavior: "instant" });
    element("lanes").focus({ preventScroll: true });
  });
}

/** Moves to a moment and looks closely. */
function lookAt(at) {
  const length = Math.min(run.end, 4e6);
  moveTo(at);
  setSpan(at - length * 0.7, at + length * 0.3);
}

fillFilters();
listenToKeys();
listenToLanes(element("lanes"));
listenToOverview(element("overview"));
listenToControls();
window.addEventListener("resize", redraw);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { color.known = {}; redraw(); });
applyFilter();
filterChanged();
setSpan(0, run.end);
moveTo(run.violations.length ? run.violations[0][0] : count ? messages.sent[count >> 1] : run.end / 2);
window.mpreg = { run, view, filter, shown, work, messages, events };
