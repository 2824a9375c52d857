"""The diagnoses that a province's patients have, in the spellings of the two editions of ICD-10."""

from __future__ import annotations

from functools import cache

import numpy as np
import pyarrow as pa

from pipelines.simulate import arrow
from pipelines.simulate.streams import Floats, Ints, pick

# Code, code of the insurance edition, name, weights of children, adults and elders, department.
_DIAGNOSES = (
    ("J06.9", "J06.900", "急性上呼吸道感染", 30, 12, 6, "0301"),
    ("J20.9", "J20.900", "急性支气管炎", 14, 5, 5, "0301"),
    ("J18.9", "J18.900", "肺炎", 6, 1, 3, "0301"),
    ("J45.9", "J45.900", "支气管哮喘", 3, 1, 1, "0301"),
    ("J44.9", "J44.900", "慢性阻塞性肺病", 0, 0.5, 5, "0301"),
    ("A09.9", "A09.901", "急性胃肠炎", 8, 4, 2, "0302"),
    ("K29.7", "K29.700", "胃炎", 1, 6, 4, "0302"),
    ("K21.9", "K21.900x001", "胃食管反流病", 0, 2, 2, "0302"),
    ("K35.8", "K35.800", "急性阑尾炎", 1, 1, 0.5, "0401"),
    ("K80.2", "K80.200x003", "胆囊结石", 0, 1.5, 2, "0401"),
    ("I10", "I10.x00x002", "高血压病", 0, 7, 22, "0303"),
    ("I25.1", "I25.103", "冠状动脉粥样硬化性心脏病", 0, 1, 9, "0303"),
    ("I63.9", "I63.900", "脑梗死", 0, 0.5, 5, "0304"),
    ("I50.9", "I50.900x002", "心力衰竭", 0, 0.2, 2, "0303"),
    ("E11.9", "E11.900", "2型糖尿病", 0, 4, 12, "0305"),
    ("E78.5", "E78.500", "高脂血症", 0, 2, 4, "0305"),
    ("E04.1", "E04.101", "甲状腺结节", 0, 2, 1, "0305"),
    ("N39.0", "N39.000", "泌尿道感染", 1, 3, 3, "0306"),
    ("N20.0", "N20.000", "肾结石", 0, 1.5, 1, "0306"),
    ("N18.9", "N18.900", "慢性肾脏病", 0, 0.6, 2, "0306"),
    ("M54.5", "M54.500", "腰痛", 0, 5, 5, "0402"),
    ("M17.9", "M17.900", "膝关节病", 0, 1, 5, "0402"),
    ("M51.2", "M51.202", "腰椎间盘突出", 0, 3, 3, "0402"),
    ("S52.5", "S52.500", "桡骨下端骨折", 1, 1, 1, "0402"),
    ("L30.9", "L30.900", "皮炎", 5, 5, 3, "1301"),
    ("L50.9", "L50.900", "荨麻疹", 3, 3, 1, "1301"),
    ("H10.9", "H10.900", "结膜炎", 3, 2, 1, "1001"),
    ("H25.9", "H25.900", "老年性白内障", 0, 0, 4, "1001"),
    ("J30.4", "J30.400", "变应性鼻炎", 4, 4, 1, "1101"),
    ("K02.9", "K02.900", "龋齿", 4, 3, 2, "1201"),
    ("F51.0", "F51.000", "非器质性失眠症", 0, 2, 3, "1501"),
    ("G43.9", "G43.900", "偏头痛", 0.2, 2, 1, "0304"),
    ("C34.9", "C34.900x001", "肺恶性肿瘤", 0, 0.3, 1.5, "1901"),
    ("B18.1", "B18.100x002", "慢性乙型病毒性肝炎", 0, 2, 1, "1601"),
    ("Z00.0", "Z00.001", "健康查体", 2, 5, 4, "0201"),
)  # fmt: skip
_AT_BIRTH = len(_DIAGNOSES)


@cache
def _column(field: int) -> pa.Array:
    newborn = ("Z38.0", "Z38.000", "在医院内出生的单胎婴儿", 0, 0, 0, "0701")
    return arrow.texts([str(row[field]) for row in (*_DIAGNOSES, newborn)])


def draw_diagnoses(at: Floats, age: Floats, newborn: Ints) -> Ints:
    """Return a diagnosis for each number in [0, 1), by age in years; where newborn is 1, the birth itself."""
    weights = np.array([row[3:6] for row in _DIAGNOSES], np.float64)
    group = np.select([age < 14, age < 60], [0, 1], 2)
    drawn = np.select([group == i for i in range(3)], [pick(weights[:, i], at) for i in range(3)])
    return np.where(newborn == 1, _AT_BIRTH, drawn)


def codes(diagnosis: Ints, insurance: np.ndarray) -> pa.Array:
    """Return the codes, of the insurance edition where asked."""
    return arrow.choose(insurance, arrow.take(_column(1), diagnosis), arrow.take(_column(0), diagnosis))


def names(diagnosis: Ints) -> pa.Array:
    """Return the diagnoses' names."""
    return arrow.take(_column(2), diagnosis)


def departments(diagnosis: Ints) -> pa.Array:
    """Return the codes of the departments that treat them."""
    return arrow.take(_column(6), diagnosis)
