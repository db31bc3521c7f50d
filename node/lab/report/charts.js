// Counters of the whole world as small charts over the time in view.

/** What is drawn: lines of [name, colour, column, whether it is a sum since the beginning and so shown as a rate]. */
const charts = [
  { title: "messages/s", lines: run.planes.filter((plane) => plane !== "unreadable").map((plane) => [plane, plane, `sent_${plane}`, true]) },
  { title: "lost, faults/s", lines: [["lost", "bad", "lost", true], ["faults", "cut", "faults", true]] },
  { title: "nodes up", lines: [["up", "good", "up", false]] },
  { title: "disagreement", lines: [["pairs not seen alive", "bad", "disbelief", false], ["suspicions", "paused", "suspects", false]] },
  { title: "calls/s", lines: [["answered", "good", "answered", true], ["failed", "bad", "failed", true], ["open", "accent", "open", false]] },
  { title: "connections", lines: [["open", "gossip", "links", false]] },
];
const chartHeight = 54;

const chartValues = (() => {
  const { samples } = run;
  const rate = (column) => column.map((value, i) => {
    const span = i === 0 ? samples.at[0] : samples.at[i] - samples.at[i - 1];
    return span > 0 ? ((value - (i === 0 ? 0 : column[i - 1])) * 1e6) / span : 0;
  });
  return charts.map(({ lines }) => lines.map(([, , column, isSum]) => (isSum ? rate(samples[column]) : samples[column])));
})();

/** The top of a chart: the largest value in view, unless few values tower over all others; those are cut. */
function scaleOf(row, first, last) {
  const values = chartValues[row].flatMap((line) => line.slice(first, last)).sort((a, b) => a - b);
  const most = Math.max(values.at(-1) ?? 1, 1);
  const usual = Math.max((values[Math.floor(values.length * 0.985)] ?? 1) * 1.6, 1);
  return most > 4 * usual ? { top: usual, cut: most } : { top: most, cut: 0 };
}

const short = (value) => (value >= 10_000 ? `${Math.round(value / 1000)}k` : value >= 100 ? String(Math.round(value)) : String(Math.round(value * 10) / 10));

function drawCharts(canvas) {
  const { context, width, height } = prepare(canvas, charts.length * chartHeight + 4);
  drawGrid(context, width, height, false);
  const { at } = run.samples;
  const first = Math.max(lowerBound(at, view.from) - 1, 0);
  const last = Math.min(lowerBound(at, view.to) + 1, at.length);
  const here = Math.min(Math.max(lowerBound(at, view.at + 1) - 1, 0), at.length - 1);
  charts.forEach(({ title, lines }, row) => {
    const top = row * chartHeight + 6;
    const base = top + chartHeight - 10;
    const { top: most, cut } = scaleOf(row, first, last);
    context.fillStyle = color("ink");
    context.textAlign = "left";
    context.fillText(title, gutter + 6, top + 6);
    context.fillStyle = color("quiet");
    context.textAlign = "right";
    context.fillText(short(most), gutter - 8, top + 6);
    context.fillText("0", gutter - 8, base - 4);
    if (cut) context.fillText(`peak ${short(cut)}`, width - right - 4, top + 6);
    context.strokeStyle = color("line");
    context.beginPath();
    context.moveTo(gutter, base + 0.5);
    context.lineTo(width - right, base + 0.5);
    context.stroke();
    let label = gutter + 110;
    lines.forEach(([name, shade], line) => {
      const values = chartValues[row][line];
      context.strokeStyle = context.fillStyle = color(shade);
      context.lineWidth = 1.4;
      context.save();
      context.beginPath();
      context.rect(gutter, top - 4, width - gutter - right, chartHeight);
      context.clip();
      context.beginPath();
      for (let i = first; i < last; ++i) {
        const x = xOf(at[i], width);
        const y = base - (values[i] / most) * (chartHeight - 22);
        if (i === first) context.moveTo(x, y);
        else context.lineTo(x, y);
      }
      context.stroke();
      context.restore();
      context.textAlign = "left";
      const text = at.length ? `${name} ${short(values[here])}` : name;
      context.fillText(text, label, top + 6);
      label += context.measureText(text).width + 16;
    });
  });
  drawCursor(context, width, height);
}
