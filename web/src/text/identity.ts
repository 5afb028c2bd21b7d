import { count } from "./count";

/** Texts of registration and login, in English. */
export const auth = {
  login: "Log in",
  email: "E-mail address",
  emailOrUsername: "E-mail address or user name",
  password: "Password",
  newPassword: "New password",
  oldPassword: "Current password",
  submitLogin: "Log in",
  noAccount: "No account yet?",
  register: "Register",
  submitRegister: "Create account",
  haveAccount: "You have an account?",
  firstName: "First name",
  lastName: "Last name",
  username: "User name",
  usernameHint: "Others see it. Without one it is made from your address.",
  birthdate: "Date of birth",
  terms: "I agree to the terms of use",
  show: "Show",
  hide: "Hide",
  showLabel: (field: string) => `Show what is in: ${field}`,
  hideLabel: (field: string) => `Hide what is in: ${field}`,
  passwordHint: "At least 12 characters. A few words that have nothing to do with each other make a good one.",
  asInstructor: "I want to teach",
  asInstructorHint: "You get a channel of your own and can make courses.",
  needed: "Log in to go on.",
  invalid: "The address or the password is wrong.",
  forgotten: "Forgotten your password?",
  toLogin: "Go to the login",
  goOn: "Go on",
};

/** Texts of the second factor and of the proof before dangerous changes. */
export const proof = {
  codeTitle: "Second factor",
  codeLead: "One step more: show your second factor.",
  code: "Code of your authenticator app",
  codeHint: "Six digits. They change every 30 seconds.",
  recoveryCode: "Recovery code",
  recoveryHint: "One of the codes that you wrote down. Each works once.",
  useRecovery: "Use a recovery code",
  useApp: "Use the authenticator app",
  trust: "Trust this device for 30 days",
  trustHint: "It asks for no code here. Only on a device of your own.",
  submitCode: "Check the code",
  startAgain: "Log in again",
  stepUpTitle: "Is it you?",
  stepUpPassword: "This needs your password again. After that it goes on by itself.",
  stepUpCode: "This needs a code of your second factor again. After that it goes on by itself.",
  stepUpSubmit: "Go on",
  setPassword: "Set a password by mail",
};

/** Texts of logins by other providers. */
export const social = {
  with: (name: string) => `Go on with ${name}`,
  or: "or",
  title: "Logging in",
  wait: "One moment. The login is being checked.",
  failed: "The login did not work",
  refused: "The login service says that you did not agree, or that something failed there.",
  incomplete: "This address lacks what a login service sends. Begin again.",
  newAccount: "You have no account here yet",
  newAccountBody: "To make one with this login, agree to the terms of use. Then the login service is asked once more.",
  again: "Begin again",
};

/** Texts of the pages that links in mails lead to. */
export const mailbox = {
  checkTitle: "Look into your mailbox",
  check: (email: string) => `We have sent a link to ${email}. Follow it within a day, so that we know that the address is yours.`,
  checkLogin: "We have sent you a link. Follow it within a day, so that we know that the address is yours.",
  resend: "Send the mail again",
  resent: "A new mail is on its way.",
  verifyTitle: "Confirm your address",
  verifyLead: "One click, and we know that this e-mail address is yours.",
  verify: "Confirm the address",
  verified: "Your address is confirmed.",
  loginToResend: "Log in to have a new link sent",
  forgotTitle: "Forgotten your password?",
  forgotLead: "We send you a link with which you set a new one.",
  forgotSubmit: "Send the link",
  forgotSent: (email: string) => `If ${email} has an account, a mail with a link is on its way. The link works for an hour.`,
  forgotOther: "Nothing came? Look into the spam folder, or try another address.",
  resetTitle: "Set a new password",
  resetLead: "You are logged out everywhere then. A second factor stays as it is.",
  resetSubmit: "Set the password",
  resetDone: "The password is set.",
  noToken: "This address lacks a part of the link. Copy the whole link from the mail.",
  newLink: "Have a new link sent",
};

/** Messages for people in place of those of the API that speak to programs, by code. */
export const messages: Record<string, string> = {
  REAUTHENTICATION_REQUIRED: "Nothing was changed, since you have not shown that it is you.",
  EMAIL_NOT_VERIFIED: "Confirm your e-mail address first: follow the link in the mail that we sent you. Your account page sends it again.",
  NO_PASSWORD: "Your account has no password. Set one by mail, or log out and in again with your login service.",
  LAST_WAY_IN: "This is your only way to log in. Set a password first, or link another login.",
  ACCOUNT_LOCKED: "Too many wrong attempts. Log in on a device that you used before, set a new password, or wait.",
  ACCOUNT_DELETED: "You have deleted this account.",
  INSTRUCTOR_SIGNUP_CLOSED: "Here nobody registers as an instructor. Register without it, then ask for it under Teaching.",
  SESSION_NOT_FOUND: "This session has ended already.",
  DEVICE_NOT_FOUND: "This device is forgotten already.",
  MFA_OFF: "There is no second factor any more. Load the page again.",
  CART_EMPTY: "The cart is empty. Put a course into it first.",
  CART_ITEMS_UNAVAILABLE: "Some courses of the cart can't be bought any more. Take them out of the cart, then order again.",
  CART_ITEM_NOT_FOUND: "This course is not in your cart any more.",
  ALREADY_ENROLLED: "You have this course already. It is under My learning.",
  ORDER_PAID_ALREADY: "This order is paid already. It is under Orders.",
  PAYMENT_NOT_FOUND: "This payment does not belong to the order. Look at the order, and pay from there.",
  WISH_NOT_FOUND: "This course is not on your wish list any more.",
  ALREADY_SUBSCRIBED: "You have a subscription already. Load the page again, then change its plan.",
  SUBSCRIPTION_ENDING: "The subscription is about to end. Take that back first.",
  SUBSCRIPTION_ENDED: "The subscription has ended. Subscribe again.",
  PLAN_ENDED: "You took this course with a plan that has ended. Subscribe again under Subscription, or buy the course.",
  PREVIEW_EXPIRED: "What is shown is out of date. Look at the change again.",
  PRICE_CHANGED: "The change costs something else by now. Look at it again.",
  MFA_NOT_SET_UP: "The set-up was begun anew elsewhere. Begin it again.",
};

/** "1 minute", "3 hours": when to come again, rounded up so that it is never too early. */
export function wait(seconds: number): string {
  if (seconds <= 120) return `Try again in ${count(seconds, "second", "seconds")}.`;
  if (seconds <= 7_200) return `Try again in ${count(Math.ceil(seconds / 60), "minute", "minutes")}.`;
  return `Try again in ${count(Math.ceil(seconds / 3_600), "hour", "hours")}.`;
}
