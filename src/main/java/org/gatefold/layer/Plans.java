package org.gatefold.layer;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.gatefold.device.Scope;
import org.gatefold.op.Mode;
import org.gatefold.op.plan.Choice;
import org.gatefold.op.plan.Family;
import org.gatefold.op.plan.Plan;
import org.gatefold.op.plan.PlannedOp;

/**
 * Keeps the plans of one thread by layer, spec and mode, and gives them the weights again only when these have changed.
 *
 * <p>Batches of many sizes make many plans, each with packed weights of its own. {@link #trim()} closes the least recently
 * used above a bound on number and bytes; it is called between steps, so that no backward pass misses its plan, and
 * spares the plans of the step before, so that a model which needs more does not make its plans anew in every step. The
 * plans' memory comes from children of the scope given; one thread at a time.
 */
public final class Plans implements AutoCloseable {
    private final Scope scope;
    private final int most;
    private final long mostBytes;
    private final Map<Key, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);
    private long bytes;
    private long round;

    private record Key(Object layer, Family<?, ?, ?> family, Object spec, Mode mode) {
        @Override
        public boolean equals(Object other) {
            return other instanceof Key key
                    && layer == key.layer
                    && family == key.family
                    && mode == key.mode
                    && spec.equals(key.spec);
        }

        @Override
        public int hashCode() {
            return (System.identityHashCode(layer) * 31 + spec.hashCode()) * 31 + mode.hashCode();
        }
    }

    private static final class Entry {
        private final Plan plan;
        private final long bytes;
        private long version = Long.MIN_VALUE;
        private long used;

        Entry(Plan plan, long bytes) {
            this.plan = plan;
            this.bytes = bytes;
        }
    }

    /**
     * @param most plans to keep
     * @param mostBytes of memory that the plans kept may take together
     */
    public Plans(Scope scope, int most, long mostBytes) {
        this.scope = scope;
        this.most = most;
        this.mostBytes = mostBytes;
    }

    /**
     * A plan that holds the layer's current weights.
     *
     * @param layer whose plan it is, by identity
     * @param version of the weights
     * @param weights gives a plan its weights; called for a new plan and when the version has changed
     */
    @SuppressWarnings("MustBeClosedChecker") // closed by trim() or close()
    public <O extends PlannedOp<S, P>, S, P extends Plan> P plan(
            Object layer, Family<O, S, P> family, S spec, Mode mode, long version, Consumer<? super P> weights) {
        Key key = new Key(layer, family, spec, mode);
        Entry entry = entries.get(key);
        if (entry == null) {
            O op = Choice.choose(scope.device(), family, spec, mode);
            entry = new Entry(
                    op.plan(scope, spec, mode), op.footprint(spec, mode).plan());
            entries.put(key, entry);
            bytes += entry.bytes;
        }
        entry.used = round;
        @SuppressWarnings("unchecked") // the family is part of the key
        P plan = (P) entry.plan;
        if (entry.version != version) {
            weights.accept(plan);
            entry.version = version;
        }
        return plan;
    }

    public int size() {
        return entries.size();
    }

    /** Ends a step: closes the least recently used plans above the bounds. */
    public void trim() {
        Iterator<Entry> oldest = entries.values().iterator();
        while (entries.size() > most || bytes > mostBytes) {
            Entry entry = oldest.hasNext() ? oldest.next() : null;
            if (entry == null || entry.used == round) {
                break;
            }
            entry.plan.close();
            bytes -= entry.bytes;
            oldest.remove();
        }
        round++;
    }

    @Override
    public void close() {
        entries.values().forEach(entry -> entry.plan.close());
        entries.clear();
        bytes = 0;
    }
}
