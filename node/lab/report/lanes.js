// The lanes of the places over time, the strip of the whole run above them, and the charts below: all on canvas,
// all over one span of time. What is drawn is bounded, however long the run is.

const arrowsMax = 2500;  // more are drawn as shades
const nearMax = 150;     // "those near the moment"
const viewsMax = 1200;   // more changed views are drawn as ticks
const gutter = 64;       // for the names of lanes and charts
const right = 14;

/** Counts of work done, for who measures. */
const work = { draws: 0, arrows: 0, millis: 0 };

const view = { from: 0, to: Math.max(run.end, 1), at: 0, event: -1, lane: 0, mode: "auto", hasViews: true, cone: null };
const color = (name) => color.known[name] ??= getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
color.known = {};
const planeColor = (plane) => color(run.planes[plane]);

/** A canvas made sharp for this screen: its context and size in CSS pixels. */
function prepare(canvas, height) {
  const ratio = window.devicePixelRatio || 1;
  const width = canvas.clientWidth || canvas.parentElement.clientWidth;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    canvas.style.height = `${height}px`;
  }
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  context.font = '12px "Source Sans 3", "Noto Sans", "DejaVu Sans", sans-serif';
  context.textBaseline = "middle";
  return { context, width, height };
}

const xOf = (at, width) => gutter + ((at - view.from) / (view.to - view.from)) * (width - gutter - right);
const timeOf = (x, width) => view.from + ((x - gutter) / (width - gutter - right)) * (view.to - view.from);

/** Moments worth a line: about eight of them, at round numbers. */
function ticks() {
  const span = (view.to - view.from) / 1e6;
  const rough = 10 ** Math.floor(Math.log10(span / 8));
  const step = [1, 2, 5, 10].map((factor) => factor * rough).find((size) => span / size <= 10) * 1e6;
  const list = [];
  for (let at = Math.ceil(view.from / step) * step; at <= view.to; at += step) list.push(at);
  const digits = Math.max(0, Math.ceil(-Math.log10(step / 1e6)));
  return list.map((at) => [at, `${(at / 1e6).toFixed(Math.min(digits, 6))} s`]);
}

const laneList = () => run.places.map((_, place) => place).slice(1).filter(isPlaceShown);
const lanesTop = 24;
const laneHeight = (lanesShown) => Math.max(13, Math.min(34, 620 / Math.max(lanesShown, 1)));
const laneAt = (y) => {
  const list = laneList();
  return list[Math.floor((y - lanesTop) / laneHeight(list.length))] ?? 0;
};

function drawGrid(context, width, height, isLabelled) {
  context.strokeStyle = color("line");
  context.fillStyle = color("quiet");
  context.textAlign = "center";
  context.lineWidth = 1;
  for (const [at, text] of ticks()) {
    const x = Math.round(xOf(at, width)) + 0.5;
    context.globalAlpha = 0.6;
    context.beginPath();
    context.moveTo(x, isLabelled ? 20 : 0);
    context.lineTo(x, height);
    context.stroke();
    context.globalAlpha = 1;
    if (isLabelled) context.fillText(text, Math.min(Math.max(x, gutter + 20), width - 24), 11);
  }
}

function drawCursor(context, width, height) {
  if (view.at < view.from || view.at > view.to) return;
  const x = xOf(view.at, width);
  context.strokeStyle = color("accent");
  context.lineWidth = 1.5;
  context.beginPath();
  context.moveTo(x, 0);
  context.lineTo(x, height);
  context.stroke();
}

/** `shade`: how strong the bar of a process that is up; weaker below shades of messages. */
function drawStates(context, width, list, height, shade) {
  const bar = Math.max(4, Math.min(10, height * 0.5));
  const span = (from, to, y, thickness, fill) => {
    if (to < view.from || from > view.to) return;
    const left = Math.max(xOf(from, width), gutter);
    context.fillStyle = fill;
    context.fillRect(left, y - thickness / 2, Math.max(Math.min(xOf(to, width), width - right) - left, 1), thickness);
  };
  list.forEach((place, row) => {
    const y = lanesTop + (row + 0.5) * height;
    for (const [from, to, state] of lanes[place]) {
      context.globalAlpha = state === "up" ? shade : 1;
      span(from, to, y, state === "down" ? bar * 0.7 : bar, color(state));
      context.globalAlpha = 1;
      if (state === "down") span(from, to, y, 1, color("down-edge"));
    }
  });
  for (const rule of rules) {
    const fill = color(rule.kind < 2 ? "cut" : "clogged");
    // Who is in the largest group of a partition is not cut off.
    const largest = rule.kind === 0 ? rule.groups.reduce((a, b) => (b.length > a.length ? b : a), []) : [];
    for (const group of rule.groups)
      for (const place of group) {
        const row = list.indexOf(place);
        if (row >= 0 && group !== largest) span(rule.from, rule.to, lanesTop + (row + 0.5) * height + bar / 2 + 1.5, 2.5, fill);
      }
  }
}

/** Where messages were not kept one by one. */
const unkept = run.messages_seen === count || count === 0 ? []
  : [[0, messages.sent[0]], [messages.sent[count - 1], run.end]].filter(([from, to]) => to - from > run.end / 1000);

function drawUnkept(context, x, width, top, bottom, isLabelled) {
  for (const [from, to] of unkept) {
    const left = Math.max(x(from), gutter);
    const edge = Math.min(x(to), width - right);
    if (edge <= left) continue;
    context.save();
    context.beginPath();
    context.rect(left, top, edge - left, bottom - top);
    context.clip();
    context.strokeStyle = color("line");
    context.lineWidth = 1;
    context.beginPath();
    for (let at = left - (left % 9) - (bottom - top); at < edge; at += 9) {
      context.moveTo(at, bottom);
      context.lineTo(at + (bottom - top), top);
    }
    context.stroke();
    context.restore();
    if (!isLabelled || edge - left < 130) continue;
    context.font = '11px "Source Sans 3", "Noto Sans", "DejaVu Sans", sans-serif';
    context.fillStyle = color("quiet");
    context.textAlign = "center";
    context.fillText("messages not kept", (left + edge) / 2, (top + bottom) / 2);
  }
}

function drawNames(context, list, height) {
  context.textAlign = "right";
  list.forEach((place, row) => {
    const isChosen = place === view.lane;
    context.fillStyle = color(isChosen ? "accent" : "ink");
    context.font = `${isChosen ? "600 " : ""}${Math.min(12, height - 1)}px "Source Sans 3", "Noto Sans", "DejaVu Sans", sans-serif`;
    context.fillText(placeName(place), gutter - 10, lanesTop + (row + 0.5) * height);
  });
}

/** The messages to draw as arrows, or none when they are too many. */
function chosenMessages() {
  const [first, last] = messagesBetween(view.from, view.to);
  if (view.mode === "none") return [];
  if (view.mode === "near") {
    const middle = lowerBound(shown.messages, view.at, (message) => messages.sent[message]);
    return shown.messages.subarray(Math.max(middle - nearMax / 2, 0), middle + nearMax / 2);
  }
  const list = shown.messages.subarray(first, last).filter(
    (i) => messages.came[i] >= view.from && (view.mode !== "cone" || view.cone?.has(i)));
  return list.length <= arrowsMax ? list : null;
}

function drawArrows(context, width, list, height, chosen) {
  const rows = new Map(list.map((place, row) => [place, lanesTop + (row + 0.5) * height]));
  const hasHeads = chosen.length < 600;
  for (const i of chosen) {
    const from = rows.get(messages.from[i]);
    const to = rows.get(messages.to[i]);
    if (from === undefined && to === undefined) continue;
    const lost = isLost(i);
    const stub = Math.sign((to ?? from ?? 0) - (from ?? to ?? 0)) * height * 0.7;
    const x1 = xOf(messages.sent[i], width);
    const y1 = from ?? to - stub;
    const x2 = lost ? x1 + 7 : xOf(messages.came[i], width);
    const y2 = lost || to === undefined ? y1 + (stub || height * 0.7) : to;
    context.strokeStyle = context.fillStyle = lost ? color("bad") : planeColor(planeOf(i));
    context.globalAlpha = chosen.length < 120 ? 0.95 : 0.6;
    context.lineWidth = 1.2;
    context.setLineDash(lost ? [3, 2] : []);
    context.beginPath();
    context.moveTo(x1, y1);
    context.lineTo(x2, y2);
    context.stroke();
    if (!hasHeads || lost) continue;
    const angle = Math.atan2(y2 - y1, x2 - x1);
    context.beginPath();
    context.moveTo(x2, y2);
    context.lineTo(x2 - 7 * Math.cos(angle - 0.4), y2 - 7 * Math.sin(angle - 0.4));
    context.lineTo(x2 - 7 * Math.cos(angle + 0.4), y2 - 7 * Math.sin(angle + 0.4));
    context.fill();
  }
  context.setLineDash([]);
  context.globalAlpha = 1;
  work.arrows += chosen.length;
}

/** How much each lane sends and loses, as shades over its bar: for more messages than arrows are good for. */
function drawShades(context, width, list, height) {
  const rows = new Int32Array(run.places.length).fill(-1);
  list.forEach((place, row) => { rows[place] = row; });
  const cell = 3;
  const cells = Math.ceil((width - gutter - right) / cell);
  const sent = run.planes.map(() => new Uint32Array(cells * list.length));
  const lost = new Uint32Array(cells * list.length);
  const [first, last] = messagesBetween(view.from, view.to);
  const scale = cells / (view.to - view.from);
  for (let k = first; k < last; ++k) {
    const i = shown.messages[k];
    const row = rows[messages.from[i]];
    const column = Math.floor((messages.sent[i] - view.from) * scale);
    if (row < 0 || column < 0 || column >= cells) continue;
    ++(isLost(i) ? lost : sent[planeOf(i)])[row * cells + column];
  }
  const usual = sent.map((counts) => Math.max(counts.reduce((a, b) => Math.max(a, b), 0), 1));
  const thick = Math.max((height - 2) / (run.planes.length + 1), 1.5);
  const layer = (counts, fill, most, line) => {
    context.fillStyle = fill;
    counts.forEach((number, place) => {
      if (number === 0) return;
      context.globalAlpha = 0.35 + 0.65 * Math.sqrt(Math.min(number / most, 1));
      const row = Math.floor(place / cells);
      context.fillRect(gutter + (place % cells) * cell, lanesTop + row * height + 1 + line * thick, cell, thick);
    });
  };
  sent.forEach((counts, plane) => layer(counts, planeColor(plane), usual[plane], plane));
  layer(lost, color("bad"), lost.reduce((a, b) => Math.max(a, b), 1), run.planes.length);
  context.globalAlpha = 1;
}

function drawMarks(context, width, list, height) {
  const rows = new Map(list.map((place, row) => [place, lanesTop + (row + 0.5) * height]));
  const within = (at) => at >= view.from && at <= view.to;
  if (view.hasViews) {
    const first = lowerBound(run.members, view.from, (entry) => entry[0]);
    const last = lowerBound(run.members, view.to + 1, (entry) => entry[0]);
    const isCrowded = last - first > viewsMax;
    context.globalAlpha = isCrowded ? 0.35 : 1;
    for (let k = first; k < last; ++k) {
      const [at, node, , , now] = run.members[k];
      const y = rows.get(node);
      if (y === undefined) continue;
      context.fillStyle = color(now === 1 ? "paused" : now === 0 ? "good" : now === 2 ? "bad" : "quiet");
      if (isCrowded) {
        context.fillRect(xOf(at, width), y - 1.5, 1, 3);
        continue;
      }
      context.beginPath();
      context.arc(xOf(at, width), y, Math.min(3.2, height / 4), 0, 7);
      context.fill();
    }
    context.globalAlpha = 1;
  }
  const bottom = lanesTop + list.length * height;
  for (const [at, node] of run.violations) {
    if (!within(at)) continue;
    const x = xOf(at, width);
    const y = rows.get(node);
    context.fillStyle = context.strokeStyle = color("bad");
    context.lineWidth = 1;
    context.setLineDash(y === undefined ? [] : [2, 3]);
    context.beginPath();
    context.moveTo(x, lanesTop - 4);
    context.lineTo(x, bottom);
    context.stroke();
    context.setLineDash([]);
    const center = y ?? lanesTop - 4;
    context.beginPath();
    context.moveTo(x, center - 7);
    context.lineTo(x + 7, center);
    context.lineTo(x, center + 7);
    context.lineTo(x - 7, center);
    context.fill();
  }
}

function drawLanes(canvas) {
  const list = laneList();
  const height = laneHeight(list.length);
  const { context, width, height: full } = prepare(canvas, lanesTop + list.length * height + 8);
  drawGrid(context, width, full, true);
  const row = list.indexOf(view.lane);
  context.fillStyle = color("chip");
  if (row >= 0) context.fillRect(0, lanesTop + row * height, width, height);
  drawUnkept(context, (at) => xOf(at, width), width, lanesTop, full, false);
  const chosen = chosenMessages();
  drawStates(context, width, list, height, chosen === null ? 0.45 : 1);
  context.save();
  context.beginPath();
  context.rect(gutter - 4, 0, width - gutter - right + 8, full);
  context.clip();
  if (chosen === null) drawShades(context, width, list, height);
  else drawArrows(context, width, list, height, chosen);
  drawMarks(context, width, list, height);
  drawCursor(context, width, full);
  context.restore();
  drawNames(context, list, height);
  const [first, last] = messagesBetween(view.from, view.to);
  document.getElementById("too-many").textContent = chosen === null
    ? `${(last - first).toLocaleString("en")} messages in view: shades by sender and plane; zoom in for arrows` : "";
}

/** Messages over the whole run by time, and which part of it is in view. */
function drawOverview(canvas) {
  const { context, width, height } = prepare(canvas, 44);
  const inner = width - gutter - right;
  const x = (at) => gutter + (at / Math.max(run.end, 1)) * inner;
  const cells = Math.max(Math.floor(inner / 2), 1);
  const sums = new Uint32Array(cells);
  for (const i of shown.messages) ++sums[Math.min(Math.floor((messages.sent[i] / Math.max(run.end, 1)) * cells), cells - 1)];
  const most = sums.reduce((a, b) => Math.max(a, b), 1);
  context.fillStyle = color("membership");
  context.globalAlpha = 0.55;
  sums.forEach((sum, cell) => context.fillRect(gutter + cell * 2, height - 4 - (sum / most) * (height - 10), 1.6, (sum / most) * (height - 10)));
  context.globalAlpha = 1;
  drawUnkept(context, x, width, 1, height - 1, true);
  context.fillStyle = color("cut");
  for (const rule of rules) context.fillRect(x(rule.from), height - 3, Math.max(x(rule.to) - x(rule.from), 1), 3);
  context.fillStyle = color("bad");
  for (const [at] of run.violations) context.fillRect(x(at) - 1, 0, 2, height);
  context.fillStyle = context.strokeStyle = color("accent");
  context.globalAlpha = 0.12;
  context.fillRect(x(view.from), 0, x(view.to) - x(view.from), height);
  context.globalAlpha = 1;
  context.strokeRect(x(view.from) + 0.5, 0.5, Math.max(x(view.to) - x(view.from) - 1, 1), height - 1);
  context.fillRect(x(view.at) - 0.75, 0, 1.5, height);
  context.fillStyle = color("quiet");
  context.textAlign = "right";
  context.fillText("whole run", gutter - 6, height / 2);
}
