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

/** Workers that are threads of the test, in a ring over sockets of this machine. */
public final class Workers {
    static final byte[] SECRET = "a secret of sixteen bytes or more".getBytes(StandardCharsets.UTF_8);

    private Workers() {}

    /** What one worker does. */
    public interface Work<T> {
        T with(Collective workers) throws Exception;
    }

    /** What all have made, in the order of their numbers; fails with what the first that failed threw. */
    public static <T> List<T> run(int size, Work<T> work) throws Exception {
        List<T> results = new ArrayList<>();
        for (Outcome<T> outcome : outcomes(size, Duration.ofSeconds(60), work)) {
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
        InetAddress here = InetAddress.getLoopbackAddress();
        ExecutorService threads = Executors.newFixedThreadPool(size);
        List<RingSeat> seats = new ArrayList<>();
        try {
            List<InetSocketAddress> addresses = new ArrayList<>();
            for (int i = 0; i < size; i++) {
                seats.add(seat(here));
                addresses.add(new InetSocketAddress(here, seats.get(i).port()));
            }
            List<Future<T>> futures = new ArrayList<>();
            for (int i = 0; i < size; i++) {
                RingSeat seat = seats.get(i);
                int rank = i;
                Callable<T> task = () -> {
                    try (Ring ring = seat.join(rank, addresses, patience)) {
                        return work.with(ring);
                    }
                };
                futures.add(threads.submit(task));
            }
            List<Outcome<T>> outcomes = new ArrayList<>();
            for (Future<T> future : futures) {
                try {
                    outcomes.add(new Outcome<>(future.get(), null));
                } catch (ExecutionException e) {
                    outcomes.add(new Outcome<>(null, e.getCause()));
                }
            }
            return outcomes;
        } finally {
            seats.forEach(RingSeat::close);
            threads.shutdownNow();
        }
    }

    @SuppressWarnings("MustBeClosedChecker") // the caller closes all seats
    private static RingSeat seat(InetAddress here) {
        return RingSeat.listen(here, SECRET);
    }
}
