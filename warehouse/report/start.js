// What is chosen, kept in the address; and the reader's actions.

const chosen = { lang: "zh", indicator: indicators[0]?.code ?? "", period: data.last, city: cities[0]?.code ?? "", overlay: "" };
const initial = { ...chosen };

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}

/** Read what is chosen from the address; return the part of the page that it names. */
function readAddress() {
  const wanted = new Map();
  let anchor = "";
  for (const part of decoded(location.hash.slice(1)).split("&")) {
    const [name, value] = part.split("=");
    if (value === undefined) anchor = name;
    else wanted.set(name, value);
  }
  const isCity = (value) => cities.some((city) => city.code === value);
  const known = {
    lang: (value) => ["zh", "en"].includes(value),
    indicator: (value) => byCode.has(value),
    period: (value) => periodAt(value) >= 0,
    city: isCity,
    overlay: isCity,
  };
  for (const name of Object.keys(known)) {
    const value = wanted.get(name);
    // A link to a part of the page doesn't say the language again.
    if (value !== undefined && known[name](value)) chosen[name] = value;
  }
  if (anchor.startsWith("city-") && isCity(anchor.slice(5))) chosen.city = anchor.slice(5);
  return anchor;
}

function writeAddress(anchor = "") {
  const parts = Object.keys(chosen).filter((name) => chosen[name] !== initial[name]).map((name) => `${name}=${encodeURIComponent(chosen[name])}`);
  const hash = [anchor, ...parts].filter(Boolean).join("&");
  history.replaceState(null, "", hash ? `#${hash}` : location.pathname + location.search);
}

function goTo(anchor) {
  const element = document.getElementById(anchor);
  if (!element) return;
  if (element.matches(".promises tbody")) $("details", element).open = true;
  for (let outer = element.closest("details"); outer; outer = outer.parentElement.closest("details")) outer.open = true;
  if (element.matches("tbody[hidden]")) filterBy("");
  if (!element.hasAttribute("tabindex")) element.tabIndex = -1;
  element.scrollIntoView();
  element.focus({ preventScroll: true });
}

function show() {
  speak(chosen.lang);
  const period = periodAt(chosen.period);
  if (period < 0 || !indicators.length) return;
  $("#indicator").value = chosen.indicator;
  $("#overlay").value = chosen.overlay;
  for (const select of $$("select.period")) select.value = chosen.period;
  const indicator = byCode.get(chosen.indicator);
  drawFacts(indicator, period);
  drawMap(indicator, period);
  drawRanking(indicator, period);
  drawMatrix(period);
  const place = cities.findIndex((city) => city.code === chosen.city) + 1;
  for (const article of $$("article.city")) article.classList.toggle("on", article.dataset.city === chosen.city);
  for (const button of $$(".chips button")) button.setAttribute("aria-pressed", String(button.dataset.city === chosen.city));
  if (place) drawCity(place, period);
}

function overlayTrends() {
  drawTrends(cities.findIndex((city) => city.code === chosen.overlay) + 1);
}

function filterBy(status) {
  for (const button of $$(".statuses button")) button.setAttribute("aria-pressed", String(button.dataset.status === status));
  for (const body of $$(".promises tbody")) body.hidden = Boolean(status) && body.dataset.status !== status;
}

/** Open and draw all that paper should have. */
function prepareForPaper() {
  const period = periodAt(chosen.period);
  if (period < 0) return;
  cities.forEach((_, at) => drawCity(at + 1, period));
  for (const details of $$("details:not(.values):not([open])")) {
    details.open = true;
    details.dataset.opened = "for paper";
  }
}

function afterPaper() {
  document.body.classList.remove("onecity");
  for (const details of $$("details[data-opened]")) {
    details.open = false;
    delete details.dataset.opened;
  }
}

document.documentElement.classList.add("js");
const start = readAddress();
overlayTrends();
show();
document.documentElement.classList.add("drawn");
if (start) goTo(start);

$("#language").addEventListener("click", () => {
  chosen.lang = english() ? "zh" : "en";
  speak(chosen.lang);
  writeAddress();
});
document.addEventListener("click", (event) => {
  const link = event.target.closest('a[href^="#"]');
  if (!link) return;
  event.preventDefault();
  const anchor = link.getAttribute("href").slice(1);
  if (anchor.startsWith("city-")) chosen.city = anchor.slice(5);
  show();
  writeAddress(anchor);
  goTo(anchor);
});
window.addEventListener("hashchange", () => {
  const anchor = readAddress();
  overlayTrends();
  show();
  if (anchor) goTo(anchor);
});
document.addEventListener("change", ({ target }) => {
  if (target.matches("#indicator")) chosen.indicator = target.value;
  else if (target.matches("select.period")) chosen.period = target.value;
  else if (target.matches("#overlay")) {
    chosen.overlay = target.value;
    overlayTrends();
  } else return;
  show();
  writeAddress();
});
for (const button of $$(".chips button")) {
  button.addEventListener("click", () => {
    chosen.city = button.dataset.city;
    show();
    writeAddress();
  });
}
for (const button of $$(".statuses button")) {
  button.addEventListener("click", () => filterBy(button.getAttribute("aria-pressed") === "true" ? "" : button.dataset.status));
}
for (const button of $$(".printcity")) {
  button.addEventListener("click", () => {
    document.body.classList.add("onecity");
    window.print();
  });
}
window.addEventListener("beforeprint", prepareForPaper);
window.addEventListener("afterprint", afterPaper);
if ("IntersectionObserver" in window) {
  const seen = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      const link = $(`nav a[href="#${target.id}"]`);
      if (isIntersecting) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  }, { rootMargin: "-30% 0px -69% 0px" });
  for (const section of $$("main > section")) seen.observe(section);
}
