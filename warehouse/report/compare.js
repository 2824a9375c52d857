// The chosen indicator in the chosen period: what it is, the map, the ranking; and all indicators at once.

/** Put the cities with figures into five classes of equal width; return the class of a value, and the limits. */
function classes(indicator, period) {
  const values = cityValues(indicator, period);
  if (!values.length) return { of: () => "", limits: [] };
  const [low, high] = [Math.min(...values), Math.max(...values)];
  if (low === high) return { of: () => "s2", limits: [[low, high, "s2"]] };
  const width = (high - low) / 5;
  return {
    of: (value) => `s${Math.min(4, Math.floor((value - low) / width))}`,
    limits: [0, 1, 2, 3, 4].map((at) => [low + at * width, low + (at + 1) * width, `s${at}`]),
  };
}

function drawFacts(indicator, period) {
  const value = valueAt(indicator, 0, period);
  const earlier = before(period) >= 0 ? valueAt(indicator, 0, before(period)) : null;
  const known = cityValues(indicator, period).length;
  const hidden = cities.filter((_, at) => isHidden(indicator, at + 1, period)).length;
  const [suppressed, all] = indicator.cells[period];
  const { early } = periods[period];
  const fact = (zh, en, ...told) => made("div", {}, made("dt", {}, both(zh, en)), made("dd", {}, told));
  const unit = indicator.amount === "percent" ? null : [" ", made("span", { class: "unit" }, both(...indicator.unit))];
  const lead = made("p", { class: "figure" }, made("span", {}, both("全省", "Province")), " ",
    made("b", {}, isHidden(indicator, 0, period) ? both("抑制", "suppressed") : shown(indicator, value)), unit, " ",
    value !== null && earlier !== null ? [moved(indicator, value - earlier), " ",
      made("span", { class: "unit" }, both(`比 ${periods[before(period)].code}`, `on ${periods[before(period)].code}`))] : null);
  $("#facts").replaceChildren(made("h3", {}, named(indicator)), lead, made("dl", { class: "facts" },
    fact("导向", "direction", both(...direction[indicator.good])),
    fact("目标", "threshold", indicator.threshold === null ? both("无", "none")
      : [indicator.good === "down" ? "≤ " : "≥ ", shown(indicator, indicator.threshold), " ",
        made("span", { class: "unit" }, both(...indicator.source))]),
    fact("状态", "state", both(...(early ? ["初步数", "preliminary"] : ["最终数", "final"]))),
    indicator.doubts === null ? null : fact("95% 区间", "95% interval", interval(indicator, 0, period) ?? "—", " ",
      made("span", { class: "unit" }, both("存疑身份所致", "for doubtful identity"))),
    fact("全省分母", "denominator, province", counted(denominatorAt(indicator, 0, period)), " ",
      made("span", { class: "unit" }, both(...indicator.of))),
    fact("有数地市", "cities with a figure", `${known} / ${cities.length}`,
      hidden ? [" ", made("span", { class: "unit" }, both(`抑制 ${hidden}`, `${hidden} suppressed`))] : null),
    fact("抑制单元格", "cells suppressed", all ? `${((100 * suppressed) / all).toFixed(1)}%` : "—"),
    indicator.error[0] ? fact("关联误差", "linkage error", both(...indicator.error.map((text) => text.replace(/^(关联误差|linkage error) ?/, "")))) : null));
}

function drawMap(indicator, period) {
  const shade = classes(indicator, period);
  const { known } = ranked(indicator, period);
  const ranks = new Map(known.map((row) => [row.place, row.rank]));
  for (const [place, { code }] of places.entries()) {
    const tile = $(`.tiles [data-place="${code}"]`);
    const value = valueAt(indicator, place, period);
    const hidden = isHidden(indicator, place, period);
    const reached = reaches(indicator, value, code);
    tile.classList.remove("s0", "s1", "s2", "s3", "s4", "hidden", "empty");
    tile.classList.add(hidden ? "hidden" : value === null ? "empty" : (place && shade.of(value)) || "none");
    $("b", tile).replaceChildren(...(hidden ? both("抑制", "hidden") : [shown(indicator, value)].flat()));
    $("small", tile).replaceChildren(...[
      place && ranks.has(place) ? both(`第${ranks.get(place)}`, `no. ${ranks.get(place)}`) : [],
      reached ? [made("span", { class: "tick" }, " ✓", made("span", { class: "said" }, both("达到目标", "threshold reached")))] : [],
    ].flat(2));
  }
  const item = (kind, ...text) => made("li", {}, made("i", { class: kind }), text);
  $("#shades").replaceChildren(
    ...shade.limits.map(([low, high, kind]) => item(kind, low === high ? shown(indicator, low) : `${shown(indicator, low)}–${shown(indicator, high)}`)),
    item("hidden", both("抑制", "suppressed")), item("empty", both("无数", "no figure")),
    indicator.threshold === null ? "" : item("tickkey", both("达到目标", "threshold reached")));
}

function drawRanking(indicator, period) {
  const { known, unknown } = ranked(indicator, period);
  const whole = { city: places[0], place: 0, value: valueAt(indicator, 0, period), rank: null };
  const numbers = [...known.map((row) => row.value), whole.value, indicator.threshold].filter((value) => value !== null);
  const limits = [Math.min(0, ...numbers), Math.max(0, ...numbers) * 1.02 || 1];
  const rows = [...known];
  if (whole.value !== null) {
    const sign = indicator.good === "down" ? 1 : -1;
    const at = known.findIndex((row) => sign * (whole.value - row.value) < 0);
    rows.splice(at < 0 ? known.length : at, 0, whole);
  }
  const earlier = before(period);
  const head = [["名次", "rank", "n"], ["地市", "city"], ["数值", "value", "n"], ["", "", "chart"], ["较上月", "change", "n"], ["分母", "denominator", "n"]];
  const body = [...rows, ...unknown].map((row) => {
    const hidden = isHidden(indicator, row.place, period);
    const past = earlier >= 0 ? valueAt(indicator, row.place, earlier) : null;
    const marks = [["province", row.place ? whole.value : null], ["mark", thresholdOf(indicator, row.city.code)]];
    const name = row.place ? made("a", { href: `#city-${row.city.code}` }, both(row.city.zh, row.city.en)) : both(row.city.zh, row.city.en);
    return made("tr", { class: row.place ? null : "whole" },
      made("td", { class: "n" }, row.rank ? String(row.rank) : "–"),
      made("th", { scope: "row" }, name),
      made("td", { class: "n" }, hidden ? both("抑制", "suppressed") : shown(indicator, row.value),
        reaches(indicator, row.value, row.city.code) ? made("span", { class: "tick" }, " ✓") : made("span", { class: "tick none" }, " ✓")),
      made("td", { class: "chart" }, row.value === null ? null : rod(indicator, row.value, marks, limits)),
      made("td", { class: "n" }, row.value !== null && past !== null ? moved(indicator, row.value - past, true) : "—"),
      made("td", { class: "n" }, counted(denominatorAt(indicator, row.place, period))));
  });
  const marks = indicator.threshold === null ? both("；竖线：全省", "; line: province") : both("；实线：全省，虚线：目标", "; solid line: province, dashed: threshold");
  $("#ranking").replaceChildren(made("table", {},
    made("caption", {}, both(`排名（${direction[indicator.good][0]}）`, `Ranking (${direction[indicator.good][1]})`), marks,
      ...both(" · 变化单位：" + (indicator.amount === "percent" ? "百分点" : indicator.unit[0]), " · changes in " + (indicator.amount === "percent" ? "points" : indicator.unit[1]))),
    made("thead", {}, made("tr", {}, head.map(([zh, en, kind]) => zh
      ? made("th", { scope: "col", class: kind }, both(zh, en)) : made("td", { class: kind })))),
    made("tbody", {}, body)));
}

/** Draw every indicator in every city; the shade tells how near to the best city it is. */
function drawMatrix(period) {
  const head = made("tr", {}, made("th", { scope: "col" }, both("指标", "indicator")),
    places.map((place) => made("th", { scope: "col", class: "place" }, made("span", {}, both(place.zh, place.en)))));
  const families = new Map();
  for (const indicator of indicators) families.set(indicator.family, [...(families.get(indicator.family) ?? []), indicator]);
  const bodies = [...families.values()].map((group) => made("tbody", {}, group.map((indicator) => {
    const { known } = ranked(indicator, period);
    const [best, worst] = [known[0]?.value, known[known.length - 1]?.value];
    const shade = (place) => {
      const value = valueAt(indicator, place, period);
      if (!place) return "whole";
      if (value === null || indicator.good === "monitor" || best === worst) return "";
      return `s${Math.min(4, Math.floor((5 * (value - worst)) / (best - worst)))}`;
    };
    return made("tr", {}, made("th", { scope: "row" }, named(indicator, "t"), indicator.amount === "percent" ? made("span", { class: "unit" }, " %") : null),
      places.map((_, place) => {
        const hidden = isHidden(indicator, place, period);
        const value = valueAt(indicator, place, period);
        return made("td", { class: hidden ? "hidden" : shade(place) || null },
          hidden ? made("span", {}, "×", made("span", { class: "said" }, both("抑制", "suppressed"))) : value === null ? "–" : shown(indicator, value).replace("%", ""));
      }));
  })));
  const caption = both(`${periods[period].zh}；色深者好（按各指标导向），自最差至最好的地市分五级；× 抑制，– 无数`,
    `${periods[period].en}; darker is better (by each indicator's direction), in five steps from the worst city to the best; × suppressed, – no figure`);
  const wide = called(made("div", { class: "wide", role: "group", tabindex: "0" },
    made("table", {}, made("caption", {}, caption), made("thead", {}, head), bodies)), "全部指标的地市数值", "Every indicator in every city");
  $("#matrix").replaceChildren(wide);
}
