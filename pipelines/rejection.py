"""Why a delivery is refused whole: a reason in both languages that never carries a value of the data."""

from __future__ import annotations

from enum import Enum

from lake.faults import PlainFault


class Reason(Enum):
    """Each reason: its identifier is kept in the ledger, its texts are shown."""

    MANIFEST = ("manifest cannot be read", "清单无法读取")
    CONTRACT = ("unknown contract version", "合同版本未知")
    CITY = ("unknown city", "地市未知")
    FEED = ("unknown feed", "数据类别未知")
    FOLDER = ("manifest disagrees with its folder", "清单与所在目录不符")
    FIELD = ("manifest field is missing or wrong", "清单字段缺失或有误")
    FILE_MISSING = ("file named in the manifest is missing", "清单所列文件缺失")
    BYTES = ("size differs from the manifest", "字节数与清单不符")
    SM3 = ("SM3 differs from the manifest", "SM3 与清单不符")
    ROWS = ("row count differs from the manifest", "行数与清单不符")
    GZIP = ("gzip is truncated or damaged", "gzip 文件不完整或已损坏")
    ENCODING = ("not decodable in the stated encoding", "无法按所述编码解码")
    HEADER = ("required column is missing", "缺少必填列")
    HEADER_TWICE = ("column appears twice", "列重复")
    SEQUENCE = (
        "period and sequence known with other content; send a correction under a new sequence",
        "该期该序号已有不同内容; 更正请使用新的序号",
    )

    @property
    def en(self) -> str:
        """Return the English text."""
        return str(self.value[0])

    @property
    def zh(self) -> str:
        """Return the Chinese text."""
        return str(self.value[1])


class RejectedDelivery(PlainFault):
    """A delivery that is refused whole. `detail` names a field, a column or a number, never a value of the data."""

    def __init__(self, reason: Reason, file: str = "", line: int | None = None, detail: str = "") -> None:
        self.reason = reason
        self._told = (reason, file, line, detail)
        where = file + (f":{line}" if line is not None else "")
        text = " · ".join(part for part in (f"{reason.zh} {reason.en}", where, detail) if part)
        super().__init__(text)

    def __reduce__(self) -> tuple[type[RejectedDelivery], tuple[Reason, str, int | None, str]]:
        """Return how to make it again in another process."""
        return RejectedDelivery, self._told
