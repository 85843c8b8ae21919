package org.gatefold.layer;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.gatefold.device.Scope;
import org.gatefold.op.Mode;
import org.gatefold.op.RecurrentChoice;
import org.gatefold.op.RecurrentPlan;
import org.gatefold.op.RecurrentSpec;

/**
 * Keeps the recurrent plans of one thread by layer, sizes and mode, and gives them the weights again only when these have
 * changed.
 *
 * <p>The least recently used plans above a bound are closed by {@link #trim()}, between steps, so that no backward pass
 * misses its plan. The plans' memory comes from children of the scope given; one thread at a time.
 */
final class Plans implements AutoCloseable {
    private final Scope scope;
    private final int capacity;
    private final Map<Key, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);

    private record Key(Recurrent layer, RecurrentSpec spec, Mode mode) {
        @Override
        public boolean equals(Object other) {
            return other instanceof Key key && layer == key.layer && mode == key.mode && spec.equals(key.spec);
        }

        @Override
        public int hashCode() {
            return (System.identityHashCode(layer) * 31 + spec.hashCode()) * 31 + mode.hashCode();
        }
    }

    private static final class Entry {
        private final RecurrentPlan plan;
        private long version = Long.MIN_VALUE;

        Entry(RecurrentPlan plan) {
            this.plan = plan;
        }
    }

    Plans(Scope scope, int capacity) {
        this.scope = scope;
        this.capacity = capacity;
    }

    /** A plan that holds the layer's current weights. */
    @SuppressWarnings("MustBeClosedChecker") // closed by trim() or close()
    RecurrentPlan plan(Recurrent layer, RecurrentSpec spec, Mode mode) {
        Key key = new Key(layer, spec, mode);
        Entry entry = entries.get(key);
        if (entry == null) {
            entry = new Entry(RecurrentChoice.choose(scope.device(), spec, mode).plan(scope, spec, mode));
            entries.put(key, entry);
        }
        long version = layer.weightsVersion();
        if (entry.version != version) {
            entry.plan.setWeights(layer.weights());
            entry.version = version;
        }
        return entry.plan;
    }

    int size() {
        return entries.size();
    }

    /** Closes the least recently used plans above the bound. */
    void trim() {
        Iterator<Entry> oldest = entries.values().iterator();
        while (entries.size() > capacity) {
            oldest.next().plan.close();
            oldest.remove();
        }
    }

    @Override
    public void close() {
        entries.values().forEach(entry -> entry.plan.close());
        entries.clear();
    }
}
