// Places in a circle with the connections that are open at the moment, and the messages that are under way.

function drawTopology(canvas) {
  const size = Math.min(canvas.parentElement.clientWidth, 560);
  const { context, width, height } = prepare(canvas, size);
  const placed = run.places.map((_, place) => place).slice(1);
  const radius = size / 2 - 34;
  const point = (place) => {
    const turn = ((place - 1) / placed.length) * 2 * Math.PI - Math.PI / 2;
    return [width / 2 + radius * Math.cos(turn), height / 2 + radius * Math.sin(turn), turn];
  };
  const open = linksAt(view.at);
  const line = (from, to) => {
    context.beginPath();
    context.moveTo(from[0], from[1]);
    context.lineTo(to[0], to[1]);
    context.stroke();
  };
  context.strokeStyle = color("quiet");
  context.lineWidth = 1;
  const usual = open.length > 300 ? 0.15 : 0.35;
  for (const { dialer, acceptor } of open) {
    context.globalAlpha = dialer === view.lane || acceptor === view.lane ? 0.9 : isPlaceShown(dialer) || isPlaceShown(acceptor) ? usual : 0.05;
    line(point(dialer), point(acceptor));
  }
  context.globalAlpha = 1;
  drawFlying(context, point);
  const cut = new Set(rulesAt(view.at).filter((rule) => rule.kind < 2).flatMap((rule) => {
    const largest = rule.groups.reduce((a, b) => (b.length > a.length ? b : a), []);
    return rule.groups.filter((group) => group !== largest || rule.kind === 1).flat();
  }));
  const slow = new Set(rulesAt(view.at).filter((rule) => rule.kind > 1).flatMap((rule) => rule.groups.flat()));
  const dot = placed.length > 30 ? 6 : 10;
  for (const place of placed) {
    const [x, y, turn] = point(place);
    const isStranger = place > run.nodes + run.workers;
    context.globalAlpha = isPlaceShown(place) ? 1 : 0.3;
    context.fillStyle = isStranger ? color("quiet") : color({ up: "good", down: "down", paused: "paused" }[stateAt(place, view.at)]);
    context.strokeStyle = place === view.lane ? color("accent") : cut.has(place) ? color("cut") : slow.has(place) ? color("clogged") : color("card");
    context.lineWidth = place === view.lane || cut.has(place) || slow.has(place) ? 3.5 : 1;
    context.beginPath();
    context.arc(x, y, dot, 0, 7);
    context.fill();
    context.stroke();
    context.fillStyle = color("ink");
    context.textAlign = "center";
    context.fillText(placeName(place), x + (dot + 13) * Math.cos(turn), y + (dot + 11) * Math.sin(turn));
  }
  context.globalAlpha = 1;
  document.getElementById("links-count").textContent =
    `${open.length} connection${open.length === 1 ? "" : "s"} at ${seconds(view.at)} s`;
}

/** The messages under way at the moment, each where it is. */
function drawFlying(context, point) {
  const [first, last] = messagesBetween(view.at, view.at);
  let drawn = 0;
  for (let k = last - 1; k >= first && drawn < 400; --k) {
    const i = shown.messages[k];
    if (messages.sent[i] > view.at || messages.came[i] < view.at || !messages.hasCome[i]) continue;
    const span = messages.came[i] - messages.sent[i];
    const part = span > 0 ? (view.at - messages.sent[i]) / span : 1;
    const from = point(messages.from[i]);
    const to = point(messages.to[i]);
    context.strokeStyle = context.fillStyle = planeColor(planeOf(i));
    context.lineWidth = 1.6;
    context.beginPath();
    context.moveTo(from[0], from[1]);
    context.lineTo(to[0], to[1]);
    context.stroke();
    context.beginPath();
    context.arc(from[0] + (to[0] - from[0]) * part, from[1] + (to[1] - from[1]) * part, 3.5, 0, 7);
    context.fill();
    ++drawn;
  }
}
