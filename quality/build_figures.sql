-- The frame that the gate of builds judges: one row an indicator, period and province or city, counties with their city.
-- Every cell of indicator_value is in it, none sampled. Reads indicator_value, dim_indicator, dim_division, build_info
-- and former_figure (of the last build: indicator, definition, period, division_code, preliminary, numerator,
-- denominator). $number is the build's; $shares the indicators that count rows among rows, but for the breakdowns $beside; $additive those that add up.
WITH place AS (
  SELECT division_code, parent_code, coalesce(city_code, division_code) AS place, level = 'province' AS is_province
  FROM dim_division
),
cell AS (
  SELECT
    value.*,
    coalesce(place.place, (SELECT division_code FROM place WHERE is_province)) AS place,
    value.level = 'all' AND value.breakdown = '' AND value.division_code = place.place IS TRUE AS whole
  FROM indicator_value AS value
  LEFT JOIN place ON place.division_code = value.division_code
),
judged AS (
  SELECT
    indicator,
    period,
    place,
    count(*) FILTER (WHERE whole) AS given,
    any_value(numerator) FILTER (WHERE whole) AS numerator,
    any_value(denominator) FILTER (WHERE whole) AS denominator,
    any_value(preliminary) FILTER (WHERE whole) AS preliminary,
    any_value(definition) FILTER (WHERE whole) AS definition,
    min(least(numerator, denominator)) FILTER (WHERE kind <> 'growth') AS lowest,
    max(numerator - denominator) FILTER (
      WHERE list_contains($shares, indicator) AND NOT list_contains($beside, split_part(breakdown, '=', 1))
    ) AS over
  FROM cell
  JOIN (SELECT indicator, kind FROM dim_indicator) AS entry USING (indicator)
  GROUP BY indicator, period, place
),
month AS (
  SELECT strftime(unnest(generate_series(earliest, as_of::TIMESTAMP, INTERVAL 1 MONTH)), '%Y-%m') AS period
  FROM (
    SELECT min(strptime(period || '-01', '%Y-%m-%d')) AS earliest
    FROM indicator_value WHERE length(period) = 7
  )
  CROSS JOIN build_info
),
expected AS (
  SELECT entry.indicator, month.period, place.place
  FROM dim_indicator AS entry
  CROSS JOIN month
  CROSS JOIN (SELECT DISTINCT place FROM place) AS place
),
of_cities AS (
  SELECT
    judged.indicator, judged.period, place.parent_code AS place,
    sum(judged.numerator) AS numerator, sum(judged.denominator) AS denominator
  FROM judged
  JOIN place ON place.division_code = judged.place AND NOT place.is_province
  WHERE list_contains($additive, judged.indicator)
  GROUP BY ALL
),
of_months AS (
  SELECT
    judged.indicator, period[:4] AS period, judged.place,
    sum(judged.numerator) AS numerator, sum(judged.denominator) AS denominator
  FROM judged
  JOIN dim_indicator AS entry ON entry.indicator = judged.indicator AND entry.kind = 'flow'
  WHERE length(judged.period) = 7 AND list_contains($additive, judged.indicator)
  GROUP BY ALL
)
SELECT
  $number AS subject,
  coalesce(judged.indicator, expected.indicator) AS indicator,
  coalesce(judged.period, expected.period) AS period,
  coalesce(judged.place, expected.place) AS place,
  coalesce(judged.given, 0) AS given,
  judged.lowest,
  judged.over,
  least(judged.numerator - of_cities.numerator, judged.denominator - of_cities.denominator) AS over_cities,
  (judged.denominator - of_cities.denominator)::DOUBLE / nullif(judged.denominator, 0)::DOUBLE AS in_no_city,
  greatest(
    abs(judged.numerator - of_months.numerator), abs(judged.denominator - of_months.denominator)
  ) AS apart_from_months,
  judged.denominator::DOUBLE / former.denominator::DOUBLE AS times_denominator,
  CASE WHEN former.numerator >= 1000 THEN
    (judged.numerator::DOUBLE / nullif(judged.denominator, 0)::DOUBLE)
    / (former.numerator::DOUBLE / former.denominator::DOUBLE)
  END AS times_value
FROM judged
FULL JOIN expected
  ON expected.indicator = judged.indicator AND expected.period = judged.period AND expected.place = judged.place
LEFT JOIN of_cities
  ON of_cities.indicator = judged.indicator AND of_cities.period = judged.period AND of_cities.place = judged.place
LEFT JOIN of_months
  ON of_months.indicator = judged.indicator AND of_months.period = judged.period AND of_months.place = judged.place
LEFT JOIN former_figure AS former
  ON former.indicator = judged.indicator
  AND former.definition = judged.definition
  AND former.period = judged.period
  AND former.division_code = judged.place
  AND former.denominator >= 1000
  AND NOT former.preliminary
  AND NOT judged.preliminary
ORDER BY indicator, period, place
