package org.gatefold.benchmarks.runner.measure;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.gatefold.benchmarks.contract.ContestantProcess;
import org.gatefold.benchmarks.contract.LayerShape;
import org.gatefold.benchmarks.contract.Pass;
import org.gatefold.benchmarks.contract.Results;
import org.gatefold.benchmarks.runner.heat.BenchmarkSettings;
import org.gatefold.benchmarks.runner.heat.ContestantSpec;

/** One contestant in a process of its own, which does nothing unless it is asked. Owns the process; for one thread. */
public final class ContestantChild implements AutoCloseable {
    /** Fixed and touched at the start, so that all further growth of the process is native. */
    public static final int HEAP_MIB = 512;

    /** Copies of a layer's weights and sequences that a process may have at a time. */
    private static final int COPIES = 6;

    /** Settings of the caller's environment that would favour or hinder a contestant. */
    private static final List<String> CLEARED =
            List.of("OPENBLAS_", "OMP_", "GOMP_", "MKL_", "MALLOC_", "DNNL_", "LD_PRELOAD");

    private static final long LONGEST_ANSWER_MINUTES = 10;

    private final ContestantSpec spec;
    private final Process process;
    private final Writer commands;
    private final BufferedReader answers;
    private final Path log;
    private final int heapMib;

    public ContestantChild(ContestantSpec spec, BenchmarkSettings settings) throws IOException {
        this(spec, settings, HEAP_MIB);
    }

    public ContestantChild(ContestantSpec spec, BenchmarkSettings settings, int heapMib) throws IOException {
        this.spec = spec;
        this.heapMib = heapMib;
        Path module = settings.home().resolve(spec.module());
        String classPath = module.resolve("target/classes") + ":"
                + Files.readString(module.resolve("target/classpath.txt")).strip();
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xms" + heapMib + "m",
                "-Xmx" + heapMib + "m",
                "-XX:+AlwaysPreTouch",
                "-Djava.awt.headless=true"));
        log = settings.output().resolve("logs").resolve(spec.name() + ".log");
        Files.createDirectories(log.getParent());
        command.add("-XX:ErrorFile=" + log.resolveSibling(spec.name() + "-crash-%p.log"));
        command.addAll(spec.jvmArguments());
        command.addAll(List.of("-cp", classPath, ContestantProcess.class.getName(), spec.className()));
        if (!spec.placement().isEmpty()) {
            command.add(spec.placement());
        }
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()));
        Map<String, String> environment = builder.environment();
        environment.keySet().removeIf(name -> CLEARED.stream().anyMatch(name::startsWith));
        environment.put("OMP_NUM_THREADS", Integer.toString(settings.threads()));
        environment.put("OPENBLAS_NUM_THREADS", Integer.toString(settings.threads()));
        environment.putAll(spec.environment());
        // Which ONNX Runtime 1.29 sends, and for which it matches the command line by a recursion that overruns the
        // stack if that is long.
        environment.put("ORT_DISABLE_TELEMETRY", "1");
        process = builder.start();
        commands = process.outputWriter(StandardCharsets.UTF_8);
        answers = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    /** The heap of a process for a shape, in MiB; the same for all shapes but very large ones. */
    static int heapMib(LayerShape shape) {
        double rows = (double) shape.steps() * shape.batch();
        double floats = rows * (shape.inputSize() + 2.0 * shape.outputSize());
        for (int layer = 0; layer < shape.layers(); layer++) {
            floats += (double) shape.directions() * shape.gateRows() * (shape.layerInput(layer) + shape.hiddenSize());
        }
        return (int) Math.max(HEAP_MIB, COPIES * floats * Float.BYTES / (1 << 20));
    }

    ContestantSpec spec() {
        return spec;
    }

    long pid() {
        return process.pid();
    }

    public String version() throws IOException {
        return ask("version");
    }

    /** Why the contestant declines, or empty if it is ready. */
    Optional<String> prepare(LayerShape shape, Pass pass, int threads) throws IOException {
        String answer = ask("prepare " + shape + " " + pass.label() + " " + threads);
        return answer.startsWith("declined ") ? Optional.of(answer.substring(9)) : Optional.empty();
    }

    Results check() throws IOException {
        Path file = Files.createTempFile("results", ".bin");
        try {
            ask("check " + file);
            return Results.read(file);
        } finally {
            Files.delete(file);
        }
    }

    /** Iterates untimed, then timed, each for the milliseconds and at least the number of times given. */
    Turn measure(int untimedMillis, int untimedMinimum, int timedMillis, int timedMinimum) throws IOException {
        String[] fields = ask("measure " + untimedMillis + " " + untimedMinimum + " " + timedMillis + " "
                        + timedMinimum)
                .split(" ");
        List<Long> nanos = new ArrayList<>();
        for (int i = 3; i < fields.length; i++) {
            nanos.add(Long.parseLong(fields[i]));
        }
        return new Turn(
                Long.parseLong(fields[0]),
                Long.parseLong(fields[1]) / 1024 - heapMib,
                Long.parseLong(fields[2]),
                nanos);
    }

    /** What an iteration does on a simulated device. */
    Map<String, Long> count() throws IOException {
        Map<String, Long> counts = new LinkedHashMap<>();
        for (String field : ask("count").split(" ")) {
            int equals = field.indexOf('=');
            counts.put(field.substring(0, equals), Long.parseLong(field.substring(equals + 1)));
        }
        return counts;
    }

    private String ask(String command) throws IOException {
        commands.write(command + "\n");
        commands.flush();
        try (Deadline deadline = new Deadline(process, LONGEST_ANSWER_MINUTES)) {
            for (String line = answers.readLine(); line != null; line = answers.readLine()) {
                if (line.startsWith(ContestantProcess.MARK + "ok")) {
                    return line.substring(ContestantProcess.MARK.length() + 2).strip();
                }
                if (line.startsWith(ContestantProcess.MARK + "declined ")) {
                    return line.substring(ContestantProcess.MARK.length());
                }
                if (line.startsWith(ContestantProcess.MARK)) {
                    throw new IOException(spec.name() + ", " + command + ": "
                            + line.substring(ContestantProcess.MARK.length()) + " (see " + log + ")");
                }
            }
        }
        throw new IOException(spec.name() + ", " + command + ": the process ended (see " + log + ")");
    }

    /** Ends the process: at once if it does not end by itself. */
    @Override
    public void close() {
        try {
            commands.close();
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (IOException e) {
            process.destroyForcibly();
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    /**
     * One turn of a contestant.
     *
     * @param heapBytes allocated in the Java heap per iteration
     * @param peakNativeMib most physical memory so far, without the Java heap
     * @param deviceBytes memory of the device, 0 on the host
     * @param nanos time of an iteration in each sample
     */
    record Turn(long heapBytes, long peakNativeMib, long deviceBytes, List<Long> nanos) {}
}
