-- Encounters by where the person lives: whether at a primary institution, and whether within the person's own county.
-- Reads fact_encounter, dim_person, dim_institution, dim_division. The residence is empty where it isn't known or lies
-- outside the province: such an encounter counts in the province alone. A city that has counties is no county of its own.
CREATE OR REPLACE TEMP VIEW resident_encounter AS
SELECT
  encounter.person_key,
  encounter.start_at,
  encounter.encounter_type,
  person.residence_division,
  NULL::VARCHAR AS city_code,
  coalesce(institution.category IN ('C', 'D', 'E'), false) AS primary_care,
  coalesce(place.division_code = person.residence_division, false) AS within_county,
  coalesce(person.death_month < date_trunc('month', encounter.start_at), false) AS after_death
FROM fact_encounter AS encounter
LEFT JOIN dim_person AS person ON person.person_key = encounter.person_key AND person.registered
LEFT JOIN dim_institution AS institution ON institution.org_code = encounter.org_code
LEFT JOIN (
  SELECT division_code
  FROM dim_division
  WHERE division_code NOT IN (SELECT parent_code FROM dim_division WHERE parent_code IS NOT NULL)
) AS place ON place.division_code = coalesce(institution.division_code, encounter.city_code)
