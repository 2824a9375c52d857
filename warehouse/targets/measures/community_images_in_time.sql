-- Images that community centres sent and got back in time: within 15 minutes where urgent, 30 where of priority, 60 otherwise.
-- Reads fact_telemedicine, dim_institution and the variable as_of.
SELECT
  telemedicine.month,
  institution.city_code AS division_code,
  count(*) FILTER (
    WHERE telemedicine.completed_at - telemedicine.requested_at
      <= CASE telemedicine.urgency WHEN '1' THEN INTERVAL 15 MINUTE WHEN '2' THEN INTERVAL 30 MINUTE ELSE INTERVAL 60 MINUTE END
  ) AS numerator,
  count(*) AS denominator
FROM fact_telemedicine AS telemedicine
JOIN dim_institution AS institution ON institution.org_code = telemedicine.requester_org AND institution.category = 'C'
WHERE telemedicine.case_type = '3' AND telemedicine.requested_at < getvariable('as_of') + INTERVAL 1 DAY
GROUP BY telemedicine.month, institution.city_code
