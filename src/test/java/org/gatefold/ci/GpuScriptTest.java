package org.gatefold.ci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The script for machines with a card, on one without. */
class GpuScriptTest {
    private static Process start(String... arguments) throws IOException {
        return new ProcessBuilder(
                        Stream.concat(Stream.of("ci/gpu"), Stream.of(arguments)).toList())
                .redirectErrorStream(true)
                .start();
    }

    private static String output(Process script) throws IOException {
        return new String(script.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    @Test
    void withoutACardItSaysSoAndFails() throws Exception {
        boolean card = Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, "nvidia-smi")));
        assumeTrue(!card, "there may be a card");
        Process script = start();
        assertThat(output(script)).hasLineCount(1).startsWith("ci/gpu: no NVIDIA GPU on this machine");
        assertThat(script.waitFor()).isEqualTo(1);
    }

    @Test
    void anUnknownArgumentIsRefused() throws Exception {
        Process script = start("--sometimes");
        assertThat(output(script))
                .isEqualTo("ci/gpu: expected no argument, --simulated or --slot, got '--sometimes'\n");
        assertThat(script.waitFor()).isEqualTo(2);
    }
}
