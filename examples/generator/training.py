"""Courses that people must take: the outline, the quarterly report of the learning platform and its completion rates."""

from datetime import date, timedelta

from .clock import QUARTERS, at, workday
from .policies import _front
from .world import PEOPLE

ETHICS, SECURITY = "ai-ethics-and-bias", "security-and-privacy"
TEAMS = ["ai", "data", "platform"]
# course -> (version, first day of the round): everybody takes each round; joiners take the one that is running
ROUNDS = {ETHICS: [("2026.1", date(2026, 1, 12))], SECURITY: [("4", date(2025, 9, 1)), ("5", date(2026, 9, 1))]}


def write(repo):
    _outline(repo)
    _plan(repo)
    for quarter in QUARTERS:
        rows = sorted((row for person in PEOPLE for row in _rows(person, quarter)), key=lambda r: (r["course_id"], r["person_id"]))
        _status(repo, quarter, rows)
        _rates(repo, quarter, rows)


def _rows(person, quarter):
    """What the learning platform shows of a person at the end of a quarter, leavers included: the latest assignment of each course."""
    day = quarter.last
    if person.team not in TEAMS or person.hired > day or (person.left and person.left < quarter.first):
        return
    number = int(person.id[2:])
    for course, rounds in ROUNDS.items():
        version, begins = next(r for r in reversed(rounds) if r[1] <= day)
        assigned = max(begins, person.hired)
        done = workday(assigned + timedelta(days=1 + number * 5 % 17))
        row = {"as_of": day.isoformat(), "person_id": person.id, "team": person.team, "course_id": course, "course_version": version,
               "assigned_on": assigned.isoformat(), "due_on": (assigned + timedelta(days=30)).isoformat()}
        if person.left and person.left <= day:
            row["left_on"] = person.left.isoformat()
        if done <= day:
            row |= {"completed_on": done.isoformat(), "valid_until": (done + timedelta(days=365)).isoformat(), "score": 80 + number * 13 % 21, "pass_mark": 80}
        yield row


def _status(repo, quarter, rows):
    columns = ["as_of", "person_id", "team", "left_on", "course_id", "course_version", "assigned_on", "due_on", "completed_on", "valid_until", "score", "pass_mark"]
    path = f"evidence/training/status-{quarter.name}.csv"
    repo.csv(path, columns, rows)
    repo.manifest(path, "learn.acme.example", quarter.after(2, 10, 20), "p-007", query=f"state of all people of teams ai, data and platform on {quarter.last}, compliance courses",
                  records=len(rows), covers=quarter.covers())


def _rates(repo, quarter, rows):
    counted = []
    for course in ROUNDS:
        for team in TEAMS:
            these = [r for r in rows if r["course_id"] == course and r["team"] == team and "left_on" not in r]
            done = sum("completed_on" in r and r["valid_until"] >= r["as_of"] for r in these)
            still = sum("completed_on" not in r and r["due_on"] >= r["as_of"] for r in these)
            counted.append({"as_of": quarter.last.isoformat(), "team": team, "course_id": course, "people": len(these), "completed": done, "open_in_time": still,
                            "overdue": len(these) - done - still, "rate_percent": done * 100 // (len(these) - still) if len(these) > still else 100})
    path = f"evidence/training/rates-{quarter.name}.csv"
    repo.csv(path, list(counted[0]) + ["action_ticket", "action_owner", "action_due_on"], counted)
    repo.manifest(path, "learn.acme.example", quarter.after(3, 9, 15), "p-007", query=f"completion rates by team and course on {quarter.last}", records=len(counted))


def _outline(repo):
    front = _front(ETHICS, "Course outline: AI ethics and bias", "standard", "2026.1", "p-007", "p-014", "p-003", date(2026, 1, 7), date(2026, 1, 12),
                   ["MEV-03"], ("2025.1", "2025-01-08", "2025-01-13"))
    path = f"evidence/training/course-{ETHICS}.md"
    repo.markdown(path, front, """# Course outline: AI ethics and bias

## Audience

Everyone who builds, trains, reviews or operates models, and everyone in data and platform who works with them.

## Objectives

People can name the prohibited uses, read a parity figure, say what a slice under 200 cases is worth, and know whom to write to when something is wrong.

## Content

1. The ethics policy, case by case (40 minutes)
2. Where bias comes from: the English tickets of 2025 as an example (30 minutes)
3. Measuring: parity, opportunity, small slices (40 minutes)
4. Stopping a release, and what happens then (20 minutes)

## Assessment

Twenty questions drawn from sixty. Passed with 80 of 100; who fails repeats the part that went wrong and answers twenty others.

## Changes in this version

Part 2 uses our own tickets instead of a public data set; the question on small slices follows the limit of 200 in the policy.
""")
    repo.manifest(path, "git.acme.example/acme/policies", at(date(2026, 1, 8), 11, 5), "p-007")


def _plan(repo):
    front = _front("training-plan", "Plan of compliance training", "plan", "1.3", "p-007", "p-014", "p-002", date(2026, 1, 7), date(2026, 1, 12),
                   ["KPI-04", "MEV-03"], ("1.2", "2025-01-08", "2025-01-13"),
                   required_courses=[{"course_id": course, "teams": TEAMS, "valid_months": 12} for course in ROUNDS])
    path = "evidence/training/plan.md"
    repo.markdown(path, front, """# Plan of compliance training

## Courses

Everyone in the teams ai, data and platform takes AI ethics and bias each January and security and privacy each September; joiners take both within 30 days.

## Target

95 of 100 people hold a valid completion at the end of each quarter, team by team. Below that the compliance manager opens a ticket with the head of the team.

## Reports

The state of every person and the rates are exported from the learning platform after each quarter.
""")
    repo.manifest(path, "git.acme.example/acme/policies", at(date(2026, 1, 8), 11, 20), "p-007")
