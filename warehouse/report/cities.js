// A city: its figures beside the province's, and the institutions that are missing, by promise.

const drawnCities = new Map();

function drawCity(place, period) {
  const { code } = places[place];
  const article = document.getElementById(`city-${code}`);
  if (drawnCities.get(code) === period) return;
  drawnCities.set(code, period);
  $(".cityfigures", article).replaceChildren(figures(place, period));
  const missing = $(".citymissing", article);
  if (!missing.childElementCount) missing.append(...stillMissing(code));
}

function figures(place, period) {
  const head = [["指标", "indicator"], ["本市", "city", "n"], ["全省", "province", "n"], ["相差", "difference", "n"], ["名次", "rank", "n"],
    ["走势", "trend", "chart"], ["分母", "denominator", "n"]];
  const families = [...new Set(indicators.map((indicator) => indicator.family))];
  const bodies = families.map((family) => made("tbody", {}, indicators.filter((each) => each.family === family)
    .map((indicator) => row(indicator, place, period))));
  const { zh, en } = places[place];
  const when = periods[period];
  return called(made("div", { class: "wide", role: "group", tabindex: "0" }, made("table", { class: "figures" },
    made("caption", {}, both(`指标 · ${when.zh}；相差的单位同指标（百分比为个百分点）；走势：橙为本市，蓝为全省；✓ 达到目标`,
      `Indicators · ${when.en}; differences in the indicator's unit (points for per cent); trend: orange the city, blue the province; ✓ threshold reached`)),
    made("thead", {}, made("tr", {}, head.map(([chinese, english, kind]) => made("th", { scope: "col", class: kind }, both(chinese, english))))),
    bodies)), `${zh}的指标`, `Indicators of ${en}`);
}

function row(indicator, place, period) {
  const value = valueAt(indicator, place, period);
  const whole = valueAt(indicator, 0, period);
  const hidden = isHidden(indicator, place, period);
  const { known } = ranked(indicator, period);
  const rank = known.find((each) => each.place === place)?.rank;
  const difference = value !== null && whole !== null ? moved(indicator, value - whole, true) : "—";
  if (difference !== "—") $$(".said", difference).forEach((said) => said.remove());
  return made("tr", {},
    made("th", { scope: "row" }, named(indicator, "t")),
    made("td", { class: hidden ? "n" : "n own" }, hidden ? both("抑制", "suppressed") : shown(indicator, value),
      made("span", { class: reaches(indicator, value, places[place].code) ? "tick" : "tick none" }, " ✓"),
      indicator.doubts === null || !indicator.doubts[place][period] ? null
        : made("span", { class: "doubt" }, made("span", { class: "said" }, both("区间", "interval")), " ", interval(indicator, place, period))),
    made("td", { class: "n whole" }, shown(indicator, whole)),
    made("td", { class: "n" }, difference),
    made("td", { class: "n" }, rank ? `${rank}/${known.length}` : "—"),
    made("td", { class: "chart" }, spark(indicator, place, monthsAt)),
    made("td", { class: "n" }, counted(denominatorAt(indicator, place, period))));
}

/** Return the lists of institutions that stand with the promises, for one city. */
function stillMissing(code) {
  const found = $$(`.missing [data-city="${code}"]`);
  if (!found.length) return [];
  return [made("h4", {}, both("尚缺机构", "Institutions missing")), ...found.map((each) => {
    const target = each.parentElement.dataset.target;
    const name = [...$(`#${target} th`).childNodes].filter((node) => !node.classList?.contains("scope")).map((node) => node.cloneNode(true));
    const count = $("b", each).cloneNode(true);
    return made("details", { class: "target" }, made("summary", {}, name, " ", count), $$(".names", each).map((list) => list.cloneNode(true)));
  })];
}
