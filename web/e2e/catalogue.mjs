/**
 * Somebody builds a course in a real browser, with a text and a quiz, is told what it lacks, and publishes it; somebody else finds it by
 * what he types, enrols, takes the quiz and reviews the course. Ends with 0, or with 1 and a message.
 *
 * Environment: BASE_URL, TEACHER_EMAIL (an instructor with a channel), STUDENT_EMAIL, PASSWORD (of both); optional OUT_DIR
 * (screenshots), CHROMIUM (path of the browser).
 */
import { randomInt } from "node:crypto";

import { required, run } from "./run.mjs";

/** How long the index may take until everybody finds a new course: ten seconds, and some for a busy machine. */
const FOUND_WITHIN_MS = 30_000;

const [teacher, student, password] = ["TEACHER_EMAIL", "STUDENT_EMAIL", "PASSWORD"].map(required);
/** A word that no other course has. */
const word = Array.from({ length: 10 }, () => String.fromCharCode(97 + randomInt(26))).join("");
const title = `All about ${word}`;

await run(async ({ page, base, step, look }) => {
  const press = (name, within = page) => within.getByRole("button", { name, exact: true }).click();
  const fill = (label, value, within = page) => within.getByLabel(label).first().fill(value);
  const heading = (name) => page.getByRole("heading", { level: 1, name }).waitFor();
  const logIn = async (email) => {
    await page.getByLabel("E-mail address or user name").fill(email);
    await page.getByLabel("Password", { exact: true }).fill(password);
    await page.getByRole("button", { name: "Log in", exact: true }).last().click();
  };

  await step("begin a course", async () => {
    await page.goto(`${base}/login?next=/teach`);
    await logIn(teacher);
    await heading("Teaching");
    await fill("Title", title);
    await press("Create course");
    await heading(title);
  });

  await step("add a section, a text and a quiz", async () => {
    await fill("Title of the section", "Basics");
    await press("Add section");
    await press("Add lesson to “Basics”");
    await fill("Title of the lesson", "Ownership");
    await page.getByLabel("Kind", { exact: true }).selectOption("text");
    await page.getByLabel("Text", { exact: true }).fill("A value has one owner.");
    await page.getByLabel("Everybody may see it as a preview").check();
    await press("Add lesson");
    await page.getByRole("button", { name: "Edit the lesson “Ownership”" }).waitFor();
    await press("Add lesson to “Basics”");
    await fill("Title of the lesson", "Check yourself");
    await page.getByLabel("Kind", { exact: true }).first().selectOption("quiz");
    const question = page.getByRole("group", { name: "Question 1" });
    await question.getByLabel("Question", { exact: true }).fill("Who frees a value?");
    await question.getByLabel("Option 1", { exact: true }).fill("Nobody");
    await question.getByLabel("Option 2", { exact: true }).fill("Its owner");
    await question.getByLabel("Option 2 is right").check();
    await look("1-quiz");
    await press("Add lesson");
    await page.getByRole("button", { name: "Edit the lesson “Check yourself”" }).waitFor();
  });

  await step("be told what the course lacks", async () => {
    await press("Publish");
    await page.getByText("Write a description.").waitFor();
    await page.getByText("Set a price; 0 makes it free.").waitFor();
  });

  await step("put the lessons in another order", async () => {
    await press("Move “Check yourself” up");
    await page.getByText("“Check yourself” is now 1 of 2.").waitFor({ state: "attached" });
    await page.getByRole("button", { name: "Move “Check yourself” up" }).and(page.locator(":disabled")).waitFor();
    await press("Move “Check yourself” down");
    await page.getByText("“Check yourself” is now 2 of 2.").waitFor({ state: "attached" });
  });

  await step("describe and publish it", async () => {
    const details = page.getByRole("region", { name: "Details" });
    await details.getByLabel("Description").fill("All that matters.");
    await details.getByLabel("Price (USD)").fill("0");
    await details.getByLabel(/^Tags/).fill(`${word}, rust`);
    await press("Save", details);
    await details.getByText("Saved.").waitFor();
    await press("Publish");
    await page.getByText("The course is published.").waitFor();
    await look("2-editor");
    await press("Log out");
    await page.getByRole("link", { name: "Log in" }).waitFor();
  });

  await step("find it by what is typed", async () => {
    const box = page.getByRole("combobox", { name: "Search courses" });
    const suggestion = page.getByRole("listbox").getByRole("option", { name: title });
    const end = Date.now() + FOUND_WITHIN_MS;
    for (;;) {
      await page.goto(base);
      await box.fill(word.slice(0, 6));
      if (await appears(suggestion, 3_000)) break;
      if (Date.now() > end) throw new Error(`the course was not suggested within ${FOUND_WITHIN_MS} ms`);
    }
    await box.fill(word);
    await box.press("Enter");
    await page.getByText(`1 course for “${word}”`).waitFor();
    await page.locator("article mark").first().waitFor();
    await page.getByLabel(/^Beginner/).first().waitFor({ state: "attached" });
    await look("3-found");
    await page.getByRole("link", { name: title }).click();
    await heading(title);
    await look("4-course");
  });

  await step("look at the preview", async () => {
    await page.getByRole("link", { name: /Ownership/ }).click();
    await page.getByText("A value has one owner.").waitFor();
    await page.goBack();
    await heading(title);
  });

  await step("enrol", async () => {
    await page.getByRole("link", { name: "Log in to enrol" }).click();
    await logIn(student);
    await press("Enrol for free");
    await heading("Ownership");
    await page.getByRole("link", { name: "Next lesson" }).click();
    await heading("Check yourself");
  });

  await step("take the quiz, wrong and right", async () => {
    await page.getByLabel("Nobody").check();
    await press("Hand in");
    await page.getByText("0 %: not passed yet.").waitFor();
    await press("Try again");
    await page.getByLabel("Its owner").check();
    await look("5-quiz");
    await press("Hand in");
    await page.getByText("Passed with 100 %.").waitFor();
  });

  await step("review the course", async () => {
    await page.getByRole("link", { name: title }).click();
    await press("Review this course");
    await page.getByRole("radio", { name: "4 stars" }).check({ force: true });
    await page.getByLabel("What you think of it").fill("Short and good.");
    await press("Send");
    await page.getByRole("article", { name: "Your review" }).getByText("Short and good.").waitFor();
    await page.getByRole("button", { name: "4 stars: 1 review" }).waitFor();
    await look("6-review");
  });
});

/** Whether it comes into sight in this time, in milliseconds. */
async function appears(locator, timeout) {
  return locator.waitFor({ timeout }).then(
    () => true,
    () => false,
  );
}
