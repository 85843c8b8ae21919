package org.gatefold.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ctrl-C in a process of its own leaves a checkpoint, and {@code --resume} ends where an undisturbed run ends. */
class ResumeTest {
    @TempDir
    private Path folder;

    /** Goes on for all of the epochs, so that it is at them when it is interrupted. */
    private static List<String> training(Path data, Path run, String epochs) {
        return CommandLineRun.forecast(
                data, run, 8, 8, "--epochs", epochs, "--patience", epochs, "--device", "reference");
    }

    @Test
    void aRunThatWasInterruptedGoesOnBitForBit() throws Exception {
        Path data = CommandLineRun.seasons(folder, 80);
        Path stopped = folder.resolve("stopped");
        Path log = folder.resolve("log");
        Signal ended = Signal.thatEnds();
        Process process =
                ProgramProcess.start(List.of(), ProgramProcess.classes(), training(data, stopped, "400"), log);
        try {
            awaitProgress(process, stopped);
            send(ended, process);
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        } finally {
            process.destroyForcibly();
        }
        String printed = Files.readString(log);
        assertThat(process.exitValue()).as(printed).isEqualTo(ended.exitCode);
        assertThat(printed).contains("stopped after ", "go on with: gatefold train forecast --resume --out " + stopped);
        assertThat(stopped.resolve("model.safetensors")).doesNotExist();

        CommandLineRun resumed = CommandLineRun.resumed(stopped, "--epochs", "7", "--lr", "1");
        assertThat(resumed.exitCode()).as(resumed.err()).isZero();
        assertThat(resumed.err())
                .contains("going on with epoch ")
                .contains("--resume goes on with the options that the run began with; ignored: --epochs, --lr\n");

        Path whole = folder.resolve("whole");
        assertThat(CommandLineRun.of(training(data, whole, "400").toArray(String[]::new))
                        .exitCode())
                .isZero();
        assertThat(stopped.resolve("forecast.csv")).hasSameTextualContentAs(whole.resolve("forecast.csv"));
        assertThat(stopped.resolve("model.safetensors")).hasSameBinaryContentAs(whole.resolve("model.safetensors"));
    }

    /** A run in another process keeps its folder for itself, and leaves it when it is killed. */
    @Test
    void aFolderHoldsOneRunAtATime() throws Exception {
        Path data = CommandLineRun.seasons(folder, 80);
        Path run = folder.resolve("run");
        Process process = ProgramProcess.start(
                List.of(), ProgramProcess.classes(), training(data, run, "2000"), folder.resolve("log"));
        String[] again = training(data, run, "2000").toArray(String[]::new);
        try {
            awaitProgress(process, run);
            String refused =
                    "gatefold: " + run + ": a run is going on in it; wait until it has ended, or choose another --out";
            assertThat(CommandLineRun.of(again).complaint()).isEqualTo(refused);
            assertThat(CommandLineRun.resumed(run).complaint()).isEqualTo(refused);
            assertThat(process.isAlive()).isTrue();
        } finally {
            process.destroyForcibly().waitFor();
        }
        assertThat(CommandLineRun.of(again).complaint()).startsWith("gatefold: " + run + " holds a run already");
    }

    private static void awaitProgress(Process process, Path run) throws Exception {
        Path state = run.resolve("checkpoint-forecast").resolve("checkpoint.json");
        while (!Files.exists(state)) {
            assertThat(process.isAlive()).isTrue();
            Thread.sleep(10);
        }
    }

    private enum Signal {
        /** What a terminal sends at Ctrl-C. */
        INT(130),
        TERM(143);

        private final int exitCode;

        Signal(int exitCode) {
            this.exitCode = exitCode;
        }

        /** INT, unless processes ignore it, as those do that a shell has put into the background, and all that these start. */
        static Signal thatEnds() throws IOException {
            Path status = Path.of("/proc/self/status");
            if (!Files.exists(status)) {
                return INT;
            }
            long ignored = Files.readAllLines(status).stream()
                    .filter(line -> line.startsWith("SigIgn:"))
                    .mapToLong(line -> Long.parseUnsignedLong(
                            line.substring(line.indexOf(':') + 1).strip(), 16))
                    .findFirst()
                    .orElse(0);
            return (ignored & 1 << 1) == 0 ? INT : TERM;
        }
    }

    private static void send(Signal signal, Process process) throws Exception {
        Path kill = Path.of("/bin/kill");
        Assumptions.assumeTrue(Files.exists(kill), "this system has no /bin/kill");
        new ProcessBuilder(kill.toString(), "-" + signal, Long.toString(process.pid()))
                .inheritIO()
                .start()
                .waitFor();
    }
}
