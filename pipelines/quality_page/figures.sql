-- The figures of the quality page, from the ledger's tables and those of standing.sql:
-- judged, decision, warning, band, found, filled, row_check, city, feed; variables periods: how many are shown,
-- fewest_rows: so many that a share says something.

CREATE TABLE shown_period AS
SELECT DISTINCT period FROM came ORDER BY period DESC LIMIT getvariable('periods');

CREATE TABLE state_count AS
SELECT
  state, count(*) AS deliveries,
  sum(delivered)::BIGINT AS delivered, sum(accepted)::BIGINT AS accepted,
  sum(quarantined)::BIGINT AS quarantined, sum(duplicates)::BIGINT AS duplicates
FROM judged
GROUP BY state
ORDER BY state;

CREATE TABLE decided AS
SELECT judged.folder, decision.*
FROM decision
JOIN judged ON judged.delivery_no = decision.delivery_no
ORDER BY decision.decided_at DESC, judged.folder;

-- What the gate let pass with a warning, in the newest period that came.
CREATE TABLE warned AS
SELECT came.city, came.feed, came.period, came.folder, warning.told
FROM warning
JOIN came ON came.delivery_no = warning.delivery_no
WHERE came.state = 'accepted' AND came.period = (SELECT max(period) FROM came)
ORDER BY came.folder, warning.told;

CREATE TABLE first_one AS
SELECT came.*
FROM came
SEMI JOIN shown_period ON shown_period.period = came.period
QUALIFY row_number() OVER (PARTITION BY city, feed, period ORDER BY sequence, delivery_no) = 1;

-- The first delivery of each period, which is the one that the gate compares; of the mode that came last alone, as whole
-- snapshots and changes aren't alike.
CREATE TABLE volume AS
WITH last_mode AS (
  SELECT city, feed, arg_max(mode, period) AS mode FROM first_one GROUP BY ALL
)
SELECT came.city, came.feed, came.period, came.delivered, came.state, band.low, band.high,
  3 * median(came.delivered) OVER (PARTITION BY came.city, came.feed) AS most_drawn
FROM first_one AS came
JOIN last_mode ON last_mode.city = came.city AND last_mode.feed = came.feed AND last_mode.mode = came.mode
LEFT JOIN band ON band.delivery_no = came.delivery_no
ORDER BY came.feed, came.city, came.period;

CREATE TABLE trend AS
SELECT
  came.feed, came.period, count(*) AS deliveries, count(DISTINCT came.city) AS cities,
  sum(delivered)::BIGINT AS delivered, sum(accepted)::BIGINT AS accepted,
  sum(quarantined)::BIGINT AS quarantined, sum(duplicates)::BIGINT AS duplicates,
  coalesce(sum(quarantined) / nullif(sum(delivered), 0), 0) AS quarantined_share,
  min(days) FILTER (is_first) AS days_least,
  median(days) FILTER (is_first) AS days_median,
  max(days) FILTER (is_first) AS days_most
FROM (
  SELECT came.*, first_one.delivery_no IS NOT NULL AS is_first
  FROM came
  LEFT JOIN first_one ON first_one.delivery_no = came.delivery_no
) AS came
SEMI JOIN shown_period ON shown_period.period = came.period
JOIN feed ON feed.feed = came.feed
GROUP BY came.feed, came.period, feed.place
ORDER BY feed.place, came.period;

-- What the checks found, in the periods shown; a rate is of ten thousand delivered rows of the feed.
CREATE TABLE finding AS
SELECT came.city, came.feed, came.period, found.check_id, sum(found.rows)::BIGINT AS rows
FROM found
JOIN came ON came.delivery_no = found.delivery_no
SEMI JOIN shown_period ON shown_period.period = came.period
GROUP BY ALL;

CREATE TABLE delivered_rows AS
SELECT city, feed, period, sum(delivered)::BIGINT AS delivered
FROM came
SEMI JOIN shown_period ON shown_period.period = came.period
GROUP BY ALL;

CREATE TABLE check_period AS
WITH by_period AS (
  SELECT feed, check_id, period, sum(rows) AS rows FROM finding GROUP BY ALL
), of_feed AS (
  SELECT feed, period, sum(delivered) AS delivered FROM delivered_rows GROUP BY ALL
)
SELECT asked.check_id, asked.feed, of_feed.period,
  10000 * coalesce(by_period.rows, 0) / nullif(of_feed.delivered, 0) AS rate
FROM (SELECT DISTINCT feed, check_id FROM finding) AS asked
JOIN of_feed ON of_feed.feed = asked.feed
LEFT JOIN by_period
  ON by_period.feed = asked.feed AND by_period.check_id = asked.check_id AND by_period.period = of_feed.period
ORDER BY ALL;

CREATE TABLE check_city AS
WITH by_city AS (
  SELECT city, feed, check_id, sum(rows) AS rows FROM finding GROUP BY ALL
), of_city AS (
  SELECT city, feed, sum(delivered) AS delivered FROM delivered_rows GROUP BY ALL
)
SELECT by_city.check_id, by_city.feed, by_city.city, by_city.rows::BIGINT AS rows,
  10000 * by_city.rows / of_city.delivered AS rate
FROM by_city
JOIN of_city ON of_city.city = by_city.city AND of_city.feed = by_city.feed AND of_city.delivered > 0
ORDER BY ALL;

CREATE TABLE check_found AS
WITH latest AS (
  SELECT feed, check_id, arg_max(rate, period) AS rate_last, median(rate) AS rate_median
  FROM check_period GROUP BY ALL
), worst AS (
  SELECT feed, check_id, arg_max(city, {'rate': rate, 'city': city}) AS worst_city, max(rate) AS worst_rate, count(*) AS cities
  FROM check_city GROUP BY ALL
), whole AS (
  SELECT feed, check_id, sum(rows)::BIGINT AS rows FROM finding GROUP BY ALL
), of_feed AS (
  SELECT feed, sum(delivered) AS delivered FROM delivered_rows GROUP BY ALL
)
SELECT
  whole.check_id, whole.feed,
  coalesce(row_check.column_name, '') AS column_name, coalesce(row_check.severity, 'error') AS severity,
  coalesce(row_check.zh, '') AS zh, coalesce(row_check.en, '') AS en,
  whole.rows, 10000 * whole.rows / nullif(of_feed.delivered, 0) AS rate,
  latest.rate_last, latest.rate_median, worst.worst_city, worst.worst_rate, worst.cities
FROM whole
JOIN of_feed ON of_feed.feed = whole.feed
JOIN latest ON latest.feed = whole.feed AND latest.check_id = whole.check_id
JOIN worst ON worst.feed = whole.feed AND worst.check_id = whole.check_id
LEFT JOIN row_check ON row_check.check_id = whole.check_id
ORDER BY severity, whole.rows DESC, whole.check_id, whole.feed;

-- How full each optional column is: in a city's last accepted period, and in the middle of its three before that.
-- Periods of few rows say little: with them nothing is compared.
CREATE TABLE column_period AS
SELECT came.city, came.feed, filled.column_name, came.period,
  sum(filled.filled) / sum(filled.rows) AS share, sum(filled.filled)::BIGINT AS filled, sum(filled.rows)::BIGINT AS rows
FROM filled
JOIN came ON came.delivery_no = filled.delivery_no AND came.state = 'accepted'
GROUP BY ALL;

CREATE TABLE column_city AS
WITH numbered AS (
  SELECT *, row_number() OVER (PARTITION BY city, feed, column_name ORDER BY period DESC) AS back FROM column_period
)
SELECT city, feed, column_name,
  max(share) FILTER (back = 1) AS share,
  CASE WHEN max(rows) FILTER (back = 1) >= getvariable('fewest_rows')
    THEN median(share) FILTER (back BETWEEN 2 AND 4 AND rows >= getvariable('fewest_rows')) END AS earlier
FROM numbered
GROUP BY ALL
ORDER BY ALL;

CREATE TABLE column_province AS
WITH by_period AS (
  SELECT feed, column_name, period, sum(filled) / sum(rows) AS share FROM column_period GROUP BY ALL
), numbered AS (
  SELECT *, row_number() OVER (PARTITION BY feed, column_name ORDER BY period DESC) AS back FROM by_period
)
SELECT feed, column_name,
  max(share) FILTER (back = 1) AS share, median(share) FILTER (back BETWEEN 2 AND 4) AS earlier
FROM numbered
GROUP BY ALL
ORDER BY ALL;
