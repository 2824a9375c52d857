-- Functions of the city platforms by month of the calendar: live by its end or not.
-- Reads fact_platform_function and calendar. A function counts from the first month on: the guideline lists it all along.
CREATE OR REPLACE TEMP TABLE function_month AS
SELECT
  feature.city_code,
  calendar.month,
  feature.live AND coalesce(feature.live_on <= calendar.counted_on, true) AS live
FROM fact_platform_function AS feature
CROSS JOIN calendar
