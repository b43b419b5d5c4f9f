/** Images on a NAS that tests of verification damage; each NAS goes with its test. */
import { randomBytes } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";

import { afterEach } from "vitest";

import { ImagesOnNas } from "./imagesOnNas";

const made: ImagesOnNas[] = [];
afterEach(() => made.splice(0).forEach((each) => each.remove()));

export function nasWith(shell?: readonly string[]): ImagesOnNas {
    const nas = new ImagesOnNas(shell);
    made.push(nas);
    return nas;
}

/** Images of three layers, one of them of all. */
export function manyImages(nas: ImagesOnNas, count: number) {
    return Array.from({ length: count }, (_, index) => {
        const repository = `team/app${index % 7}`;
        const layers = [Buffer.from("the base"), randomBytes(300 + index), randomBytes(3000)];
        return { name: `${repository}:v${index}`, ...nas.putImage(repository, [`v${index}`], layers) };
    });
}

export const flip = (file: string, bit: number) => {
    const content = fs.readFileSync(file);
    content[bit >> 3] = (content[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    fs.writeFileSync(file, content);
};
export const upTo = (end: number) => Math.floor(Math.random() * end);

/** Tools of the container that fail: each gets the tool's own words. */
export function withTool(nas: ImagesOnNas, name: string, script: string): void {
    const file = path.join(nas.directory, name);
    fs.writeFileSync(file, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    nas.install({}, {}, (program) => `${name}() { ${file} "$@"; }\n${program}`);
}
