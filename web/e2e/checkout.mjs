/**
 * Somebody buys a course in a real browser, with a promo code and, after a declined one, a good card on the page of the gateway's
 * stand-in; saves the receipt, finds the order again and opens the course. Then he subscribes to a plan with a trial, changes it,
 * cancels it and goes on with it. Ends with 0, or with 1 and a message.
 *
 * Environment: BASE_URL, STUDENT_EMAIL, STUDENT_PASSWORD, COURSE (id of a paid course whose first lesson is a text), COURSE_TITLE,
 * PROMO_CODE, PLAN (name of a plan with a trial), OTHER_PLAN; optional OUT_DIR (screenshots), CHROMIUM (path of the browser).
 */
import { readFile } from "node:fs/promises";

import { required, run } from "./run.mjs";

/** The stand-in's cards (infra/stripe/src/cards.rs). */
const CARD = { declined: "4000 0000 0000 0002", pays: "4242 4242 4242 4242" };

const [email, password] = ["STUDENT_EMAIL", "STUDENT_PASSWORD"].map(required);
const [course, title, code] = ["COURSE", "COURSE_TITLE", "PROMO_CODE"].map(required);
const [plan, otherPlan] = ["PLAN", "OTHER_PLAN"].map(required);

await run(async ({ page, base, step, look }) => {
  const press = (name, within = page) => within.getByRole("button", { name, exact: true }).click();
  const follow = (name) => page.getByRole("link", { name, exact: true }).click();
  const fill = (label, value) => page.getByLabel(label).first().fill(value);
  const heading = (name) => page.getByRole("heading", { level: 1, name }).waitFor();
  const says = (words) => page.getByText(words).first().waitFor();
  const giveCard = async (number) => {
    await page.getByLabel("Card number").fill(number);
    await press("Pay");
  };

  await step("log in on the way to a course", async () => {
    await page.goto(`${base}/login?next=/courses/${course}`);
    await fill("E-mail address or user name", email);
    await page.getByLabel("Password", { exact: true }).fill(password);
    await page.getByRole("button", { name: "Log in", exact: true }).last().click();
    await heading(title);
    await look("1-course");
  });

  await step("put it into the cart, with a promo code", async () => {
    await press("Add to cart");
    await follow("Go to the cart");
    await heading("Cart");
    await fill("Promo code", code);
    await press("Apply");
    await says(`${code} takes`);
    await look("2-cart");
  });

  await step("order", async () => {
    await follow("Go to checkout");
    await heading("Checkout");
    await fill("Street and number", "1 Main St");
    await fill("City", "Seoul");
    await page.getByLabel("Country", { exact: true }).selectOption("KR");
    await look("3-checkout");
    await press("Go on to the payment");
    await heading("Payment");
    await look("4-payment");
  });

  await step("be declined, then pay", async () => {
    await follow("Go to the payment page");
    await giveCard(CARD.declined);
    await page.getByRole("alert").getByText("Your card was declined.").waitFor();
    await giveCard(CARD.pays);
    await heading("Thank you!");
    await look("5-done");
  });

  const number = await step("save the receipt", async () => {
    const [saved] = await Promise.all([page.waitForEvent("download"), press("Download the receipt")]);
    const name = /^receipt-(ORD-\d{4}-[0-9A-Z]+)\.pdf$/.exec(saved.suggestedFilename());
    if (name === null) throw new Error(`the receipt is called ${saved.suggestedFilename()}`);
    const start = (await readFile(await saved.path())).subarray(0, 5).toString("latin1");
    if (start !== "%PDF-") throw new Error(`the receipt begins with ${start}`);
    return name[1];
  });

  await step("find the order among all", async () => {
    await follow("See the order");
    await heading(`Order ${number}`);
    await look("6-order");
    await follow("All orders");
    await heading("Orders");
    const order = page.getByRole("list", { name: "Your orders" }).getByRole("listitem").filter({ hasText: number });
    await order.getByText("Paid", { exact: true }).waitFor();
    await order.getByText(title).waitFor();
    await look("7-orders");
  });

  await step("open the course", async () => {
    await page.goto(`${base}/learn`);
    await page.getByRole("article").getByRole("link", { name: title }).click();
    await heading("To read");
    await says("What to look for.");
  });

  await step("subscribe to a plan with a trial", async () => {
    await page.goto(`${base}/account/subscription`);
    await press(`Subscribe to ${plan}`);
    await press("Subscribe", page.getByRole("dialog"));
    await page.getByRole("heading", { name: "Card for the time after the trial" }).waitFor();
    await follow("Go to the payment page");
    await giveCard(CARD.pays);
    await says("Your card is kept.");
    await page.getByRole("region", { name: plan, exact: true }).getByText("Trial", { exact: true }).waitFor();
    await look("8-subscription");
  });

  await step("change the plan", async () => {
    await press(`Change to ${otherPlan}`);
    await says("Your trial goes on, so that there is nothing to pay now.");
    await press("Change now");
    await says("The plan is changed.");
    await page.getByRole("region", { name: otherPlan, exact: true }).waitFor();
  });

  await step("cancel it, and go on with it", async () => {
    await press("Cancel the subscription");
    await press("Cancel it", page.getByRole("dialog"));
    await says("The subscription is cancelled.");
    await says(/^The plan ends on /);
    await press("Go on with the plan");
    await says("The plan goes on.");
  });
});
