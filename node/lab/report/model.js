// The run as typed arrays, and what can be asked about it. Times are in microseconds.

const run = JSON.parse(document.getElementById("run").textContent);
const columns = run.messages;
const count = columns.sent.length;

/** Messages: when sent, when they came (sent when they never did), between whom, and what. */
const messages = {
  sent: new Float64Array(count), came: new Float64Array(count), from: Uint16Array.from(columns.from),
  to: Uint16Array.from(columns.to), name: Uint8Array.from(columns.name), fate: Uint8Array.from(columns.fate),
  hasCome: new Uint8Array(count), longest: 0,
  // Places among all that happened: exact where moments, in whole microseconds, are the same.
  sentOrder: new Float64Array(count), cameOrder: new Float64Array(count),
};
for (let i = 0, at = 0, order = 0; i < count; ++i) {
  at += columns.sent[i];
  order += columns.order[i];
  messages.sentOrder[i] = order;
  messages.cameOrder[i] = order + Math.max(columns.came_order[i], 0);
  const took = columns.took[i];
  messages.sent[i] = at;
  messages.hasCome[i] = took >= 0 ? 1 : 0;
  messages.came[i] = at + Math.max(took, 0);
  messages.longest = Math.max(messages.longest, took);
}

const planeOf = (message) => columns.planes[messages.name[message]];
const placeName = (place) => run.places[place];
const memberStates = ["alive", "suspect", "dead", "left"];
const processWords = ["starts", "ends", "loses power", "stands still", "runs again"];
const seconds = (at) => (at / 1e6).toFixed(6);

/** The first index whose value is at least `value`. */
function lowerBound(list, value, key = (item) => item) {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (key(list[middle]) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Every lane's spans: [from, to, state] with state "up", "down" or "paused". */
const lanes = run.places.map(() => []);
{
  const open = run.places.map(() => ({ at: 0, state: "down" }));
  const states = ["up", "down", "down", "paused", "up"];
  const close = (place, at) => {
    const { at: from, state } = open[place];
    if (at > from) lanes[place].push([from, at, state]);
  };
  for (const [at, place, change] of run.processes) {
    close(place, at);
    open[place] = { at, state: states[change] };
  }
  const isProcess = (place) => place > 0 && place <= run.nodes + run.workers;
  run.places.forEach((_, place) => { if (isProcess(place)) close(place, run.end); });
}
const stateAt = (place, at) => {
  const span = lanes[place].find(([from, to]) => from <= at && at < to);
  return span ? span[2] : lanes[place].length && at >= run.end ? lanes[place].at(-1)[2] : "down";
};

/** Rules in force: kinds 0 partition, 1 one-way, 2 clog, 3 slow. */
const rules = run.rules.map(([from, to, kind, text, groups]) => ({ from, to: to ?? run.end, kind, text, groups }));
const rulesAt = (at) => rules.filter((rule) => rule.from <= at && at < rule.to);
const links = run.links.map(([from, to, dialer, acceptor]) => ({ from, to: to ?? Infinity, dialer, acceptor }));
const linksAt = (at) => links.filter((link) => link.from <= at && at < link.to);

/** What is chosen to be seen. */
const filter = { places: null, planes: new Set(run.planes.keys()), names: new Set(columns.names.keys()), lostOnly: false };
const isLost = (message) => messages.fate[message] >= 3;
const isPlaceShown = (place) => filter.places === null || filter.places.has(place);
const isMessageShown = (i) => filter.names.has(messages.name[i]) && filter.planes.has(planeOf(i)) &&
  (!filter.lostOnly || isLost(i)) && (isPlaceShown(messages.from[i]) || isPlaceShown(messages.to[i]));

/** "n1,n3..n7" as a set of places; null when empty. Throws a text that says what was expected. */
function parsePlaces(text) {
  const set = new Set();
  for (const word of text.split(/[\s,]+/).filter(Boolean)) {
    const [first, last = first] = word.split("..");
    const low = run.places.indexOf(first);
    const high = run.places.indexOf(last);
    if (low < 1 || high < low) throw new Error(`expected places such as n1,n3..n7, found ${word}`);
    for (let place = low; place <= high; ++place) set.add(place);
  }
  return set.size ? set : null;
}

// Events that can be stepped through, all kinds in one order: what they are, and where in their list.
const kinds = { sent: 0, came: 1, process: 2, rule: 3, lifted: 4, member: 5, violation: 6 };
const events = (() => {
  const list = [];
  for (let i = 0; i < count; ++i) {
    list.push([messages.sent[i], kinds.sent, i]);
    if (messages.hasCome[i]) list.push([messages.came[i], kinds.came, i]);
  }
  run.processes.forEach(([at], i) => list.push([at, kinds.process, i]));
  rules.forEach((rule, i) => {
    list.push([rule.from, kinds.rule, i]);
    if (rule.to < run.end) list.push([rule.to, kinds.lifted, i]);
  });
  run.members.forEach(([at], i) => list.push([at, kinds.member, i]));
  run.violations.forEach(([at], i) => list.push([at, kinds.violation, i]));
  list.sort((a, b) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2]);
  return {
    at: Float64Array.from(list, (event) => event[0]), kind: Uint8Array.from(list, (event) => event[1]),
    item: Uint32Array.from(list, (event) => event[2]),
  };
})();

/** Numbers of the messages and events that pass the filter; made anew by applyFilter(). */
const shown = { messages: new Uint32Array(0), events: new Uint32Array(0), times: new Float64Array(0) };

function isEventShown(event) {
  const item = events.item[event];
  switch (events.kind[event]) {
    case kinds.sent: case kinds.came: return isMessageShown(item);
    case kinds.process: return isPlaceShown(run.processes[item][1]);
    case kinds.member: return isPlaceShown(run.members[item][1]) || isPlaceShown(run.members[item][2]);
    case kinds.violation: return true;
    default: return filter.places === null || rules[item].groups.flat().some(isPlaceShown);
  }
}

function applyFilter() {
  const passing = [];
  for (let i = 0; i < count; ++i) if (isMessageShown(i)) passing.push(i);
  shown.messages = Uint32Array.from(passing);
  shown.events = Uint32Array.from(events.at.keys()).filter(isEventShown);
  shown.times = Float64Array.from(shown.events, (event) => events.at[event]);
}

/** [first, last) of shown.messages that may be under way between two moments. */
function messagesBetween(from, to) {
  const sent = (message) => messages.sent[message];
  return [lowerBound(shown.messages, from - messages.longest, sent), lowerBound(shown.messages, to + 1, sent)];
}

/** The messages that a place could know of at a moment, its causal cone: those taken there before, those
    taken at their senders before these were sent, and so on. `order`: the moment's place among all that
    happened; without one, after all that happened at that moment. */
function coneOf(place, at, order = orderAt(at)) {
  const byArrival = coneOf.order ??= Uint32Array.from(messages.sent.keys()).filter((i) => messages.fate[i] === 1)
    .sort((a, b) => messages.cameOrder[b] - messages.cameOrder[a]);
  const known = new Float64Array(run.places.length).fill(-1);
  if (place === 0) known.fill(order);
  known[place] = order;
  const cone = new Set();
  for (const i of byArrival) {
    if (messages.cameOrder[i] > known[messages.to[i]]) continue;
    cone.add(i);
    known[messages.from[i]] = Math.max(known[messages.from[i]], messages.sentOrder[i]);
  }
  return cone;
}

/** The greatest place of a message sent or come until a moment. */
function orderAt(at) {
  let order = 0;
  for (let i = 0; i < count && messages.sent[i] <= at; ++i)
    order = Math.max(order, messages.came[i] <= at ? messages.cameOrder[i] : messages.sentOrder[i]);
  return order;
}

/** The causal cone of an event. */
function coneOfEvent(event) {
  const item = events.item[event];
  const orders = { [kinds.sent]: messages.sentOrder, [kinds.came]: messages.cameOrder }[events.kind[event]];
  return coneOf(describeEvent(event).place, events.at[event], orders?.[item]);
}

function causeText(message) {
  const cause = columns.cause[message];
  return cause < 0 ? columns.causes[-1 - cause]
    : `${columns.names[messages.name[cause]]} from ${placeName(messages.from[cause])}`;
}
function messageText(i) {
  const marks = ["", ", a copy", ", damaged", ", a damaged copy"][columns.flags[i]];
  return `${columns.names[messages.name[i]]} ${placeName(messages.from[i])} → ${placeName(messages.to[i])}${marks}`;
}

/** An event in words: a short line, and what more there is to say. */
function describeEvent(event) {
  const item = events.item[event];
  switch (events.kind[event]) {
    case kinds.sent: {
      const fate = columns.fates[messages.fate[item]];
      const took = messages.hasCome[item] ? ` after ${((messages.came[item] - messages.sent[item]) / 1e3).toFixed(3)} ms` : "";
      return { place: messages.from[item], plane: planeOf(item), isBad: isLost(item),
        text: `sends ${messageText(item)}${isLost(item) ? `, ${fate}` : ""}`,
        more: `${columns.bytes[item]} bytes, ${fate}${took}; brought about by ${causeText(item)}` };
    }
    case kinds.came:
      return { place: messages.to[item], plane: planeOf(item),
        text: `takes ${messageText(item)}`, more: `sent at ${seconds(messages.sent[item])} s, ${columns.bytes[item]} bytes, ${columns.fates[messages.fate[item]]}` };
    case kinds.process: {
      const [, place, change] = run.processes[item];
      return { place, text: `${placeName(place)} ${processWords[change]}`, isBad: change === 1 || change === 2 };
    }
    case kinds.rule: return { place: 0, text: `${rules[item].text} begins`, isBad: true };
    case kinds.lifted: return { place: 0, text: `${rules[item].text} ends` };
    case kinds.member: {
      const [, node, member, before, now] = run.members[item];
      const name = member ? placeName(member) : "a stranger";
      const text = now === null ? `forgets ${name}` : `sees ${name} as ${memberStates[now]}`;
      return { place: node, text: `${placeName(node)} ${text}`, isBad: now === 1 || now === 2,
        more: before === null ? "not known in that life before" : `before: ${memberStates[before]}` };
    }
    default: {
      const [, node, check, detail] = run.violations[item];
      return { place: node, text: `violation of ${check}${node ? ` at ${placeName(node)}` : ""}: ${detail}`, isBad: true };
    }
  }
}
