// SPDX-License-Identifier: MIT
// orders.cjs ADDON: a store of orders, worker threads of Node's own, and a crash in the addon that
// JavaScript called, which the addon called.
const { take } = require(process.argv[2]);
const { pbkdf2 } = require("node:crypto");

class Order {
    constructor(number) {
        this.customer = `customer ${number}`;
        this.lines = Array.from({ length: (number % 7) + 2 }, (_, i) => `line ${i} of ${number}`);
        this.index = new Map(this.lines.map((line, i) => [line, i]));
    }

    send(depth) {
        if (depth > 0)
            return this.send(depth - 1) + 1;
        return take(this.customer, this.lines, (customer, lines) => take(`again ${customer}`, lines));
    }
}

const orders = Array.from({ length: 20000 }, (_, i) => new Order(i));
pbkdf2("secret", "salt", 1, 32, "sha256", () => orders[4711].send(6));
