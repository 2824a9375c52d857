"""What the guide says in both languages beside the contract's tables: (Chinese, English) pairs."""

from __future__ import annotations

from contracts.divisions import PROVINCE_CODE
from contracts.schema import CONTRACT_VERSION, Type
from pipelines.landing.framing import MAX_FIELD_BYTES
from pipelines.receipts.report import MOST_ROWS
from pipelines.sources.manifest import DELIMITERS, ENCODINGS, LAST_SEQUENCE, MODES, NAME

Pair = tuple[str, str]
"""A text in Chinese and in English."""

_DELIMITER_NAMES = {",": "`,`", "\t": "`\\t`", "|": "`\\|`"}
_OR = " · "

FIELDS: dict[str, Pair] = {
    "contract": (f"合同版本，`{CONTRACT_VERSION}`", f"the contract's version, `{CONTRACT_VERSION}`"),
    "city": (
        f"交付地市的代码（附录），省级自行交付为 `{PROVINCE_CODE}`；与目录一致",
        f"the delivering city's code (appendix), `{PROVINCE_CODE}` for the province; as in the folder",
    ),
    "feed": ("数据类别；与目录一致", "the feed; as in the folder"),
    "period": ("期，`YYYY-MM`；与目录一致", "the period, `YYYY-MM`; as in the folder"),
    "sequence": (
        f"期内序号，1 至 {LAST_SEQUENCE}；更正与补充用新的序号",
        f"1 to {LAST_SEQUENCE} within the period; a correction or addition takes a new one",
    ),
    "mode": (_OR.join(f"`{mode}`" for mode in MODES),) * 2,
    "encoding": (_OR.join(f"`{encoding}`" for encoding in ENCODINGS),) * 2,
    "delimiter": (_OR.join(_DELIMITER_NAMES[delimiter] for delimiter in DELIMITERS),) * 2,
    "extracted_at": (
        "提取时间，ISO 8601；未写时差为 +08:00。晚于它的即为将来",
        "when the data was extracted, ISO 8601; +08:00 where no offset is given. Later than this is the future",
    ),
    "files": ("文件，至少一个", "the files, one or more"),
    "files[].name": ("文件名，`.csv` 或 `.csv.gz`，与清单同目录", "`.csv` or `.csv.gz`, in the manifest's folder"),
    "files[].rows": ("数据行数，不含表头", "data records, without the header"),
    "files[].bytes": ("文件按交付原样（压缩后）的字节数", "bytes of the file as delivered (compressed)"),
    "files[].sm3": ("文件按交付原样的 SM3，64 位十六进制", "SM3 of the file as delivered, 64 hex characters"),
}
"""The manifest's fields."""

SPELLINGS: dict[Type, tuple[tuple[str, ...], Pair]] = {
    Type.DATE: (("20181105", "2018-11-05", "2018/11/05"), ("日期", "a date")),
    Type.DATETIME: (
        ("2018-11-05 08:00:00", "20181105080000", "2018-11-05T08:00:00", "2018-11-05T00:00:00Z", "2018-11-05"),
        ("时间，+08:00；仅有日期即零点", "a time at +08:00; a date alone is midnight"),
    ),
    Type.BOOLEAN: (("1", "0", "是", "否", "Y", "N", "true", "false"), ("是或否", "true or false")),
    Type.INTEGER: (("1200", "1,200", "１２００"), ("整数", "a whole number")),
    Type.DECIMAL: (("1200.5", "1,200.50", "１２００．５０"), ("两位小数", "a number with two decimals")),
}
"""The spellings accepted of each type, and what they become."""

FOLDER: Pair = (
    f"""交付按 `地市/数据类别/期/序号` 放入收件目录，`{NAME}` 最后写入：没有清单即尚未交付。

```
440100/emr/2018-11/001/emr_440100_2018-11_001.csv.gz
440100/emr/2018-11/001/{NAME}
```""",
    f"""A delivery is put into the inbox as `city/feed/period/sequence`, `{NAME}` last: no manifest, no delivery yet.

```
440100/emr/2018-11/001/emr_440100_2018-11_001.csv.gz
440100/emr/2018-11/001/{NAME}
```""",
)

MODES_TEXT: Pair = (
    """- `full` 是该市该类数据的完整快照，按（期、序号）生效：其中没有的主键即已消失，
  `updated_at` 晚于快照 `extracted_at` 的除外。
- `delta` 只含变化，`op` 为 I、U 或 D；D 行只需主键、`op` 与 `updated_at` 正确。
  没有 `op` 列的数据类别一律按主键新增或更新。
- 同一主键以 `updated_at` 最新的为准，与到达先后无关；迟到的期照常接收。同一交付内主键重复的，其余计为重复行。
- 内容与本期已有交付相同：状态为 `unchanged`，不作任何改动。""",
    """- `full` is the city's whole snapshot of the feed and takes effect by (period, sequence): a key that is absent
  has gone, unless its `updated_at` is later than the snapshot's `extracted_at`.
- `delta` carries what changed, with `op` I, U or D; a D needs its key, `op` and `updated_at` alone to be right. Feeds
  without an `op` column are upserts.
- The newest `updated_at` for a key wins, whatever the order of arrival; late periods are taken. Of rows with the same
  key in a delivery the others count as duplicates.
- The same content as another delivery of the period: state `unchanged`, nothing changes.""",
)

FILES_TEXT: Pair = (
    """- 编码以清单所述为准，`utf-8` 可带 BOM；gzip 为整文件压缩。
- 按 RFC 4180 加引号，引号内可换行。
- 首行为表头：各列的标识或中文表头，次序不限，不分大小写。未知列报告后略去；缺少必填列则整份拒收。""",
    """- The encoding is the manifest's; `utf-8` with or without BOM; gzip over the whole file.
- Quoting by RFC 4180, line breaks within quotes included.
- The first record is the header: the columns' identifiers or Chinese headers, in any order and letter case. Unknown
  columns are reported and left out; a missing required column rejects the delivery.""",
)

EMPTY_TEXT: Pair = (
    r"空值：空、`NULL`、`\N`；选填列另有 `无`、`不详`、`-`、`/`。代码折叠大小写与全角。",
    r"Empty: nothing, `NULL`, `\N`; in an optional column also `无`, `不详`, `-`, `/`. Codes are folded in letter case "
    "and width.",
)

OUTCOMES: list[tuple[Pair, Pair]] = [
    (
        ("清单、文件与所述不符，无法解码，缺少必填列", "the manifest or a file isn't what it says, or can't be read"),
        (
            "**整份拒收** `rejected`，附原因、文件与行号；其他交付不受影响",
            "the delivery is **rejected** whole, with reason, file and line; others go on",
        ),
    ),
    (
        (
            f"字段数有误、NUL 字节、字段超过 {MAX_FIELD_BYTES // 1024} KiB",
            f"a record with a wrong number of fields, a NUL byte, a field over {MAX_FIELD_BYTES // 1024} KiB",
        ),
        ("该行**隔离**", "that row is **quarantined**"),
    ),
    (
        ("程度为错误的校验", "a check of severity error"),
        ("该行**隔离**，附校验编号", "that row is **quarantined**, with the check's id"),
    ),
    (("程度为警告的校验", "a check of severity warning"), ("该行**保留**并计数", "the row is **kept** and counted")),
    (
        ("闸门（下表）", "the gate (below)"),
        ("**暂缓** `held`，由人决定", "the delivery is **held** until someone decides"),
    ),
]
"""What each kind of fault leads to."""

RECEIPT: dict[str, Pair] = {
    "city": ("地市", "the city"),
    "feed": ("数据类别", "the feed"),
    "period": ("期", "the period"),
    "sequence": ("序号", "the sequence"),
    "digest": ("内容摘要（SM3）", "a digest of the content (SM3)"),
    "state": ("`accepted`、`rejected`、`held` 或 `unchanged`", "`accepted`, `rejected`, `held` or `unchanged`"),
    "reason": ("原因，无则为空", "why; empty where there is nothing to say"),
    "rows": (
        "行数：delivered = accepted + quarantined + duplicates",
        "row counts: delivered = accepted + quarantined + duplicates",
    ),
    "unknown_columns": ("略去的列，`文件#第几列`", "columns left out, as `file#position`"),
    "errors": ("发现错误的校验，见下", "the errors found, see below"),
    "warnings": ("发现警告的校验，见下", "the warnings found, see below"),
    "refused_rows": ("隔离行数", "rows quarantined"),
    "refused_rows_named": ("其中逐一列出的行数", "how many of them are listed"),
    "refused": (
        f"逐一列出的隔离行（前 {MOST_ROWS:,} 行）：file、line、check、column",
        f"the rows listed (the first {MOST_ROWS:,}): file, line, check, column",
    ),
}
"""The fields of a receipt."""

FINDING: dict[str, Pair] = {
    "check": ("校验编号", "the check's id"),
    "column": ("列标识", "the column"),
    "column_zh": ("中文列名", "its Chinese header"),
    "zh": ("含义（中文）", "the meaning in Chinese"),
    "en": ("含义（英文）", "the meaning in English"),
    "rows": ("行数", "rows found"),
    "places": ("前几处，`文件:行号`；警告无", "the first places, as `file:line`; none for warnings"),
}
"""The fields of a finding in `errors` and `warnings`."""

CHECK_TEXT: Pair = (
    """`yimatong check 交付目录 [--json]` 在交付之前就地判断：将被接收、拒收还是暂缓，为何。
目录须为 `…/地市/数据类别/期/序号`。
`--json` 输出与回执相同的字段。退出状态：0 将被接收，1 不被接收，2 参数不可用，3 未能完成。它只看这一份交付：
不与以往各期比较，也不查机构名录；不保留任何内容。""",
    """`yimatong check DELIVERY_DIR [--json]` says on the spot, before delivering, whether a delivery would be accepted,
rejected or held, and why. The folder is `…/city/feed/period/sequence`. `--json` prints the fields of a receipt. Exit
status: 0 it would be accepted, 1 it would not, 2 unusable arguments, 3 failed. It judges the delivery alone: it
compares no earlier periods and knows no register of institutions, and keeps nothing.""",
)

RECEIPT_TEXT: Pair = (
    """每份已判断的交付有一份回执，位于省级目录的 `receipts/地市/数据类别/期/`，文件名为 `序号-摘要前八位`，
`.json` 供程序读取，`.html` 供人阅读。回执以文件与行号说明隔离的行，不含任何取值。决定或复核改变结果后重写。""",
    """Each judged delivery has a receipt in the province's `receipts/city/feed/period/`, named by sequence and the
first eight characters of the digest: `.json` for programs, `.html` for people. It tells quarantined rows by file and
line and holds no value. It is written anew when a decision or a re-qualification changes the outcome.""",
)

DATABASES_TEXT: Pair = (
    "地市平台也可开放关系数据库：每类数据一张同名的表或视图，列名为标识，按 `updated_at` 增量拉取。"
    "见 [databases.md](databases.md)。",
    "A city platform may instead expose a relational database: one table or view a feed, named as the feed, columns by "
    "identifier, pulled incrementally by `updated_at`. See [databases.md](databases.md).",
)
