package org.gatefold.backend.cuda.driver;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import jcuda.driver.CUevent;
import jcuda.driver.CUgraphExec;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;
import org.gatefold.device.Repetition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Launches work that comes again as one graph. All that is submitted to the context's stream passes here as commands, each with a key of
 * everything that it depends on. A repetition whose commands have been seen before, key for key, is recorded; when one begins as a recorded
 * one did, its commands are held back as long as they stay the same, and if they do to the end, the graph is launched in their place. At the
 * first that differs, those held back are submitted one by one. So nothing is ever computed but what was asked for, and whatever needs the
 * stream itself ({@link CudaContext#directly}) finds all of it submitted.
 *
 * <p>Thread-safe: work of other threads, too, comes behind what is held back.
 */
public final class RepeatedWork implements Repetition {
    /** {@code off} submits everything as it comes. */
    public static final String PROPERTY = "gatefold.cuda.recordSteps";

    private static final Logger LOG = LoggerFactory.getLogger(RepeatedWork.class);

    /** How many kinds of repetitions are kept: shapes, and the memory that takes turns. */
    private static final int KEPT = 32;

    /** So many repetitions are looked at, of so many, while none of them is like one before. */
    private static final int LOOKS = 32;

    private static final int AMONG = 1024;

    /** How often it is tried to record the same work. */
    private static final int ATTEMPTS = 2;

    private static final int EVENT_DISABLE_TIMING = 2;

    private final CudaContext context;
    private final GraphRecorder recorder;
    private final boolean off = "off".equals(System.getProperty(PROPERTY));
    private final List<Recorded> recorded = new ArrayList<>();
    private final List<List<Object>> seen = new ArrayList<>();
    private final List<List<Object>> refused = new ArrayList<>();
    private final Set<String> told = new HashSet<>();
    private final List<Command> commands = new ArrayList<>();
    private final List<Object> keys = new ArrayList<>();
    private final List<Recorded> candidates = new ArrayList<>();
    private final CUevent[] ends = new CUevent[4];
    private volatile Thread owner;
    private boolean holding;
    private boolean running;
    private RuntimeException failure;
    private boolean awaited;
    private int turn;
    private String obstacle;
    private int unlike;

    /** @param recorded submits it so that it can be recorded */
    private record Command(Consumer<CUstream> run, Consumer<CUstream> recorded) {}

    private record Recorded(List<Object> keys, CUgraphExec graph) {}

    RepeatedWork(CudaContext context) {
        this.context = context;
        this.recorder = new GraphRecorder();
        for (int i = 0; i < ends.length; i++) {
            ends[i] = new CUevent();
            CudaStatus.check("cuEventCreate", JCudaDriver.cuEventCreate(ends[i], EVENT_DISABLE_TIMING));
        }
    }

    @Override
    public synchronized void lookAnew() {
        unlike = 0;
    }

    @Override
    public synchronized void begin() {
        Thread current = Thread.currentThread();
        if (off || (owner != null && owner != current)) {
            return;
        }
        finish();
        if (unlike++ % AMONG >= LOOKS) {
            return;
        }
        owner = current;
        candidates.addAll(recorded);
        holding = !candidates.isEmpty();
    }

    @Override
    public synchronized void end() {
        if (owner != Thread.currentThread()) {
            return;
        }
        try {
            hear();
            Recorded whole = candidates.stream()
                    .filter(candidate -> candidate.keys.size() == keys.size())
                    .findFirst()
                    .orElse(null);
            if (holding && whole != null) {
                holding = false;
                context.enter();
                CudaStatus.check("cuGraphLaunch", JCudaDriver.cuGraphLaunch(whole.graph, context.stream()));
                recorded.remove(whole);
                recorded.add(whole);
                unlike = 0;
            } else {
                release();
                look();
            }
        } finally {
            finish();
        }
    }

    /** Ends a repetition with all that is left to be done in it. */
    private void finish() {
        try {
            release();
            hear();
        } finally {
            try {
                pass();
            } finally {
                forget();
            }
        }
    }

    private void forget() {
        holding = false;
        failure = null;
        commands.clear();
        keys.clear();
        candidates.clear();
        obstacle = null;
        owner = null;
    }

    /** Submits what is held back; if that fails, none of the rest, and the owner is told, whoever had it done. */
    private void release() {
        if (!holding) {
            return;
        }
        holding = false;
        try {
            commands.forEach(command -> run(command.run));
        } catch (RuntimeException e) {
            failure = e;
        }
        hear();
    }

    /** Runs a command; what is submitted meanwhile is part of it. */
    private void run(Consumer<CUstream> command) {
        running = true;
        try {
            command.accept(context.stream());
        } finally {
            running = false;
        }
    }

    /** Throws what failed when work of this thread was submitted. */
    private void hear() {
        if (failure != null && owner == Thread.currentThread()) {
            RuntimeException heard = failure;
            failure = null;
            throw heard;
        }
    }

    /** Keeps what a repetition has submitted, to know it again; records it the second time. */
    private void look() {
        if (obstacle != null) {
            tell(obstacle);
            return;
        }
        if (keys.isEmpty()
                || Collections.frequency(refused, keys) == ATTEMPTS
                || recorded.stream().anyMatch(known -> known.keys.equals(keys))) {
            return;
        }
        List<Object> now = List.copyOf(keys);
        if (!seen.remove(now)) {
            if (unlike == LOOKS) {
                tell(difference(now));
            }
            keep(seen, now);
            return;
        }
        try {
            context.enter();
            CUgraphExec graph = recorder.record(stream -> commands.forEach(command -> command.recorded.accept(stream)));
            recorded.add(new Recorded(now, graph));
            unlike = 0;
            LOG.debug("a step of {} submissions is one graph from here on", now.size());
        } catch (CudaException e) {
            keep(refused, now);
            tell("it cannot be recorded: " + e.getMessage());
        }
        if (recorded.size() > KEPT) {
            destroy(recorded.remove(0));
        }
    }

    private static void keep(List<List<Object>> list, List<Object> newest) {
        list.add(newest);
        if (list.size() > KEPT) {
            list.remove(0);
        }
    }

    /** Reasons for which work did not become a graph. */
    public synchronized Set<String> obstacles() {
        return Set.copyOf(told);
    }

    /** In what a repetition differs from the one seen before that is most like it. */
    private String difference(List<Object> now) {
        int same = 0;
        for (List<Object> before : seen) {
            int alike = 0;
            while (alike < Math.min(before.size(), now.size())
                    && before.get(alike).equals(now.get(alike))) {
                alike++;
            }
            same = Math.max(same, alike);
        }
        if (same == now.size()) {
            return "each has another length";
        }
        Object key = now.get(same);
        return "each has another " + (key instanceof List<?> list ? list.get(0) : key);
    }

    private void tell(String reason) {
        if (told.add(reason)) {
            LOG.info("steps are submitted piece by piece, not as one graph: {}", reason);
        }
    }

    /**
     * Submits work to the context's stream, now or at the end of a repetition.
     *
     * @param key of all that the work depends on; asked for in repetitions only
     * @param run submits it
     * @param whenRecorded submits it so that it can be recorded
     */
    void submit(Supplier<Object> key, Consumer<CUstream> run, Consumer<CUstream> whenRecorded) {
        if (owner == null) {
            run.accept(context.stream());
            return;
        }
        synchronized (this) {
            if (running) {
                run.accept(context.stream());
                return;
            }
            hear();
            if (owner != Thread.currentThread() || obstacle != null) {
                release();
                run.accept(context.stream());
                return;
            }
            Object next = key.get();
            if (holding) {
                int at = keys.size();
                candidates.removeIf(candidate ->
                        candidate.keys.size() <= at || !candidate.keys.get(at).equals(next));
                if (candidates.isEmpty()) {
                    release();
                }
            }
            keys.add(next);
            commands.add(new Command(run, whenRecorded));
            if (!holding) {
                run(run);
            }
        }
    }

    /** Makes sure that all is submitted that came before, for work that is no command: the repetition is not recorded for it. */
    void directly(String what) {
        if (owner == null) {
            return;
        }
        synchronized (this) {
            release();
            if (owner == Thread.currentThread()) {
                // What a command needs the stream for is behind no more than what came before that.
                if (!running) {
                    hear();
                    pass();
                }
                obstacle = obstacle == null ? what : obstacle;
            }
        }
    }

    /** Whether this thread is in a repetition, and nothing has prevented yet that it becomes a graph. */
    boolean holds() {
        return owner == Thread.currentThread() && obstacle == null;
    }

    /**
     * An event that is passed when all that was submitted is done: one of the caller's that is recorded now, or in a repetition that of its
     * end. Of each repetition there is one; a few take turns, so that waiting for one late waits for more.
     */
    CUevent passed(CUevent own) {
        if (owner == Thread.currentThread()) {
            synchronized (this) {
                awaited = true;
                return ends[turn];
            }
        }
        context.enter();
        CudaStatus.check("cuEventRecord", JCudaDriver.cuEventRecord(own, context.stream()));
        return own;
    }

    /** Whether an event is that of the end of a repetition which this thread is in: nobody can wait for it yet. */
    boolean isAhead(CUevent event) {
        return owner == Thread.currentThread() && awaited && event.equals(ends[turn]);
    }

    /** Records the event that was promised, where all is submitted that it is behind. */
    private void pass() {
        if (awaited) {
            awaited = false;
            context.enter();
            CudaStatus.check("cuEventRecord", JCudaDriver.cuEventRecord(ends[turn], context.stream()));
            turn = (turn + 1) % ends.length;
        }
    }

    private void destroy(Recorded known) {
        context.drain();
        CudaStatus.check("cuGraphExecDestroy", JCudaDriver.cuGraphExecDestroy(known.graph));
    }

    /** Submits what is left and destroys the graphs. */
    synchronized void close() {
        finish();
        recorded.forEach(this::destroy);
        recorded.clear();
        recorder.close();
        for (CUevent end : ends) {
            CudaStatus.check("cuEventDestroy", JCudaDriver.cuEventDestroy(end));
        }
    }
}
