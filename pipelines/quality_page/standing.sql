-- How each city stands with each feed: what is held, refused, or due and not delivered; from the tables
-- judged, city, feed.

CREATE TABLE came AS
SELECT
  *,
  last_day(strptime(period, '%Y-%m')) AS period_ends,
  date_diff('day', last_day(strptime(period, '%Y-%m')), extracted_at::DATE) AS days
FROM judged
WHERE state IN ('accepted', 'held');

-- The latest day in the data; that of refused deliveries only where nothing else came.
CREATE TABLE today AS
SELECT coalesce((SELECT max(extracted_at) FROM came), (SELECT max(extracted_at) FROM judged))::DATE AS as_of;

CREATE TABLE held AS
SELECT city, feed, period, folder, reason, since, delivered, quarantined
FROM judged
WHERE state = 'held'
ORDER BY since, folder, delivery_no;

-- A refusal is answered once something that came later stands for the same city, feed and period.
CREATE TABLE rejected AS
SELECT
  city, feed, period, folder, reason, since,
  EXISTS (
    FROM came
    WHERE came.city = judged.city AND came.feed = judged.feed AND came.period = judged.period
      AND came.delivery_no > judged.delivery_no
  ) AS answered
FROM judged
WHERE state = 'rejected'
ORDER BY answered, since DESC, folder, delivery_no;

-- Who is to deliver what: a city each feed that most cities deliver, and everyone what it ever delivered.
CREATE TABLE expected AS
WITH delivers AS (
  SELECT DISTINCT city, feed FROM came
), common AS (
  SELECT delivers.feed
  FROM delivers
  JOIN city ON city.city = delivers.city AND city.is_city
  GROUP BY delivers.feed
  HAVING 2 * count(*) > (SELECT count(*) FROM city WHERE is_city)
)
SELECT city.city, feed.feed
FROM city
CROSS JOIN feed
WHERE (city.city, feed.feed) IN (FROM delivers) OR (city.is_city AND feed.feed IN (FROM common));

-- Due is the last month that was over by the latest day in the data.
CREATE TABLE due AS
SELECT date_trunc('month', as_of) - INTERVAL 1 MONTH AS month FROM today;

CREATE TABLE standing AS
WITH last_accepted AS (
  SELECT city, feed, max(period) AS period FROM came WHERE state = 'accepted' GROUP BY ALL
), its_days AS (
  SELECT came.city, came.feed, came.period, min(days) AS days,
    sum(quarantined) / nullif(sum(delivered), 0) AS quarantined_share
  FROM came
  JOIN last_accepted
    ON last_accepted.city = came.city AND last_accepted.feed = came.feed AND last_accepted.period = came.period
  WHERE came.state = 'accepted'
  GROUP BY ALL
), arrived AS (
  SELECT city, feed, max(period) AS period
  FROM judged
  WHERE state <> 'unchanged' AND regexp_full_match(period, '\d{4}-(0[1-9]|1[0-2])')
  GROUP BY ALL
), waits AS (
  SELECT city, feed, count(*) AS held FROM held GROUP BY ALL
), refused AS (
  SELECT city, feed, count(*) AS rejected FROM rejected WHERE NOT answered GROUP BY ALL
)
SELECT
  city.city, feed.feed, expected.city IS NOT NULL AS is_expected,
  its_days.period, its_days.days, its_days.quarantined_share,
  greatest(0, date_diff('month', strptime(its_days.period, '%Y-%m'), (SELECT month FROM due))) AS behind,
  expected.city IS NOT NULL AND coalesce(strptime(arrived.period, '%Y-%m') < (SELECT month FROM due), true) AS overdue,
  coalesce(waits.held, 0) AS held, coalesce(refused.rejected, 0) AS rejected
FROM city
CROSS JOIN feed
LEFT JOIN expected ON expected.city = city.city AND expected.feed = feed.feed
LEFT JOIN its_days ON its_days.city = city.city AND its_days.feed = feed.feed
LEFT JOIN arrived ON arrived.city = city.city AND arrived.feed = feed.feed
LEFT JOIN waits ON waits.city = city.city AND waits.feed = feed.feed
LEFT JOIN refused ON refused.city = city.city AND refused.feed = feed.feed
ORDER BY feed.place, city.place;
