"""The look of the review page, beyond that of the quality page."""

STYLE = """
.doubt { border: 1px solid var(--line); border-top: 4px solid var(--ink); border-radius: 4px; padding: .7rem 1rem 1rem;
  margin: 1.4rem 0; }
.doubt > header { display: flex; flex-wrap: wrap; gap: .1rem 1rem; align-items: baseline; }
.doubt h2 { font-size: 1.1rem; margin: 0; padding: 0; border: 0; }
.doubt > header code { color: var(--soft); }
.doubt > header b { margin-left: auto; font-size: 1.25rem; font-variant-numeric: tabular-nums; }
.facts { display: grid; grid-template-columns: minmax(0, 7fr) minmax(0, 6fr); gap: 0 1.6rem; align-items: start; }
.facts table { table-layout: fixed; } .facts td, .facts tbody th { white-space: normal; overflow-wrap: anywhere; }
.sides:only-child { grid-column: 1 / -1; }
.sides col:first-child { width: 6.6rem; } .sides col:last-child { width: 2rem; }
.sides td:last-child { text-align: center; font-weight: 700; padding-left: 0; padding-right: 0; }
.sides ul { list-style: none; margin: 0; padding: 0; } .sides li + li { color: var(--soft); font-size: .92em; }
.differs { background: #fff6ee; } .differs td:last-child { color: var(--alert); }
mark { background: none; color: var(--alert); font-weight: 700; border-bottom: 2px solid var(--alert); }
.crossed { display: block; color: var(--blue); font-weight: 600; }
.way col.bits { width: 3.6rem; } .way col.bar { width: 42%; }
.way th, .way td { padding-top: .22rem; padding-bottom: .22rem; } .way tbody th { font-weight: 400; }
.way tbody th b { font-weight: 600; } .way .end th, .way .end td { border-top: 2px solid var(--ink); font-weight: 600; }
.track { position: relative; height: 1.05rem; background: var(--wash); overflow: hidden; }
.track i { position: absolute; top: .18rem; bottom: .18rem; min-width: 2px; background: var(--blue); }
.track .against { background: repeating-linear-gradient(135deg, var(--alert) 0 3px, #d98a5b 3px 6px); }
.track .sum { background: var(--ink); }
.track u { position: absolute; top: 0; bottom: 0; border-left: 1px dashed var(--soft); }
.warned { border: 1px solid var(--alert); border-left: 5px solid var(--alert); border-radius: 4px;
  padding: .4rem .9rem; }
@media (max-width: 52rem) { .facts { grid-template-columns: minmax(0, 1fr); } }
@media (max-width: 40rem) {
  .doubt { padding: .6rem .6rem .8rem; } .sides col:first-child { width: 4.6rem; }
  .facts th, .facts td { padding-left: .3rem; padding-right: .3rem; }
}
@media print {
  .doubt { break-inside: avoid; margin: 0 0 5mm; padding: 2mm 3mm; } .doubt p { margin: 0 0 1mm; }
  .facts { grid-template-columns: minmax(0, 3fr) minmax(0, 2fr); gap: 0 4mm; }
  .facts table { font-size: 8pt; } .facts th, .facts td { padding: .5mm 1mm; line-height: 1.35; }
  .sides col:first-child { width: 19mm; } .sides col:last-child { width: 5mm; } .way col.bits { width: 10mm; }
  .way col.bar { width: 34%; } .track { height: .8rem; }
}
"""
