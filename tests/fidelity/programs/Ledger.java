// SPDX-License-Identifier: MIT

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/**
 * Ledger LIBRARY: threads that wait some calls deep with objects of their own; the main thread goes
 * from Java into the library, back into Java and into the library again, which crashes.
 */
public final class Ledger {
    private static final int THREADS = 20;
    private static final Map<String, Entry> ENTRIES = new HashMap<>();
    private static final CountDownLatch STARTED = new CountDownLatch(THREADS);
    private static final Object FOREVER = new Object();

    private record Entry(String name, long amount, List<String> lines) {}

    private Ledger() {}

    private static native long outer(Ledger self, String name, int depth);

    private static native long inner(Ledger self, String name, int depth);

    /** The library calls this. */
    private long between(String name, int depth) {
        Entry entry = ENTRIES.get(name);
        return depth > 0 ? between(entry.lines().get(0), depth - 1) + entry.amount()
                : inner(this, name, (int) entry.amount());
    }

    private static long waitHere(Entry entry, int depth) throws InterruptedException {
        List<Entry> found = new ArrayList<>(ENTRIES.values());
        if (depth > 0)
            return waitHere(found.get(depth), depth - 1) + entry.amount();
        STARTED.countDown();
        synchronized (FOREVER) {
            return found.size();
        }
    }

    private static void work(int number) {
        try {
            waitHere(ENTRIES.get("entry 0"), number % 5);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    public static void main(String[] arguments) throws InterruptedException {
        System.load(arguments[0]);
        for (int i = 0; i < 100; i++) {
            List<String> lines = new ArrayList<>(List.of("entry " + (i + 1) % 100));
            for (int k = 0; k < i; k++)
                lines.add("line " + k + " of " + i);
            ENTRIES.put("entry " + i, new Entry("entry " + i, i * 100L, lines));
        }
        synchronized (FOREVER) {
            for (int i = 0; i < THREADS; i++) {
                int number = i;
                Thread thread = new Thread(() -> work(number), "ledger " + i);
                thread.setDaemon(true);
                thread.start();
            }
            STARTED.await();
            Thread.sleep(300); // the others are in their last wait by then
            System.out.println(outer(new Ledger(), "entry 1", 3));
        }
    }
}
