#!/usr/bin/env python3
"""Reads the outputs of one run with other people's parsers and schemas, and damaged ones as well.
Usage: formats.py FOLDER JUNIT_XSD"""

import csv
import io
import json
import re
import sys
from pathlib import Path

import html5lib
import junitparser
from lxml import etree
from trestle.oscal.assessment_results import AssessmentResults

FOLDER, XSD = Path(sys.argv[1]), sys.argv[2]


def text(name):
    return (FOLDER / name).read_text(encoding="utf-8")


REPORT = json.loads(text("json"))
BLOCKING = [finding for finding in REPORT["findings"] if finding["blocks"]]


def junit(source):
    """The XSD of Jenkins' xUnit plugin, then what a reader of reports sees."""
    etree.XMLSchema(etree.parse(XSD)).assertValid(etree.fromstring(source.encode()))
    read = junitparser.JUnitXml.fromstring(source.encode())
    suites = list(read)
    assert len(suites) == len(REPORT["controls"]) + 1
    failing = {suite.name for suite in suites if any(case.result and isinstance(case.result[0], junitparser.Failure) for case in suite)}
    assert failing == {finding.get("control", "repository") for finding in BLOCKING}, failing
    assert read.tests == sum(len(list(suite)) for suite in suites)
    return f"{read.tests} cases, {read.failures} failures"


def oscal(source):
    """NIST's model, as trestle has it: nothing may be there that it does not know."""
    results = AssessmentResults.parse_obj(json.loads(source)["assessment-results"]).results[0]
    uuids = re.findall(r'"uuid": "([^"]+)"', source)
    assert len(uuids) == len(set(uuids)) and all(uuid[14] == "5" for uuid in uuids)
    assert len(results.findings) == len(REPORT["controls"])
    return f"{len(results.findings)} findings, {len(results.observations)} observations"


def gitlab(source):
    """What GitLab documents for a Code Quality report: it drops an entry that lacks a member, and
    shows one of those with equal fingerprints. It reads no byte order mark."""
    entries = json.loads(source)
    assert isinstance(entries, list) and not source.startswith("\ufeff")
    for entry in entries:
        assert entry.keys() == {"description", "check_name", "fingerprint", "severity", "location"}
        assert entry["severity"] in {"info", "minor", "major", "critical", "blocker"}
        assert all(isinstance(entry[name], str) and entry[name] for name in ("description", "check_name", "fingerprint"))
        path, line = entry["location"]["path"], entry["location"]["lines"]["begin"]
        assert not path.startswith(("/", "./")) and isinstance(line, int) and line > 0
    prints = [entry["fingerprint"] for entry in entries]
    assert len(prints) == len(set(prints)), "two entries would be shown as one"
    open_ones = [finding for finding in REPORT["findings"] if "excepted_by" not in finding]
    assert len(entries) == len(open_ones)
    return f"{len(entries)} entries"


def table(source):
    """As Python reads CSV, strictly: every row as wide as its head, no cell a formula."""
    rows = list(csv.reader(io.StringIO(source, newline=""), strict=True))
    assert all(len(row) == len(rows[0]) for row in rows)
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows[1:] for cell in row)
    assert len(rows) == 1 + len(REPORT["findings"])
    return f"{len(rows) - 1} rows"


def html(source):
    """The parser of the HTML standard in its strict mode: the first error ends it."""
    page = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(source)
    ids = [element.get("id") for element in page.iter() if element.get("id")]
    assert len(ids) == len(set(ids)), "an id is there twice"
    links = {element.get("href") for element in page.iter("a")}
    assert links <= {f"#{name}" for name in ids}, "a link leads nowhere"
    assert len(list(page.iter("script"))) == 1
    return f"{len(ids)} ids, {len(links)} links"


def markdown(source):
    """What GitHub takes for a summary, and nothing in it that it would act on."""
    assert len(source.encode()) < 1 << 20
    assert not re.search(r"<(?!/?details|/?summary|br)[a-z]|(?<![\\\w&;])@[a-z]", source)
    assert REPORT["as_of"] in source and "✕" in source
    return f"{len(source.encode())} bytes"


def refuses(reader, source):
    try:
        reader(source)
    except Exception:  # Whatever the parser of somebody else raises.
        return True
    return False


for name, reader, (good, bad) in [
    ("junit", junit, ("<testcase ", "<testcase nonsense='1' ")),
    ("oscal", oscal, ('"uuid"', '"uid"')),
    ("gitlab", gitlab, ('"severity":"major"', '"severity":"bad"')),
    ("csv", table, (",error,", ',"error,')),
    ("html", html, ("</table>", "</tabel>")),
    ("markdown", markdown, ("| control", "<script>| control")),
]:
    source = text(name)
    print(f"{name}: {reader(source)}")
    damaged = source.replace(good, bad, 1)
    assert damaged != source and refuses(reader, damaged), f"{name}: a damaged report is taken"
