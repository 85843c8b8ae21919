package org.gatefold.device;

import com.google.errorprone.annotations.MustBeClosed;
import java.lang.ref.Cleaner;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.gatefold.tensor.Block;
import org.gatefold.tensor.Call;
import org.gatefold.tensor.ElementType;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Lifetime;
import org.gatefold.tensor.Mask;
import org.gatefold.tensor.Owner;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Owns memory and handles of a device: tensors are bumped from slabs, and everything goes in reverse order at
 * {@link #close()}.
 *
 * <p>A model's scope lives as long as the model. A step's scope is {@link #reset()} after every step: its slabs are kept,
 * so that after the first step no memory is allocated. One thread at a time uses a scope, but any may close it: it waits for
 * the calls of others that use the scope, and those that come later get an IllegalStateException. The garbage collector never
 * frees memory; a scope that is collected unclosed is reported in the log, with the place where it was opened under
 * {@code -Dgatefold.trackMemory=true}.
 */
public final class Scope implements AutoCloseable, Owner {
    /** Set to true to record where scopes are opened and closed. */
    public static final String TRACK_PROPERTY = "gatefold.trackMemory";

    /** Set to true to fill new tensors with NaN, which makes reads of memory that nothing wrote visible. */
    public static final String POISON_PROPERTY = "gatefold.poisonMemory";

    /**
     * Set to true to give every tensor an allocation of its own, of its exact size, so that a memory checker sees an access
     * beside a tensor as what it is; slow.
     */
    public static final String SEPARATE_PROPERTY = "gatefold.separateMemory";

    static final int ALIGNMENT = 256;

    private static final long SMALLEST_SLAB = 64 << 10;
    private static final long LARGEST_STEP = 64 << 20;
    private static final Logger LOG = LoggerFactory.getLogger(Scope.class);
    private static final Cleaner CLEANER = Cleaner.create();

    private final String name;
    private final Device device;
    private final Memory memory;
    private final State state;
    private final Lifetime lifetime;
    private final Cleaner.Cleanable cleanable;
    private final Scope parent;
    private final boolean poison = Boolean.getBoolean(POISON_PROPERTY);
    private final boolean separate = Boolean.getBoolean(SEPARATE_PROPERTY);
    private final List<Block> slabs = new ArrayList<>();
    private Block slab;

    /** Guarded by itself: children leave it when other threads close them. */
    private final List<AutoCloseable> owned = new ArrayList<>();

    private long used;
    private long filled;
    private long peak;
    private long capacity;
    private long epoch;
    private volatile Throwable closedAt;

    private Scope(Device device, Memory memory, String name, Scope parent) {
        this.name = name;
        this.parent = parent;
        this.device = device;
        this.memory = memory;
        String label = "scope '" + name + "' on " + device.name();
        this.lifetime = new Lifetime(label, parent == null ? device.lifetime() : parent.lifetime);
        this.state = new State(label, lifetime);
        this.cleanable = CLEANER.register(this, state);
    }

    @MustBeClosed
    static Scope openOn(Device device, Memory memory, String name) {
        Call call = Call.begin();
        try {
            Scope scope = new Scope(device, memory, name, null);
            device.opened(scope);
            return scope;
        } finally {
            call.end();
        }
    }

    public String name() {
        return name;
    }

    /** Name of the memory that tensors of this scope live in. */
    public String memoryName() {
        return memory.name();
    }

    /** The device whose memory this scope owns. */
    public Device device() {
        return device;
    }

    /** Opens a scope that is closed with this one, or earlier by itself. */
    public Scope child(String childName) {
        Call call = Call.begin();
        try {
            requireOpen();
            Scope child = new Scope(device, memory, name + "/" + childName, this);
            device.opened(child);
            return own(child);
        } finally {
            call.end();
        }
    }

    /** What is made in a child, which is closed if that fails; nothing that this device has goes meanwhile. */
    public <C> C child(String childName, Function<Scope, C> making) {
        Call call = Call.begin();
        Scope child = null;
        boolean made = false;
        try {
            device.requireOpen();
            child = child(childName);
            C result = making.apply(child);
            made = true;
            return result;
        } finally {
            if (!made && child != null) {
                child.close();
            }
            call.end();
        }
    }

    /** A float tensor with undefined contents. */
    public Tensor f32(String tensorName, int... dimensions) {
        return allocate(tensorName, ElementType.F32, Shape.of(dimensions));
    }

    /** A float tensor with undefined contents. */
    public Tensor f32(String tensorName, Shape shape) {
        return allocate(tensorName, ElementType.F32, shape);
    }

    /** A float tensor filled with zeros. */
    public Tensor zeros(String tensorName, int... dimensions) {
        return zeros(tensorName, Shape.of(dimensions));
    }

    /** A float tensor filled with zeros. */
    public Tensor zeros(String tensorName, Shape shape) {
        Tensor tensor = allocate(tensorName, ElementType.F32, shape);
        tensor.fill(0f);
        return tensor;
    }

    /** An integer tensor with undefined contents. */
    public Tensor i32(String tensorName, int... dimensions) {
        return allocate(tensorName, ElementType.I32, Shape.of(dimensions));
    }

    /** A float tensor of {@code bytes} rounded up, with undefined contents; for workspaces. At least one element. */
    public Tensor bytes(String tensorName, long bytes) {
        long words = Math.max(1, (bytes + 3) / 4);
        int columns = 64;
        Shape shape = words <= Integer.MAX_VALUE
                ? Shape.of((int) words)
                : Shape.of(Math.toIntExact((words + columns - 1) / columns), columns);
        return allocate(tensorName, ElementType.F32, shape);
    }

    /**
     * The lengths of the rows of a padded batch, with their copy on the device.
     *
     * @param steps the padded number of steps
     * @param rows one length per row, each 0 to {@code steps}, in any order
     */
    public Lengths lengths(int steps, int... rows) {
        Lengths.check(steps, rows);
        Tensor copy = i32("lengths", rows.length);
        copy.write(rows);
        return new Lengths(steps, rows, copy);
    }

    /** Lengths with a mask: the ends of its rows. */
    public Lengths lengths(Mask mask) {
        int[] ends = mask.ends();
        Tensor copy = i32("lengths", ends.length);
        copy.write(ends);
        return new Lengths(mask.steps(), ends, copy, mask);
    }

    /** Hands a resource to this scope, which closes it at {@link #reset()} or {@link #close()}, newest first. */
    public <C extends AutoCloseable> C own(C resource) {
        Call call = Call.begin();
        try {
            requireOpen();
            synchronized (owned) {
                owned.add(resource);
            }
            return resource;
        } finally {
            call.end();
        }
    }

    private Tensor allocate(String tensorName, ElementType type, Shape shape) {
        requireNotOver();
        long bytes = Math.multiplyExact(shape.elements(), (long) type.bytes());
        long wanted = separate ? bytes : roundUp(bytes);
        Block into = slab;
        if (separate || into == null || filled + wanted > into.bytes()) {
            into = grow(tensorName, wanted);
        }
        Tensor tensor = new Tensor(tensorName, shape, type, into, filled, this);
        filled += wanted;
        used += wanted;
        peak = Math.max(peak, used);
        if (poison) {
            poison(tensor);
        }
        return tensor;
    }

    private static void poison(Tensor tensor) {
        if (tensor.type() == ElementType.F32) {
            tensor.fill(Float.NaN);
        } else {
            tensor.fill(Float.floatToRawIntBits(Float.NaN));
        }
    }

    private Block grow(String tensorName, long wanted) {
        Call call = Call.begin();
        try {
            requireOpen();
            long step = separate ? 0 : Math.min(Math.max(capacity, SMALLEST_SLAB), LARGEST_STEP);
            slab = memory.allocate(Math.max(wanted, step));
            slabs.add(slab);
            filled = 0;
            capacity += slab.bytes();
            state.bytes = capacity;
            device.account(slab.bytes());
            return slab;
        } catch (OutOfMemoryException e) {
            throw new OutOfMemoryException(this + " cannot allocate " + wanted + " bytes for tensor '" + tensorName
                    + "' beside the " + used + " it uses: " + e.getMessage());
        } finally {
            call.end();
        }
    }

    /**
     * Makes all memory available again: every tensor handed out so far becomes invalid, resources handed over and child
     * scopes are closed. Several slabs are replaced by one of their total size, so that a repeated step runs in one slab;
     * where the memory has no such block, the next step allocates piece by piece again.
     */
    public void reset() {
        requireNotOver();
        epoch++;
        if (slabs.size() > 1 || separate || !owned.isEmpty()) {
            clear();
        }
        filled = 0;
        used = 0;
    }

    private void clear() {
        Call call = Call.begin();
        try {
            requireOpen();
            closeOwned();
            if (separate || slabs.size() > 1) {
                // Another thread may just be reading a tensor.
                lifetime.awaitCalls();
                requireOpen();
                merge();
            }
        } finally {
            call.end();
        }
    }

    private void merge() {
        long total = capacity;
        freeSlabs();
        if (!separate) {
            try {
                grow("reset", total);
            } catch (OutOfMemoryException e) {
                LOG.debug("{} stays in pieces: {}", this, e.getMessage());
            }
        }
    }

    /** Bytes of the tensors handed out since the last reset. */
    public long bytesInUse() {
        return used;
    }

    /** The most bytes that were in use at once. */
    public long peakBytes() {
        return peak;
    }

    /** Bytes held from the device. */
    public long capacity() {
        return capacity;
    }

    /** Whether it is closed, or being closed; if not, it stays open till the end of the call that the thread is in. */
    public boolean isClosed() {
        return !lifetime.use();
    }

    /** How long this may be used. */
    public Lifetime lifetime() {
        return lifetime;
    }

    @Override
    public boolean isKept() {
        return lifetime.isKept();
    }

    @Override
    public long epoch() {
        return epoch;
    }

    @Override
    public void requireAlive(long tensorEpoch, String tensor) {
        if (!lifetime.isKeptAlive() || tensorEpoch != epoch) {
            requireAliveNow(tensorEpoch, tensor);
        }
    }

    private void requireAliveNow(long tensorEpoch, String tensor) {
        if (isClosed()) {
            throw new IllegalStateException(
                    "tensor '" + tensor + "' was used after its " + this + " was closed" + whereMade(), closedAt);
        }
        if (tensorEpoch != epoch) {
            throw new IllegalStateException(
                    "tensor '" + tensor + "' was used after its " + this + " was reset" + whereMade());
        }
    }

    private void requireNotOver() {
        if (lifetime.isOver()) {
            requireOpen();
        }
    }

    void requireOpen() {
        if (isClosed()) {
            throw new IllegalStateException(this + " is closed" + whereMade(), closedAt);
        }
    }

    String whereMade() {
        return state.whereMade();
    }

    /**
     * Closes what it owns, newest first, and gives all memory back, when the calls of other threads are over that use any of
     * it. Closing twice does nothing.
     */
    @Override
    public void close() {
        if (state.madeAt != null && !lifetime.isOver()) {
            closedAt = new Throwable("closed here");
        }
        lifetime.end(this::free);
    }

    private void free() {
        try {
            closeOwned();
        } finally {
            freeSlabs();
            cleanable.clean();
            device.closed(this);
            if (parent != null) {
                synchronized (parent.owned) {
                    parent.owned.remove(this);
                }
            }
        }
    }

    private void closeOwned() {
        RuntimeException failure = null;
        for (AutoCloseable newest = newestOwned(); newest != null; newest = newestOwned()) {
            try {
                newest.close();
            } catch (Exception e) {
                if (failure == null) {
                    failure = new IllegalStateException(this + ": closing a resource failed", e);
                } else {
                    failure.addSuppressed(e);
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    private AutoCloseable newestOwned() {
        synchronized (owned) {
            return owned.isEmpty() ? null : owned.remove(owned.size() - 1);
        }
    }

    private void freeSlabs() {
        for (int i = slabs.size() - 1; i >= 0; i--) {
            device.account(-slabs.get(i).bytes());
            slabs.get(i).free();
        }
        slabs.clear();
        slab = null;
        capacity = 0;
        state.bytes = 0;
    }

    private static long roundUp(long bytes) {
        return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }

    @Override
    public String toString() {
        return state.label;
    }

    /** What the cleaner needs to report a leak; holds no reference to the scope. */
    private static final class State implements Runnable {
        private final String label;
        private final Throwable madeAt = Boolean.getBoolean(TRACK_PROPERTY) ? new Throwable("opened here") : null;
        private final Lifetime lifetime;
        private volatile long bytes;

        State(String label, Lifetime lifetime) {
            this.label = label;
            this.lifetime = lifetime;
        }

        String whereMade() {
            if (madeAt == null) {
                return "; -D" + TRACK_PROPERTY + "=true shows where it was opened";
            }
            StringBuilder text = new StringBuilder("; opened");
            for (StackTraceElement element : madeAt.getStackTrace()) {
                if (!element.getClassName().startsWith("org.gatefold.device.")) {
                    return text.append(" at ").append(element).toString();
                }
            }
            return text.append(" here").toString();
        }

        @Override
        public void run() {
            if (!lifetime.isOver()) {
                LOG.warn("{} was never closed and leaks {} bytes{}", label, bytes, whereMade());
            }
        }
    }
}
