package org.gatefold.benchmarks.contract;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Main class of a contestant's process: obeys the lines on standard input, one at a time, and is idle in between.
 *
 * <p>Commands and answers ({@link #MARK} precedes every answer, everything else on standard output is noise of native
 * libraries):
 *
 * <ul>
 *   <li>{@code version} answers {@code ok VERSION}
 *   <li>{@code prepare SHAPE PASS THREADS} answers {@code ok} or {@code declined REASON}
 *   <li>{@code check FILE} runs once, writes the {@link Results} to the file and answers {@code ok}
 *   <li>{@code measure UNTIMED_MS UNTIMED_MIN TIMED_MS TIMED_MIN} answers {@code ok HEAP_BYTES PEAK_KIB NS NS NS …}:
 *       bytes allocated in the Java heap per iteration, peak resident memory, and the time of each iteration
 * </ul>
 *
 * A failure answers {@code error REASON}; the end of the input ends the process.
 */
public final class ContestantProcess {
    public static final String MARK = "@bench ";

    private static final int MOST_ITERATIONS = 1 << 14;

    private final Contestant contestant;
    private final PrintStream answers;
    private PreparedPass prepared;

    private ContestantProcess(Contestant contestant, PrintStream answers) {
        this.contestant = contestant;
        this.answers = answers;
    }

    /** @param args the class name of the contestant */
    public static void main(String[] args) throws Exception {
        PrintStream answers = System.out;
        System.setOut(System.err);
        Contestant contestant = Class.forName(args[0])
                .asSubclass(Contestant.class)
                .getConstructor()
                .newInstance();
        new ContestantProcess(contestant, answers).serve();
        // Native thread pools of some libraries would keep the process alive.
        System.exit(0);
    }

    private void serve() throws IOException {
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = commands.readLine(); line != null; line = commands.readLine()) {
            String answer;
            try {
                answer = obey(line.split(" "));
            } catch (Exception | LinkageError e) {
                e.printStackTrace();
                answer = "error " + e.toString().replace('\n', ' ');
            }
            answers.println(MARK + answer);
            answers.flush();
        }
        if (prepared != null) {
            prepared.close();
        }
    }

    private String obey(String[] command) throws IOException {
        return switch (command[0]) {
            case "version" -> "ok " + contestant.version();
            case "prepare" ->
                prepare(LstmShape.parse(command[1]), Pass.ofLabel(command[2]), Integer.parseInt(command[3]));
            case "check" -> {
                prepared.runChecked().write(Path.of(command[1]));
                yield "ok";
            }
            case "measure" ->
                measure(
                        Integer.parseInt(command[1]),
                        Integer.parseInt(command[2]),
                        Integer.parseInt(command[3]),
                        Integer.parseInt(command[4]));
            default -> throw new IllegalArgumentException("unknown command " + command[0]);
        };
    }

    private String prepare(LstmShape shape, Pass pass, int threads) {
        Optional<String> reason = contestant.declines(shape, pass);
        if (reason.isPresent()) {
            return "declined " + reason.get();
        }
        prepared = contestant.prepare(new Workload(shape), pass, threads);
        return "ok";
    }

    private String measure(int untimedMillis, int untimedMinimum, int timedMillis, int timedMinimum)
            throws IOException {
        long[] nanos = new long[MOST_ITERATIONS];
        iterate(untimedMillis, untimedMinimum, nanos);
        // What reading the counters allocates itself.
        long reading = -ProcessMemory.allocatedHeapBytes() + ProcessMemory.allocatedHeapBytes();
        long heapBefore = ProcessMemory.allocatedHeapBytes();
        int count = iterate(timedMillis, timedMinimum, nanos);
        long heap = Math.max(0, ProcessMemory.allocatedHeapBytes() - heapBefore - reading) / Math.max(1, count);
        StringBuilder answer =
                new StringBuilder("ok ").append(heap).append(' ').append(ProcessMemory.peakResidentKib());
        for (int i = 0; i < count; i++) {
            answer.append(' ').append(nanos[i]);
        }
        return answer.toString();
    }

    /** Iterates for the given time and at least {@code minimum} times, writes the time of each and gives their number. */
    private int iterate(int millis, int minimum, long[] nanos) {
        long start = System.nanoTime();
        long end = start + millis * 1_000_000L;
        int count = 0;
        long before = start;
        while (count < nanos.length && (count < minimum || before < end)) {
            prepared.run();
            long after = System.nanoTime();
            nanos[count++] = after - before;
            before = after;
        }
        return count;
    }
}
