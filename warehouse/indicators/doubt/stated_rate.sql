-- Rates of error by feed, as linkage states them, and how sure they are. Reads link_error. Gives stated_rate (feed, records, strayed: the share of
-- false matches, missed, deviation: the standard deviation of both together).
-- Of the EMR missed matches are stated too low, for newborns under their mothers' names can't be held out to try (docs/benchmarks.md): there
-- the middle between the rate and its upper end is taken.
CREATE OR REPLACE TEMP VIEW stated_rate AS
SELECT
  feed,
  records,
  false_rate AS strayed,
  CASE feed WHEN 'emr' THEN (missed_rate + missed_high) / 2 ELSE missed_rate END AS missed,
  sqrt((false_high - false_low) ** 2 + (missed_high - missed_low) ** 2) / (2 * 1.96) AS deviation
FROM link_error
WHERE city_code = '' AND age = '' AND feed <> ''
