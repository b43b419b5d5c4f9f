import { describe, expect, test } from "vitest";

import { otherNasProblem } from "../../components/nas/identity";

const office = { host: "office.lan", hostKey: "ssh-ed25519 AAAAoffice" };
const home = { host: "home.lan", hostKey: "ssh-ed25519 AAAAhome" };

describe("another NAS", () => {
    test("is one with another name and another host key", () => {
        expect(otherNasProblem(office, home)).toMatch(/^connection: home\.lan is another NAS than office\.lan/);
    });
    test.each([
        ["another name alone", office, { ...office, host: "10.0.0.2" }],
        ["another host key alone", office, { ...office, hostKey: home.hostKey }],
        ["a state that does not tell", {}, home],
    ])("is not %s", (_, before, now) => expect(otherNasProblem(before, now)).toBeUndefined());
});
