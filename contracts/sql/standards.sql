-- National standards as conditions on folded text; contracts.standards says the same in Python, and tests hold both
-- against each other. Sums are spelled out over integers: no list, no loop, no substring a character.

-- GB/T 2260. The variable known_divisions holds a bit for each code from 110000 on.
CREATE OR REPLACE TEMP MACRO division_number_is_known(number) AS
CASE WHEN number BETWEEN 110000 AND 829999 THEN get_bit(getvariable('known_divisions'), (number - 110000)::INTEGER) = 1
ELSE false END;

CREATE OR REPLACE TEMP MACRO division_is_known(code) AS
CASE WHEN regexp_full_match(code, '\d{6}') THEN division_number_is_known(try_cast(code AS INTEGER)) ELSE false END;

-- GB 11643: the check of the first 17 digits, given as a number.
CREATE OR REPLACE TEMP MACRO resident_id_sum(n) AS
  n // 10000000000000000 % 10 * 7 + n // 1000000000000000 % 10 * 9 + n // 100000000000000 % 10 * 10
  + n // 10000000000000 % 10 * 5 + n // 1000000000000 % 10 * 8 + n // 100000000000 % 10 * 4
  + n // 10000000000 % 10 * 2 + n // 1000000000 % 10 * 1 + n // 100000000 % 10 * 6 + n // 10000000 % 10 * 3
  + n // 1000000 % 10 * 7 + n // 100000 % 10 * 9 + n // 10000 % 10 * 10 + n // 1000 % 10 * 5 + n // 100 % 10 * 8
  + n // 10 % 10 * 4 + n % 10 * 2;

CREATE OR REPLACE TEMP MACRO resident_id_check(n) AS
CASE resident_id_sum(n) % 11
  WHEN 0 THEN '1' WHEN 1 THEN '0' WHEN 2 THEN 'X' WHEN 3 THEN '9' WHEN 4 THEN '8' WHEN 5 THEN '7' WHEN 6 THEN '6'
  WHEN 7 THEN '5' WHEN 8 THEN '4' WHEN 9 THEN '3' WHEN 10 THEN '2'
END;

-- The first 17 digits of a number of 18 characters, or of one of 15 digits with its century; NULL for other shapes.
CREATE OR REPLACE TEMP MACRO resident_id_first_17(s) AS
CASE
  WHEN regexp_full_match(s, '[1-9]\d{16}[\dXx]') THEN substring(s, 1, 17)
  WHEN regexp_full_match(s, '[1-9]\d{14}') THEN substring(s, 1, 6) || '19' || substring(s, 7, 9)
END;

-- The number in 18 characters, given with its first 17 and their check; NULL where these are.
CREATE OR REPLACE TEMP MACRO resident_id_18(s, first_17, "check") AS
CASE WHEN first_17 IS NULL THEN NULL WHEN strlen(s) = 18 THEN upper(s) ELSE first_17 || "check" END;

-- Of a number in 18 characters: its birth date, NULL where it is no day of the calendar.
-- The year 0000, which the engine takes for 1 BC, is none.
CREATE OR REPLACE TEMP MACRO resident_id_birth(id) AS
CASE WHEN id[7:10] <> '0000' THEN try_strptime(id[7:14], '%Y%m%d')::DATE END;

-- Its sex, from the first 17 digits as a number.
CREATE OR REPLACE TEMP MACRO resident_id_sex(first_17) AS CASE WHEN first_17 % 2 = 1 THEN '1' WHEN first_17 % 2 = 0 THEN '2' END;

-- Of a number of that shape, given with its first 17 digits as a number, their check and its birth date: whether check,
-- area and birth date are possible. An area may be of any edition: old numbers keep theirs.
CREATE OR REPLACE TEMP MACRO resident_id_is_valid(id, first_17, "check", birth) AS
coalesce(
  id[18] = "check"
  AND division_number_is_known(first_17 // 100000000000)
  AND birth >= DATE '1880-01-01',
  false);

-- GB 11714 and GB 32100 weigh letters by their place in an alphabet.
CREATE OR REPLACE TEMP MACRO base_36(c) AS strpos('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ', c) - 1;
CREATE OR REPLACE TEMP MACRO base_31(c) AS strpos('0123456789ABCDEFGHJKLMNPQRTUWXY', c) - 1;

CREATE OR REPLACE TEMP MACRO organisation_code_is_valid(s) AS
CASE
  WHEN regexp_full_match(s, '[0-9A-Z]{8}[0-9X]')
  THEN s[9] = '0123456789X0'[12 - (
    base_36(s[1]) * 3 + base_36(s[2]) * 7 + base_36(s[3]) * 9 + base_36(s[4]) * 10 + base_36(s[5]) * 5
    + base_36(s[6]) * 8 + base_36(s[7]) * 4 + base_36(s[8]) * 2) % 11]
  ELSE false
END;

-- WS 218: organisation code 9, area 6, economic type 2, category 4, management class 1.
CREATE OR REPLACE TEMP MACRO institution_code_is_valid(s) AS
CASE
  WHEN regexp_full_match(s, '[0-9A-Z]{8}[0-9X]\d{6}\d{2}[0-9A-Z]\d{3}\d')
  THEN organisation_code_is_valid(s[1:9]) AND division_is_known(s[10:15])
  ELSE false
END;

CREATE OR REPLACE TEMP MACRO credit_code_is_valid(s) AS
CASE
  WHEN regexp_full_match(s, '[0-9A-HJ-NPQRTUWXY]{2}\d{6}[0-9A-HJ-NPQRTUWXY]{10}')
  THEN base_31(s[18]) = (31 - (
    base_31(s[1]) * 1 + base_31(s[2]) * 3 + base_31(s[3]) * 9 + base_31(s[4]) * 27 + base_31(s[5]) * 19
    + base_31(s[6]) * 26 + base_31(s[7]) * 16 + base_31(s[8]) * 17 + base_31(s[9]) * 20 + base_31(s[10]) * 29
    + base_31(s[11]) * 25 + base_31(s[12]) * 13 + base_31(s[13]) * 8 + base_31(s[14]) * 24 + base_31(s[15]) * 10
    + base_31(s[16]) * 30 + base_31(s[17]) * 28) % 31) % 31
  ELSE false
END;

-- ICD-10 with the national and insurance editions' extensions, daggers and asterisks (folded to upper case).
CREATE OR REPLACE TEMP MACRO icd10_is_valid(s) AS
  regexp_full_match(s, '[A-Z]\d[0-9A-Z](\.[0-9X]{1,3}(X?\d{3})?)?[+*]?');

CREATE OR REPLACE TEMP MACRO icd10_category(s) AS s[1:3];

-- Area 6, street 3, village 3, sequence 5.
CREATE OR REPLACE TEMP MACRO ehr_number_is_valid(s) AS
CASE WHEN regexp_full_match(s, '\d{17}') THEN division_is_known(s[1:6]) ELSE false END;

-- Mainland mobile numbers, and landlines with or without their area code.
CREATE OR REPLACE TEMP MACRO phone_is_valid(s) AS
CASE
  WHEN strlen(s) = 11 AND try_cast(s AS BIGINT) BETWEEN 13000000000 AND 19999999999 THEN true
  ELSE regexp_full_match(s, '(\+?86[- ]?)?1[3-9]\d{9}|(0\d{2,3}[- ]?)?[2-9]\d{6,7}')
END;
