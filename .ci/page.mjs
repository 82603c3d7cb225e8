// Drives the HTML report in Chromium as a reader does: filter, open a control, follow a finding, dark
// mode, a narrow screen, print; and asks axe-core. Usage: page.mjs REPORT FOLDER CHROMIUM [FINDINGS]
import puppeteer from "puppeteer-core";
import { readFileSync } from "node:fs";

const [, , file, folder, executablePath, findings = "0"] = process.argv;
const OPENS_WITHIN = 2_000;
const wrong = [];
const check = (what, holds) => { if (!holds) wrong.push(what); };

const browser = await puppeteer.launch({ executablePath, args: ["--no-sandbox"], protocolTimeout: 600_000 });
const page = await browser.newPage();
page.on("console", (message) => { if (message.type() === "error") wrong.push(message.text()); });
page.on("pageerror", (error) => wrong.push(String(error)));
page.on("request", (request) => { if (!/^(file|data):/.test(request.url())) wrong.push("request " + request.url()); });
const scheme = (value) => page.emulateMediaFeatures([{ name: "prefers-color-scheme", value }]);
const painted = () => page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
const picture = async (name) => { await painted(); await page.screenshot({ path: `${folder}/${name}.png` }); };
const shown = () => page.$$eval("details.control", (them) => them.filter((one) => !one.hidden).length);

await page.setViewport({ width: 1280, height: 900 });
const before = Date.now();
await page.goto("file://" + file, { waitUntil: "load" });
await painted();
const opened = Date.now() - before;
check(`it takes ${opened} ms to open`, opened < OPENS_WITHIN);
await picture("desktop");

const all = await page.$$eval("details.control", (them) => them.length);
const articles = await page.$$eval("article", (them) => them.length);
check(`${all} controls and not 72 or more`, all >= 72);
check(`${articles} findings and not ${findings} or more`, articles >= Number(findings));
check("the picture of all periods has a row for each control", (await page.$$(".heat tbody tr")).length === all);

// Filter.
await page.type("#search", "CHM-01 approver");
check("a search shows some and not all", (await shown()) > 0 && (await shown()) < all);
check("it is said how many", (await page.$eval("#count", (one) => one.textContent)).startsWith(`${await shown()} of ${all} `));
await page.click("#reset");
check("all are shown again", (await shown()) === all);
await page.select("#verdict", "met");
const met = await page.$$eval("details.control", (them) => them.filter((one) => !one.hidden).map((one) => one.dataset.verdict));
check("a verdict shows its controls and no others", met.length > 0 && met.length < all && met.every((one) => one === "met"));
await page.click("#reset");

// Open a control: evidence with digests and provenance, checks with tallies.
await page.click('.heat a[href="#CHM-01"]');
await page.waitForFunction(() => document.getElementById("CHM-01").open);
const control = await page.$eval("#CHM-01", (one) => ({
  hashes: one.querySelectorAll(".hash").length,
  text: one.textContent,
  focused: one.contains(document.activeElement),
}));
check("files have digests", control.hashes > 0);
check("files have provenance", /from \S+, .*collected \S+ by \S+/.test(control.text));
check("checks have tallies", /approver-is-independent\s*.*\d/.test(control.text));
check("the keyboard goes where the link goes", control.focused);
await picture("open");

// Follow a finding, from the cell of the period that lacks its evidence.
const links = await page.$$eval('.heat td.cell a[href^="#f-"]', (them) => them.map((one) => one.getAttribute("href")));
if (Number(findings) > 0) check("periods lead to their findings", links.length > 0);
for (const link of [...links.slice(0, 3), ...links.slice(-3)]) {
  await page.click(`.heat td.cell a[href="${link}"]`);
  const seen = (id) => {
    const finding = document.getElementById(id);
    const { top } = finding.getBoundingClientRect();
    return finding.closest("details.control").open && top >= 0 && top < innerHeight / 2;
  };
  await page.waitForFunction(seen, { timeout: 5_000 }, link.slice(1)).catch(() => wrong.push(`${link} is not shown`));
}
if (links.length > 0) await picture("finding");

// With the keyboard alone.
await page.evaluate(() => { location.hash = ""; document.activeElement.blur(); scrollTo(0, 0); });
await page.keyboard.press("Tab");
check("the first stop skips to the controls", await page.evaluate(() => document.activeElement.className === "skip"));
await page.focus("details.control summary");
await page.evaluate(() => { document.querySelector("details.control").open = false; });
await page.keyboard.press("Enter");
check("the keyboard opens a control", await page.evaluate(() => document.querySelector("details.control").open));

// Dark, narrow, printed.
const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
await page.evaluate(() => scrollTo(0, 0));
const light = await paper();
await scheme("dark");
check("dark is another paper", (await paper()) !== light);
await picture("dark");
await scheme("light");
for (const width of [390, 320]) {
  await page.setViewport({ width, height: 844 });
  await painted();
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  check(`at ${width} pixels the page is ${wide} wide`, wide <= width);
  await page.evaluate(() => scrollTo(0, 0));
  await picture(`narrow-${width}`);
}
await page.setViewport({ width: 1280, height: 900 });
await page.type("#search", "CHM-01");
await scheme("dark");
const pdf = await page.pdf({ path: `${folder}/report.pdf`, format: "A4" });
check("it prints", pdf.length > 50_000);
await page.emulateMediaType("print");
check("paper is white", (await paper()) === "rgb(255, 255, 255)");
check("nothing to press is printed", await page.$eval(".filters", (one) => getComputedStyle(one).display === "none"));
await page.emulateMediaType(null);
await page.click("#reset");

// Accessibility, with controls open. Of thousands of findings each is marked up as the first is, and
// axe-core would look at them for many minutes.
for (const value of articles < 1_000 ? ["light", "dark"] : []) {
  await scheme(value);
  const run = async (source) => {
    // The page's policy lets no other script in; the debugger's own evaluation is not bound by it.
    (0, eval)(source);
    const { violations, passes } = await axe.run(document, { resultTypes: ["violations", "passes"] });
    const told = violations.map((one) => `${one.impact} ${one.id}: ${one.nodes.length} x ${one.nodes[0].target}`);
    return { told, passes: passes.length };
  };
  const source = readFileSync(new URL("./node_modules/axe-core/axe.min.js", import.meta.url), "utf8");
  const found = await page.evaluate(run, source).catch((error) => ({ told: ["could not run: " + error], passes: 0 }));
  check(`axe-core held ${found.passes} rules`, found.passes > 10);
  for (const one of found.told) if (/^(serious|critical|could)/.test(one)) wrong.push(`${value} ${one}`); else console.log(value, one);
}
console.log(`${all} controls, ${articles} findings, opened in ${opened} ms, ${wrong.length} wrong`);
await browser.close();
for (const one of wrong) console.log("WRONG " + one);
process.exit(wrong.length ? 1 : 0);
