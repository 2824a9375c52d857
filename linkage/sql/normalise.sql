-- How a person's values are folded before they are compared, and which of them say nothing.
-- Every macro takes text that may be NULL and gives NULL where nothing comparable is left.

-- Most values are plain already; translate is slow, so that only the others go through it.
CREATE OR REPLACE TEMP MACRO link_fold(value) AS
    CASE
        WHEN regexp_full_match(value, '[0-9A-Z\x{4E00}-\x{9FFF}]+') THEN value
        ELSE nullif(upper(translate(
            value,
            '０１２３４５６７８９ＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚ？'
                || ' ·•・‧．.　' || chr(160) || chr(9) || chr(10) || chr(13) || chr(8203) || chr(65279),
            '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLMNOPQRSTUVWXYZ?'
        )), '')
    END;

-- 李梅之子, 李梅之长女, 李梅之婴2, 女婴, 新生儿: a form for one without a name yet, built on the mother's.
CREATE OR REPLACE TEMP MACRO link_newborn_form() AS
    '(之[大小长次双一二三四]?[子女婴儿男]|新生儿|[男女]?婴儿?|BB)[0-9一二三四甲乙丙丁大小A-D]*$';

CREATE OR REPLACE TEMP MACRO link_newborn(name) AS coalesce(regexp_matches(name, link_newborn_form()), false);

-- The mother's name that such a form is built on; NULL where it is built on none.
CREATE OR REPLACE TEMP MACRO link_mother_name(name) AS
    CASE WHEN link_newborn(name) THEN nullif(regexp_replace(name, link_newborn_form(), ''), '') END;

-- A name that says something: not a placeholder. A character that was lost on the way becomes a question mark.
CREATE OR REPLACE TEMP MACRO link_said_name(name) AS
    CASE
        WHEN length(name) < 2
            OR name IN ('无名', '无名氏', '不详', '姓名不详', '未知', '佚名', '不明', '未详', '某某', '患者', '测试', 'NULL', 'UNKNOWN')
            OR regexp_full_match(name, '[?*□�\x{E000}-\x{F8FF}]+')
        THEN NULL
        WHEN regexp_matches(name, '[*□�\x{E000}-\x{F8FF}]')
        THEN regexp_replace(name, '[*□�\x{E000}-\x{F8FF}]', '?', 'g')
        ELSE name
    END;

-- Telephones lose the country's code; runs of one digit and counting are nobody's number.
CREATE OR REPLACE TEMP MACRO link_digits(value) AS
    CASE
        WHEN regexp_full_match(value, '[0-9]{7,12}') THEN value
        ELSE regexp_replace(regexp_replace(link_fold(value), '[^0-9]', '', 'g'), '^(00)?86(1[0-9]{10})$', '\2')
    END;

CREATE OR REPLACE TEMP MACRO link_known_phone(digits) AS
    CASE
        WHEN length(digits) < 7 OR replace(right(digits, 7), right(digits, 1), '') = ''
            OR right(digits, 8) IN ('12345678', '00138000')
        THEN NULL
        ELSE digits
    END;

CREATE OR REPLACE TEMP MACRO link_address(value) AS
    CASE
        WHEN regexp_full_match(value, '[0-9A-Z\x{4E00}-\x{9FFF}]+') THEN value
        ELSE regexp_replace(link_fold(value), '[,，。、；;:：()（）#＃_—-]', '', 'g')
    END;

-- An address that stops at a county or a street says where many live. What is left is compared without province,
-- city and county, which are written or left out at will.
CREATE OR REPLACE TEMP MACRO link_known_address(address) AS
    CASE
        WHEN length(address) < 6
            OR right(address, 1) IN ('省', '市', '区', '县', '镇', '乡') OR right(address, 2) IN ('街道', '不详')
        THEN NULL
        ELSE regexp_replace(
            address, '^(\p{Han}{2,3}?(省|自治区))?(\p{Han}{2,5}?市)?(\p{Han}{1,5}?[区县市])?', ''
        )
    END;

CREATE OR REPLACE TEMP MACRO link_number(value) AS
    replace(link_fold(value), '-', '');

CREATE OR REPLACE TEMP MACRO link_known_number(number) AS
    CASE
        WHEN length(number) < 6 OR replace(right(number, 10), right(number, 1), '') = '' THEN NULL
        ELSE number
    END;

-- Keys of 64 bits: narrow enough to join on at any size, and the same on every machine and version.
-- `space` keeps the keys of different meaning apart, so that one set can hold them all.
CREATE OR REPLACE TEMP MACRO link_key(space, value) AS
    (md5_number(space || chr(31) || value) >> 64)::UBIGINT;

-- A resident's number needs no digest: its 17 digits and its check are a number below 2^61. Others get the same range.
CREATE OR REPLACE TEMP MACRO link_number_key(number) AS
    CASE
        WHEN length(number) = 18 AND try_cast(number AS UBIGINT) IS NOT NULL
        THEN try_cast(number AS UBIGINT) // 10 * 11 + try_cast(number AS UBIGINT) % 10
        WHEN length(number) = 18 AND right(number, 1) = 'X' AND try_cast(left(number, 17) AS UBIGINT) IS NOT NULL
        THEN try_cast(left(number, 17) AS UBIGINT) * 11 + 10
        ELSE link_key('number', number) >> 1
    END;

CREATE OR REPLACE TEMP MACRO link_phone_key(digits) AS try_cast(digits AS UBIGINT);

-- By what a decision knows a presentation again.
CREATE OR REPLACE TEMP MACRO link_handle(own, name, birth) AS
    link_key('handle', concat(own, chr(31), name, chr(31), birth));
