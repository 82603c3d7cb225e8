// Drives the HTML report in Chromium: console, filter, links, dark, narrow, print, axe-core.
import puppeteer from "puppeteer-core";
import { readFileSync } from "node:fs";
const [, , page_path, out, executable = "/usr/bin/chromium"] = process.argv;
const browser = await puppeteer.launch({ executablePath: executable, args: ["--no-sandbox"] });
const page = await browser.newPage();
const wrong = [];
page.on("console", (message) => { if (message.type() === "error") wrong.push(message.text()); });
page.on("pageerror", (error) => wrong.push(String(error)));
page.on("request", (request) => { if (!/^(file|data):/.test(request.url())) wrong.push("request " + request.url()); });
const check = (what, holds) => { if (!holds) wrong.push(what); };
await page.setBypassCSP(false);
const before = Date.now();
await page.goto("file://" + page_path, { waitUntil: "load" });
const loaded = Date.now() - before;
const all = await page.$$eval("details.control", (them) => them.length);
const shown = () => page.$$eval("details.control", (them) => them.filter((one) => !one.hidden).length);
await page.type("#search", "CHM-01 approver");
check("the filter shows some and not all", (await shown()) > 0 && (await shown()) < all);
await page.click("#reset");
check("all are shown again", (await shown()) === all);
await page.click('.heat a[href="#CHM-01"]');
await page.waitForFunction(() => document.getElementById("CHM-01").open);
await page.screenshot({ path: out + "/open.png" });
await page.select("#verdict", "met");
check("a verdict filters", (await shown()) > 0 && (await shown()) < all);
await page.click("#reset");
await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: "dark" }]);
await page.evaluate(() => scrollTo(0, 0));
await page.screenshot({ path: out + "/dark.png" });
await page.setViewport({ width: 390, height: 844 });
check("nothing is wider than a phone", await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
await page.screenshot({ path: out + "/narrow.png" });
await page.setViewport({ width: 1280, height: 900 });
await page.pdf({ path: out + "/report.pdf", format: "A4" });
for (const scheme of ["light", "dark"]) {
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
  const found = await page.evaluate(async (source) => {
    // The page's policy lets no other script in; the debugger's own evaluation is not bound by it.
    (0, eval)(source);
    const result = await axe.run(document, { resultTypes: ["violations"] });
    return result.violations.map((one) => `${one.impact} ${one.id}: ${one.nodes.length} x ${one.nodes[0].target}`);
  }, readFileSync(new URL("./node_modules/axe-core/axe.min.js", import.meta.url), "utf8")).catch((error) => ["could not run: " + error]);
  for (const one of found) if (/^(serious|critical|could)/.test(one)) wrong.push(scheme + " " + one); else console.log(scheme, one);
}
console.log(`${all} controls, loaded in ${loaded} ms`);
await browser.close();
for (const one of wrong) console.log("WRONG " + one);
process.exit(wrong.length ? 1 : 0);
