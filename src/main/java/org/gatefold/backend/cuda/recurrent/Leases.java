package org.gatefold.backend.cuda.recurrent;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;

/** Things that several owners share by a key: made for the first, ended after the last. Thread-safe. */
final class Leases<K, V> {
    private final Function<K, V> make;
    private final Consumer<V> end;
    private final Map<K, Entry<V>> entries = new HashMap<>();

    Leases(Function<K, V> make, Consumer<V> end) {
        this.make = make;
        this.end = end;
    }

    private static final class Entry<V> {
        private final V value;
        private int owners;

        Entry(V value) {
            this.value = value;
        }
    }

    /** One owner's share; closing it twice is the same as once. */
    final class Lease implements AutoCloseable {
        private final K key;
        private final V value;
        private boolean closed;

        private Lease(K key, V value) {
            this.key = key;
            this.value = value;
        }

        V value() {
            return value;
        }

        @Override
        public void close() {
            if (!closed) {
                closed = true;
                release(key);
            }
        }
    }

    synchronized Lease lease(K key) {
        Entry<V> entry = entries.get(key);
        if (entry == null) {
            entry = new Entry<>(make.apply(key));
            entries.put(key, entry);
        }
        entry.owners++;
        return new Lease(key, entry.value);
    }

    private synchronized void release(K key) {
        Entry<V> entry = entries.get(key);
        entry.owners--;
        if (entry.owners == 0) {
            entries.remove(key);
            end.accept(entry.value);
        }
    }
}
