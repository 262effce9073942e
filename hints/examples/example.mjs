// SPDX-License-Identifier: MIT
//
// What a program in JavaScript says of its memory, through the addon of node_hints.c.
//
//     echo password | node example.mjs crash
//
// Says on standard output what it said, and then crashes or waits. Only views of ArrayBuffers
// can be named: strings are the garbage collector's, which copies and moves them. So a secret
// is read into a buffer of its own (not Buffer.from or a small Buffer.alloc, which may share
// memory with others) and never becomes a string.

import { readSync } from "node:fs";
import { createRequire } from "node:module";
import process from "node:process";

const addon = createRequire(import.meta.url)(process.env.NODE_HINTS ?? "./node_hints.node");
const kinds = { keep: 1, drop: 3, secret: 4, text: 5 };

// A hint that lasts until end() is called.
export class Hint {
    #held;
    constructor(kind, view, { priority = 0, tag = "" } = {}) {
        this.#held = addon.add(kinds[kind], view, priority, tag);
    }
    // The new hint holds before the old one ends.
    replace(kind, view, options) {
        const next = new Hint(kind, view, options);
        this.end();
        return next;
    }
    end() {
        addon.remove(this.#held);
    }
}

const password = new Uint8Array(new ArrayBuffer(64));
const secret = new Hint("secret", password, { tag: "password" });
readSync(0, password);

const state = Buffer.alloc(8192);
state.write("order 4711: waits for its customer");
const keep = new Hint("keep", state, { priority: 2, tag: "state" });

const scratch = new Hint("drop", new Float64Array(1000), { tag: "not any more" });
scratch.end();
scratch.end();

const why = Buffer.alloc(200);
let text = new Hint("text", new Uint8Array(8), { tag: "early" });
text = text.replace("text", why, { tag: "why" });

console.log("ready");
if (process.argv[2] === "crash") {
    why.write("order 4711 has no customer");
    process.abort();
}
setInterval(() => [secret, keep, text], 1 << 30);
