package org.gatefold.tensor;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/**
 * The call that a thread is in: whatever is found alive within it, by {@link Lifetime#use}, is freed by no other thread before
 * its {@link #end}. Calls within a call are part of the outermost one. Each thread has one object, which only that thread uses.
 *
 * <p>A call notes what it uses where none but those who close things look, at the price of a memory fence for each thing that
 * it begins to use.
 */
public final class Call {
    private static final long PAUSE_NANOS = 50_000;
    private static final VarHandle ELEMENT = MethodHandles.arrayElementVarHandle(Lifetime[].class);
    private static final VarHandle COUNT;
    private static final VarHandle SERIAL;
    private static final Set<Call> ALL = Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));
    private static final ThreadLocal<Call> CURRENT = ThreadLocal.withInitial(Call::new);

    /** Stands for calls within calls that need not be counted. */
    private static final Call WITHIN = new Call();

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            COUNT = lookup.findVarHandle(Call.class, "count", int.class);
            SERIAL = lookup.findVarHandle(Call.class, "serial", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final long thread = Thread.currentThread().getId();

    /** The branches that are used, and further ones of earlier calls, since the next call usually uses the same. */
    private volatile Lifetime[] used = new Lifetime[4];

    /** How many are used. */
    private volatile int count;

    /** Counts outermost calls. */
    private volatile long serial;

    /** Whether the thread waits for others and therefore touches nothing. */
    private volatile boolean blocked;

    private int depth;

    private Call() {
        ALL.add(this);
    }

    static Call current() {
        return CURRENT.get();
    }

    /** Begins a call, to be ended by the same thread. */
    public static Call begin() {
        Call call = CURRENT.get();
        if (call.depth++ == 0) {
            SERIAL.setRelease(call, call.serial + 1);
        }
        return call;
    }

    /**
     * Begins a call on a tensor, which may be null, to be ended by the same thread; next to nothing where it is known that the
     * thread is in a call that uses it.
     */
    public static Call begin(Tensor tensor) {
        return tensor != null && tensor.isKept() ? WITHIN : begin();
    }

    /** Begins a call that uses two things, to be ended by the same thread. */
    public static Call begin(Lifetime one, Lifetime other) {
        Call call = begin();
        boolean first = call.add(one.branch());
        boolean second = call.add(other.branch());
        if (first || second) {
            VarHandle.fullFence();
            one.branch().began(call.thread);
            other.branch().began(call.thread);
        }
        return call;
    }

    /** Ends what was begun last. */
    public void end() {
        if (this != WITHIN && --depth == 0) {
            for (int i = 0; i < count; i++) {
                used[i].ended(thread);
            }
            COUNT.setRelease(this, 0);
        }
    }

    /**
     * Uses a branch till the end of this call, if there is one; to be called before asking whether it is over.
     *
     * @return whether this call uses it already
     */
    boolean use(Lifetime branch) {
        if (depth == 0) {
            return false;
        }
        if (!add(branch)) {
            return true;
        }
        // Either the thread that ends the branch sees this, or the caller sees that it is over.
        VarHandle.fullFence();
        branch.began(thread);
        return false;
    }

    /** False if it is used already. */
    private boolean add(Lifetime branch) {
        int known = count;
        for (int i = 0; i < known; i++) {
            if (used[i] == branch) {
                return false;
            }
        }
        if (known == used.length) {
            used = Arrays.copyOf(used, 2 * known);
        }
        if (used[known] != branch) {
            ELEMENT.setRelease(used, known, branch);
        }
        COUNT.setRelease(this, known + 1);
        return true;
    }

    /** Whether this call uses a root or anything below it. */
    boolean usesBelow(Lifetime root) {
        int known = count;
        for (int i = 0; i < known; i++) {
            if (used[i].root() == root) {
                return true;
            }
        }
        return false;
    }

    /** Returns when the calls are over in which other threads use any of these, or anything below a root, now. */
    static void awaitOthers(Set<Lifetime> branches, Lifetime root) {
        VarHandle.fullFence();
        Call own = current();
        List<Call> all;
        synchronized (ALL) {
            all = List.copyOf(ALL);
        }
        for (Call other : all) {
            long call = other.serial;
            if (other != own && other.isUsing(branches, root)) {
                own.await(() -> other.serial != call || !other.isUsing(branches, root));
            }
        }
    }

    private boolean isUsing(Set<Lifetime> branches, Lifetime root) {
        if (blocked) {
            return false;
        }
        int known = count;
        Lifetime[] all = used;
        for (int i = 0; i < known; i++) {
            Lifetime branch = (Lifetime) ELEMENT.getAcquire(all, i);
            if (branch.root() == root || branches.contains(branch)) {
                return true;
            }
        }
        return false;
    }

    /** Takes a lock; while it waits, this call holds nobody up. */
    void lock(ReentrantLock lock) {
        if (!lock.tryLock()) {
            blocked = true;
            lock.lock();
            unblock();
        }
    }

    private void await(BooleanSupplier over) {
        blocked = true;
        boolean interrupted = false;
        while (!over.getAsBoolean()) {
            // The end of a call tells nobody, which would cost every call.
            LockSupport.parkNanos(this, PAUSE_NANOS);
            interrupted |= Thread.interrupted();
        }
        unblock();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void unblock() {
        blocked = false;
        // What ended meanwhile is seen to be over by the checks that follow.
        VarHandle.fullFence();
    }
}
