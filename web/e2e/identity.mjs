/**
 * Somebody makes an account in a real browser, sets up a second factor, loses the page, and comes back with a code; trusts the
 * device, uses up a recovery code, and deletes the account and has it back. Where the platform has a login provider named
 * PROVIDER, that is used too. Ends with 0, or with 1 and a message.
 *
 * Environment: BASE_URL, MAILBOX (where the mails are, as JSON); optional PROVIDER (the name on its button) and PROVIDER_USER (what
 * is typed there), OUT_DIR (screenshots), CHROMIUM (path of the browser).
 */
import { createHmac, randomUUID } from "node:crypto";

import { run } from "./run.mjs";

const PASSWORD = `two quiet lamps ${randomUUID().slice(0, 8)}`;
const EMAIL = `${randomUUID()}@example.com`;

await run(async ({ page, base, step, shot }) => {
  const press = (name) => page.getByRole("button", { name, exact: true }).last().click();
  const fill = (label, value) => page.getByLabel(label, { exact: true }).last().fill(value);
  const login = async () => {
    await page.goto(`${base}/login`);
    await fill("E-mail address or user name", EMAIL);
    await fill("Password", PASSWORD);
    await press("Log in");
  };
  const logout = async () => {
    await press("Log out");
    await page.getByRole("link", { name: "Log in" }).waitFor();
  };

  await step("be refused a weak password", async () => {
    await page.goto(`${base}/register`);
    await fill("First name", "Ada");
    await fill("Last name", "Lovelace");
    await fill("E-mail address", EMAIL);
    await fill("Password", "password1234");
    await page.getByLabel("I agree to the terms of use").check();
    await press("Create account");
    await page.locator(".field-error").waitFor();
    await shot("1-register");
  });

  await step("make an account", async () => {
    await fill("Password", PASSWORD);
    await press("Create account");
    await page.getByText(`We have sent a link to ${EMAIL}`).waitFor();
    await shot("2-mailbox");
  });

  await step("confirm the address", async () => {
    await page.goto(await linkOfMail(EMAIL));
    await press("Confirm the address");
    await page.getByText("Your address is confirmed").waitFor();
  });

  const recovery = await step("set up a second factor", async () => {
    await page.goto(`${base}/account/security`);
    await press("Set it up");
    const qr = page.getByRole("img", { name: "QR code of the second factor" });
    await qr.waitFor();
    const width = await qr.evaluate((picture) => picture.naturalWidth);
    if (width === 0) throw new Error("the QR code is not shown: look at the Content-Security-Policy");
    const text = await page.getByRole("group", { name: "Or type this secret into the app" }).locator("pre").innerText();
    await shot("3-second-factor");
    await fill("Code of your authenticator app", code(text));
    await press("Turn it on");
    const codes = await page.getByRole("group", { name: "Your recovery codes" }).locator("pre").innerText();
    await shot("4-recovery-codes");
    await press("I have kept them");
    return codes.trim().split(/\s+/);
  });

  await step("log in with a recovery code, and trust the device", async () => {
    await logout();
    await login();
    await page.getByRole("heading", { name: "Second factor" }).waitFor();
    await shot("5-code");
    await press("Use a recovery code");
    await fill("Recovery code", recovery[0]);
    await page.getByLabel("Trust this device for 30 days").check();
    await press("Check the code");
    await page.getByRole("heading", { name: "My learning" }).waitFor();
  });

  await step("log in on the trusted device without a code", async () => {
    await logout();
    await login();
    await page.getByRole("heading", { name: "My learning" }).waitFor();
    await page.goto(`${base}/account/sessions`);
    await page.getByText("This session").waitFor();
    await page.getByText("no code until").waitFor();
    await shot("6-sessions");
    await page.goto(`${base}/account/activity`);
    await page.getByText("Recovery code used").waitFor();
    await shot("7-activity");
  });

  await step("make an API key", async () => {
    await page.goto(`${base}/account/api-keys`);
    await fill("What it is for", "Nightly upload");
    await page.getByLabel("Read courses").check();
    await press("Make a key");
    await page.getByRole("group", { name: "Secret" }).waitFor();
    await shot("8-key");
  });

  await step("delete the account", async () => {
    await page.goto(`${base}/account/privacy`);
    await page.getByLabel(/^Type /).fill(EMAIL);
    await press("Delete my account");
    await page.getByText("Your account is deleted").waitFor();
    await shot("9-deleted");
  });

  await step("have it back", async () => {
    await login();
    await press("Restore my account");
    await page.getByRole("heading", { name: "My learning" }).waitFor();
    await logout();
  });

  const { PROVIDER: provider, PROVIDER_USER: user } = process.env;
  if (provider !== undefined && user !== undefined) {
    await step(`log in by ${provider}`, async () => {
      await page.goto(`${base}/register`);
      await page.getByLabel("I agree to the terms of use").check();
      await press(`Go on with ${provider}`);
      await page.getByPlaceholder("sub").fill(user);
      await press("Authorize");
      await page.getByRole("heading", { name: "My learning" }).waitFor();
      await page.goto(`${base}/account/security`);
      await page.getByRole("button", { name: `Unlink ${provider}` }).waitFor();
      await shot("10-provider");
    });
  }
});

/** The link of the newest mail to an address, once it is there. */
async function linkOfMail(address) {
  for (let tries = 0; tries < 300; tries += 1) {
    const mails = await (await fetch(process.env.MAILBOX)).json();
    const link = mails.find((mail) => mail.To.includes(address))?.BodyText.match(/https?:\S+\/verify-email\S+/);
    if (link) return link[0];
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`no mail with a link came to ${address}`);
}

/** The code of this moment (RFC 6238: SHA-1, 30 seconds, six digits). */
function code(base32) {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [...base32.replace(/[\s=]/g, "")].map((c) => letters.indexOf(c).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const mac = createHmac("sha1", key).update(step).digest();
  const at = (mac.at(-1) ?? 0) & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}
