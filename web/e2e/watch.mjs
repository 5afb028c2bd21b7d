/**
 * A student watches a lesson in a real browser: logs in, opens an enrolled course, plays five seconds of its first video, leaves, and
 * the stream is closed to him again. Ends with 0, or with 1 and a message.
 *
 * Environment: BASE_URL, STUDENT_EMAIL, STUDENT_PASSWORD; optional OUT_DIR (screenshots), COURSE_TITLE (the first course
 * otherwise), CHROMIUM (path of the browser).
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { required, run } from "./run.mjs";

const PLAY_SECONDS = 5;

const email = required("STUDENT_EMAIL");
const password = required("STUDENT_PASSWORD");

/** Segments that were answered, by URL. */
const segments = new Map();
/** Calls of the playback API that were answered. */
const calls = [];

await run(watch, () => (calls.length > 0 ? [`Playback calls: ${calls.join(", ")}`] : []));

async function watch({ page, base, out, step, shot }) {
  page.on("response", (response) => {
    const { pathname } = new URL(response.url());
    if (pathname.endsWith(".m4s")) segments.set(response.url(), response.status());
    const playback = /\/media\/(?:videos\/[^/]+\/(play|heartbeat|refresh|end|events)|(video-progress))$/.exec(pathname);
    if (playback !== null) calls.push(`${playback[1] ?? playback[2]} ${response.status()}`);
  });

  await step("log in", async () => {
    await page.goto(`${base}/login`);
    await page.getByLabel("E-mail address").fill(email);
    await page.getByLabel("Password", { exact: true }).fill(password);
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
    const before = await look(page);
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
    const end = await look(page);
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
    const [opened, without] = [await fetchStatus(page, segment), await fetchStatus(page, segment, "omit")];
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
    const status = await fetchStatus(page, segment);
    if (status !== 403) throw new Error(`the segment answered ${status} after the end, expected 403`);
  });

  const summary = { base, ...played, segments: segments.size, calls };
  await writeFile(join(out, "watch.json"), `${JSON.stringify(summary, null, 2)}\n`);
  console.log(
    `Played ${played.seconds.toFixed(1)} s, ${played.frames} frames at ${played.width}x${played.height}, ` +
      `${segments.size} segments; 403 after the end. Screenshots: ${out}`,
  );
}

/** Where the video is. */
function look(page) {
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
function fetchStatus(page, url, credentials = "include") {
  const ask = async ([target, mode]) => (await fetch(target, { credentials: mode, cache: "no-store" })).status;
  return page.evaluate(ask, [url, credentials]);
}
