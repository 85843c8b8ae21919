package org.gatefold.train.parallel;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Workers that are threads of the test, in a ring over sockets of this machine or in one group. */
public final class Workers {
    static final byte[] SECRET = "a secret of sixteen bytes or more".getBytes(StandardCharsets.UTF_8);

    private Workers() {}

    /** What one worker does. */
    public interface Work<T> {
        T with(Collective workers) throws Exception;
    }

    /** What all workers of a ring have made, in the order of their numbers; fails with what the first that failed threw. */
    public static <T> List<T> run(int size, Work<T> work) throws Exception {
        return results(outcomes(size, Duration.ofSeconds(60), work));
    }

    /** What all have made; fails with what the first that failed threw. */
    static <T> List<T> results(List<Outcome<T>> outcomes) {
        List<T> results = new ArrayList<>();
        for (Outcome<T> outcome : outcomes) {
            if (outcome.failure() != null) {
                throw new IllegalStateException(outcome.failure());
            }
            results.add(outcome.result());
        }
        return results;
    }

    /** What one worker has made, or by what it failed. */
    public record Outcome<T>(T result, Throwable failure) {}

    /** What became of all workers. */
    public static <T> List<Outcome<T>> outcomes(int size, Duration patience, Work<T> work) throws Exception {
        return outcomes(size, patience, false, work);
    }

    /** What became of all workers, who may encrypt what they tell each other. */
    static <T> List<Outcome<T>> outcomes(int size, Duration patience, boolean encrypted, Work<T> work)
            throws Exception {
        InetAddress here = InetAddress.getLoopbackAddress();
        ExecutorService threads = Executors.newFixedThreadPool(size);
        List<RingSeat> seats = new ArrayList<>();
        try {
            List<InetSocketAddress> addresses = new ArrayList<>();
            for (int i = 0; i < size; i++) {
                seats.add(seat(here, encrypted));
                addresses.add(new InetSocketAddress(here, seats.get(i).port()));
            }
            List<Callable<T>> tasks = new ArrayList<>();
            for (int i = 0; i < size; i++) {
                RingSeat seat = seats.get(i);
                int rank = i;
                tasks.add(() -> {
                    try (Ring ring = seat.join(rank, addresses, patience)) {
                        return work.with(ring);
                    }
                });
            }
            return outcomes(threads, tasks);
        } finally {
            seats.forEach(RingSeat::close);
            threads.shutdownNow();
        }
    }

    /** What became of all workers of one group. */
    public static <T> List<Outcome<T>> local(int size, Work<T> work) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(size);
        try {
            List<Callable<T>> tasks = new ArrayList<>();
            for (LocalWorker worker : LocalWorker.group(size)) {
                tasks.add(() -> {
                    try (LocalWorker open = worker) {
                        return work.with(open);
                    }
                });
            }
            return outcomes(threads, tasks);
        } finally {
            threads.shutdownNow();
        }
    }

    private static <T> List<Outcome<T>> outcomes(ExecutorService threads, List<Callable<T>> tasks)
            throws InterruptedException {
        List<Future<T>> futures = tasks.stream().map(threads::submit).toList();
        List<Outcome<T>> outcomes = new ArrayList<>();
        for (Future<T> future : futures) {
            try {
                outcomes.add(new Outcome<>(future.get(), null));
            } catch (ExecutionException e) {
                outcomes.add(new Outcome<>(null, e.getCause()));
            }
        }
        return outcomes;
    }

    @SuppressWarnings("MustBeClosedChecker") // the caller closes all seats
    private static RingSeat seat(InetAddress here, boolean encrypted) {
        return RingSeat.listen(here, SECRET, encrypted);
    }
}
