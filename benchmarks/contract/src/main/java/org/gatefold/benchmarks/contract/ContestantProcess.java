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
 *   <li>{@code measure UNTIMED_MS UNTIMED_MIN TIMED_MS TIMED_MIN} answers {@code ok HEAP_BYTES PEAK_KIB DEVICE_BYTES NS NS NS …}:
 *       bytes allocated in the Java heap per iteration, peak resident memory, memory of the device, and the time of an iteration in
 *       each sample
 *   <li>{@code count} answers {@code ok NAME=NUMBER …}: what an iteration does on a simulated device
 * </ul>
 *
 * A failure answers {@code error REASON}; the end of the input ends the process.
 */
public final class ContestantProcess {
    public static final String MARK = "@bench ";

    /** Set to true where the device is to be a simulated one. */
    public static final String SIMULATED = "gatefold.benchmarks.simulated";

    private static final int MOST_SAMPLES = 1 << 14;

    /** CUDA implementations submit a pass, record it, replay it: what is counted is the third. */
    private static final int PASSES_BEFORE_COUNTING = 3;

    private final Contestant contestant;
    private final PrintStream answers;
    private PreparedPass prepared;

    /** Iterations of a sample; 0 as long as none of the pass has been timed. */
    private int iterationsOfSample;

    private ContestantProcess(Contestant contestant, PrintStream answers) {
        this.contestant = contestant;
        this.answers = answers;
    }

    /** @param args the class name of the contestant and, if it has one, its placement */
    public static void main(String[] args) throws Exception {
        PrintStream answers = System.out;
        System.setOut(System.err);
        if (Boolean.getBoolean(SIMULATED)) {
            DeviceCounts.find().install();
        }
        Contestant contestant = Contestant.create(args[0], args.length > 1 ? args[1] : "");
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
                prepare(LayerShape.parse(command[1]), Pass.ofLabel(command[2]), Integer.parseInt(command[3]));
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
            case "count" -> count();
            default -> throw new IllegalArgumentException("unknown command " + command[0]);
        };
    }

    private String prepare(LayerShape shape, Pass pass, int threads) {
        Optional<String> reason = contestant.refuses(shape, pass);
        if (reason.isPresent()) {
            return "declined " + reason.get().replace('\n', ' ');
        }
        if (prepared != null) {
            prepared.close();
        }
        prepared = contestant.prepare(new Workload(shape), pass, threads);
        iterationsOfSample = 0;
        return "ok";
    }

    private String measure(int untimedMillis, int untimedMinimum, int timedMillis, int timedMinimum)
            throws IOException {
        if (iterationsOfSample == 0) {
            iterationsOfSample = prepared.iterationsOfSample();
        }
        double[] nanos = new double[MOST_SAMPLES];
        iterate(untimedMillis, untimedMinimum, nanos);
        // What reading the counters allocates itself.
        long reading = -ProcessMemory.allocatedHeapBytes() + ProcessMemory.allocatedHeapBytes();
        long heapBefore = ProcessMemory.allocatedHeapBytes();
        int count = iterate(timedMillis, timedMinimum, nanos);
        long heap = Math.max(0, ProcessMemory.allocatedHeapBytes() - heapBefore - reading)
                / Math.max(1, count * iterationsOfSample);
        StringBuilder answer = new StringBuilder("ok ")
                .append(heap)
                .append(' ')
                .append(ProcessMemory.peakResidentKib())
                .append(' ')
                .append(prepared.deviceBytes());
        for (int i = 0; i < count; i++) {
            answer.append(' ').append(Math.round(nanos[i]));
        }
        return answer.toString();
    }

    /** Takes samples for the given time and at least {@code minimum}, writes the time of an iteration in each and gives their number. */
    private int iterate(int millis, int minimum, double[] nanos) {
        long end = System.nanoTime() + millis * 1_000_000L;
        int count = 0;
        while (count < nanos.length && (count < minimum || System.nanoTime() < end)) {
            nanos[count++] = prepared.nanos(iterationsOfSample) / iterationsOfSample;
        }
        return count;
    }

    private String count() {
        for (int i = 0; i < PASSES_BEFORE_COUNTING; i++) {
            prepared.run();
        }
        StringBuilder answer = new StringBuilder("ok");
        DeviceCounts.find()
                .of(prepared::run)
                .forEach((name, number) ->
                        answer.append(' ').append(name).append('=').append(number));
        return answer.append(" deviceBytes=").append(prepared.deviceBytes()).toString();
    }
}
