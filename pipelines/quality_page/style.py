"""The look of the quality page: dark on white, calm, printable on A4, legible to eyes that confuse colours."""

STYLE = """
:root { --ink: #1c2430; --soft: #556173; --line: #d5dbe3; --wash: #f4f6f9; --blue: #1f5a96; --alert: #a63d00; }
* { box-sizing: border-box; }
html { scroll-behavior: smooth; }
body { margin: 0; background: #fff; color: var(--ink);
  font: 15px/1.6 "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Source Han Sans SC", sans-serif; }
.page { max-width: 72rem; margin: 0 auto; padding: 1.5rem 1.25rem 4rem; }
svg text { font-family: "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Source Han Sans SC", sans-serif; }
h1 { font-size: 1.7rem; line-height: 1.25; margin: 0 0 .2rem; }
h2 { font-size: 1.25rem; margin: 2.6rem 0 .3rem; padding-top: .7rem; border-top: 2px solid var(--ink); }
h3 { font-size: 1rem; margin: 1.6rem 0 .3rem; }
p { margin: .3rem 0 .7rem; max-width: 52rem; }
.note { color: var(--soft); font-size: .88rem; }
.lead { font-size: 1.12rem; max-width: 60rem; }
code { font: .86em/1.5 ui-monospace, Menlo, Consolas, "Noto Sans Mono CJK SC", monospace; }
pre { margin: .3rem 0; padding: .45rem .7rem; background: var(--wash); border: 1px solid var(--line);
  border-radius: 4px; white-space: pre-wrap; overflow-wrap: anywhere; }
a { color: var(--blue); }

/* language: two radio buttons before all else, no script */
.language { position: absolute; opacity: 0; pointer-events: none; }
#english:checked ~ .page [lang=zh], #chinese:checked ~ .page [lang=en] { display: none; }
.switch { float: right; border: 1px solid var(--line); border-radius: 1rem; overflow: hidden; font-size: .88rem;
  margin-left: 1rem; }
.switch label { display: inline-block; padding: .15rem .8rem; cursor: pointer; }
#chinese:checked ~ .page label[for=chinese], #english:checked ~ .page label[for=english] {
  background: var(--ink); color: #fff; }
#chinese:focus-visible ~ .page .switch, #english:focus-visible ~ .page .switch,
  summary:focus-visible, a:focus-visible, .wide:focus-visible { outline: 3px solid #5b9bd5; outline-offset: 2px; }

nav ul { list-style: none; display: flex; flex-wrap: wrap; gap: .2rem 1.1rem; padding: 0; margin: .8rem 0 0;
  font-size: .92rem; }
.cards { display: grid; grid-template-columns: repeat(4, 1fr); gap: .7rem; margin: .7rem 0; padding: 0;
  list-style: none; }
.cards li { border: 1px solid var(--line); border-top: 4px solid var(--line); border-radius: 4px;
  padding: .5rem .8rem; }
.cards b { display: block; font-size: 1.45rem; line-height: 1.3; font-variant-numeric: tabular-nums; }
.cards span { color: var(--soft); font-size: .85rem; }
.cards .good { border-top-color: var(--blue); } .cards .alert { border-top-color: var(--alert); }
.cards .alert b { color: var(--alert); }
.cases { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 27rem), 1fr)); gap: .6rem; }
.case { border: 1px solid var(--line); border-left: 5px solid var(--alert); border-radius: 4px; padding: .6rem .9rem;
  min-width: 0; }
.case h4 { margin: 0; font-size: 1rem; } .case p { margin: .2rem 0; }

.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; margin: .4rem 0; }
caption { text-align: left; color: var(--soft); font-size: .88rem; padding-bottom: .3rem; }
th, td { border-bottom: 1px solid var(--line); padding: .3rem .55rem; text-align: left; vertical-align: top; }
thead th { background: var(--wash); vertical-align: bottom; line-height: 1.3; }
tbody th { font-weight: 600; white-space: nowrap; }
.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
td { white-space: nowrap; } .long { white-space: normal; overflow-wrap: anywhere; min-width: 14rem; }
.badge { display: inline-block; border-radius: 3px; padding: 0 .45rem; font-size: .82rem; white-space: nowrap;
  border: 1px solid currentcolor; }
.badge.error { color: var(--alert); } .badge.warning { color: var(--blue); }

/* heat maps: a table whose cells carry their figure and a shade */
.heat table { width: auto; }
.heat th, .heat td { padding: .14rem .2rem; font-size: .82rem; border: 1px solid #fff; line-height: 1.35; }
.heat td { text-align: center; font-variant-numeric: tabular-nums; height: 1.75rem; vertical-align: middle;
  min-width: 3.2rem; }
.heat thead th { text-align: center; font-weight: 600; font-size: .78rem; max-width: 5.5rem; }
.feeds td { min-width: 4.9rem; }
.checks td { min-width: 2.35rem; } .checks thead th { font-size: .72rem; }
.heat tbody th, .heat thead th:first-child { position: sticky; left: 0; background: #fff; text-align: left;
  width: 6.2rem; min-width: 5rem; vertical-align: middle; }
.checks tbody th, .checks thead th:first-child { width: 14rem; min-width: 14rem; white-space: normal;
  overflow-wrap: anywhere; }
.heat .total th, .heat .total td { border-bottom: 2px solid var(--ink); }
.s0 { background: #f1f5fa; } .s1 { background: #d9e7f4; } .s2 { background: #b3cfe8; } .s3 { background: #84b0d9; }
.s4 { background: #2f6cab; color: #fff; }
.w1 { background: #fde3c8; } .w2 { background: #f7b77a; } .w3 { background: #a63d00; color: #fff; font-weight: 600; }
.none { color: #6b7686; }
.key { display: flex; flex-wrap: wrap; gap: .25rem .9rem; padding: 0; margin: .3rem 0 .5rem; list-style: none;
  font-size: .84rem; color: var(--soft); }
.key i { display: inline-block; min-width: 1.5rem; height: 1.15rem; line-height: 1.15rem; padding: 0 .3rem;
  margin-right: .35rem; vertical-align: -.15rem; text-align: center; font-style: normal;
  border: 1px solid var(--line); }
.key i:not(.w3):not(.s4) { color: var(--ink); }

figure { margin: .6rem 0 1.2rem; } figcaption { color: var(--soft); font-size: .88rem; max-width: 52rem; }
figure svg { width: 100%; max-width: 76rem; height: auto; min-width: 44rem; display: block; }
details { border: 1px solid var(--line); border-radius: 4px; margin: .45rem 0; padding: 0 .9rem; }
details[open] { padding-bottom: .6rem; }
summary { cursor: pointer; padding: .45rem 0; font-weight: 600; }
summary .note { font-weight: 400; margin-left: .5rem; }
footer { margin-top: 3rem; border-top: 1px solid var(--line); padding-top: .7rem; }

@media (max-width: 40rem) {
  .page { padding: 1rem .8rem 3rem; }
  h1 { font-size: 1.35rem; clear: both; padding-top: .5rem; }
  .cards { grid-template-columns: 1fr 1fr; }
  .heat tbody th, .heat thead th:first-child { width: 4.6rem; min-width: 4.6rem; }
  .checks tbody th, .checks thead th:first-child { width: 8rem; min-width: 8rem; }
}
@media print {
  @page { size: A4; margin: 14mm 12mm; }
  body { font-size: 10pt; -webkit-print-color-adjust: exact; print-color-adjust: exact; }
  .page { max-width: none; padding: 0; }
  nav, .switch { display: none; }
  h2, h3, h4, summary { break-after: avoid; } figure, .case, tr, .cards li { break-inside: avoid; }
  thead { display: table-header-group; }
  .wide { overflow: visible; }
  figure svg { min-width: 0; }
  .heat table { min-width: 0; width: 100%; }
  .heat td, .heat thead th { min-width: 0; padding: .08rem; font-size: 7.5pt; }
  .heat td { height: auto; }
  .heat tbody th, .heat thead th:first-child { position: static; width: 17mm; min-width: 0; font-size: 7.5pt; }
  .checks tbody th, .checks thead th:first-child { width: 34mm; }
  table { font-size: 8.5pt; } td, tbody th { white-space: normal; } .long { min-width: 0; }
  code { font-size: 7.5pt; }
  .cards { grid-template-columns: repeat(4, 1fr); } .cards b { font-size: 14pt; }
}
"""
