package org.gatefold.backend.cuda.library;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.gatefold.backend.cuda.ChildJvm;
import org.gatefold.backend.cuda.driver.CudaException;
import org.gatefold.data.Batches;
import org.gatefold.data.Dataset;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.model.Sequential;
import org.gatefold.simulator.SimulatedDevice;
import org.gatefold.train.Trainer;
import org.gatefold.train.loss.Loss;
import org.gatefold.train.optimizer.Sgd;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** JCuda's own natives, made to ask for CUDA 13. */
class ReboundNativeTest {
    @TempDir
    Path folder;

    private static byte[] original(String resource) throws IOException {
        try (InputStream in = ReboundNativeTest.class.getClassLoader().getResourceAsStream(resource)) {
            assumeTrue(in != null, resource + " is not on the class path");
            return in.readAllBytes();
        }
    }

    private static int count(byte[] bytes, byte[] wanted) {
        int count = 0;
        for (int i = 0; i + wanted.length <= bytes.length; i++) {
            int k = 0;
            while (k < wanted.length && bytes[i + k] == wanted[k]) {
                k++;
            }
            count += k == wanted.length ? 1 : 0;
        }
        return count;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] littleEndian(int value) {
        return new byte[] {(byte) value, (byte) (value >>> 8), (byte) (value >>> 16), (byte) (value >>> 24)};
    }

    private static byte[] replaced(byte[] bytes, byte[] before, byte[] after) {
        byte[] result = bytes.clone();
        for (int i = 0; i + before.length <= bytes.length; i++) {
            int k = 0;
            while (k < before.length && bytes[i + k] == before[k]) {
                k++;
            }
            if (k == before.length) {
                System.arraycopy(after, 0, result, i, after.length);
            }
        }
        return result;
    }

    /** The last figure of one name, and the hash of one version. */
    @ParameterizedTest
    @CsvSource({"JNvrtc, libnvrtc.so", "JCublas2, libcublas.so"})
    void namesAndVersionsAreThoseOfTheOtherRelease(String name, String library) throws IOException {
        String resource = "lib/lib" + name + "-12.6.0-linux-x86_64.so";
        byte[] original = original(resource);
        String from = library + ".12";
        String to = library + ".13";
        byte[] rebound = new ReboundNative(resource, from, to).rebound(original);
        assertThat(rebound).hasSameSizeAs(original);
        // The names of functions, for debuggers, have it too.
        assertThat(count(rebound, ascii(from))).isEqualTo(count(original, ascii(from)) - 1);
        assertThat(count(rebound, ascii(to))).isEqualTo(1);
        assertThat(count(original, littleEndian(ReboundNative.hash(from)))).isEqualTo(1);
        assertThat(count(rebound, littleEndian(ReboundNative.hash(to)))).isEqualTo(1);
        int changed = 0;
        for (int i = 0; i < original.length; i++) {
            changed += original[i] == rebound[i] ? 0 : 1;
        }
        assertThat(changed).isLessThanOrEqualTo(1 + Integer.BYTES);
    }

    @Test
    void anotherLibraryIsRefused() throws IOException {
        String resource = "lib/libJNvrtc-12.6.0-linux-x86_64.so";
        byte[] original = original(resource);
        assertThatThrownBy(() -> new ReboundNative(resource, "libcublas.so.12", "libcublas.so.13").rebound(original))
                .isInstanceOf(CudaException.class)
                .hasMessage(resource + ": expected a library that needs libcublas.so.12 and its versions once");
    }

    /** In a process of its own, where the only cuBLAS is a simulated one that was given the name and versions of CUDA 13's. */
    @Test
    void aModelIsTrainedWithTheOtherRelease() throws Exception {
        assumeTrue(SimulatedDevice.isBuilt(), "the libraries are those of the simulated device");
        for (String library : List.of("libcuda.so.1", "libnvrtc.so.12", "libgatefold_simulated_device.so")) {
            Files.copy(SimulatedDevice.folder().resolve(library), folder.resolve(library));
        }
        Path headers = Files.createDirectory(folder.resolve("device"));
        try (DirectoryStream<Path> files =
                Files.newDirectoryStream(SimulatedDevice.folder().resolve("device"))) {
            for (Path file : files) {
                Files.copy(file, headers.resolve(file.getFileName()));
            }
        }
        byte[] cublas = Files.readAllBytes(SimulatedDevice.folder().resolve("libcublas.so.12"));
        byte[] named = replaced(cublas, ascii("libcublas.so.12"), ascii("libcublas.so.13"));
        byte[] versioned = replaced(
                named,
                littleEndian(ReboundNative.hash("libcublas.so.12")),
                littleEndian(ReboundNative.hash("libcublas.so.13")));
        Files.write(folder.resolve("libcublas.so.13"), versioned);
        Path natives = folder.resolve("natives");
        Process process = ChildJvm.start(
                ChildJvm.classPath(),
                List.of(
                        "-Dgatefold.cuda.libraries=" + folder,
                        "-Dgatefold.cuda.natives=" + natives,
                        "-Dgatefold.cuda.cache=" + folder.resolve("kernels")),
                Training.class);
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        assertThat(output)
                .contains("the loss is that of the reference")
                .contains("libcublas.so.13 and no libcublas.so.12")
                .contains("temporary files are where they were");
        assertThat(natives.resolve("libcublas.so.13/libJCublas2-12.6.0-linux-x86_64.so"))
                .exists();
    }

    /** The child's program. */
    static final class Training {
        private Training() {}

        private static double loss(String name) {
            Dataset data = Dataset.of(new float[][][] {{{1}, {2}}, {{3}, {4}}}).withTargets(new float[][] {{3}, {7}});
            try (Device device = Devices.named(name);
                    Sequential model = Sequential.on(device)
                            .add(Lstm.of(3))
                            .add(Linear.of(1))
                            .build(1)) {
                return Trainer.of(model)
                        .loss(Loss.mse())
                        .optimizer(Sgd.of(0.1f))
                        .fit(Batches.of(data, 2), 3)
                        .last()
                        .trainingLoss();
            }
        }

        public static void main(String[] arguments) throws IOException {
            String temporary = System.getProperty("java.io.tmpdir");
            double difference = Math.abs(loss("cuda:0") - loss("reference"));
            System.out.println("the loss is " + (difference < 1e-5 ? "that of the reference" : "off by " + difference));
            List<String> mapped = Files.readAllLines(Path.of("/proc/self/maps"));
            System.out.println((mapped.stream().anyMatch(line -> line.endsWith("/libcublas.so.13"))
                            ? "libcublas.so.13"
                            : "nothing of CUDA 13")
                    + " and "
                    + (mapped.stream().anyMatch(line -> line.endsWith("/libcublas.so.12"))
                            ? "libcublas.so.12"
                            : "no libcublas.so.12"));
            System.out.println("temporary files are "
                    + (temporary.equals(System.getProperty("java.io.tmpdir")) ? "where they were" : "elsewhere"));
        }
    }
}
