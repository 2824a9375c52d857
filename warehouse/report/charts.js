// Charts as SVG that stretches: lines keep their width, and what is written stands beside them as text.

/** Choose round limits and steps for an axis. */
function rounded(values, decimals) {
  let low = Math.min(...values);
  let high = Math.max(...values);
  if (low === high) [low, high] = [low - (Math.abs(low) / 10 || 0.05), high + (Math.abs(high) / 10 || 0.05)];
  const raw = (high - low) / 3;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = Math.max([1, 2, 2.5, 5, 10].find((factor) => factor * power >= raw) * power, 10 ** -decimals);
  const least = Math.floor(low / step + 1e-9) * step;
  const ticks = [];
  for (let at = 0; least + (at - 1) * step < high - step * 1e-6; at += 1) ticks.push(least + at * step);
  return { low: ticks[0], high: ticks[ticks.length - 1], ticks };
}

/** Return the parts of a line between gaps, as [index, value] pairs. */
function unbroken(values) {
  const parts = [[]];
  values.forEach((value, at) => {
    if (value === null) parts.push([]);
    else parts[parts.length - 1].push([at, value]);
  });
  return parts.filter((part) => part.length);
}

function lastIndex(values, holds) {
  for (let at = values.length - 1; at >= 0; at -= 1) if (holds(values[at], at)) return at;
  return -1;
}

const short = (number) => String(Math.round(number * 10) / 10);

function line(points) {
  const [first, ...rest] = points.map(([x, y]) => `${short(x)} ${short(y)}`);
  return rest.length ? `M${first}L${rest.join(" ")}` : `M${first}h0`;
}

/** Return paths of a series: its last step dashed where that is preliminary, and a dot, hollow then, at its end. */
function series(values, x, y, kind, early) {
  const paths = [];
  const last = lastIndex(values, (value) => value !== null);
  for (const part of unbroken(values)) {
    const firm = part.filter(([at]) => !early[at]);
    const loose = part.filter(([at], n) => early[at] || early[part[n + 1]?.[0]]);
    const path = (points, style) => drawn("path", { class: `${kind} ${style}`, d: line(points.map(([at, v]) => [x(at), y(v)])) });
    if (firm.length) paths.push(path(firm, firm.length > 1 ? "line" : "dot"));
    if (loose.length > 1) paths.push(path(loose, "line early"));
    const end = part[part.length - 1];
    if (end[0] === last) paths.push(path([end], "dot"));
    if (end[0] === last && early[last]) paths.push(path([end], "dot heart"));
  }
  return paths;
}

/** Return the path of a band between two series. */
function band(low, high, x, y, kind) {
  return unbroken(low).map((part) => {
    const there = part.map(([at, v]) => [x(at), y(v)]);
    const back = part.map(([at]) => [x(at), y(high[at])]).reverse();
    if (there.length === 1) return drawn("path", { class: `${kind} alone`, d: `M${short(there[0][0])} ${short(there[0][1])}V${short(back[0][1])}` });
    return drawn("path", { class: kind, d: `${line([...there, ...back])}Z` });
  });
}

function quantile(sorted, share) {
  const at = (sorted.length - 1) * share;
  const low = Math.floor(at);
  return sorted[low] + (at - low) * ((sorted[low + 1] ?? sorted[low]) - sorted[low]);
}

/** How many cities must have a figure for a range to be drawn: that of a few is not one of the province. */
const FEWEST = 5;

/** Return by month the lowest, the highest and the middle half of the cities. */
function spread(indicator, at) {
  const sorted = at.map((period) => cityValues(indicator, period).sort((a, b) => a - b));
  const pick = (share) => sorted.map((values) => (values.length >= FEWEST ? quantile(values, share) : null));
  return { low: pick(0), quarter: pick(0.25), middle: pick(0.5), threequarter: pick(0.75), high: pick(1), known: sorted.map((v) => v.length) };
}

/** Draw a small line of a city over that of the province, without preliminary figures. */
function spark(indicator, place, months) {
  const firm = months.filter((period) => !periods[period].early);
  const [own, whole] = [place, 0].map((at) => firm.map((period) => valueAt(indicator, at, period)));
  const values = [...own, ...whole].filter((value) => value !== null);
  if (!values.length) return null;
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const x = (at) => (firm.length > 1 ? 2 + (96 * at) / (firm.length - 1) : 50);
  const y = (value) => (high > low ? 21 - (18 * (value - low)) / (high - low) : 12);
  return drawn("svg", { class: "spark", viewBox: "0 0 100 24", preserveAspectRatio: "none", "aria-hidden": "true", focusable: "false" },
    series(whole, x, y, "province", []), series(own, x, y, "chosen", []));
}

/** Draw a bar from zero, with marks at the province's value and at the threshold. */
function rod(indicator, value, marks, limits) {
  const x = (number) => short(Math.max(0, Math.min(100, (100 * (number - limits[0])) / (limits[1] - limits[0] || 1))));
  const zero = x(0);
  const from = Math.min(zero, x(value));
  return drawn("svg", { class: "bar", viewBox: "0 0 100 8", preserveAspectRatio: "none", "aria-hidden": "true", focusable: "false" },
    drawn("rect", { class: "track", width: 100, height: 8 }),
    drawn("rect", { class: "value", x: from, width: short(Math.abs(x(value) - zero)), height: 8 }),
    marks.filter(([, at]) => at !== null && at !== undefined)
      .map(([kind, at]) => drawn("path", { class: kind, d: `M${x(at)} 0v8` })));
}
