/**
 * A student watches a lesson in a real browser: logs in, opens an enrolled course, plays five seconds of its first video, leaves, and
 * the stream is closed to him again. Ends with 0, or with 1 and a message.
 *
 * Environment: BASE_URL, STUDENT_EMAIL, STUDENT_PASSWORD; optional OUT_DIR (screenshots), COURSE_TITLE (the first course
 * otherwise), CHROMIUM (path of the browser).
 */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { openBrowser } from "./browser.mjs";

const PLAY_SECONDS = 5;
const STEP_MS = 30_000;

const base = required("BASE_URL").replace(/\/$/, "");
const email = required("STUDENT_EMAIL");
const password = required("STUDENT_PASSWORD");
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
/** What the browser complained about; shown when a step fails. */
const complaints = [];
/** Segments that were answered, by URL. */
const segments = new Map();
/** Calls of the playback API that were answered. */
const calls = [];
page.on("console", (message) => {
  if (message.type() === "error") complaints.push(message.text());
});
page.on("pageerror", (error) => complaints.push(String(error)));
page.on("response", (response) => {
  const { pathname } = new URL(response.url());
  if (pathname.endsWith(".m4s")) segments.set(response.url(), response.status());
  const playback = /\/media\/(?:videos\/[^/]+\/(play|heartbeat|refresh|end|events)|(video-progress))$/.exec(pathname);
  if (playback !== null) calls.push(`${playback[1] ?? playback[2]} ${response.status()}`);
});

let failed = false;
let current = "start the browser";
try {
  await step("log in", async () => {
    await page.goto(`${base}/login`);
    await page.getByLabel("E-mail address").fill(email);
    await page.getByLabel("Password").fill(password);
    await page.getByRole("button", { name: "Log in" }).last().click();
    await page.waitForURL(`${base}/learn`);
  });

  await step("open an enrolled course", async () => {
    const courses = page.getByRole("article").getByRole("link");
    await courses.first().waitFor();
    await shot("1-my-learning");
    const title = process.env.COURSE_TITLE;
    await (title === undefined ? courses.first() : page.getByRole("link", { name: title })).click();
    await page.waitForURL(/\/learn\/[^/]+\/[^/]+$/);
  });

  const start = await step("start the video", async () => {
    await page.getByRole("group", { name: "Player controls" }).waitFor();
    await page.waitForFunction(() => document.querySelector("video").duration > 0);
    const before = await look();
    if (before.time + PLAY_SECONDS > before.duration) {
      throw new Error(
        `from ${before.time} s on, less than ${PLAY_SECONDS} s are left of ${before.duration} s; take a student who has not watched it yet`,
      );
    }
    await page.getByRole("button", { name: "Play", exact: true }).last().click();
    return before;
  });

  const played = await step(`play ${PLAY_SECONDS} seconds`, async () => {
    await page.waitForFunction(
      (seconds) => document.querySelector("video").currentTime >= seconds,
      start.time + PLAY_SECONDS,
    );
    const end = await look();
    if (end.frames <= start.frames)
      throw new Error(`no frame was decoded: ${start.frames} before, ${end.frames} after`);
    await shot("2-playing");
    return { ...end, seconds: end.time - start.time, frames: end.frames - start.frames };
  });

  const segment = await step("see that segments come", () => {
    const good = [...segments].find(([, status]) => status === 200);
    if (good === undefined) throw new Error(`no segment was answered with 200: ${JSON.stringify([...segments])}`);
    return good[0];
  });

  await step("see that the cookies open the segment, and nothing else does", async () => {
    const [opened, without] = [await fetchStatus(segment), await fetchStatus(segment, "omit")];
    if (opened !== 200) throw new Error(`the segment answered ${opened} with the cookies, expected 200`);
    if (without !== 403) throw new Error(`the segment answered ${without} without the cookies, expected 403`);
  });

  await step("leave the page, which ends the session", async () => {
    const ended = page.waitForResponse((response) => response.url().endsWith("/end") && response.ok());
    await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Courses" }).click();
    await ended;
    await page.getByRole("heading", { name: "Courses", level: 1 }).waitFor();
    await shot("3-left");
  });

  await step("see that the segment is closed", async () => {
    const status = await fetchStatus(segment);
    if (status !== 403) throw new Error(`the segment answered ${status} after the end, expected 403`);
  });

  const summary = { base, ...played, segments: segments.size, calls };
  await writeFile(join(out, "watch.json"), `${JSON.stringify(summary, null, 2)}\n`);
  console.log(
    `Played ${played.seconds.toFixed(1)} s, ${played.frames} frames at ${played.width}x${played.height}, ` +
      `${segments.size} segments; 403 after the end. Screenshots: ${out}`,
  );
} catch (error) {
  failed = true;
  console.error(`Could not ${current}: ${error.message}`);
  if (complaints.length > 0) console.error(`The browser said:\n  ${complaints.slice(-10).join("\n  ")}`);
  if (calls.length > 0) console.error(`Playback calls: ${calls.join(", ")}`);
  await shot("failed").catch(() => undefined);
} finally {
  await close();
}
process.exit(failed ? 1 : 0);

async function step(name, work) {
  current = name;
  const begin = performance.now();
  const result = await work();
  console.log(`✓ ${name} (${Math.round(performance.now() - begin)} ms)`);
  return result;
}

/** Where the video is. */
function look() {
  return page.evaluate(() => {
    const video = document.querySelector("video");
    const { totalVideoFrames, droppedVideoFrames } = video.getVideoPlaybackQuality();
    return {
      time: video.currentTime,
      duration: video.duration,
      frames: video.webkitDecodedFrameCount ?? totalVideoFrames,
      dropped: droppedVideoFrames,
      width: video.videoWidth,
      height: video.videoHeight,
    };
  });
}

/** The status that the page itself gets for a URL: with its cookies unless they are omitted, and without its cache. */
function fetchStatus(url, credentials = "include") {
  const ask = async ([target, mode]) => (await fetch(target, { credentials: mode, cache: "no-store" })).status;
  return page.evaluate(ask, [url, credentials]);
}

function shot(name) {
  return page.screenshot({ path: join(out, `${name}.png`) });
}

function required(name) {
  const value = process.env[name];
  if (value === undefined || value === "") {
    console.error(`Set ${name}. Needed: BASE_URL, STUDENT_EMAIL, STUDENT_PASSWORD.`);
    process.exit(2);
  }
  return value;
}
