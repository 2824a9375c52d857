-- zh: 预约挂号事实表：医院投放的每个号源一行，含未被预约的号源
-- en: Booking: one row a slot that a hospital released, booked or not
-- by: booking_id from content_booking.row_id
SELECT
  slot.row_id AS booking_id, -- [1] 记录编号 | id of the record, stable while the record stands
  slot.city_code, -- [1] 报送地市代码 | delivering city
  slot.org_code,
  slot.slot_no,
  date_trunc('month', slot.slot_start)::DATE AS month, -- [1] 就诊时段月份 (当月1日) | first day of the month in which the slot lies
  slot.released_at,
  slot.slot_start,
  slot.slot_end,
  slot.channel,
  slot.booked_at, -- [2] 预约时间 | when it was booked; empty where it was not
  slot.seen_at -- [2] 就诊时间 | when the patient was seen; empty where none came
FROM content_booking AS slot
