// Workflow commands against the toolkit of GitHub: what the runner reads from a line is given to
// @actions/core, which must write the same line. Usage: formats.mjs FILE
import { error, notice, warning } from "@actions/core";
import { readFileSync } from "node:fs";

const write = { error, notice, warning };
const names = { line: "startLine", endLine: "endLine", col: "startColumn", endColumn: "endColumn" };

// As the runner reads a line: the command, its properties, its message.
const read = (line) => {
  const [, command, properties, message] = /^::(\w+) (.*?)::(.*)$/.exec(line) ?? [];
  if (!write[command]) throw new Error("no command: " + line);
  const plain = (text) => text.replaceAll("%0D", "\r").replaceAll("%0A", "\n");
  const value = (text) => plain(text).replaceAll("%3A", ":").replaceAll("%2C", ",").replaceAll("%25", "%");
  const pairs = properties.split(",").map((pair) => pair.split(/=(.*)/s).slice(0, 2));
  return { command, pairs: pairs.map(([name, text]) => [name, value(text)]), message: plain(message).replaceAll("%25", "%") };
};
const written = ({ command, pairs, message }) => {
  let text = "";
  const before = process.stdout.write;
  process.stdout.write = (part) => { text += part; return true; };
  write[command](message, Object.fromEntries(pairs.map(([name, value]) => [names[name] ?? name, value])));
  process.stdout.write = before;
  return text.trimEnd();
};
// The toolkit has an order of its own for the properties.
const sorted = (line) => {
  const { 1: head, 2: properties, 3: message } = /^(::\w+ )(.*?)(::.*)$/.exec(line);
  return head + properties.split(",").sort().join(",") + message;
};
const same = (line) => {
  try { return sorted(line) === sorted(written(read(line))); } catch { return false; }
};

const lines = readFileSync(process.argv[2], "utf8").trimEnd().split("\n");
const commands = lines.filter((line) => line.startsWith("::error "));
const wrong = lines.filter((line) => !same(line));
for (const line of wrong) console.log("WRONG " + line);
const refused = [lines[0].replace("::error ", ":error "), lines[0] + "\r", lines[0].replace("file=", "file=a:b")].filter((line) => !same(line));
if (refused.length !== 3) wrong.push("a damaged command is taken");
if (commands.length !== 10 || lines.length !== 11) wrong.push(`${commands.length} annotations and ${lines.length} lines`);
console.log(`GitHub: ${lines.length} commands as @actions/core writes them, ${wrong.length} wrong`);
process.exit(wrong.length ? 1 : 0);
