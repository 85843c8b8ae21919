package org.gatefold.benchmarks.cudnn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.gatefold.benchmarks.contract.Contestant;
import org.gatefold.benchmarks.contract.DeviceCounts;
import org.gatefold.benchmarks.contract.LayerShape;
import org.gatefold.benchmarks.contract.NamedShapes;
import org.gatefold.benchmarks.contract.Pass;
import org.gatefold.benchmarks.contract.PreparedPass;
import org.gatefold.benchmarks.contract.Results;
import org.gatefold.benchmarks.contract.Workload;
import org.gatefold.benchmarks.reference.ReferenceLayers;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is measured on a card runs on the simulated device, whose cuDNN refuses what the real one does, and is right there. */
class DeviceContestantsTest {
    private static final String CUDNN = Cudnn.class.getName();
    private static final String GATEFOLD = "org.gatefold.benchmarks.gatefold.Gatefold";

    @BeforeAll
    static void simulatedDevice() {
        Path folder = Path.of(System.getProperty("gatefold.simulator"));
        assumeTrue(
                Files.exists(folder.resolve("libcuda.so.1")), () -> "the simulated device is not built in " + folder);
        DeviceCounts.find().install();
    }

    @ParameterizedTest
    @CsvSource({
        "cudnn, standard/F32, 1e-5",
        "cudnn, standard/F16, 1e-2",
        "cudnn, persist-static/TF32, 1e-2",
        "cudnn, persist-dynamic/F16, 1e-2",
        "cudnn, small-h/F16, 1e-2",
        "gatefold, cuda.steps/F32, 1e-5",
        "gatefold, cuda.fused/F16, 1e-2",
        "gatefold, cuda.cluster/BF16, 5e-2"
    })
    void everyContestantIsRight(String module, String placement, double tolerance) throws Exception {
        for (LayerShape shape : NamedShapes.tiny().values()) {
            Workload workload = new Workload(shape);
            Contestant contestant = Contestant.create(module.equals("cudnn") ? CUDNN : GATEFOLD, "cuda:0/" + placement);
            assertEquals(Optional.empty(), contestant.refuses(shape, Pass.TRAINING_PASS));
            try (PreparedPass pass = contestant.prepare(workload, Pass.TRAINING_PASS, 1)) {
                requireEqual(new ReferenceLayers(workload).results(Pass.TRAINING_PASS), pass.runChecked(), tolerance);
                assertTrue(pass.nanos(2) > 0);
                assertTrue(pass.deviceBytes() > workload.x().length);
                Map<String, Long> counts = DeviceCounts.find().of(pass::run);
                assertTrue(counts.get("launches") > 0 && counts.get("bytes") > 0, counts::toString);
                Map<String, Long> again = DeviceCounts.find().of(pass::run);
                for (String name : List.of("launches", "submissions", "products", "hostCopies")) {
                    assertEquals(counts.get(name), again.get(name), name + ": a pass does the same every time");
                }
            }
        }
    }

    private static void requireEqual(Results expected, Results actual, double tolerance) {
        assertEquals(expected.tensors().keySet(), actual.tensors().keySet());
        expected.tensors().forEach((name, values) -> {
            double largest = 0;
            double difference = 0;
            for (int i = 0; i < values.length; i++) {
                largest = Math.max(largest, Math.abs(values[i]));
                difference = Math.max(
                        difference,
                        Math.abs((double) values[i] - actual.tensors().get(name)[i]));
            }
            assertTrue(difference <= tolerance * largest, name + " differs by " + difference);
        });
    }

    @ParameterizedTest
    @CsvSource({
        "F32, 0",
        "F16, -3.5",
        "F16, 65504",
        "F16, 5.9604645e-8",
        "F16, 6.1035156e-5",
        "BF16, 1.5",
        "BF16, -1e30"
    })
    void numbersThatAPrecisionHasAreKept(Numbers numbers, float value) {
        float rounded = numbers.decode(numbers.encode(new float[] {value}))[0];
        assertEquals(value, rounded, Math.abs(value) * (numbers == Numbers.BF16 ? 0x1p-9f : 0));
    }

    @ParameterizedTest
    @CsvSource({
        "F16, 1.00048828125, 1",
        "F16, 1.00146484375, 1.001953125",
        "F16, 65519, 65504",
        "F16, 65520, Infinity",
        "F16, 2.9802322e-8, 0",
        "F16, 6.1035e-5, 6.1035156e-5",
        "BF16, 1.00390625, 1",
        "BF16, 1.01171875, 1.015625"
    })
    void othersAreRoundedToTheNearestAndToEven(Numbers numbers, float value, float expected) {
        assertEquals(expected, numbers.decode(numbers.encode(new float[] {value}))[0], expected * 0x1p-12f);
    }
}
