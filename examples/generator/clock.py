"""Local time of the example company, without a clock: Europe/Berlin by rule, and the periods of the window."""

import calendar
from datetime import date, datetime, timedelta, timezone, tzinfo

YEAR = 2026
START = date(YEAR, 1, 1)
END = date(YEAR, 12, 31)


def last_sunday(year, month):
    """The last Sunday of a month, when European clocks change."""
    last = date(year, month, calendar.monthrange(year, month)[1])
    return last - timedelta(days=(last.weekday() + 1) % 7)


class Berlin(tzinfo):
    """CET and CEST by the rule in force since 1996, so that no time zone database is needed."""

    def _summer(self, year):
        begins = datetime.combine(last_sunday(year, 3), datetime.min.time()) + timedelta(hours=2)
        ends = datetime.combine(last_sunday(year, 10), datetime.min.time()) + timedelta(hours=3)
        return begins, ends

    def utcoffset(self, moment):
        begins, ends = self._summer(moment.year)
        local = moment.replace(tzinfo=None)
        return timedelta(hours=2 if begins <= local < ends else 1)

    def dst(self, moment):
        return self.utcoffset(moment) - timedelta(hours=1)

    def tzname(self, moment):
        return "CEST" if self.dst(moment) else "CET"

    def fromutc(self, moment):
        begins, ends = self._summer(moment.year)
        utc = moment.replace(tzinfo=None)
        summer = begins - timedelta(hours=1) <= utc < ends - timedelta(hours=2)
        return (utc + timedelta(hours=2 if summer else 1)).replace(tzinfo=self)


BERLIN = Berlin()


def at(day, hour=9, minute=0, second=0):
    """A local moment on a day."""
    return datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=BERLIN)


def at_utc(day, hour):
    """The local reading of a moment fixed in UTC: such points stay 24 hours apart when the clocks change."""
    return datetime(day.year, day.month, day.day, hour, tzinfo=timezone.utc).astimezone(BERLIN)


def stamp(moment):
    """RFC 3339 with the offset in force."""
    return moment.isoformat()


def later(moment, **delta):
    """A moment later in elapsed time, read again in local time."""
    return (moment.astimezone(timezone.utc) + timedelta(**delta)).astimezone(BERLIN)


def is_workday(day):
    holidays = {(1, 1), (4, 3), (4, 6), (5, 1), (5, 14), (5, 25), (10, 3), (12, 24), (12, 25), (12, 28), (12, 31)}
    return day.weekday() < 5 and (day.month, day.day) not in holidays


def workday(day):
    """The day itself, or the next one on which people work."""
    while not is_workday(day):
        day += timedelta(days=1)
    return day


def days(first, last):
    while first <= last:
        yield first
        first += timedelta(days=1)


class Period:
    """A calendar month, quarter or half year of the window."""

    def __init__(self, name, first, last):
        self.name, self.first, self.last = name, first, last

    def covers(self):
        return {"from": self.first.isoformat(), "to": self.last.isoformat()}

    def after(self, working_days, hour=9, minute=0):
        """A moment that many working days after the period has closed."""
        day = self.last
        for _ in range(working_days):
            day = workday(day + timedelta(days=1))
        return at(day, hour, minute)


def _period(name, first_month, last_month):
    last_day = calendar.monthrange(YEAR, last_month)[1]
    return Period(name, date(YEAR, first_month, 1), date(YEAR, last_month, last_day))


MONTHS = [_period(f"{YEAR}-{m:02}", m, m) for m in range(1, 13)]
QUARTERS = [_period(f"{YEAR}-Q{q}", 3 * q - 2, 3 * q) for q in range(1, 5)]
HALVES = [_period(f"{YEAR}-H{h}", 6 * h - 5, 6 * h) for h in (1, 2)]
