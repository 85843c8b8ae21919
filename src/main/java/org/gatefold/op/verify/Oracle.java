package org.gatefold.op.verify;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import org.gatefold.device.Device;
import org.gatefold.device.Operation;
import org.gatefold.device.Scope;

/**
 * The right results of checks of one contract, by the plain-Java reference. Equal checks are computed once, however many
 * implementations are compared with them, and their results are kept as long as the oracle.
 *
 * <p>Does not own its device. Thread-safe, as the operations of the reference are.
 *
 * @param <O> the operation's contract
 */
public final class Oracle<O extends Operation> {
    /** The name of the implementation that is taken to be right. */
    public static final String IMPLEMENTATION = "reference";

    private final Device device;
    private final O operation;
    private final Map<Check<O>, FutureTask<Map<String, float[]>>> results = new ConcurrentHashMap<>();

    /**
     * Takes the reference's implementation of {@code contract}.
     *
     * @throws IllegalArgumentException if the device does not offer the reference
     */
    public Oracle(Device device, Class<O> contract) {
        this.device = device;
        this.operation = device.operations(contract).stream()
                .filter(op -> op.name().equals(IMPLEMENTATION))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "oracle: expected a device with the implementation '" + IMPLEMENTATION + "', got " + device));
    }

    /** Has an executor compute the results of these checks ahead of need, in this order. */
    public void prepare(List<? extends Check<O>> checks, Executor executor) {
        for (Check<O> check : checks) {
            if (!results.containsKey(check)) {
                executor.execute(task(check));
            }
        }
    }

    /** The results of a check by name; computed here unless another thread has begun to, and then waited for. */
    public Map<String, float[]> results(Check<O> check) {
        FutureTask<Map<String, float[]>> task = task(check);
        task.run(); // does nothing where it has begun
        try {
            return task.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("the oracle fails: " + e.getCause().getMessage(), e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the oracle computes", e);
        }
    }

    private FutureTask<Map<String, float[]>> task(Check<O> check) {
        return results.computeIfAbsent(check, key -> new FutureTask<>(() -> compute(key)));
    }

    private Map<String, float[]> compute(Check<O> check) {
        try (Scope scope = device.openScope("oracle")) {
            Workbench bench = new Workbench(scope);
            Runnable calls = check.prepare(operation, bench);
            bench.reset();
            calls.run();
            return bench.results();
        }
    }
}
