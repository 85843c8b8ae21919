package org.gatefold.backend.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.gatefold.device.Device;
import org.gatefold.device.DeviceInfo;
import org.gatefold.device.Devices;
import org.gatefold.device.Scope;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Without CUDA, in part or at all, a program runs on the CPU and one line of the log says what is missing. */
class CudaAbsentTest {
    @TempDir
    Path folder;

    private static List<String> without(Predicate<String> entry) {
        return ChildJvm.classPath().stream().filter(entry.negate()).toList();
    }

    /** Runs {@link Best} and gives what was said of CUDA. */
    private static String told(List<String> classPath, String... options) throws Exception {
        Process process = ChildJvm.start(classPath, List.of(options), Best.class);
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        List<String> lines = output.lines().toList();
        assertThat(lines).contains("computes on cpu");
        List<String> said =
                lines.stream().filter(line -> line.contains("device cuda:0")).toList();
        assertThat(said).as(output).hasSize(1);
        assertThat(lines.stream().filter(line -> line.startsWith("missing: ")))
                .as("what Devices.list() says is what the log says")
                .hasSize(1)
                .allSatisfy(line -> assertThat(said.get(0)).endsWith(line.substring("missing: ".length())));
        assertThat(output).doesNotContain("\tat ");
        return said.get(0);
    }

    @Test
    void withoutJcuda() throws Exception {
        assertThat(told(without(entry -> entry.contains("jcu"))))
                .contains("JCuda is not on the class path: add org.jcuda:jcuda and org.jcuda:jcublas 12.6.0");
    }

    @Test
    void withoutJcudasNatives() throws Exception {
        assertThat(told(without(entry -> entry.contains("jcublas-natives"))))
                .contains("JCuda's natives are not on the class path (libJCublas2-12.6.0-linux-x86_64.so)")
                .contains("org.jcuda:jcublas-natives 12.6.0 with classifier linux-x86_64");
    }

    @Test
    void withAFolderThatHoldsNoLibraries() throws Exception {
        assertThat(told(ChildJvm.classPath(), "-Dgatefold.cuda.libraries=" + folder))
                .contains("-Dgatefold.cuda.libraries=" + folder + " has no libnvrtc.so.12, libcublas.so.12");
    }

    @Test
    void withFilesThatAreNoLibraries() throws Exception {
        for (String name : Set.of("libcuda.so.1", "libnvrtc.so.12", "libcublas.so.12")) {
            Files.writeString(folder.resolve(name), "no library");
        }
        assertThat(told(ChildJvm.classPath(), "-Dgatefold.cuda.libraries=" + folder))
                .contains("a CUDA library cannot be loaded: " + folder.resolve("libcuda.so.1"));
    }

    /** Prints what is missing for CUDA and computes on the best device. */
    static final class Best {
        private Best() {}

        public static void main(String... arguments) {
            for (DeviceInfo info : Devices.list()) {
                if (info.backend().equals("cuda")) {
                    System.out.println("missing: " + info.missing().orElse("nothing"));
                }
            }
            for (int i = 0; i < 2; i++) {
                try (Device device = Devices.best();
                        Scope scope = device.openScope("test")) {
                    float[] zeros = scope.zeros("zeros", 2).toFloats();
                    System.out.println((zeros[1] == 0f ? "computes on " : "wrong on ") + device.name());
                }
            }
        }
    }
}
