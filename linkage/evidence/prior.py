"""What is assumed of records before any are counted: from the literature and from how hospitals work, rounded.

Training counts what it can and leans on this for the rest: a sample never shows every slip, and a synthetic one shows
none that nobody thought of. Name slips by sound and shape: Collender et al., arXiv 2001.01895. Shares of numbers are of
records without a valid number of their own.
"""

from __future__ import annotations

from types import MappingProxyType

from linkage.evidence.model import Evidence

# fmt: off
PRIOR = MappingProxyType({
    # same, same sound, near, one character off, left out, surname, different
    "name": Evidence((0.955, 0.02, 0.008, 0.008, 0.003, 0.003, 0.003), (1.0,) * 7, (1.0,) * 7),
    # same, slip, weeks apart, different
    "birth": Evidence((0.98, 0.005, 0.005, 0.01), (0.006, 0.001, 0.003, 0.99), (4e-5, 8e-4, 0.004, 0.995)),
    # same, different
    "sex": Evidence((0.997, 0.003), (0.45, 0.55), (0.5, 0.5)),
    "phone": Evidence((0.75, 0.25), (0.4, 0.6), (2.0**-14, 1.0)),
    "address": Evidence((0.75, 0.25), (0.8, 0.2), (2.0**-14, 1.0)),
    "city": Evidence((0.93, 0.07), (0.95, 0.05), (0.07, 0.93)),
    # same, guardian's, slip, another's, different. Who shows a holder's number and agrees on name or birth date is the
    # holder without weighing; so the same number says little here, for one person or for kin.
    "number": Evidence((5e-4, 0.3, 0.4, 0.2, 0.1), (1e-6, 0.25, 0.001, 0.35, 0.4), (1e-6, 1e-6, 1e-7, 0.5, 0.5)),
    # same, different
    "near": Evidence((0.85, 0.15), (0.5, 0.5), (2.0**-20, 1.0)),
    "mother": Evidence((0.98, 0.02), (0.3, 0.7), (1e-4, 1.0)),
    # same, another at a register that gives one number a person
    "own": Evidence((0.3, 0.005), (0.002, 0.95), (2.0**-23, 0.95)),
    # same, different
    "code": Evidence((0.97, 0.03), (0.005, 0.995), (2.0**-23, 1.0)),
})
# fmt: on
UNSEEN, UNSEEN_KIN, SURNAME_SHARED = 0.05, 0.1, 0.5
ACCEPT, REVIEW, KEEP = 0.99, 0.5, 0.9
RARE = -14.0
COMPOUND = (
    "欧阳", "司徒", "上官", "司马", "诸葛", "皇甫", "令狐", "慕容", "夏侯", "尉迟", "公孙", "长孙", "宇文",
    "端木", "东方", "南宫",
    "独孤", "呼延", "轩辕", "钟离", "澹台", "闻人", "西门", "第五",
)  # fmt: skip
