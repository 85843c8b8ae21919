package org.gatefold.tensor;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/**
 * How long something that is closed may be used: it refuses new uses from the moment on in which somebody begins to close
 * it, and is not freed before the {@link Call}s end that use it. Thread-safe.
 *
 * <p>Lifetimes form trees: what ends one ends those below it first. A call that uses one uses the whole branch below the root
 * which that is in: it costs little to say so, and what belongs together is rarely closed while some of it is in use.
 */
public final class Lifetime {
    private final String owner;
    private final Lifetime above;
    private final Lifetime branch;
    private final Lifetime root;
    private final ReentrantLock ending = new ReentrantLock();

    /** Guarded by itself. */
    private final Set<Lifetime> below = Collections.newSetFromMap(new IdentityHashMap<>());

    /** Whether somebody has begun to close it. */
    private volatile boolean over;

    /**
     * Whether the calls that were in progress then are over. Not volatile: a call passes a fence after it has said that it
     * uses the branch, and whoever sets this passes one before looking for such calls once more.
     */
    private boolean unused;

    private boolean ended;

    /**
     * Of a branch: a thread whose call uses it, if its number stands here. Only a hint, though never a wrong one: whoever
     * comes first writes its number and removes it when its call ends, and others look into their calls. Not volatile,
     * since no thread depends on what others write.
     */
    private long user;

    /** Of a root: as {@link #user}, a thread whose call uses this or anything below. */
    private long userBelow;

    /**
     * @param owner what lives, for messages, for instance {@code "device cpu"}
     * @param above ends this when it ends; null if nothing does
     * @throws IllegalStateException if that has ended
     */
    public Lifetime(String owner, Lifetime above) {
        this.owner = owner;
        this.above = above;
        this.branch = above == null || above.above == null ? this : above.branch;
        this.root = above == null ? this : above.root;
        if (above != null) {
            synchronized (above.below) {
                above.require();
                above.below.add(this);
            }
        }
    }

    Lifetime branch() {
        return branch;
    }

    Lifetime root() {
        return root;
    }

    /** Whether the call that the thread is in is known to use this. */
    public boolean isKept() {
        return branch.user == Thread.currentThread().getId();
    }

    /**
     * Whether it may be used; if so, it may be until the call ends that the calling thread is in. A call that uses it already
     * may go on when somebody begins to close it.
     */
    public boolean use() {
        return isKeptAlive() || useNow();
    }

    /** Whether the call that the thread is in is known to use this, and it was not freed before. */
    public boolean isKeptAlive() {
        return branch.user == Thread.currentThread().getId() && !unused;
    }

    private boolean useNow() {
        boolean before = Call.current().use(branch);
        return before ? !unused : !over;
    }

    /** Takes note that the call of the calling thread uses this branch. */
    void began(long thread) {
        if (user == 0) {
            user = thread;
        }
        if (root.userBelow == 0) {
            root.userBelow = thread;
        }
    }

    /** Takes note that the call of the calling thread has ended. */
    void ended(long thread) {
        if (user == thread) {
            user = 0;
        }
        if (root.userBelow == thread) {
            root.userBelow = 0;
        }
    }

    /**
     * As {@link #use()}.
     *
     * @throws IllegalStateException naming the owner, if it may not be used
     */
    public void require() {
        requireThat(use());
    }

    /**
     * As {@link #require()}, of a root, for what is freed with the root alone: a call that uses anything below it already
     * need not use all of it.
     */
    public void requireRoot() {
        boolean below =
                userBelow == Thread.currentThread().getId() || Call.current().usesBelow(this);
        requireThat(below ? !unused : use());
    }

    private void requireThat(boolean usable) {
        if (!usable) {
            throw new IllegalStateException(owner + " is closed");
        }
    }

    /** Whether somebody has begun to close it. */
    public boolean isOver() {
        return over;
    }

    /**
     * Ends it: refuses new uses, waits until no other thread's call uses it, and frees. Of several threads that end it, one
     * frees and the others return when it has.
     *
     * @param free gives back what was used; called once
     */
    public void end(Runnable free) {
        Call.current().lock(ending);
        try {
            if (ended) {
                return;
            }
            ended = true;
            if (!unused) {
                List<Lifetime> all = new ArrayList<>();
                collect(all, true);
                await(all);
                all.forEach(lifetime -> lifetime.unused = true);
                // Calls that waited for something, and so were not awaited, may have gone on before they could see
                // this.
                await(all);
            }
            free.run();
        } finally {
            if (above != null) {
                synchronized (above.below) {
                    above.below.remove(this);
                }
            }
            ending.unlock();
        }
    }

    /** Waits until the calls of other threads are over that use this or anything below at present. */
    public void awaitCalls() {
        List<Lifetime> all = new ArrayList<>();
        collect(all, false);
        await(all);
    }

    private void collect(List<Lifetime> all, boolean refuse) {
        List<Lifetime> next;
        synchronized (below) {
            if (refuse) {
                over = true;
            }
            next = List.copyOf(below);
        }
        all.add(this);
        next.forEach(lifetime -> lifetime.collect(all, refuse));
    }

    private void await(List<Lifetime> all) {
        Set<Lifetime> branches = Collections.newSetFromMap(new IdentityHashMap<>());
        all.forEach(lifetime -> branches.add(lifetime.branch));
        for (Lifetime up = above; up != null; up = up.above) {
            branches.add(up.branch);
        }
        // Of what was below a root and has ended, calls may still be in progress, which rely on the root.
        Call.awaitOthers(branches, above == null ? this : null);
    }
}
