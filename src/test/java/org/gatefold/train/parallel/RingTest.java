package org.gatefold.train.parallel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Sums and words of workers in a ring, and what they hear when one of them fails. */
class RingTest implements CollectiveContract {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** Whether what they tell each other is. */
    boolean encrypted() {
        return false;
    }

    @Override
    public <T> List<Workers.Outcome<T>> outcomes(int size, Workers.Work<T> work) throws Exception {
        return Workers.outcomes(size, PATIENCE, encrypted(), work);
    }

    private <T> List<T> run(int size, Workers.Work<T> work) throws Exception {
        return Workers.results(outcomes(size, work));
    }

    /** The sum in the order that is promised: a part is begun by the worker of its number, the ones behind add theirs. */
    @Override
    public float[] expected(int size, int count) {
        float[][] all = IntStream.range(0, size)
                .mapToObj(rank -> CollectiveContract.numbers(rank, count))
                .toArray(float[][]::new);
        float[] sums = new float[count];
        for (int part = 0; part < size; part++) {
            int to = (int) ((long) count * (part + 1) / size);
            for (int i = (int) ((long) count * part / size); i < to; i++) {
                sums[i] = all[part][i];
                for (int k = 1; k < size; k++) {
                    sums[i] += all[(part + k) % size][i];
                }
            }
        }
        return sums;
    }

    /** Each worker adds its number to what comes in and rounds what goes out; the last sum is rounded too. */
    @ParameterizedTest
    @CsvSource({"2, 300007", "3, 2", "3, 30011", "5, 1001"})
    void roundedSumsAreThoseOfTheOrderInEveryWorker(int size, int count) throws Exception {
        float[] sums = new float[count];
        for (int part = 0; part < size; part++) {
            int to = (int) ((long) count * (part + 1) / size);
            for (int rank = part; rank < part + size; rank++) {
                float[] numbers = CollectiveContract.numbers(rank % size, count);
                for (int i = (int) ((long) count * part / size); i < to; i++) {
                    sums[i] = Wire.BF16.rounded(numbers[i] + sums[i]);
                }
            }
        }
        List<float[]> results = run(size, workers -> {
            float[] values = CollectiveContract.numbers(workers.rank(), count);
            workers.allReduce(values, count, Wire.BF16);
            return values;
        });
        assertThat(results).allSatisfy(result -> assertThat(result).isEqualTo(sums));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4})
    void wordsComeInOrderWhateverTheirLength(int size) throws Exception {
        List<List<byte[]>> results = run(size, workers -> {
            workers.barrier();
            byte[] mine = new byte[workers.rank() * 200_000];
            Arrays.fill(mine, (byte) workers.rank());
            List<byte[]> told = workers.allGather(mine);
            float[] one = {1};
            workers.allReduce(one, 1);
            assertThat(one[0]).isEqualTo(size);
            return told;
        });
        for (List<byte[]> told : results) {
            assertThat(told).hasSize(size);
            for (int rank = 0; rank < size; rank++) {
                byte[] expected = new byte[rank * 200_000];
                Arrays.fill(expected, (byte) rank);
                assertThat(told.get(rank)).isEqualTo(expected);
            }
        }
    }

    @Test
    void whoIsGoneIsMissedByAll() throws Exception {
        List<Workers.Outcome<String>> outcomes = outcomes(3, workers -> {
            workers.barrier();
            if (workers.rank() == 0) {
                return "is gone";
            }
            float[] values = new float[100_000];
            workers.allReduce(values, values.length);
            return "went on";
        });
        for (int rank : new int[] {1, 2}) {
            assertThat(outcomes.get(rank).failure())
                    .isInstanceOf(CollectiveException.class)
                    .hasMessageMatching("(worker 0|worker 1) is gone.*");
        }
    }

    /** A worker that lives and says nothing. */
    @Test
    void silenceEndsWhenPatienceDoes() throws Exception {
        CompletableFuture<String> failed = new CompletableFuture<>();
        List<Workers.Outcome<String>> outcomes = Workers.outcomes(2, Duration.ofMillis(700), encrypted(), workers -> {
            if (workers.rank() == 0) {
                return failed.join();
            }
            try {
                workers.barrier();
            } catch (CollectiveException e) {
                failed.complete(e.getMessage());
                assertThatThrownBy(workers::barrier).hasMessage(e.getMessage());
            }
            return "";
        });
        assertThat(outcomes.get(0).result()).isEqualTo("worker 0: nothing was heard of it for PT0.7S");
    }

    @Test
    void differentCallsAreNoticed() throws Exception {
        List<Workers.Outcome<String>> outcomes = outcomes(2, workers -> {
            float[] values = new float[10];
            workers.allReduce(values, workers.rank() == 0 ? 10 : 9);
            return "";
        });
        assertThat(outcomes).anySatisfy(outcome -> assertThat(outcome.failure())
                .hasMessageMatching("worker [01]: makes another call than worker [01]: expected call 1, a sum, of"
                        + " length (9|10), got call 1, a sum, of length (9|10)"));
        assertThat(outcomes)
                .allSatisfy(outcome -> assertThat(outcome.failure()).isInstanceOf(CollectiveException.class));
    }

    @Test
    void anInterruptIsKeptAndBreaksNothing() throws Exception {
        List<Boolean> results = run(2, workers -> {
            Thread.currentThread().interrupt();
            float[] values = CollectiveContract.numbers(workers.rank(), 1000);
            workers.allReduce(values, values.length);
            assertThat(values).isEqualTo(expected(2, 1000));
            return Thread.interrupted();
        });
        assertThat(results).containsExactly(true, true);
    }

    @Test
    void strangersAreTurnedAwayAndWorkersStillJoin() throws Exception {
        InetAddress here = InetAddress.getLoopbackAddress();
        try (RingSeat first = RingSeat.listen(here, Workers.SECRET, encrypted());
                RingSeat second = RingSeat.listen(here, Workers.SECRET, encrypted());
                Socket stranger = new Socket(here, second.port())) {
            stranger.getOutputStream().write(new byte[104]);
            List<InetSocketAddress> seats =
                    List.of(new InetSocketAddress(here, first.port()), new InetSocketAddress(here, second.port()));
            CompletableFuture<Integer> other = CompletableFuture.supplyAsync(() -> {
                try (Ring ring = second.join(1, seats, PATIENCE)) {
                    return ring.allGather(new byte[] {7}).get(0)[0] + 0;
                }
            });
            try (Ring ring = first.join(0, seats, PATIENCE)) {
                assertThat(ring.allGather(new byte[] {5}).get(1)).containsExactly(7);
            }
            assertThat(other.get()).isEqualTo(5);
        }
    }

    @Test
    void anotherSecretIsRefused() throws Exception {
        InetAddress here = InetAddress.getLoopbackAddress();
        byte[] other = "another secret, as long as that".getBytes(StandardCharsets.UTF_8);
        Duration brief = Duration.ofMillis(800);
        try (RingSeat first = RingSeat.listen(here, Workers.SECRET, encrypted());
                RingSeat second = RingSeat.listen(here, other, encrypted())) {
            List<InetSocketAddress> seats =
                    List.of(new InetSocketAddress(here, first.port()), new InetSocketAddress(here, second.port()));
            CompletableFuture<Throwable> failure =
                    CompletableFuture.supplyAsync(() -> joining(second, 1, seats, brief));
            assertThat(joining(first, 0, seats, brief)).isInstanceOf(CollectiveException.class);
            assertThat(failure.get()).isInstanceOf(CollectiveException.class).hasMessageContaining("worker 0");
        }
        assertThatThrownBy(() -> seat(here, new byte[15])).hasMessage("secret: expected at least 16 bytes, got 15");
    }

    private static void seat(InetAddress here, byte[] secret) {
        try (RingSeat seat = RingSeat.listen(here, secret)) {
            throw new AssertionError("listens on " + seat.port());
        }
    }

    private static Throwable joining(RingSeat seat, int rank, List<InetSocketAddress> seats, Duration patience) {
        try (Ring ring = seat.join(rank, seats, patience)) {
            return new AssertionError("joined a ring of " + ring.size());
        } catch (RuntimeException e) {
            return e;
        }
    }

    @Test
    void whoDoesNotComeIsNamed() throws Exception {
        InetAddress here = InetAddress.getLoopbackAddress();
        try (RingSeat first = RingSeat.listen(here, Workers.SECRET, encrypted());
                RingSeat second = RingSeat.listen(here, Workers.SECRET, encrypted())) {
            List<InetSocketAddress> seats =
                    List.of(new InetSocketAddress(here, first.port()), new InetSocketAddress(here, second.port()));
            assertThat(joining(first, 0, seats, Duration.ofMillis(300)))
                    .isInstanceOf(CollectiveException.class)
                    .hasMessageMatching("worker 1.*(does not answer|cannot be reached|has not come).*");
        }
    }

    /** Processes of their own: each prints its sum, and that of the one that is killed never comes. */
    @Test
    void processesSumAndMissTheOneThatIsKilled() throws Exception {
        List<Process> processes = new ArrayList<>();
        try {
            List<Integer> ports = new ArrayList<>();
            for (int rank = 0; rank < 3; rank++) {
                processes.add(start(rank));
                ports.add(Integer.parseInt(processes.get(rank).inputReader().readLine()));
            }
            for (Process process : processes) {
                process.outputWriter().write(ports + "\n");
                process.outputWriter().flush();
            }
            String sum = Arrays.hashCode(expected(3, 50_000)) + "";
            for (Process process : processes) {
                assertThat(process.inputReader().readLine()).isEqualTo(sum);
            }
            processes.get(1).destroyForcibly().waitFor();
            assertThat(processes.get(2).inputReader().readLine()).startsWith("worker 1 is gone");
            assertThat(processes.get(0).inputReader().readLine()).startsWith("worker 1 is gone");
        } finally {
            processes.forEach(Process::destroyForcibly);
        }
    }

    private Process start(int rank) throws Exception {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx64m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Program.class.getName(),
                        rank + "",
                        encrypted() + "")
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    /** One worker: tells its port, hears those of all, sums once, then goes on till it fails. */
    static final class Program {
        private Program() {}

        public static void main(String[] arguments) throws Exception {
            int rank = Integer.parseInt(arguments[0]);
            InetAddress here = InetAddress.getLoopbackAddress();
            try (RingSeat seat = RingSeat.listen(here, Workers.SECRET, Boolean.parseBoolean(arguments[1]))) {
                System.out.println(seat.port());
                String told = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).readLine();
                List<InetSocketAddress> seats = Arrays.stream(
                                told.replaceAll("[\\[\\] ]", "").split(","))
                        .map(port -> new InetSocketAddress(here, Integer.parseInt(port)))
                        .toList();
                try (Ring ring = seat.join(rank, seats, PATIENCE)) {
                    float[] values = CollectiveContract.numbers(rank, 50_000);
                    ring.allReduce(values, values.length);
                    System.out.println(Arrays.hashCode(values));
                    while (true) {
                        ring.barrier();
                        Thread.sleep(5);
                    }
                } catch (CollectiveException e) {
                    System.out.println(e.getMessage());
                }
            }
        }
    }
}
