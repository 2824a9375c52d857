-- The same name and birth date with one more agreement (telephone, address, a number of theirs or of one near them),
-- and no other sex: one person.
-- Reads link_current. Gives link_namesake (all who share name and birth date with someone free) and link_tie.

CREATE OR REPLACE TEMP TABLE link_namesake AS
WITH free AS (
    SELECT DISTINCT name_birth_key FROM link_current WHERE held_key IS NULL
),
shared AS (
    FROM link_current WHERE name_birth_key IN (FROM free)
)
FROM shared
WHERE name_birth_key IN (SELECT name_birth_key FROM shared GROUP BY name_birth_key HAVING min(unit) <> max(unit));

CREATE OR REPLACE TEMP TABLE link_tie AS
WITH agreement AS (
    SELECT hash('phone', name_birth_key, phone_key) AS tie, unit, sex_code
    FROM link_namesake WHERE phone_key IS NOT NULL
    UNION
    SELECT hash('address', name_birth_key, address_key), unit, sex_code
    FROM link_namesake WHERE address_key IS NOT NULL
    UNION
    SELECT hash('number', name_birth_key, number_key), unit, sex_code
    FROM link_namesake WHERE number_key IS NOT NULL
    UNION
    SELECT hash('number', name_birth_key, near_key), unit, sex_code
    FROM link_namesake WHERE near_key IS NOT NULL
),
sexes AS (
    SELECT tie, count(DISTINCT sex_code) AS sexes FROM agreement GROUP BY tie HAVING min(unit) <> max(unit)
),
tied AS (
    SELECT DISTINCT CASE WHEN sexes > 1 THEN hash(tie, sex_code) ELSE tie END AS tie, unit
    FROM agreement JOIN sexes USING (tie)
    WHERE sexes <= 1 OR sex_code IS NOT NULL
)
FROM tied WHERE tie IN (SELECT tie FROM tied GROUP BY tie HAVING count(*) > 1);
