-- zh: 区划代码沿革：各年版代码对应的2018年版代码，用于发布
-- en: Division codes of every edition since 1980, each with the code of 2018 under which it is published
SELECT
  history.code, -- [1] 任一年版区划代码 | a code of any edition
  history.division_code -- [1] 2018年版区划代码 | its code in the edition of 2018
FROM contract_division_code AS history
