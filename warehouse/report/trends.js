// The trend of each indicator: the province over the range of the cities, and a city that is laid over them.

const monthsAt = data.months.map(periodAt);

/** Draw the panel of an indicator; `overlay` is the index of a city, or 0. */
function panel(indicator, overlay) {
  const whole = monthsAt.map((period) => valueAt(indicator, 0, period));
  const chosen = overlay ? monthsAt.map((period) => valueAt(indicator, overlay, period)) : [];
  const range = spread(indicator, monthsAt);
  const early = monthsAt.map((period) => periods[period].early);
  const values = [whole, chosen, range.low, range.high].flat().filter((value) => value !== null);
  const title = made("h4", {}, named(indicator));
  const card = made("article", { class: "panel", id: `t-${indicator.code}`, tabindex: "-1" }, title);
  if (!values.length) {
    card.append(made("p", { class: "note" }, indicator.kind === "growth"
      ? both("数据尚未覆盖上年同期，不能比较。", "The data don't reach back over the year before yet.")
      : both("尚无可发布的月度数。", "No monthly figure to publish yet.")));
    return card;
  }
  const threshold = thresholdOf(indicator, overlay ? places[overlay].code : "");
  const axis = rounded(threshold === null ? values : [...values, threshold], indicator.decimals + (indicator.amount === "percent" ? 2 : 0));
  const x = (at) => (monthsAt.length > 1 ? 3 + (294 * at) / (monthsAt.length - 1) : 150);
  const y = (value) => 100 - (100 * (value - axis.low)) / (axis.high - axis.low);
  const cursor = drawn("path", { class: "cursor", d: "" });
  const picture = drawn("svg", { class: "trend", viewBox: "0 0 300 100", preserveAspectRatio: "none", role: "img" },
    axis.ticks.map((tick) => drawn("path", { class: "grid", d: `M0 ${short(y(tick))}H300` })),
    band(range.low, range.high, x, y, "range"), band(range.quarter, range.threequarter, x, y, "middle"),
    threshold === null ? null : drawn("path", { class: "goal", d: `M0 ${short(y(threshold))}H300` }),
    cursor, series(whole, x, y, "province", early), overlay ? series(chosen, x, y, "chosen", early) : null);
  const end = Math.max(lastIndex(whole, (value, at) => !early[at] && value !== null), 0);
  called(picture, ...summary(indicator, whole, range, end));
  const labels = made("div", { class: "ticks", "aria-hidden": "true" });
  const decimals = axisDecimals(indicator, axis.ticks);
  for (const tick of axis.ticks) {
    const text = plain(scaled(indicator, tick), decimals) + (indicator.amount === "percent" ? "%" : "");
    const mark = made("span", {}, text);
    mark.style.top = `${y(tick)}%`;
    labels.append(mark);
  }
  const told = made("p", { class: "told" });
  const tell = (at) => told.replaceChildren(...telling(indicator, at, whole, range, overlay));
  tell(end);
  const point = (event) => {
    const box = picture.getBoundingClientRect();
    const at = Math.round(((300 * (event.clientX - box.left)) / box.width - 3) / (294 / Math.max(1, monthsAt.length - 1)));
    const near = Math.max(0, Math.min(monthsAt.length - 1, at));
    cursor.setAttribute("d", `M${short(x(near))} 0V100`);
    tell(near);
  };
  picture.addEventListener("pointermove", point);
  picture.addEventListener("pointerdown", point);
  picture.addEventListener("pointerleave", () => { cursor.setAttribute("d", ""); tell(end); });
  const ends = made("div", { class: "ends", "aria-hidden": "true" }, made("span", {}, data.months[0]),
    data.months.length > 1 ? made("span", {}, data.months[data.months.length - 1]) : null);
  card.append(told, made("div", { class: "plot" }, labels, picture, ends), footing(indicator, monthsAt[end], early[end]),
    table(indicator, whole, range, overlay, chosen));
  return card;
}

/** Return as many decimals as tell the ticks of an axis apart. */
function axisDecimals(indicator, ticks) {
  for (let decimals = 0; decimals < 4; decimals += 1) {
    if (ticks.every((tick) => Math.abs(scaled(indicator, tick) - Number(scaled(indicator, tick).toFixed(decimals))) < 1e-6)) return decimals;
  }
  return 4;
}

function summary(indicator, whole, range, end) {
  const first = whole.findIndex((value) => value !== null);
  const [from, to] = [first, end].map((at) => shown(indicator, whole[Math.max(at, 0)]));
  const cities = [range.low[end], range.high[end]].map((value) => shown(indicator, value));
  const [zh, en] = range.low[end] === null ? ["有数地市不足 5 个", "fewer than 5 cities have a figure"]
    : [`各市 ${cities[0]} 至 ${cities[1]}`, `cities from ${cities[0]} to ${cities[1]}`];
  return [
    `${indicator.zh}：全省 ${data.months[Math.max(first, 0)]} ${from}，${data.months[end]} ${to}；${zh}`,
    `${indicator.en}: province ${from} in ${data.months[Math.max(first, 0)]}, ${to} in ${data.months[end]}; ${en}`,
  ];
}

/** Say what the figures of a month are. */
function telling(indicator, at, whole, range, overlay) {
  const earlier = at ? whole[at - 1] : null;
  const period = monthsAt[at];
  const parts = [made("b", {}, isHidden(indicator, 0, period) ? both("抑制", "suppressed") : shown(indicator, whole[at])), " ",
    made("span", { class: "when" }, data.months[at])];
  if (whole[at] !== null && earlier !== null) parts.push(" ", moved(indicator, whole[at] - earlier, true));
  parts.push(made("span", { class: "cities" }, range.low[at] === null ? both("有数地市不足 5 个", "fewer than 5 cities have a figure")
    : [both("各市 ", "cities "), `${shown(indicator, range.low[at])}–${shown(indicator, range.high[at])}`]));
  if (overlay) {
    parts.push(made("span", { class: "cities chosen" }, both(places[overlay].zh, places[overlay].en), " ",
      isHidden(indicator, overlay, period) ? both("抑制", "suppressed") : shown(indicator, valueAt(indicator, overlay, period))));
  }
  return parts;
}

/** Say how good the figures are, and what they are of. */
function footing(indicator, period, early) {
  const known = cityValues(indicator, period).length;
  const [suppressed, all] = indicator.cells[period];
  const share = all ? `${((100 * suppressed) / all).toFixed(0)}%` : "—";
  const goal = indicator.threshold === null ? [["无目标", "no threshold"]]
    : [[`目标 ${indicator.good === "down" ? "≤" : "≥"} ${shown(indicator, indicator.threshold)}`, `threshold ${indicator.good === "down" ? "≤" : "≥"} ${shown(indicator, indicator.threshold)}`]];
  const told = [...goal, early ? ["初步数", "preliminary"] : ["最终数", "final"],
    [`分母 ${counted(denominatorAt(indicator, 0, period))}`, `denominator ${counted(denominatorAt(indicator, 0, period))}`],
    [`${known}/${cities.length} 市有数`, `${known}/${cities.length} cities`], [`抑制 ${share}`, `${share} suppressed`]];
  if (indicator.error[0]) told.push(indicator.error);
  return made("p", { class: "footing" }, told.map(([zh, en]) => made("span", {}, both(zh, en))));
}

/** Return the figures as a table that is made when it is opened. */
function table(indicator, whole, range, overlay, chosen) {
  const summaryLine = made("summary", {}, both("数据", "Figures"), made("span", { class: "said" }, " ", both(indicator.zh, indicator.en)));
  const folded = made("details", { class: "values" }, summaryLine);
  folded.addEventListener("toggle", () => {
    if (!folded.open || $("table", folded)) return;
    const head = [["月份", "month"], ["全省", "province"], ["分母", "denominator"], ["最低", "lowest"], ["中位", "median"], ["最高", "highest"]];
    if (overlay) head.push([places[overlay].zh, places[overlay].en]);
    const rows = data.months.map((month, at) => {
      const cells = [shown(indicator, whole[at]), counted(denominatorAt(indicator, 0, monthsAt[at])),
        ...[range.low, range.middle, range.high].map((values) => shown(indicator, values[at]))];
      if (overlay) cells.push(shown(indicator, chosen[at]));
      return made("tr", {}, made("th", { scope: "row" }, month), cells.map((text) => made("td", { class: "n" }, text)));
    });
    const wide = called(made("div", { class: "wide", role: "group", tabindex: "0" }), `${indicator.zh}的月度数`, `${indicator.en} by month`);
    folded.append(wide);
    wide.append(made("table", {}, made("thead", {}, made("tr", {}, head.map((text, at) => made("th", { scope: "col", class: at ? "n" : null }, both(...text))))),
      made("tbody", {}, rows)));
  });
  return folded;
}

function drawTrends(overlay) {
  for (const place of $$(".panels")) {
    place.replaceChildren(...indicators.filter((each) => each.family === place.dataset.family).map((each) => panel(each, overlay)));
  }
}
