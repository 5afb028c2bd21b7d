import { screen, waitFor } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";

import { alert, close, fill, open, person, platform, press, refusal } from "../testing/platform";

afterEach(close);

const me = { "GET /auth/me": person({ email_verified: false }) };
const made = { status: 201, body: { ...person(), access_token: "a", refresh_token: "r", device_token: "d" } };

function register(username = "") {
  fill("First name", "Ada");
  fill("Last name", "Lovelace");
  fill("E-mail address", "ada@example.com");
  fill("Password", "correct horse battery staple");
  fill(/^User name/, username);
  press("I agree to the terms of use", "checkbox");
  press("Create account");
}

test("a new account is told to look into the mailbox, then goes on", async () => {
  const { bodies } = platform({ ...me, "POST /auth/register": made });
  const { path } = open("/register?next=/learn");
  register();
  await screen.findByText(/We have sent a link to ada@example.com/);
  expect(bodies("POST /auth/register")).toEqual([
    {
      first_name: "Ada",
      last_name: "Lovelace",
      email: "ada@example.com",
      password: "correct horse battery staple",
      accept_terms: true,
      as_instructor: false,
    },
  ]);
  screen.getByRole("link", { name: "Go on" }).click();
  await waitFor(() => expect(path()).toBe("/learn"));
});

test("user name and date of birth are sent where they are given", async () => {
  const { bodies } = platform({ ...me, "POST /auth/register": made });
  open("/register");
  fill(/^Date of birth/, "1990-05-17");
  register("ada");
  await screen.findByRole("heading", { name: "Look into your mailbox" });
  expect(bodies("POST /auth/register")).toMatchObject([{ username: "ada", birthdate: "1990-05-17" }]);
});

test("the server's rules are shown beside their fields, and the first gets the focus", async () => {
  const details = { password: ["must not be digits only"], accept_terms: ["must be true"] };
  platform({ "POST /auth/register": refusal(422, "VALIDATION_FAILED", "Some fields are not valid.", { details }) });
  open("/register");
  register();
  await screen.findByText("must not be digits only");
  const password = screen.getByLabelText("Password");
  await waitFor(() => expect(document.activeElement).toBe(password));
  expect(password.getAttribute("aria-invalid")).toBe("true");
  expect(screen.getByRole("checkbox", { name: /terms/ }).getAttribute("aria-describedby")).not.toBeNull();
  expect(screen.getByText("must be true")).toBeDefined();
  // What was said of the old text is not said of the new one.
  fill("Password", "another one, quite long");
  await waitFor(() => expect(screen.queryByText("must not be digits only")).toBeNull());
});

test("an address that has an account", async () => {
  platform({ "POST /auth/register": refusal(409, "EMAIL_TAKEN", "This address has an account.") });
  open("/register");
  register();
  expect(await alert()).toContain("This address has an account.");
});

test("a password can be looked at while it is typed", async () => {
  platform({});
  open("/register");
  const field = await screen.findByLabelText("Password");
  expect(field.getAttribute("type")).toBe("password");
  press("Show what is in: Password");
  expect(field.getAttribute("type")).toBe("text");
  press("Hide what is in: Password");
  expect(field.getAttribute("type")).toBe("password");
});
