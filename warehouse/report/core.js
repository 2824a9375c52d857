// The figures, the elements that are made of them, numbers in words, and the language.
"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const periods = data.periods.map(([code, zh, en, early]) => ({ code, zh, en, early }));
const periodAt = (code) => periods.findIndex((period) => period.code === code);
const places = data.places.map(([code, zh, en]) => ({ code, zh, en }));
const cities = places.slice(1);
const indicators = data.indicators;
const byCode = new Map(indicators.map((indicator) => [indicator.code, indicator]));
const svgSpace = document.querySelector("svg").namespaceURI;
const $ = (selector, within = document) => within.querySelector(selector);
const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];

/** Make an element; text among its children stays text, so that no data is ever read as markup. */
function made(tag, attributes = {}, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

function drawn(tag, attributes = {}, ...children) {
  return filled(document.createElementNS(svgSpace, tag), attributes, children);
}

function filled(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== ""));
  return element;
}

/** Say something in both languages; the style shows one of them. */
function both(zh, en) {
  return zh === en ? [zh] : [made("span", { lang: "zh" }, zh), made("span", { lang: "en" }, en)];
}

/** Call an element something, in the language that is shown. */
function called(element, zh, en) {
  element.dataset.labelZh = zh;
  element.dataset.labelEn = en;
  element.setAttribute("aria-label", english() ? en : zh);
  return element;
}

function named(indicator, linked = "m") {
  const name = [made("span", { class: "code" }, indicator.code), " ", both(indicator.zh, indicator.en)];
  const unit = indicator.amount === "percent" ? [] : [" ", made("span", { class: "unit" }, both(...indicator.unit))];
  return [linked ? made("a", { href: `#${linked}-${indicator.code}` }, name) : name, unit];
}

// A figure of an indicator: place and period are indexes. Without a denominator it is suppressed.
const valueAt = (indicator, place, period) => indicator.values[place][period];
const denominatorAt = (indicator, place, period) => indicator.denominators[place][period];
const isHidden = (indicator, place, period) => denominatorAt(indicator, place, period) === null;
const cityValues = (indicator, period) => cities.map((_, at) => valueAt(indicator, at + 1, period)).filter((v) => v !== null);

function grouped(text) {
  const [whole, part] = text.split(".");
  return whole.replace(/\B(?=(\d{3})+$)/g, ",") + (part ? `.${part}` : "");
}

const plain = (number, decimals) => grouped(number.toFixed(decimals)).replace("-", "−");
const scaled = (indicator, value) => (indicator.amount === "percent" ? 100 * value : value);

/** Write a value without its unit, but for the sign of per cent. */
function shown(indicator, value) {
  if (value === null || value === undefined) return "—";
  const text = plain(scaled(indicator, value), indicator.decimals);
  return indicator.amount === "percent" ? `${text}%` : text;
}

/** Write the interval that doubtful links leave a figure, in finer steps than figures; null where it has none. */
function interval(indicator, place, period) {
  const doubt = indicator.doubts?.[place][period];
  if (doubt === null || doubt === undefined) return null;
  const value = valueAt(indicator, place, period);
  const [less, more] = doubt || [0, 0];
  const ends = [value - less / 1e6, value + more / 1e6].map((end) => plain(scaled(indicator, end), indicator.decimals + 2));
  return `${ends.join("–")}${indicator.amount === "percent" ? "%" : ""}`;
}

/** Write a change of a value, with its sign; without a unit where it stands in a column. */
function changed(indicator, change, bare = false) {
  let text = plain(scaled(indicator, change), indicator.decimals);
  if (!/[1-9]/.test(text)) text = `±${text.replace("−", "")}`;
  else if (change > 0) text = `+${text}`;
  if (bare || indicator.amount === "quotient") return [text];
  const [zh, en] = indicator.amount === "percent" ? ["个百分点", "points"] : indicator.unit;
  return both(`${text} ${zh}`, `${text} ${en}`);
}

const counted = (number) => (number === null ? "—" : grouped(number.toFixed(0)));
const direction = { up: ["越高越好", "higher is better"], down: ["越低越好", "lower is better"], monitor: ["仅监测", "watched"] };

/** Say whether a change is to the better: true, false, or null where neither way is. */
function isBetter(indicator, change) {
  if (indicator.good === "monitor" || !change) return null;
  return indicator.good === "up" ? change > 0 : change < 0;
}

/** Write a change with its arrow, and whether it is to the better. */
function moved(indicator, change, bare = false) {
  if (change === null) return made("span", { class: "move neutral" }, "—");
  const told = changed(indicator, change, bare);
  const none = !/[1-9]/.test(plain(scaled(indicator, change), indicator.decimals));
  const better = none ? null : isBetter(indicator, change);
  const kind = better === null ? "neutral" : better ? "better" : "worse";
  const words = { better: ["改善", "better"], worse: ["变差", "worse"], neutral: null }[kind];
  const arrow = none ? "" : change > 0 ? "▲ " : "▼ ";
  return made("span", { class: `move ${kind}` }, made("span", { "aria-hidden": "true" }, arrow), told,
    words && (bare ? made("span", { class: "said" }, both(...words)) : [" ", made("i", {}, both(...words))]));
}

function thresholdOf(indicator, code) {
  return indicator.thresholds[code] ?? indicator.threshold;
}

function reaches(indicator, value, code) {
  const threshold = thresholdOf(indicator, code);
  if (threshold === null || value === null || indicator.good === "monitor") return null;
  return indicator.good === "down" ? value <= threshold + 1e-9 : value >= threshold - 1e-9;
}

/** Return the cities with their figures, the best first (the highest where neither way is better), and their ranks. */
function ranked(indicator, period) {
  const sign = indicator.good === "down" ? 1 : -1;
  const rows = cities.map((city, at) => ({ city, place: at + 1, value: valueAt(indicator, at + 1, period) }));
  const known = rows.filter((row) => row.value !== null).sort((a, b) => sign * (a.value - b.value) || a.place - b.place);
  known.forEach((row, at) => { row.rank = at && known[at - 1].value === row.value ? known[at - 1].rank : at + 1; });
  return { known, unknown: rows.filter((row) => row.value === null) };
}

/** Return the period before, of months alone; -1 where there is none. */
function before(period) {
  const at = data.months.indexOf(periods[period].code);
  return at > 0 ? periodAt(data.months[at - 1]) : -1;
}

const english = () => document.documentElement.lang === "en";

/** Show the page in a language: what the style can't switch is switched here. */
function speak(language) {
  const en = language === "en";
  document.documentElement.lang = en ? "en" : "zh-Hans";
  const swap = (selector, key, set, get) => {
    for (const element of $$(selector)) {
      element.dataset[`${key}Zh`] ??= get(element);
      set(element, element.dataset[`${key}${en ? "En" : "Zh"}`]);
    }
  };
  swap("[data-label-en]", "label", (e, text) => e.setAttribute("aria-label", text), (e) => e.getAttribute("aria-label"));
  swap("[data-group-en]", "group", (e, text) => { e.label = text; }, (e) => e.label);
  swap("[data-text-en]", "text", (e, text) => { e.textContent = text; }, (e) => e.textContent);
  swap("[data-told-en]", "told", (e, text) => { e.dataset.told = text; }, (e) => e.dataset.told);
  const button = $("#language");
  button.textContent = en ? "中文" : "English";
  button.lang = en ? "zh-Hans" : "en";
  button.setAttribute("aria-label", en ? "切换为中文 (中文)" : "Switch to English");
}
