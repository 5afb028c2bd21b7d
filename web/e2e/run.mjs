import { mkdir } from "node:fs/promises";
import { join } from "node:path";

import { openBrowser } from "./browser.mjs";

const STEP_MS = 30_000;
/** A small telephone, in CSS pixels. */
const PHONE = { width: 360, height: 740 };

/** A variable of the environment that the test can't do without. */
export function required(name) {
  const value = process.env[name];
  if (value === undefined || value === "") {
    console.error(`Set ${name}. The head of the script lists what it needs.`);
    process.exit(2);
  }
  return value;
}

/**
 * Runs a test in a browser and ends the process: with 0, or with 1, the step that failed and what the browser complained about.
 * `more` gives further lines for that.
 */
export async function run(test, more = () => []) {
  const base = required("BASE_URL").replace(/\/$/, "");
  const out = process.env.OUT_DIR ?? "test-results";
  await mkdir(out, { recursive: true });
  const { context, close } = await openBrowser().catch((error) => {
    console.error(
      `The browser did not start: ${error.message.split("\n")[0]} Install Debian's chromium, or set CHROMIUM to the path of one.`,
    );
    process.exit(1);
  });
  const page = context.pages()[0] ?? (await context.newPage());
  page.setDefaultTimeout(STEP_MS);
  const complaints = [];
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));

  let current = "start";
  const step = async (name, work) => {
    current = name;
    const begin = performance.now();
    const result = await work();
    console.log(`✓ ${name} (${Math.round(performance.now() - begin)} ms)`);
    return result;
  };
  const shot = (name) => page.screenshot({ path: join(out, `${name}.png`) });
  /** Two pictures of a page. Nothing of it may stand out of a small screen. */
  const look = async (name) => {
    await shot(name);
    const usual = page.viewportSize();
    await page.setViewportSize(PHONE);
    await shot(`${name}-phone`);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    await page.setViewportSize(usual);
    if (wide > PHONE.width) throw new Error(`${name} is ${wide} pixels wide on a screen of ${PHONE.width}`);
  };

  let failed = false;
  try {
    await test({ page, base, out, step, shot, look });
  } catch (error) {
    failed = true;
    console.error(`Could not ${current}: ${error.message}`);
    if (complaints.length > 0) console.error(`The browser said:\n  ${complaints.slice(-10).join("\n  ")}`);
    for (const line of more()) console.error(line);
    await shot("failed").catch(() => undefined);
  } finally {
    await close();
  }
  process.exit(failed ? 1 : 0);
}
