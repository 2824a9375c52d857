"""Who is who: the rules of the first form, case by case. `who` is the person that each row must come to."""

from __future__ import annotations

from pathlib import Path

import pytest
from linkage_world import MODEL, World, grouped, table

from linkage.evidence.score import define_evidence

CASES = {
    "a valid number with the name or the birth date attaches": """
      who | feed       | name | sex | born       | id
      li  | population | 李梅 | 2   | 1990-03-05 | 440101199003050021
      li  | emr        | 李梅 |     |            | 440101199003050021
      li  | emr        | 李玫 | 2   | 1990-03-05 | 440101199003050021
    """,
    "spaces, points, width and letter case are no difference": """
      who | feed       | name          | sex | born       | id                 | bad id
      mai | population | 买买提·艾力   | 1   | 1990-03-05 | 65310119900305001X |
      mai | emr        | 买买提艾力    | 1   |            | 65310119900305001X |
      mai | emr        | 买买提 ・艾力 | 1   |            | 65310119900305001X |
      joe | population | Joe Smith     | 1   | 1980-01-01 |                    | E1234567
      joe | emr        | ＪＯＥ　SMITH | 1   | 1980-01-01 |                    | e1234567
    """,
    "registered in two cities": """
      who | feed       | city   | no | name | sex | born       | id                 | phone
      li  | population | 440100 | 1  | 李梅 | 2   | 1990-03-05 | 440101199003050021 |
      li  | population | 440300 | 9  | 李梅 | 2   | 1990-03-05 | 440101199003050021 |
      wu  | population | 440100 | 2  | 吴刚 | 1   | 1991-03-05 | 440101199103050011 | 13912340001
      wu  | population | 440300 | 2  | 吴刚 | 1   | 1991-03-05 |                    | 13912340001
    """,
    "the same number of two cities is of two persons": """
      who | feed       | city   | no | name | sex | born       | id
      li  | population | 440100 | 1  | 李梅 | 2   | 1990-03-05 | 440101199003050021
      wu  | population | 440300 | 1  | 李梅 | 2   | 1991-03-05 | 440101199103050042
    """,
    "twins": """
      who | feed       | name | sex | born       | id                 | phone       | address
      da  | population | 陈大 | 1   | 2010-06-01 | 440101201006010011 | 13912340001 | 天河路一号二栋301
      xi  | population | 陈小 | 1   | 2010-06-01 | 440101201006010038 | 13912340001 | 天河路一号二栋301
      da  | emr        | 陈大 | 1   | 2010-06-01 |                    | 13912340001 | 天河路一号二栋301
      xi  | emr        | 陈小 | 1   | 2010-06-01 |                    | 13912340001 | 天河路一号二栋301
    """,
    "twins under one name slip keep their numbers apart": """
      who | feed       | name | sex | born       | id                 | phone
      da  | population | 陈晓 | 1   | 2010-06-01 | 440101201006010011 | 13912340001
      xi  | population | 陈晓 | 1   | 2010-06-01 | 440101201006010038 | 13912340001
      xx  | emr        | 陈晓 | 1   | 2010-06-01 |                    | 13912340001
    """,
    "a newborn under the mother's number is not the mother": """
      who | feed       | name     | sex | born       | id                 | bad id
      li  | population | 李梅     | 2   | 1990-03-05 | 440101199003050021 |
      bb  | emr        | 李梅之子 | 1   | 2018-11-02 |                    | 440101199003050021
      cc  | emr        | 李梅之女 |     |            | 440101199003050021 |
    """,
    "a newborn's form and the mother's only registered child of that day and sex": """
      who | feed       | name     | sex | born       | id                 | bad id             | near
      li  | population | 李梅     | 2   | 1990-03-05 | 440101199003050021 |                    |
      bb  | population | 王小宝   | 1   | 2018-11-02 | 440101201811020014 |                    | 440101199003050021
      bb  | emr        | 李梅之子 | 1   | 2018-11-02 |                    | 440101199003050021 |
    """,
    "of twin sons the form may mean either": """
      who | feed       | name     | sex | born       | id                 | bad id             | near
      b1  | population | 王小宝   | 1   | 2018-11-02 | 440101201811020014 |                    | 440101199003050021
      b2  | population | 王大宝   | 1   | 2018-11-02 | 440101201811020030 |                    | 440101199003050021
      bx  | emr        | 李梅之子 | 1   | 2018-11-02 |                    | 440101199003050021 |
    """,
    "a child under a guardian's number": """
      who | feed       | name   | sex | born       | id                 | bad id             | near
      li  | population | 李梅   | 2   | 1990-03-05 | 440101199003050021 |                    |
      ch  | population | 王小明 | 1   | 2012-07-08 | 440101201207080033 |                    | 440101199003050021
      ch  | emr        | 王小明 | 1   | 2012-07-08 |                    | 440101199003050021 |
      xx  | emr        | 王小红 | 2   |            | 440101199003050021 |                    |
    """,
    "a borrowed card: the number is the cardholder's, the person is not": """
      who | feed       | name   | sex | born       | id                 | bad id             | phone
      li  | population | 李梅   | 2   | 1990-03-05 | 440101199003050021 |                    |
      zh  | population | 张芳   | 2   | 1962-01-09 | 440101196201090022 |                    | 13912340002
      zh  | emr        | 张芳   | 2   | 1962-01-09 |                    | 440101199003050021 | 13912340002
      xx  | emr        | 周丽   | 2   |            | 440101199003050021 |                    |
    """,
    "a borrowed number does not keep its user from being someone else": """
      who | feed       | no | name | sex | born       | id
      li  | population |    | 李梅 | 2   | 1990-03-05 | 440101199003050021
      zh  | population |    | 张芳 | 2   | 1962-01-09 | 440101196201090022
      zh  | emr        | p7 | 张芳 | 2   |            | 440101199003050021
      zh  | emr        | p7 | 张芳 | 2   | 1962-01-09 | 440101196201090022
    """,
    "a legacy number of 15 digits, completed by cleaning": """
      who | feed       | name | sex | born       | id
      he  | population | 何强 | 1   | 1960-05-06 | 440102196005060016
      he  | emr        | 何強 | 1   | 1960-05-06 | 440102196005060016
    """,
    "namesakes born on one day": """
      who | feed       | name | sex | born       | id                 | phone       | address
      w1  | population | 张伟 | 1   | 1985-01-01 | 440101198501010011 | 13912340001 | 天河路一号二栋301
      w2  | population | 张伟 | 1   | 1985-01-01 | 440301198501010015 | 13912340002 | 深南大道八号1002
      w2  | emr        | 张伟 | 1   | 1985-01-01 |                    | 13912340002 |
      w1  | emr        | 张伟 | 1   | 1985-01-01 |                    |             | 天河路一号，二栋 301
      xx  | emr        | 张伟 | 1   | 1985-01-01 |                    | 13912340003 |
    """,
    "a number miswritten in sex or birth date still speaks with the name": """
      who | feed       | name | sex | born       | id                 | bad id
      li  | population | 李梅 | 2   | 1990-03-05 | 440101199003050021 |
      li  | emr        | 李梅 | 2   | 1990-05-03 |                    | 440101199003050021
      li  | emr        | 李梅 | 1   | 1990-03-05 |                    | 440101199003050021
    """,
    "an invalid number a slip of the pen away": """
      who | feed       | name | sex | born       | id                 | bad id
      li  | population | 李梅 | 2   | 1990-03-05 | 440101199003050021 |
      li  | emr        | 李梅 | 2   | 1990-03-05 |                    | 440101199003050012
      xx  | emr        | 李梅 | 2   |            |                    | 350211199003057788
    """,
    "placeholders agree with nothing": """
      who | name   | sex | born       | bad id             | phone       | address
      a   | 无名氏 | 1   | 1990-01-01 |                    | 13912340001 |
      b   | 无名氏 | 1   | 1990-01-01 |                    | 13912340002 |
      c   | 张?    | 1   | 1990-01-01 |                    |             |
      d   | 张?    | 1   | 1990-01-01 |                    |             |
      e   | 王芳   | 2   |            | 000000000000000000 | 00000000000 | 不详
      f   | 王芳   | 2   |            | 000000000000000000 | 00000000000 | 广东省广州市天河区
      g   | 王芳   | 2   |            | 440000000000000000 |             |
      h   | 王芳   | 2   |            | 440000000000000000 |             |
    """,
    "an address with and without its province, city and county": """
      who | org | name | sex | born       | address
      v   | H1  | 温怡 | 2   |            | 广东省佛山市三水区公园路376号8栋608房
      v   | H2  | 温怡 | 2   |            | 三水区公园路376号8栋608房
      v   | H3  | 温怡 | 2   |            | 公园路376号, 8栋608房
      w   | H4  | 温怡 | 2   |            | 公园路376号8栋609房
    """,
    "name and birth date of one person on the register alone, whatever else is missing": """
      who | feed       | city   | name   | sex | born       | id                 | bad id
      ch  | population | 440100 | 王小明 | 1   | 2012-07-08 | 440101201207080033 |
      gu  | population | 440100 | 李梅   | 2   | 1990-03-05 | 440101199003050021 |
      ch  | emr        | 440100 | 王小明 | 1   | 2012-07-08 |                    |
      ch  | emr        | 440100 | 王小明 | 1   | 2012-07-08 |                    | 440101199003050021
      ch  | emr        | 440100 | 王小明 |     | 2012-07-08 |                    |
      ch  | emr        | 440300 | 王小明 | 1   | 2012-07-08 |                    |
      xx  | emr        | 440100 | 王小明 | 1   |            |                    |
    """,
    "not on the register, seen twice": """
      who | org | no | name   | sex | born       | id                 | bad id   | phone
      v   | H1  | 1  | 孙悦   | 2   | 1977-02-03 | 110101197702030021 |          |
      v   | H2  | 8  | 孙悦   | 2   | 1977-02-03 | 110101197702030021 |          |
      j   | H1  | 2  | J SMITH| 1   | 1970-01-01 |                    | E1234567 |
      j   | H3  | 4  | J SMITH| 1   | 1970-01-01 |                    | E1234567 |
      p   | H1  | 3  | 钱多   | 1   | 1988-08-08 |                    |          | 13712340001
      p   | H4  | 3  | 钱多   | 1   | 1988-08-08 |                    |          | 13712340001
    """,
    "a hospital's own number carries an attachment over": """
      who | feed       | org | no | name | sex | born       | id
      li  | population |     | 1  | 李梅 | 2   | 1990-03-05 | 440101199003050021
      li  | emr        | H1  | p7 | 李梅 | 2   | 1990-03-05 | 440101199003050021
      li  | emr        | H1  | p7 | 李梅 |     |            |
      li  | emr        | H1  | p7 | 李美 | 2   | 1990-03-05 |
      xx  | emr        | H2  | p7 | 李梅 |     |            |
      yy  | emr        | H1  | p7 | 王刚 | 1   |            |
    """,
    "two valid numbers are never one person": """
      who | org | no | name | sex | born       | id                 | phone
      w1  | H1  | p7 | 张伟 | 1   | 1985-01-01 | 440101198501010011 | 13912340001
      w2  | H1  | p7 | 张伟 | 1   | 1985-01-01 | 440101198501010038 | 13912340001
      xx  | H1  | p7 | 张伟 | 1   | 1985-01-01 |                    | 13912340001
    """,
    "one encounter in the words of hospital and insurance, under one name": """
      who | feed       | at | visit | name | sex | born       | id                 | bad id
      li  | population |    |       | 李梅 | 2   | 1990-03-05 | 440101199003050021 |
      li  | insurance  | H1 | 77    | 李梅 |     |            | 440101199003050021 |
      li  | emr        | H1 | 77    | 李梅 |     |            |                    |
      xx  | emr        | H1 | 78    | 李梅 |     |            |                    |
      yy  | emr        | H2 | 77    | 李梅 |     |            |                    |
      li  | insurance  | H3 | 5     | 李玫 | 2   | 1990-03-05 |                    | 440101199003050012
      li  | emr        | H3 | 5     | 李梅 | 2   |            | 440101199003050021 |
    """,
    "an encounter that another's card paid for": """
      who | feed       | at | visit | name | sex | born       | id
      li  | population |    |       | 李梅 | 2   | 1990-03-05 | 440101199003050021
      li  | insurance  | H1 | 77    | 李梅 | 2   | 1990-03-05 | 440101199003050021
      xx  | emr        | H1 | 77    | 张芳 | 2   | 1962-01-09 |
    """,
    "a settlement that names no encounter: institution, day and fee, if only one stay has them": """
      who | feed       | at | visit | on         | fee   | name | sex | born       | id
      li  | population |    |       |            |       | 李梅 | 2   | 1990-03-05 | 440101199003050021
      wu  | population |    |       |            |       | 吴刚 | 1   | 1991-03-05 | 440101199103050011
      li  | insurance  | H1 |       | 2018-11-02 | 81.50 | 李梅 |     |            | 440101199003050021
      li  | emr        | H1 | 77    | 2018-11-02 | 81.50 | 李梅 |     |            |
      xx  | emr        | H1 | 78    | 2018-11-03 | 81.50 | 李梅 |     |            |
      wu  | insurance  | H1 |       | 2018-11-02 | 10    | 吴刚 |     |            | 440101199103050011
      y1  | emr        | H1 | 80    | 2018-11-02 | 10    | 吴刚 |     |            |
      y2  | emr        | H1 | 81    | 2018-11-02 | 10    | 吴刚 |     |            |
    """,
    "another sex is another person": """
      who | org | name | sex | born       | phone
      a   | H1  | 王文 | 1   |            | 13912340001
      b   | H2  | 王文 | 2   |            | 13912340001
    """,
    "one holder on the register knows a number, one off it does not": """
      who | feed       | name | sex | born       | id                 | bad id | phone
      li  | population | 李梅 | 2   | 1990-03-05 |                    |        | 13912340001
      li  | emr        | 李梅 | 2   | 1990-03-05 | 440101199003050021 |        | 13912340001
    """,
}


@pytest.mark.parametrize("name", CASES)
def test_each_row_comes_to_its_person(name: str, tmp_path: Path) -> None:
    rows = table(CASES[name])
    world = World(tmp_path)
    world.step(rows)
    assert world.groups() == grouped({row.row_id: row.who for row in rows})


def test_a_number_says_a_birth_only_where_it_is_a_day_of_the_calendar(tmp_path: Path) -> None:
    connection = World(tmp_path).connection
    define_evidence(connection, MODEL)
    numbers = ["440101199003050021", "440101199002300021", "440101000001010021", "440101900305002"]
    born = "SELECT list_transform($numbers, lambda number: link_born(number)::VARCHAR)"
    assert connection.execute(born, {"numbers": numbers}).fetchone() == (["1990-03-05", None, None, None],)
