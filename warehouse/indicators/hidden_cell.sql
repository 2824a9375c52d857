-- Which figures are withheld: those of few persons, and those that would give them away by subtraction.
-- Reads period_cell, period_month, dim_division, catalogue_indicator. Gives hidden_cell.
--
-- Figures add up over divisions, levels, breakdowns and months. So that a figure of few persons can't be worked out from its neighbours,
-- there must be another set of figures with the same sums: one more here, one less at a sibling, the other way round in the month after, and
-- so on, in every way in which the figure is a part. All figures that such an exchange would change are withheld: the corners of a
-- hypercube, and below totals one part that carries the exchange down. A figure that isn't there, because nothing counts in it, is withheld
-- like others: otherwise it would be known to be nothing.
-- Source: Giessing and Repsilber, "Tools and strategies to protect multiple tables with the GHQUAR cell suppression engine", 2002;
-- Hundepool et al., "Statistical Disclosure Control", 2012, 4.4.
--
-- Where there is no partner the total is withheld as well. Partners are the smallest of at least ten records, or else the largest, by the
-- count that indicators share: so two indicators that count the same records withhold the same, and where one counts a part of what
-- another does (same_totals) it follows that. The month is the one after, whose figures are not out yet when the few are first withheld.

-- The cells, with what partners are chosen by, the preferred first: the denominator's records, or those of the part that is few where the parts are counted apart.
CREATE OR REPLACE TEMP TABLE weighed AS
SELECT
  cell.indicator, part.part, cell.period, cell.division_code, division.parent_code, cell.level, cell.breakdown,
  split_part(cell.breakdown, '=', 1) AS named,
  CASE WHEN entry.parts_add_up THEN coalesce(cell.hits, 0) + coalesce(cell.rest, 0)
    WHEN part.part = 'hits' THEN coalesce(cell.hits, 0) ELSE coalesce(cell.rest, 0) END AS weight,
  CASE WHEN part.part = 'hits' THEN cell.few_hits ELSE cell.few_rest END
    OR (entry.parts_add_up AND (cell.few_hits OR cell.few_rest)) AS few,
  (weight < 10, CASE WHEN weight < 10 THEN -weight ELSE weight END) AS preferred,
  (cell.few_hits OR coalesce(cell.hits, 0) = 0) AND (cell.few_rest OR coalesce(cell.rest, 0) = 0) AS few_in_all
FROM period_cell AS cell
JOIN catalogue_indicator AS entry ON entry.indicator = cell.indicator AND entry.counts_persons
JOIN dim_division AS division ON division.division_code = cell.division_code
JOIN (VALUES ('hits'), ('rest')) AS part(part) ON part.part = 'hits' OR NOT entry.parts_add_up;

CREATE OR REPLACE TEMP TABLE few_cell AS
SELECT row_number() OVER () AS cell, * EXCLUDE (weight, few, preferred) FROM weighed WHERE few;

-- Partners: another division of the same parent; another level or value there, or else at that other division.
CREATE OR REPLACE TEMP TABLE sibling AS
SELECT few.*, arg_min(other.division_code, (other.preferred, other.division_code)) AS partner
FROM few_cell AS few
LEFT JOIN weighed AS other
  ON other.indicator = few.indicator AND other.part = few.part AND other.period = few.period
  AND other.parent_code = few.parent_code AND other.level = few.level AND other.breakdown = few.breakdown
  AND other.division_code <> few.division_code
GROUP BY ALL;

CREATE OR REPLACE TEMP TABLE other_level AS
SELECT few.cell, arg_min(other.level, (other.division_code <> few.division_code, other.preferred, other.level)) AS partner
FROM sibling AS few
JOIN weighed AS other
  ON other.indicator = few.indicator AND other.part = few.part AND other.period = few.period
  AND other.division_code IN (few.division_code, few.partner) AND other.breakdown = few.breakdown
  AND other.level NOT IN ('all', few.level)
WHERE few.level <> 'all'
GROUP BY few.cell;

CREATE OR REPLACE TEMP TABLE other_value AS
SELECT few.cell, arg_min(other.breakdown, (other.division_code <> few.division_code, other.preferred, other.breakdown)) AS partner
FROM sibling AS few
JOIN weighed AS other
  ON other.indicator = few.indicator AND other.part = few.part AND other.period = few.period
  AND other.division_code IN (few.division_code, few.partner) AND other.level = few.level
  AND other.named = few.named AND other.breakdown <> few.breakdown
WHERE few.breakdown <> ''
GROUP BY few.cell;

-- Below a total, the part that carries the exchange down: the largest.
CREATE OR REPLACE TEMP TABLE largest_county AS
SELECT indicator, part, period, parent_code AS division_code, level, breakdown, arg_max(division_code, (weight, division_code)) AS below
FROM weighed
WHERE parent_code <> {province}
GROUP BY ALL;

CREATE OR REPLACE TEMP TABLE largest_level AS
SELECT indicator, part, period, division_code, breakdown, arg_max(level, (weight, level)) AS below
FROM weighed
WHERE level <> 'all'
GROUP BY ALL;

CREATE OR REPLACE TEMP TABLE largest_value AS
SELECT indicator, part, period, division_code, level, named, arg_max(breakdown, (weight, breakdown)) AS below
FROM weighed
WHERE breakdown <> ''
GROUP BY ALL;

-- The periods that an exchange changes, by the period of the few: a month, or a year to date by its last month, with the month that
-- follows; without one in that year, the year changes too. Not with a month before, whose figures are out already. A state of a month is
-- shown in every period that ends with it.
CREATE OR REPLACE TEMP TABLE changed_period AS
WITH month AS (
  SELECT month, CASE WHEN year(after) = year(month) THEN after END AS after
  FROM (SELECT month, lead(month) OVER (ORDER BY month) AS after FROM (SELECT DISTINCT month FROM period_month))
)
SELECT 'state' AS kind, strftime(month.month, '%Y-%m') AS period, period.period AS changed
FROM month
JOIN period_month AS period ON period.month = month.month AND period.is_last
UNION
SELECT 'flow', unnest([strftime(month, '%Y-%m'), strftime(month, '%Y-%m ytd')]), changed
FROM (
  SELECT month, unnest([strftime(month, '%Y-%m'), strftime(month, '%Y-%m ytd'),
    CASE WHEN after IS NULL THEN strftime(month, '%Y') ELSE strftime(after, '%Y-%m') END]) AS changed
  FROM month
)
UNION
SELECT 'flow', strftime(month, '%Y'), unnest([
  strftime(month, '%Y-%m'), strftime(month, '%Y-%m ytd'), strftime(month, '%Y')
])
FROM month
WHERE after IS NULL;

CREATE OR REPLACE TEMP TABLE hidden_cell AS
WITH spread AS (
  SELECT
    few.indicator,
    few.few_in_all,
    CASE WHEN entry.kind = 'state' THEN 'state' ELSE 'flow' END AS kind,
    few.period,
    list_filter([
      few.division_code, few.partner, county.below, other_county.below
    ], lambda code: code IS NOT NULL) AS divisions,
    list_filter([
      few.level, CASE WHEN few.level <> 'all' THEN coalesce(other_level.partner, 'all') END, largest_level.below
    ], lambda code: code IS NOT NULL) AS levels,
    list_filter([few.breakdown, CASE WHEN few.breakdown <> '' THEN coalesce(other_value.partner, '') END],
      lambda code: code IS NOT NULL) || coalesce(largest_value.below, []) AS breakdowns
  FROM sibling AS few
  JOIN catalogue_indicator AS entry ON entry.indicator = few.indicator
  LEFT JOIN other_level ON other_level.cell = few.cell
  LEFT JOIN other_value ON other_value.cell = few.cell
  LEFT JOIN largest_county AS county
    ON county.indicator = few.indicator AND county.part = few.part AND county.period = few.period
    AND county.division_code = few.division_code AND county.level = few.level AND county.breakdown = few.breakdown
  LEFT JOIN largest_county AS other_county
    ON other_county.indicator = few.indicator AND other_county.part = few.part AND other_county.period = few.period
    AND other_county.division_code = few.partner AND other_county.level = few.level
    AND other_county.breakdown = few.breakdown
  LEFT JOIN largest_level
    ON few.level = 'all'
    AND largest_level.indicator = few.indicator AND largest_level.part = few.part
    AND largest_level.period = few.period AND largest_level.breakdown = few.breakdown
    AND largest_level.division_code = few.division_code
  LEFT JOIN (
    SELECT * EXCLUDE (named, below), list(below ORDER BY named) AS below FROM largest_value GROUP BY ALL
  ) AS largest_value
    ON few.breakdown = ''
    AND largest_value.indicator = few.indicator AND largest_value.part = few.part
    AND largest_value.period = few.period AND largest_value.level = few.level
    AND largest_value.division_code = few.division_code
),
hidden AS (
  SELECT DISTINCT spread.indicator, few_in_all, changed.changed AS period, division_code, level, breakdown
  FROM (
    SELECT indicator, kind, few_in_all, period, division_code, level, unnest(breakdowns) AS breakdown
    FROM (
      SELECT indicator, kind, few_in_all, period, division_code, unnest(levels) AS level, breakdowns
      FROM (
        SELECT indicator, kind, few_in_all, period, unnest(divisions) AS division_code, levels, breakdowns FROM spread
      )
    )
  ) AS spread
  JOIN changed_period AS changed ON changed.kind = spread.kind AND changed.period = spread.period
)
SELECT indicator, period, division_code, level, breakdown FROM hidden
UNION
SELECT linked.other, hidden.period, hidden.division_code, hidden.level, linked.other_breakdown
FROM hidden
JOIN (VALUES {same_totals}) AS linked(indicator, breakdown, other, other_breakdown)
  ON linked.indicator = hidden.indicator AND linked.breakdown = hidden.breakdown
WHERE hidden.few_in_all;

DROP TABLE weighed;
DROP TABLE few_cell;
DROP TABLE sibling;
DROP TABLE other_level;
DROP TABLE other_value;
DROP TABLE largest_county;
DROP TABLE largest_level;
DROP TABLE largest_value;
DROP TABLE changed_period;
