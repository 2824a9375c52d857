-- zh: 构建信息：唯一一行；时钟时间与运行号只在此表
-- en: About this build, one row: the only place of clock times and run ids
SELECT
  build.run_id, -- [1] 运行号 | the run that made this build
  build.built_at, -- [1] 构建时间 (北京时间) | when, Asia/Shanghai
  build.as_of, -- [1] 统计截止日 | indicators count events up to and including this day
  build.first_month, -- [1] 首个交付月份 (当月1日) | first day of the first month that was delivered, where the figures begin
  build.contract_version, -- [1] 交付合同版本 | version of the delivery contract
  build.code_version, -- [1] 程序版本 | version of the program
  build.model_version, -- [1] 模型版本 | digest of the models and counting rules
  build.input_digest -- [1] 输入摘要 | digest of what the build was made from
FROM given_build AS build
