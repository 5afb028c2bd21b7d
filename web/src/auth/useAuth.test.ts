import { expect, test } from "vitest";

import { pathAfterLogin } from "./useAuth";

test.each([
  ["", "/learn"],
  ["next=/learn/1/2", "/learn/1/2"],
  ["next=%2Fteach%3Fa%3D1", "/teach?a=1"],
  ["next=https://evil.example/", "/learn"],
  ["next=//evil.example/learn", "/learn"],
  ["next=/%5Cevil.example", "/learn"],
  ["next=javascript:alert(1)", "/learn"],
])("after a login with ?%s", (search, path) => {
  expect(pathAfterLogin(new URLSearchParams(search))).toBe(path);
});
