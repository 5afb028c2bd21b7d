/**
 * A teacher says in a real browser what students may do with a video. A student enrols and watches it under that: seeking is refused,
 * the speed is capped, and after a reload it goes on where it was. He passes the quiz, gets the certificate, which everybody can check,
 * and sees his dashboard and what he was told. The teacher sees how far he came, saves the class as a file, and blocks him. Ends with 0,
 * or with 1 and a message.
 *
 * Environment: BASE_URL, TEACHER_EMAIL, STUDENT_EMAIL, STUDENT_NAME, PASSWORD (of both), VIDEO (id of the teacher's video of some 30
 * seconds), COURSE (id of his free course whose first lesson is that video, and whose second one is a quiz with the right answer
 * "Its owner"); optional OUT_DIR (screenshots), CHROMIUM (path of the browser).
 */
import { readFile } from "node:fs/promises";

import { required, run } from "./run.mjs";

/** The speed that the teacher allows, and one that the player refuses. */
const [FASTEST, TOO_FAST] = [1.5, 2];
/** Where the student stops, in seconds: so far from the end that the player goes on there. */
const STOP_AT = 8;
/** How much less of it may be remembered: the position is reported in whole seconds, and the page looks at it some times a second. */
const REMEMBERED_WITHIN = 2;
/** How long a video of half a minute may take on a busy machine, and a certificate, which is promised within a minute. */
const [PLAYED_WITHIN_MS, CERTIFIED_WITHIN_MS] = [120_000, 90_000];

const [teacher, student, name, password] = ["TEACHER_EMAIL", "STUDENT_EMAIL", "STUDENT_NAME", "PASSWORD"].map(required);
const [video, course] = ["VIDEO", "COURSE"].map(required);

await run(async ({ page, base, step, look }) => {
  const button = (name) => page.getByRole("button", { name, exact: true });
  const press = (name) => button(name).click();
  const heading = (name) => page.getByRole("heading", { level: 1, name }).waitFor();
  const says = (words) => page.getByText(words).first().waitFor();
  const logIn = async (email, next) => {
    await page.goto(`${base}/login?next=${encodeURIComponent(next)}`);
    await page.getByLabel("E-mail address or user name").fill(email);
    await page.getByLabel("Password", { exact: true }).fill(password);
    await page.getByRole("button", { name: "Log in", exact: true }).last().click();
  };
  const logOut = async () => {
    await press("Log out");
    await page.getByRole("link", { name: "Log in" }).waitFor();
  };
  /** Waits until the video can be played. Should the page that went away have no time to end its session, it is ended here. */
  const ready = async () => {
    const controls = page.getByRole("group", { name: "Player controls" });
    const other = page.getByRole("button", { name: /^End the session on/ }).first();
    await controls.or(other).first().waitFor();
    if (await other.isVisible()) await other.click();
    await controls.waitFor();
    await page.waitForFunction(() => document.querySelector("video")?.duration > 0);
  };
  const reach = (seconds) => page.waitForFunction((at) => document.querySelector("video").currentTime >= at, seconds);
  const chooseSpeed = async (rate) => {
    await page.getByRole("button", { name: /^Speed: / }).click();
    const menu = page.getByRole("menu", { name: "Speed" });
    const offered = await menu.getByRole("menuitemradio").allTextContents();
    if (offered.includes(`${TOO_FAST}×`)) throw new Error(`the player offers ${offered.join(", ")}`);
    await menu.getByRole("menuitemradio", { name: `${rate}×`, exact: true }).click();
  };

  await step("set the video's policy, as its teacher", async () => {
    await logIn(teacher, `/teach/videos/${video}`);
    const policy = page.getByRole("region", { name: "Playback policy" });
    await policy.getByLabel("Students may seek").uncheck();
    await policy.getByLabel("Highest speed").selectOption(String(FASTEST));
    await policy.getByRole("button", { name: "Save" }).click();
    await policy.getByText("Saved.").waitFor();
    await says("Nobody takes the course of this video yet.");
    await logOut();
  });

  await step("enrol, as a student", async () => {
    await logIn(student, `/courses/${course}`);
    await press("Enrol for free");
    await heading("To watch");
  });
  const lesson = page.url();

  await step("watch, and be refused to seek", async () => {
    await ready();
    await page.getByRole("slider", { name: "Seeking is switched off for this video." }).and(page.locator(":disabled")).waitFor();
    await button("Play").last().click();
    await reach(2);
    // What the page does not offer is refused, too.
    await page.evaluate(() => (document.querySelector("video").currentTime = 25));
    await says("Seeking is switched off for this video.");
    await page.waitForFunction(() => document.querySelector("video").currentTime < 15);
  });

  await step("be held to the highest speed", async () => {
    await chooseSpeed(FASTEST);
    await page.evaluate((rate) => (document.querySelector("video").playbackRate = rate), TOO_FAST);
    await says(`This video plays at ${FASTEST}× at most.`);
    const rate = await page.evaluate(() => document.querySelector("video").playbackRate);
    if (rate !== FASTEST) throw new Error(`the video plays at ${rate}×`);
  });

  await step("stop, load the page again, and go on there", async () => {
    await reach(STOP_AT);
    const reported = page.waitForResponse(
      (response) => response.url().endsWith("/media/video-progress") && response.request().method() === "PUT" && response.ok(),
    );
    await press("Pause");
    await reported;
    await look("1-watching");
    await page.reload();
    await ready();
    await reach(STOP_AT - REMEMBERED_WITHIN);
    await button("Play").last().click();
    await chooseSpeed(FASTEST);
  });

  await step("watch it to its end, which completes the lesson", async () => {
    await page.waitForFunction(() => document.querySelector("video").ended, undefined, { timeout: PLAYED_WITHIN_MS });
    await says("1 of 2 lessons done");
  });

  await step("pass the quiz, which completes the course", async () => {
    await page.getByRole("link", { name: "Next lesson" }).click();
    await heading("To answer");
    await page.getByLabel("Its owner").check();
    await press("Hand in");
    await says("Passed with 100 %.");
    await says("You have completed this course");
  });

  const proof = await step("get the certificate", async () => {
    await button("Download the PDF").waitFor({ timeout: CERTIFIED_WITHIN_MS });
    await look("2-completed");
    const [saved] = await Promise.all([page.waitForEvent("download"), press("Download the PDF")]);
    const number = /^certificate-(LF-[0-9A-Z-]+)\.pdf$/.exec(saved.suggestedFilename());
    if (number === null) throw new Error(`the certificate is called ${saved.suggestedFilename()}`);
    const start = (await readFile(await saved.path())).subarray(0, 5).toString("latin1");
    if (start !== "%PDF-") throw new Error(`the certificate begins with ${start}`);
    const address = await page.getByRole("link", { name: "Public page to check it" }).getAttribute("href");
    return { address, number: number[1] };
  });

  await step("see the dashboard, and what one was told", async () => {
    await page.goto(`${base}/dashboard`);
    await heading("Dashboard");
    await page.getByRole("grid").waitFor();
    await says("Courses completed");
    await look("3-dashboard");
    await page.getByRole("link", { name: /^Notifications, \d+ unread$/ }).click();
    const told = page.getByRole("list", { name: "What you were told" }).getByRole("listitem");
    await told.last().getByText("New", { exact: true }).waitFor();
    await look("4-notifications");
    await press("Mark all as read");
    // There may be newer ones than those that the page shows.
    await told.last().getByText("New", { exact: true }).waitFor({ state: "detached" });
    await logOut();
  });

  await step("check the certificate, as anybody", async () => {
    await page.goto(proof.address);
    await says("This certificate is valid");
    await says(proof.number);
    await says(name);
  });

  await step("see how far the student came, as the teacher", async () => {
    await logIn(teacher, `/teach/videos/${video}`);
    const row = page.getByRole("row", { name });
    await row.getByText("Completed", { exact: true }).waitFor();
    await row.getByText("Freely", { exact: true }).waitFor();
    const attendance = await row.getByLabel(`Attendance of ${name}`).evaluate((field) => field.selectedOptions[0].textContent);
    if (attendance !== "Present (by watching)") throw new Error(`the attendance is ${attendance}`);
    await look("5-class");
  });

  await step("block the student, and save the class as a file", async () => {
    await press(`Block ${name}`);
    await button(`Unblock ${name}`).waitFor();
    const row = page.getByRole("row", { name });
    await row.getByText("Blocked", { exact: true }).waitFor();
    await row.getByText("Own settings", { exact: true }).waitFor();
    const [saved] = await Promise.all([page.waitForEvent("download"), press("Download as CSV")]);
    if (saved.suggestedFilename() !== `video-${video}.csv`) throw new Error(`the file is called ${saved.suggestedFilename()}`);
    const line = (await readFile(await saved.path(), "utf8")).split("\r\n").find((one) => one.includes(name));
    if (line?.includes("blocked") !== true) throw new Error(`the file says of the student: ${line}`);
    await logOut();
  });

  await step("be shut out, as the student", async () => {
    await logIn(student, new URL(lesson).pathname);
    await heading("To watch");
    await says("The video is blocked for you");
  });
});
