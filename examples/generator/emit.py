"""Writers of the evidence formats: every file sorted, newline-terminated and the same on every run."""

import csv
import hashlib
import io
import json
import re
from pathlib import Path

PLAIN = re.compile(r"[A-Za-z_/][A-Za-z0-9_ ./@+()*-]*")
DATED = re.compile(r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}([+-]\d{2}:\d{2}|Z))?")
RESERVED = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}


def digest(content):
    if isinstance(content, str):
        content = content.encode()
    return hashlib.sha256(content).hexdigest()


def scalar(value):
    """A YAML 1.2 scalar, quoted whenever it could be read as anything else."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    if DATED.fullmatch(value):
        return value
    if PLAIN.fullmatch(value) and value.lower() not in RESERVED and not value.endswith(" "):
        return value
    return json.dumps(value, ensure_ascii=False)


def yaml_lines(value, indent=0):
    pad = "  " * indent
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _yaml_entry(f"{pad}{scalar(key)}:", item, indent + 1)
    elif isinstance(value, list):
        for item in value:
            if isinstance(item, (dict, list)) and item:
                lines = list(yaml_lines(item, indent + 1))
                yield f"{pad}- {lines[0].lstrip()}"
                yield from lines[1:]
            else:
                yield f"{pad}- {_flow(item)}"


def _flow(item):
    """An empty list or mapping, or a scalar, on one line."""
    return str(item) if isinstance(item, (dict, list)) else scalar(item)


def _yaml_entry(head, item, indent):
    if isinstance(item, (dict, list)) and item:
        yield head
        yield from yaml_lines(item, indent)
    else:
        yield f"{head} {_flow(item)}"


def yaml(value):
    return "\n".join(yaml_lines(value)) + "\n"


def cell(value):
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ";".join(cell(item) for item in value)
    return str(value)


def pdf(title, lines):
    """A one-page PDF with its cross-reference table, small enough to read by eye."""
    def text(line):
        return line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")

    shown = [f"BT /F1 16 Tf 56 786 Td ({text(title)}) Tj ET"]
    shown += [f"BT /F1 10 Tf 56 {756 - 15 * row} Td ({text(line)}) Tj ET" for row, line in enumerate(lines)]
    stream = "\n".join(shown).encode("latin-1")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    out = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return out


class Repository:
    """The evidence repository being written. Each writer returns the SHA-256 of what it wrote."""

    def __init__(self, root):
        self.root = Path(root)
        self.hashes = {}

    def bytes(self, path, content):
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        self.hashes[path] = digest(content)
        return self.hashes[path]

    def text(self, path, content):
        return self.bytes(path, content.encode())

    def json(self, path, value):
        return self.text(path, json.dumps(value, indent=2, ensure_ascii=False) + "\n")

    def jsonl(self, path, records):
        return self.text(path, "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records))

    def csv(self, path, columns, rows):
        sheet = io.StringIO(newline="")
        writer = csv.writer(sheet, lineterminator="\n")
        writer.writerow(columns)
        for row in rows:
            unknown = set(row) - set(columns)
            if unknown:
                raise ValueError(f"{path}: columns {sorted(unknown)} are not declared")
            writer.writerow([cell(row.get(column)) for column in columns])
        return self.text(path, sheet.getvalue())

    def yaml(self, path, value):
        return self.text(path, yaml(value))

    def markdown(self, path, front, body):
        return self.text(path, f"---\n{yaml(front)}---\n\n{body.strip()}\n")

    def manifest(self, path, source, collected_at, collected_by, **more):
        """The manifest beside an artifact that has just been written."""
        fields = {"source": source}
        if "query" in more:
            fields["query"] = more.pop("query")
        fields |= {"collected_at": collected_at.isoformat(), "collected_by": collected_by}
        fields |= {"sha256": self.hashes[path]}
        fields |= {name: value for name, value in more.items() if value is not None}
        self.text(f"{path}.evidence.yaml", yaml(fields))
