package org.gatefold.backend.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.gatefold.backend.cuda.library.LibrarySearch;
import org.gatefold.cli.Main;
import org.gatefold.data.Batches;
import org.gatefold.data.Dataset;
import org.gatefold.device.Device;
import org.gatefold.device.DeviceInfo;
import org.gatefold.device.Devices;
import org.gatefold.device.Scope;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.model.Sequential;
import org.gatefold.simulator.SimulatedDevice;
import org.gatefold.train.Trainer;
import org.gatefold.train.loss.Loss;
import org.gatefold.train.optimizer.Adam;
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
        List<String> all = new ArrayList<>(List.of(options));
        all.add("-Dorg.slf4j.simpleLogger.defaultLogLevel=info");
        Process process = ChildJvm.start(classPath, all, Best.class);
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

    @Test
    void withLibrariesButNoDriverDevicesExplainsItInAFewLinesAndTrainingRunsOnTheCpu() throws Exception {
        List<String> options = List.of();
        if (ChildJvm.classPath().stream().noneMatch(entry -> entry.contains("linux-x86_64-redist"))) {
            for (String name : Set.of("libnvrtc.so.12", "libcublas.so.12")) {
                Files.writeString(folder.resolve(name), "stands for a library");
            }
            options = List.of("-Dgatefold.cuda.libraries=" + folder);
        }
        assumeTrue(LibrarySearch.system().find("libcuda.so.1").isEmpty(), "this machine has a driver");
        List<String> lines = output(options, Main.class, "devices").lines().toList();
        int first = lines.indexOf(lines.stream()
                .filter(line -> line.startsWith("  cuda:0"))
                .findFirst()
                .orElseThrow());
        int next = first + 1;
        while (lines.get(next).startsWith("   ")) {
            next++;
        }
        assertThat(next - first).as("%s", lines).isLessThanOrEqualTo(5);
        assertThat(String.join(" ", lines.subList(first, next)).replaceAll(" +", " "))
                .endsWith("missing: no NVIDIA driver (libcuda.so.1 is not installed): install the driver of your GPU");
        assertThat(output(options, Training.class)).contains("trained on cpu");
    }

    @Test
    void withoutCudnnTheGpuWorksAndDevicesSaysWhatIsMissing() throws Exception {
        assumeTrue(SimulatedDevice.isBuilt(), "the GPU is the simulated one");
        try (Stream<Path> files = Files.list(SimulatedDevice.folder())) {
            for (Path file :
                    files.filter(file -> !file.endsWith("libcudnn.so.9")).toList()) {
                Files.createSymbolicLink(folder.resolve(file.getFileName()), file);
            }
        }
        String listed = output(List.of("-Dgatefold.cuda.libraries=" + folder), Main.class, "devices")
                .replaceAll("\\s+", " ");
        assertThat(listed)
                .contains(
                        "works, but without cuda.cudnn: -Dgatefold.cuda.libraries=" + folder + " has no libcudnn.so.9")
                .contains("recurrent layers on cuda:0: cuda.steps");
        assertThat(listed.substring(listed.indexOf("recurrent layers on cuda:0")))
                .doesNotContain("cuda.cudnn");
    }

    private static String output(List<String> options, Class<?> main, String... arguments) throws Exception {
        Process process = ChildJvm.start(ChildJvm.classPath(), options, main, arguments);
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }

    /** Trains a small model on the best device. */
    static final class Training {
        private Training() {}

        public static void main(String... arguments) {
            float[][][] windows = new float[16][4][1];
            float[][] targets = new float[16][1];
            try (Device device = Devices.best();
                    Sequential model = Sequential.on(device)
                            .add(Lstm.of(4))
                            .add(Linear.of(1))
                            .build(1)) {
                Trainer.of(model)
                        .loss(Loss.mse())
                        .optimizer(Adam.of(1e-2f))
                        .fit(Batches.of(Dataset.of(windows).withTargets(targets), 8), 1);
                System.out.println("trained on " + device.name());
            }
        }
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
