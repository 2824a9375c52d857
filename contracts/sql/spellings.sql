-- The accepted spellings of each type (docs/delivering.md); contracts.spellings says the same in Python, and tests hold
-- both against each other. A spelling that is not accepted gives NULL.
--
-- The macros read half-width text: full-width forms are folded first, `as_date(fold_width(s))`, where they matter, which
-- is seldom. A macro's text is copied wherever it is used, so each uses its argument sparingly.

-- Full-width forms and ideographic spaces to half width, without white space at the ends.
CREATE OR REPLACE TEMP MACRO fold_width(s) AS
trim(translate(s,
  '！＂＃＄％＆＇（）＊＋，－．／０１２３４５６７８９：；＜＝＞？＠ＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺ［＼］＾＿｀ａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚ｛｜｝～　',
  '!"#$%&''()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\]^_`abcdefghijklmnopqrstuvwxyz{|}~ '),
  E' \t\r\n');

-- Comparisons are cheaper than starts_with: what begins with white space lies before '!', or between '　' and its successor.
CREATE OR REPLACE TEMP MACRO without_white_ends(s) AS
CASE
  WHEN s < '!' OR (s >= '　' AND s < '、') OR ends_with(s, ' ') OR ends_with(s, E'\t') OR ends_with(s, '　')
  THEN trim(s, E' \t　')
  ELSE s
END;

-- Nothing given, in a column that needs a value; of text without white ends.
CREATE OR REPLACE TEMP MACRO is_missing(s) AS coalesce(s IN ('', 'NULL', '\N'), true);

-- Nothing given, in a column that may be empty; of text without white ends.
CREATE OR REPLACE TEMP MACRO is_blank(s) AS
coalesce(s IN ('', 'NULL', '\N', '无', '不详', '-', '/', '－', '／'), true);

CREATE OR REPLACE TEMP MACRO as_date(s) AS
CASE
  WHEN regexp_full_match(s, '[1-9]\d{3}-\d\d-\d\d') THEN try_cast(s AS DATE)
  WHEN regexp_full_match(s, '[1-9]\d{7}') THEN try_strptime(s, '%Y%m%d')::DATE
  WHEN regexp_full_match(s, '[1-9]\d{3}/\d\d/\d\d') THEN try_strptime(s, '%Y/%m/%d')::DATE
END;

-- ISO 8601 with an offset, told at +08:00: the offset of China all the year round.
CREATE OR REPLACE TEMP MACRO datetime_at_offset(s) AS
try_cast(regexp_extract(s, '^(.{19})', 1) AS TIMESTAMP)
  + to_minutes(480 - CASE
      WHEN ends_with(s, 'Z') THEN 0
      ELSE (CASE WHEN regexp_matches(s, '-\d\d:?\d\d$') THEN -1 ELSE 1 END)
        * (60 * regexp_extract(s, '(\d\d):?\d\d$', 1)::INTEGER + right(s, 2)::INTEGER)
    END);

CREATE OR REPLACE TEMP MACRO as_datetime(s) AS
CASE
  WHEN regexp_full_match(s, '[1-9]\d{3}-\d\d-\d\d[ T]([01]\d|2[0-3]):[0-5]\d:[0-5]\d') THEN try_cast(s AS TIMESTAMP)
  WHEN regexp_full_match(s, '[1-9]\d{13}') THEN try_strptime(s, '%Y%m%d%H%M%S')
  WHEN regexp_full_match(s, '[1-9]\d{3}-\d\d-\d\dT([01]\d|2[0-3]):[0-5]\d') THEN try_cast(s || ':00' AS TIMESTAMP)
  WHEN regexp_full_match(s, '[1-9]\d{3}-\d\d-\d\dT([01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{1,9}') THEN try_cast(s[1:19] AS TIMESTAMP)
  WHEN regexp_full_match(s, '[1-9]\d{3}-\d\d-\d\dT([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?(Z|[+-]([01]\d|2[0-3]):?[0-5]\d)')
    THEN datetime_at_offset(s)
  ELSE as_date(s)::TIMESTAMP
END;

CREATE OR REPLACE TEMP MACRO as_boolean(s) AS
CASE upper(s)
  WHEN '1' THEN true WHEN '是' THEN true WHEN 'Y' THEN true WHEN 'TRUE' THEN true
  WHEN '0' THEN false WHEN '否' THEN false WHEN 'N' THEN false WHEN 'FALSE' THEN false
END;

-- At most 15 digits before the point; more than two behind it are rounded, half away from zero.
CREATE OR REPLACE TEMP MACRO as_decimal(s) AS
CASE
  WHEN regexp_full_match(s, '[+-]?\d{1,15}(\.\d{1,9})?') THEN try_cast(s AS DECIMAL(18,2))
  WHEN regexp_full_match(s, '[+-]?\d{1,3}(,\d{3}){1,4}(\.\d{1,9})?')
    THEN try_cast(replace(s, ',', '') AS DECIMAL(18,2))
END;

CREATE OR REPLACE TEMP MACRO as_integer(s) AS
CASE
  WHEN regexp_full_match(s, '[+-]?\d{1,15}') THEN try_cast(s AS BIGINT)
  WHEN regexp_full_match(s, '[+-]?\d{1,3}(,\d{3}){1,4}') THEN try_cast(replace(s, ',', '') AS BIGINT)
END;
