package org.gatefold.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ctrl-C in a process of its own leaves a checkpoint, and {@code --resume} ends where an undisturbed run ends. */
class ResumeTest {
    @TempDir
    private Path folder;

    private List<String> training(Path data, Path run) {
        return List.of(
                "train",
                "forecast",
                "--data",
                data.toString(),
                "--column",
                "value",
                "--window",
                "8",
                "--hidden",
                "8",
                "--epochs",
                "400",
                "--device",
                "reference",
                "--out",
                run.toString());
    }

    @Test
    void aRunThatWasInterruptedGoesOnBitForBit() throws Exception {
        Path data = CommandLineRun.seasons(folder, 80);
        Path stopped = folder.resolve("stopped");
        Path log = folder.resolve("log");
        Process process = start(training(data, stopped), log);
        try {
            awaitProgress(process, stopped);
            interrupt(process);
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        } finally {
            process.destroyForcibly();
        }
        String printed = Files.readString(log);
        assertThat(process.exitValue()).as(printed).isEqualTo(130);
        assertThat(printed).contains("stopped after ", "go on with: gatefold train forecast --resume --out " + stopped);
        assertThat(stopped.resolve("model.safetensors")).doesNotExist();

        CommandLineRun resumed = CommandLineRun.of(
                "train",
                "forecast",
                "--resume",
                "--device",
                "reference",
                "--epochs",
                "7",
                "--lr",
                "1",
                "--out",
                stopped.toString());
        assertThat(resumed.exitCode()).as(resumed.err()).isZero();
        assertThat(resumed.err())
                .contains("going on with epoch ")
                .contains("--resume goes on with the options that the run began with; ignored: --epochs, --lr\n");

        Path whole = folder.resolve("whole");
        assertThat(CommandLineRun.of(training(data, whole).toArray(String[]::new))
                        .exitCode())
                .isZero();
        assertThat(stopped.resolve("forecast.csv")).hasSameTextualContentAs(whole.resolve("forecast.csv"));
        assertThat(stopped.resolve("model.safetensors")).hasSameBinaryContentAs(whole.resolve("model.safetensors"));
    }

    private static Process start(List<String> arguments, Path log) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
        command.addAll(arguments);
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
    }

    private static void awaitProgress(Process process, Path run) throws Exception {
        Path state = run.resolve("checkpoint-forecast").resolve("checkpoint.json");
        while (!Files.exists(state)) {
            assertThat(process.isAlive()).isTrue();
            Thread.sleep(10);
        }
    }

    /** What a terminal sends at Ctrl-C. */
    private static void interrupt(Process process) throws Exception {
        Path kill = Path.of("/bin/kill");
        Assumptions.assumeTrue(Files.exists(kill), "this system has no /bin/kill");
        new ProcessBuilder(kill.toString(), "-INT", Long.toString(process.pid()))
                .inheritIO()
                .start()
                .waitFor();
    }
}
